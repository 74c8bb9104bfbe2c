--TEST--
generate_jwt.php stands in for the function that scripts carry along
--FILE--
<?php
require 'account.inc';
require __DIR__ . '/../generate_jwt.php';
require __DIR__ . '/../generate_jwt.php';

$claims = decoded(generate_jwt(getenv('KEY'), 'i', 's', 'a'));
var_dump($claims['exp'] - $claims['iat'], array_keys($claims) === ['iss', 'sub', 'aud', 'exp', 'iat']);
$exp = time() + 60;
$claims = decoded(generate_jwt(file_get_contents(getenv('KEY')), 'i', 's', 'a', $exp, $exp - 90, 'once'));
var_dump($claims['exp'] === $exp, $claims['nbf'] === $exp - 90, $claims['jti']);
$claims = decoded(generate_jwt(getenv('KEY'), 'i', 's', 'a', 0, 0, ''));
var_dump($claims['exp'] - $claims['iat'], count($claims));
show(fn() => generate_jwt('/no/such.key', 'i', 's', 'a'));
show(fn() => generate_jwt(getenv('KEY'), 7, 's', 'a'));
show(fn() => generate_jwt(getenv('KEY'), 'i', 's', 'a', "$exp"));
?>
--EXPECT--
int(1000)
bool(true)
bool(true)
bool(true)
string(4) "once"
int(1000)
int(5)
Ims\KeyException: key file /no/such.key cannot be read: No such file or directory
TypeError: ims_generate_jwt(): Argument #2 ($iss) must be of type string, int given
TypeError: ims_generate_jwt(): Argument #5 ($exp) must be of type ?int, string given
