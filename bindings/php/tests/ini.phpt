--TEST--
php.ini sets the defaults of every call, and the system's settings are not a script's
--INI--
ims.cache="none"
ims.timeout=20
ims.max_clients=2
--FILE--
<?php
require 'account.inc';
use Ims\Client;

echo "no cache: ";
$client = Client::fromArray(account());
var_dump($client->token()->accessToken === $client->token()->accessToken);

echo "two clients are kept, those used last: ";
$make = fn($name) => Client::fromArray(account(['sandbox_name' => $name]), cache: 'memory')->token()->accessToken;
$tokens = ['one' => $make('one'), 'two' => $make('two')];
var_dump($make('one') === $tokens['one']);
$make('three');
var_dump($make('one') === $tokens['one'], $make('two') === $tokens['two']);

ini_set('ims.timeout', '0.2');
show(fn() => ims_exchange('a.b.c', clientId: 'c', clientSecret: 's', tokenUrl: getenv('SERVER') . '/silent'));
foreach (['ims.cache' => 'file:', 'ims.ca_file' => '/x', 'ims.proxy' => 'none', 'ims.max_clients' => '5'] as $name => $value) {
    var_dump(ini_set($name, $value));
}
var_dump(ini_set('ims.timeout', '5'), ini_get('ims.timeout'));
var_dump(ini_set('ims.timeout', '-1'), ini_set('ims.timeout', 'soon'), ini_get('ims.timeout'));
?>
--EXPECTF--
no cache: bool(false)
two clients are kept, those used last: bool(true)
bool(true)
bool(false)
Ims\TimeoutException: SERVER did not respond before the deadline
bool(false)
bool(false)
bool(false)
bool(false)
string(3) "0.2"
string(1) "5"

Warning: ims.timeout must be more than 0 and at most 3600 seconds in %s on line %d

Warning: ims.timeout must be more than 0 and at most 3600 seconds in %s on line %d
bool(false)
bool(false)
string(1) "5"
