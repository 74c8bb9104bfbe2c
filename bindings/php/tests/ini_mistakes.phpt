--TEST--
A mistake in php.ini is the administrator's: it names the setting, and no argument of the script
--INI--
ims.ca_file=/no/such.pem
ims.proxy=ftp://user:proxy-password@127.0.0.1
ims.cache=disk:
ims.max_clients=many
--FILE--
<?php
require 'account.inc';
use Ims\Client;

var_dump(ini_get('ims.max_clients'));
$exchange = fn(...$settings) => show(
    fn() => ims_exchange(...$settings, jwt: 'a.b.c', clientId: 'c', clientSecret: 's', tokenUrl: 'https://127.0.0.1:1/'));
$exchange(proxy: 'none');
$exchange(caFile: '/etc/ssl/certs/ca-certificates.crt');
$exchange(caFile: getenv('KEY'));
$exchange(caFile: '/no/other.pem', proxy: 'none');
$client = fn(...$settings) => show(fn() => Client::fromArray(account(), ...$settings));
$client();
$client(cache: 'file:relative');
$client(cache: 'memory');
$client(cache: 'memory', proxy: 'none');
$client(cache: 'memory', caFile: '/no/other.pem', proxy: 'none');
?>
--EXPECTF--
Warning: ims.max_clients must be an integer of 0 or more in Unknown on line 0
string(2) "32"
Ims\Exception: php.ini: ims.ca_file /no/such.pem cannot be read: No such file or directory
Ims\Exception: php.ini: ims.proxy is not an http://, https://, socks5:// or socks5h:// URL
Ims\ArgumentError: ims_exchange(): Argument #11 ($caFile) KEY holds no certificate
Ims\ArgumentError: ims_exchange(): Argument #11 ($caFile) /no/other.pem cannot be read: No such file or directory
Ims\CacheException: php.ini: ims.cache is of an unknown kind
Ims\CacheException: cache is a directory that is not absolute
Ims\Exception: php.ini: ims.proxy is not an http://, https://, socks5:// or socks5h:// URL
Ims\Exception: php.ini: ims.ca_file /no/such.pem cannot be read: No such file or directory
Ims\ArgumentError: Ims\Client::fromArray(): Argument #8 ($caFile) /no/other.pem cannot be read: No such file or directory
