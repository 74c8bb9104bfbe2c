--TEST--
Forked children use what their parent made, and keep what they make themselves
--EXTENSIONS--
pcntl
--FILE--
<?php
require 'account.inc';
// Seconds: under valgrind, eight children take their time.
$client = fn() => Ims\Client::fromArray(account(), timeout: 300);
$kept = $client();
$key = Ims\Key::fromFile(getenv('KEY'));
$token = $kept->token()->accessToken;
$children = [];
for ($i = 0; $i < 8; $i++) {
    $child = pcntl_fork();
    if ($child === 0) {
        $works = $kept->token()->accessToken === $token
            && strlen(ims_generate_jwt($key, 'i', 's', 'a')) > 300
            && $client()->token()->accessToken !== $token;
        exit($works ? 0 : 1);
    }
    $children[] = $child;
}
foreach ($children as $child) {
    pcntl_waitpid($child, $status);
    echo pcntl_wexitstatus($status);
}
var_dump($client()->token()->accessToken === $token);
?>
--EXPECT--
00000000bool(true)
