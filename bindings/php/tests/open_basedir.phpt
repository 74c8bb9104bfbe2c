--TEST--
open_basedir bounds every path that a script names, and those that its credentials name
--FILE--
<?php
require 'account.inc';
$inside = sys_get_temp_dir() . '/ims-' . getmypid() . '-inside';
mkdir($inside);
copy(getenv('KEY'), "$inside/private.key");
file_put_contents("$inside/in.json", json_encode(account(['private_key' => 'private.key'])));
file_put_contents("$inside/out.json", json_encode(account()));
ini_set('open_basedir', $inside);
show(fn() => ims_generate_jwt(getenv('KEY'), 'i', 's', 'a'));
show(fn() => Ims\Key::fromFile('/etc/hostname'));
show(fn() => Ims\Client::fromFile("$inside/../out.json"));
show(fn() => Ims\Client::fromFile("$inside/out.json"));
show(fn() => Ims\Client::fromArray(account()));
show(fn() => Ims\Client::fromArray(account(['private_key' => "$inside/private.key"]), caFile: '/etc/ssl/certs/ca.pem'));
show(fn() => Ims\Client::fromFile("$inside/in.json", cache: 'file:/tmp/elsewhere'));
show(fn() => Ims\Client::fromFile("$inside/in.json")->token());
array_map(unlink(...), glob("$inside/*"));
rmdir($inside);
?>
--EXPECT--
ValueError: ims_generate_jwt(): Argument #1 ($key) must be within open_basedir
ValueError: Ims\Key::fromFile(): Argument #1 ($path) must be within open_basedir
ValueError: Ims\Client::fromFile(): Argument #1 ($path) must be within open_basedir
ValueError: Ims\Client::fromFile(): Argument #1 ($path) must not name a file that is not within open_basedir
ValueError: Ims\Client::fromArray(): Argument #1 ($credentials) must not name a file that is not within open_basedir
ValueError: Ims\Client::fromArray(): Argument #8 ($caFile) must be within open_basedir
ValueError: Ims\Client::fromFile(): Argument #5 ($cache) must be within open_basedir
nothing thrown
