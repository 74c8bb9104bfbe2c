--TEST--
a script sees no password of php.ini's URLs, whichever way it asks, and the library has them
--FILE--
<?php
$php = getenv('TEST_PHP_EXECUTABLE') . ' ' . getenv('TEST_PHP_EXTRA_ARGS')
    . ' -d ' . escapeshellarg('ims.cache="redis://user:s3cret@127.0.0.1:1/0?password=s3cret"');
$ask = <<<'ASK'
foreach (['ims.cache', 'ims.proxy'] as $name) {
    var_dump(ini_get($name), get_cfg_var($name), ini_get_all('ims')[$name]['global_value'], ini_get_all('ims', false)[$name]);
}
ini_restore('ims.cache');
ob_start();
phpinfo();
var_dump(ini_get('ims.cache'), str_contains(ob_get_clean(), 's3cret'));
ASK;
echo shell_exec("$php -d ims.proxy=http://user:s3cret@127.0.0.1:1 -r " . escapeshellarg($ask));

$server = stream_socket_server('tcp://127.0.0.1:0');
$proxy = 'http://user:s3cret@' . stream_socket_get_name($server, false);
$exchange = "ims_exchange('a.b.c', clientId: 'c', clientSecret: 's', tokenUrl: 'https://token.example/', maxAttempts: 1);";
$client = proc_open("$php -d ims.proxy=$proxy -r " . escapeshellarg($exchange), [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
$connection = stream_socket_accept($server, 60);
preg_match('/^proxy-authorization: basic (.*)\r$/mi', stream_get_line($connection, 8192, "\r\n\r\n") . "\r\n", $sent);
echo 'sent to the proxy: ', base64_decode($sent[1] ?? ''), "\n";
fclose($connection);
proc_close($client);
?>
--EXPECT--
string(45) "redis://(not shown)@127.0.0.1:1/0?(not shown)"
string(45) "redis://(not shown)@127.0.0.1:1/0?(not shown)"
string(45) "redis://(not shown)@127.0.0.1:1/0?(not shown)"
string(45) "redis://(not shown)@127.0.0.1:1/0?(not shown)"
string(30) "http://(not shown)@127.0.0.1:1"
string(30) "http://(not shown)@127.0.0.1:1"
string(30) "http://(not shown)@127.0.0.1:1"
string(30) "http://(not shown)@127.0.0.1:1"
string(45) "redis://(not shown)@127.0.0.1:1/0?(not shown)"
bool(false)
sent to the proxy: user:s3cret
