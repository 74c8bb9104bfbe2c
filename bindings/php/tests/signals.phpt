--TEST--
A signal that comes in a call is handled after it, and its exception leaves nothing behind
--EXTENSIONS--
pcntl
--FILE--
<?php
require 'account.inc';
pcntl_async_signals(true);
$count = 0;
pcntl_signal(SIGALRM, function () use (&$count) {
    $count++;
    throw new DomainException('from a signal');
});
$cache = sys_get_temp_dir() . '/ims-' . getmypid();
$client = fn($path) => Ims\Client::fromArray(
    account(['token_url' => getenv('SERVER') . $path]), cache: "file:$cache", timeout: 20, maxAttempts: 1);
$slow = $client('/slow');
show(function () use ($slow) {
    pcntl_alarm(1);
    $slow->token();
});
var_dump($count);
echo "the next call waits for no lock:\n";
$again = $client('/slow');
$again->forget($again->token());
show(fn() => $again->token());
array_map(unlink(...), glob("$cache/*"));
rmdir($cache);
?>
--EXPECT--
DomainException: from a signal
int(1)
the next call waits for no lock:
nothing thrown
