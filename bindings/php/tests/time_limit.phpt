--TEST--
A script that PHP ends for its time leaves no lock and no call half done
--ENV--
USE_ZEND_ALLOC=1
--FILE--
<?php
require 'account.inc';
$cache = sys_get_temp_dir() . '/ims-' . getmypid();
$make = fn() => Ims\Client::fromArray(account(), cache: "file:$cache");
$token = $make()->token()->accessToken;
register_shutdown_function(function () use ($make, $token, $cache) {
    set_time_limit(60);
    $client = $make();
    echo "the same token: ";
    var_dump($client->token()->accessToken === $token);
    $client->forget($client->token());
    echo "another by a new exchange: ";
    var_dump($client->token()->accessToken !== $token);
    array_map(unlink(...), glob("$cache/*"));
    rmdir($cache);
});
set_time_limit(1);
while (true) {
    ims_generate_jwt(getenv('KEY'), 'i', 's', 'a');
    Ims\Client::fromArray(account(), cache: "file:$cache", passphrase: (string) random_int(1, 100))->token();
}
?>
--EXPECTF--
Fatal error: Maximum execution time of 1 second exceeded in %s on line %d
the same token: bool(true)
another by a new exchange: bool(true)
