--TEST--
What is wrong with a client's settings or credentials is said before anything is sent
--FILE--
<?php
require 'account.inc';
use Ims\Client;

show(fn() => Client::fromFile(''));
show(fn() => Client::fromFile("a\0b"));
show(fn() => Client::fromFile([]));
show(fn() => Client::fromFile('/no/such.json'));
show(fn() => Client::fromFile(__DIR__));
show(fn() => Client::fromFile('/dev/zero'));
show(fn() => Client::fromFile(__FILE__));
show(fn() => Client::fromArray([]));
show(fn() => Client::fromArray('text'));
show(fn() => Client::fromArray(['unknown' => 1] + account()));
show(fn() => Client::fromArray(account(['client_secret' => "\xff"])));
show(fn() => Client::fromArray(account(['lifetime' => 1.5])));
show(fn() => Client::fromArray(account(['lifetime' => NAN])));
show(fn() => Client::fromArray(account(['private_key' => '/no/such.key'])));
show(fn() => Client::fromEnv());

$client = fn(...$settings) => show(fn() => Client::fromArray(account(), ...$settings));
$client(name: "a\0b");
$client(passphrase: []);
$client(key: '');
$client(key: '/no/such.key');
$client(cache: '');
$client(cache: 'disk:');
$client(cache: 'file:relative');
$client(cache: "file:/a\0b");
$client(cache: 'redis://user:redis-secret@');
$client(timeout: -1);
$client(maxAttempts: 11);
$client(maxAttempts: '3');
$client(caFile: '');
$client(caFile: '/no/such.pem');
$client(caFile: file_get_contents(getenv('KEY')));
$client(proxy: '');
$client(proxy: 'ftp://127.0.0.1');
$client(proxy: "a\0b");
show(fn() => Client::fromArray(account())->forget('token'));
show(fn() => Client::fromArray(account())->forget());
show(fn() => Client::fromArray(account())->token('now'));
show(fn() => Client::fromArray(account(['client_secret' => 'wrong']))->token());
?>
--EXPECTF--
ValueError: Ims\Client::fromFile(): Argument #1 ($path) cannot be empty
ValueError: Ims\Client::fromFile(): Argument #1 ($path) must not contain any null bytes
TypeError: Ims\Client::fromFile(): Argument #1 ($path) must be of type string, array given
Ims\CredentialsException: credentials file /no/such.json cannot be read: No such file or directory
Ims\CredentialsException: credentials file DIR is a directory
Ims\CredentialsException: credentials file /dev/zero is not a regular file
Ims\CredentialsException: credentials file DIR/client_arguments.php is of no known format
Ims\CredentialsException: the credentials' JSON text is not a JSON object
TypeError: Ims\Client::fromArray(): Argument #1 ($credentials) must be of type array, string given
Ims\CredentialsException: the credentials' JSON text holds the unknown setting unknown
ValueError: Ims\Client::fromArray(): Argument #1 ($credentials) must hold UTF-8 texts, finite numbers, booleans, null, and arrays of at most 128 levels
Ims\CredentialsException: lifetime must be an integer, in seconds, 1 to 86400
ValueError: Ims\Client::fromArray(): Argument #1 ($credentials) must hold UTF-8 texts, finite numbers, booleans, null, and arrays of at most 128 levels
Ims\KeyException: private_key /no/such.key cannot be read: No such file or directory
Ims\CredentialsException: the environment holds no credentials
ValueError: Ims\Client::fromArray(): Argument #2 ($name) must not contain any null bytes
TypeError: Ims\Client::fromArray(): Argument #3 ($passphrase) must be of type ?string, array given
ValueError: Ims\Client::fromArray(): Argument #4 ($key) cannot be empty
Ims\KeyException: key file /no/such.key cannot be read: No such file or directory
ValueError: Ims\Client::fromArray(): Argument #5 ($cache) cannot be empty
Ims\CacheException: cache is of an unknown kind
Ims\CacheException: cache is a directory that is not absolute
ValueError: Ims\Client::fromArray(): Argument #5 ($cache) must not contain any null bytes
Ims\CacheException: cache is not a Redis URL
ValueError: Ims\Client::fromArray(): Argument #6 ($timeout) must be more than 0 and at most 3600 seconds
ValueError: Ims\Client::fromArray(): Argument #7 ($maxAttempts) must be 1 to 10
TypeError: Ims\Client::fromArray(): Argument #7 ($maxAttempts) must be of type ?int, string given
ValueError: Ims\Client::fromArray(): Argument #8 ($caFile) cannot be empty
Ims\ArgumentError: Ims\Client::fromArray(): Argument #8 ($caFile) /no/such.pem cannot be read: No such file or directory
Ims\ArgumentError: Ims\Client::fromArray(): Argument #8 ($caFile) (its name is not shown, it looks like a secret) cannot be read: %s
ValueError: Ims\Client::fromArray(): Argument #9 ($proxy) cannot be empty
Ims\ArgumentError: Ims\Client::fromArray(): Argument #9 ($proxy) is not an http://, https://, socks5:// or socks5h:// URL
ValueError: Ims\Client::fromArray(): Argument #9 ($proxy) must not contain any null bytes
TypeError: Ims\Client::forget(): Argument #1 ($token) must be of type Ims\Token, string given
ArgumentCountError: Ims\Client::forget() expects exactly 1 argument, 0 given
ArgumentCountError: Ims\Client::token() expects exactly 0 arguments, 1 given
Ims\RejectedException: the token server refused: HTTP 401 invalid_client: invalid client_secret parameter; x-debug-id %s
