--TEST--
What is wrong with a claim is said by the parameter's name, and nothing is cut or rounded
--FILE--
<?php
require 'account.inc';
$jwt = fn(...$different) => show(fn() => ims_generate_jwt(...$different + [
    'key' => getenv('KEY'), 'iss' => 'i', 'sub' => 's', 'aud' => 'a',
]));
echo "types\n";
$jwt(key: new stdClass);
$jwt(key: []);
$jwt(iss: []);
foreach (['exp', 'nbf', 'iat', 'lifetime'] as $time) {
    foreach ([1.5, 1500000000.0, '1500000000', true, NAN, []] as $value) {
        $jwt(...[$time => $value]);
    }
    $jwt(...[$time => 0]);
    $jwt(...[$time => -1]);
}
$jwt(jti: 1.5);
$jwt(jti: true);
$jwt(metascopes: 'ent_x');
$jwt(metascopes: [7]);
$jwt(claims: new stdClass);
$jwt(unknown: 1);

echo "values\n";
$jwt(iss: '');
$jwt(sub: '');
$jwt(aud: '');
$jwt(alg: 'none');
$jwt(alg: 'rs256');
$jwt(alg: 'ES256');
$jwt(alg: 'HS256');
$jwt(typ: "a\nb");
$jwt(header: ['alg' => 'none']);
$jwt(header: ['typ' => 'x']);
$jwt(header: ['a']);
$jwt(x5t: 'S384');
$jwt(x5t: 'S256');
$jwt(x5t: 'S256', certificate: '/nowhere/certificate.pem');
$jwt(x5t: 'S256', certificate: '');
$jwt(sub: "a\0b");
$jwt(aud: "\xff");
$jwt(kid: "line\nbreak");
$jwt(iss: str_repeat('x', 5000));
$jwt(jti: "a\0b");
$jwt(jti: "\xff");
$jwt(exp: 1600000000000);
$jwt(exp: PHP_INT_MAX);
$jwt(exp: PHP_INT_MIN);
$jwt(exp: 1500000000, iat: 1500000000);
$jwt(exp: 1500090000, iat: 1500000000);
$jwt(exp: time() + 60, lifetime: 60);
$jwt(lifetime: 86401);
$jwt(nbf: time() + 86400);
$jwt(metascopes: ["a\0b"]);
$jwt(metascopes: ['exp']);
$jwt(metascopes: ['']);
$jwt(claims: [1, 2]);
$jwt(claims: ['' => 1]);
$jwt(claims: ["a\0b" => 1]);
$jwt(claims: ['iss' => 'other']);
$jwt(claims: ['jti' => 1], jti: 2);
$jwt(claims: ['jti' => 1], jti: 'text');
$jwt(claims: ['text' => "\xff"]);
$jwt(claims: ['number' => INF]);
$jwt(claims: ['long' => str_repeat('x', 70000)]);
$deep = [];
for ($level = 0; $level < 200; $level++) {
    $deep = [$deep];
}
$jwt(claims: ['deep' => $deep]);
$recursive = ['name' => 1];
$recursive['again'] = &$recursive;
$jwt(claims: $recursive);
unset($recursive['again']);
class Thrower implements JsonSerializable
{
    public function jsonSerialize(): mixed
    {
        throw new DomainException('from a claim');
    }
}
$jwt(claims: ['object' => new Thrower]);
try {
    ims_generate_jwt(getenv('KEY'), 'i', 's', 'a', exp: 1600000000000);
} catch (Ims\ArgumentError $error) {
    var_dump($error->hint, $error->status);
}
?>
--EXPECT--
types
TypeError: ims_generate_jwt(): Argument #1 ($key) must be of type Ims\Key|string, stdClass given
TypeError: ims_generate_jwt(): Argument #1 ($key) must be of type Ims\Key|string, array given
TypeError: ims_generate_jwt(): Argument #2 ($iss) must be of type string, array given
TypeError: ims_generate_jwt(): Argument #5 ($exp) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #5 ($exp) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #5 ($exp) must be of type ?int, string given
TypeError: ims_generate_jwt(): Argument #5 ($exp) must be of type ?int, bool given
TypeError: ims_generate_jwt(): Argument #5 ($exp) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #5 ($exp) must be of type ?int, array given
ValueError: ims_generate_jwt(): Argument #5 ($exp) must not be 0; null stands for the default
Ims\ArgumentError: ims_generate_jwt(): Argument #5 ($exp) is negative; it counts seconds since 1970
TypeError: ims_generate_jwt(): Argument #6 ($nbf) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #6 ($nbf) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #6 ($nbf) must be of type ?int, string given
TypeError: ims_generate_jwt(): Argument #6 ($nbf) must be of type ?int, bool given
TypeError: ims_generate_jwt(): Argument #6 ($nbf) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #6 ($nbf) must be of type ?int, array given
ValueError: ims_generate_jwt(): Argument #6 ($nbf) must not be 0; null stands for the default
Ims\ArgumentError: ims_generate_jwt(): Argument #6 ($nbf) is negative; it counts seconds since 1970
TypeError: ims_generate_jwt(): Argument #9 ($iat) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #9 ($iat) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #9 ($iat) must be of type ?int, string given
TypeError: ims_generate_jwt(): Argument #9 ($iat) must be of type ?int, bool given
TypeError: ims_generate_jwt(): Argument #9 ($iat) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #9 ($iat) must be of type ?int, array given
ValueError: ims_generate_jwt(): Argument #9 ($iat) must not be 0; null stands for the default
Ims\ArgumentError: ims_generate_jwt(): Argument #9 ($iat) is negative; it counts seconds since 1970
TypeError: ims_generate_jwt(): Argument #8 ($lifetime) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #8 ($lifetime) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #8 ($lifetime) must be of type ?int, string given
TypeError: ims_generate_jwt(): Argument #8 ($lifetime) must be of type ?int, bool given
TypeError: ims_generate_jwt(): Argument #8 ($lifetime) must be of type ?int, float given
TypeError: ims_generate_jwt(): Argument #8 ($lifetime) must be of type ?int, array given
ValueError: ims_generate_jwt(): Argument #8 ($lifetime) must not be 0; null stands for the default
Ims\ArgumentError: ims_generate_jwt(): Argument #8 ($lifetime) is not 1 to 86400 seconds
TypeError: ims_generate_jwt(): Argument #7 ($jti) must be of type string|int|null, float given
TypeError: ims_generate_jwt(): Argument #7 ($jti) must be of type string|int|null, bool given
TypeError: ims_generate_jwt(): Argument #11 ($metascopes) must be of type array, string given
TypeError: ims_generate_jwt(): Argument #11 ($metascopes) must be a list of strings, int given in it
TypeError: ims_generate_jwt(): Argument #12 ($claims) must be of type array, stdClass given
Error: Unknown named parameter $unknown
values
Ims\ArgumentError: ims_generate_jwt(): Argument #2 ($iss) is missing or empty
ValueError: ims_generate_jwt(): Argument #3 ($sub) cannot be empty
ValueError: ims_generate_jwt(): Argument #4 ($aud) cannot be empty
Ims\ArgumentError: ims_generate_jwt(): Argument #14 ($alg) is none: a JWT without a signature proves nothing
Ims\ArgumentError: ims_generate_jwt(): Argument #14 ($alg) is rs256, which is no algorithm that is supported
Ims\ArgumentError: ims_generate_jwt(): Argument #14 ($alg) is ES256, but the key is an RSA key
Ims\ArgumentError: ims_generate_jwt(): Argument #14 ($alg) is HS256, but the key is an RSA key
Ims\ArgumentError: ims_generate_jwt(): Argument #15 ($typ) holds a control character, such as a line break
Ims\ArgumentError: ims_generate_jwt(): Argument #16 ($header) repeats the member alg
Ims\ArgumentError: ims_generate_jwt(): Argument #16 ($header) repeats the member typ
ValueError: ims_generate_jwt(): Argument #16 ($header) must have names as its keys
Ims\ArgumentError: ims_generate_jwt(): Argument #18 ($x5t) must be S256 or S1
Ims\ArgumentError: ims_generate_jwt(): Argument #17 ($certificate) is missing: x5t and x5c are made of it
Ims\CredentialsException: certificate /nowhere/certificate.pem cannot be read: No such file or directory
ValueError: ims_generate_jwt(): Argument #17 ($certificate) cannot be empty
ValueError: ims_generate_jwt(): Argument #3 ($sub) must not contain any null bytes
Ims\ArgumentError: ims_generate_jwt(): Argument #4 ($aud) is not UTF-8
Ims\ArgumentError: ims_generate_jwt(): Argument #10 ($kid) holds a control character, such as a line break
Ims\ArgumentError: ims_generate_jwt(): Argument #2 ($iss) is over 4 KiB
ValueError: ims_generate_jwt(): Argument #7 ($jti) must not contain any null bytes
Ims\ArgumentError: ims_generate_jwt(): Argument #7 ($jti) is not UTF-8
Ims\ArgumentError: ims_generate_jwt(): Argument #5 ($exp) is after the year 9999; it counts seconds since 1970
Ims\ArgumentError: ims_generate_jwt(): Argument #5 ($exp) is after the year 9999; it counts seconds since 1970
Ims\ArgumentError: ims_generate_jwt(): Argument #5 ($exp) is negative; it counts seconds since 1970
Ims\ArgumentError: ims_generate_jwt(): Argument #5 ($exp) is not after iat: the JWT would be expired
Ims\ArgumentError: ims_generate_jwt(): Argument #5 ($exp) is over 86400 seconds (24 h) after iat
Ims\ArgumentError: ims_generate_jwt(): Argument #8 ($lifetime) and exp are both given: give one
Ims\ArgumentError: ims_generate_jwt(): Argument #8 ($lifetime) is not 1 to 86400 seconds
Ims\ArgumentError: ims_generate_jwt(): Argument #6 ($nbf) is not before exp: the JWT would never be valid
ValueError: ims_generate_jwt(): Argument #11 ($metascopes) must not contain any null bytes
Ims\ArgumentError: ims_generate_jwt(): Argument #11 ($metascopes) repeats the claim exp
Ims\ArgumentError: ims_generate_jwt(): Argument #11 ($metascopes) is missing or empty
ValueError: ims_generate_jwt(): Argument #12 ($claims) must have names as its keys
Ims\ArgumentError: ims_generate_jwt(): Argument #12 ($claims) holds a name of a claim that is missing or empty
Ims\ArgumentError: ims_generate_jwt(): Argument #12 ($claims) holds a name of a claim that holds a control character, such as a line break
Ims\ArgumentError: ims_generate_jwt(): Argument #12 ($claims) repeats the claim iss
ValueError: ims_generate_jwt(): Argument #12 ($claims) must not repeat the claim jti
Ims\ArgumentError: ims_generate_jwt(): Argument #12 ($claims) repeats the claim jti
ValueError: ims_generate_jwt(): Argument #12 ($claims) must hold UTF-8 texts, finite numbers, booleans, null, and arrays of at most 128 levels
ValueError: ims_generate_jwt(): Argument #12 ($claims) must hold UTF-8 texts, finite numbers, booleans, null, and arrays of at most 128 levels
Ims\ArgumentError: ims_generate_jwt(): Argument #12 ($claims) is over 64 KiB
ValueError: ims_generate_jwt(): Argument #12 ($claims) must hold UTF-8 texts, finite numbers, booleans, null, and arrays of at most 128 levels
ValueError: ims_generate_jwt(): Argument #12 ($claims) must hold UTF-8 texts, finite numbers, booleans, null, and arrays of at most 128 levels
DomainException: from a claim
string(46) "exp looks like milliseconds: divide it by 1000"
int(1)
