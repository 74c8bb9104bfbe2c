--TEST--
open_basedir bounds every path that a script names, and those that its credentials name
--FILE--
<?php
require 'account.inc';
use Ims\Client;

$inside = sys_get_temp_dir() . '/ims-' . getmypid() . '-inside';
mkdir($inside);
copy(getenv('KEY'), "$inside/private.key");
file_put_contents("$inside/in.json", json_encode(account(['private_key' => 'private.key'])));
file_put_contents("$inside/out.json", json_encode(account()));
file_put_contents("$inside/no.json", json_encode(account(['private_key' => '/no/such.key'])));
file_put_contents("$inside/link.json", json_encode(account(['private_key' => 'link.key'])));
symlink(getenv('KEY'), "$inside/link.key");
mkdir("$inside-out");
symlink("$inside-out", "$inside/out");
Client::fromFile("$inside/out.json")->token();
ini_set('open_basedir', $inside);

echo "what a script names\n";
show(fn() => ims_generate_jwt(getenv('KEY'), 'i', 's', 'a'));
show(fn() => Ims\Key::fromFile('/etc/hostname'));
show(fn() => Client::fromFile("$inside/../out.json"));
show(fn() => Client::fromArray(account(['private_key' => "$inside/private.key"]), caFile: '/etc/ssl/certs/ca.pem'));
show(fn() => Client::fromFile("$inside/in.json", cache: 'file:/tmp/elsewhere'));
show(fn() => Client::fromFile("$inside/in.json", cache: 'file:'));
show(fn() => Client::fromFile("$inside/in.json", cache: "file:$inside/out/cache"));
echo "a directory that the library makes leads to no other:\n";
show(fn() => Client::fromFile("$inside/in.json", cache: "file:$inside/new/../out/../" . basename($inside) . '-out/cache')->token());
echo "what its credentials name, though a client was made of them without the bounds\n";
show(fn() => Client::fromFile("$inside/out.json"));
show(fn() => Client::fromFile("$inside/no.json"));
show(fn() => Client::fromFile("$inside/link.json"));
show(fn() => Client::fromArray(account()));
try {
    Client::fromArray(account());
} catch (Ims\CredentialsException $exception) {
    echo $exception->hint, "\n";
}
echo "within\n";
show(fn() => Client::fromFile("$inside/in.json", cache: "file:$inside/cache")->token());
// PHP may not see what lies out of bounds.
echo shell_exec('ls ' . escapeshellarg("$inside-out")), "nothing lies outside\n";
exec('rm -r ' . escapeshellarg($inside) . ' ' . escapeshellarg("$inside-out"));
?>
--EXPECTF--
what a script names
ValueError: ims_generate_jwt(): Argument #1 ($key) must be within open_basedir
ValueError: Ims\Key::fromFile(): Argument #1 ($path) must be within open_basedir
ValueError: Ims\Client::fromFile(): Argument #1 ($path) must be within open_basedir
ValueError: Ims\Client::fromArray(): Argument #8 ($caFile) must be within open_basedir
ValueError: Ims\Client::fromFile(): Argument #5 ($cache) must be within open_basedir
ValueError: Ims\Client::fromFile(): Argument #5 ($cache) must name a directory within open_basedir, as file:/DIRECTORY
ValueError: Ims\Client::fromFile(): Argument #5 ($cache) must be within open_basedir
a directory that the library makes leads to no other:
nothing thrown
what its credentials name, though a client was made of them without the bounds
Ims\CredentialsException: credentials file %sout.json: private_key KEY is refused: this program may not read it
Ims\CredentialsException: credentials file %sno.json: private_key /no/such.key is refused: this program may not read it
Ims\CredentialsException: credentials file %slink.json: private_key %slink.key is refused: this program may not read it
Ims\CredentialsException: private_key KEY is refused: this program may not read it
open_basedir of php.ini does not allow it
within
nothing thrown
nothing lies outside
