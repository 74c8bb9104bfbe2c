--TEST--
A key signs every claim, in the order of the contract
--FILE--
<?php
$now = time();
$jwt = ims_generate_jwt(
    getenv('KEY'), 'org@AdobeOrg', 'account@techacct.adobe.com', 'https://ims-na1.adobelogin.com/c/client',
    exp: 1500000060, nbf: 1500000001, jti: 'once', iat: 1500000000, kid: 'key-1',
    metascopes: ['https://ims-na1.adobelogin.com/s/ent_b', 'https://ims-na1.adobelogin.com/s/ent_a'],
    claims: ['further' => [1.0, 'é/"'], 'object' => ['a' => null]],
);
[$header, $claims, $signature] = explode('.', $jwt);
$decode = fn($segment) => base64_decode(strtr($segment, '-_', '+/'));
echo $decode($header), "\n", $decode($claims), "\n";
$public_key = openssl_pkey_get_details(openssl_pkey_get_private(file_get_contents(getenv('KEY'))))['key'];
var_dump(openssl_verify("$header.$claims", $decode($signature), $public_key, 'sha256'));

require 'account.inc';
echo "an integer jti stays one:\n";
var_dump(decoded(ims_generate_jwt(getenv('KEY'), 'i', 's', 'a', jti: 7, claims: ['more' => true]))['jti']);
echo "the defaults:\n";
$claims = decoded(ims_generate_jwt(getenv('KEY'), 'i', 's', 'a'));
var_dump($claims['exp'] - $claims['iat'], $now <= $claims['iat'] && $claims['iat'] <= time(), array_keys($claims));
$claims = decoded(ims_generate_jwt(getenv('KEY'), 'i', 's', 'a', lifetime: 60));
var_dump($claims['exp'] - $claims['iat']);
echo "json_last_error() stays the script's:\n";
json_decode('{');
ims_generate_jwt(getenv('KEY'), 'i', 's', 'a', claims: ['more' => true]);
show(fn() => ims_generate_jwt(getenv('KEY'), 'i', 's', 'a', claims: ['infinite' => INF]));
var_dump(json_last_error() === JSON_ERROR_SYNTAX);
?>
--EXPECT--
{"typ":"JWT","alg":"RS256","kid":"key-1"}
{"iss":"org@AdobeOrg","sub":"account@techacct.adobe.com","aud":"https://ims-na1.adobelogin.com/c/client","exp":1500000060,"iat":1500000000,"nbf":1500000001,"jti":"once","https://ims-na1.adobelogin.com/s/ent_b":true,"https://ims-na1.adobelogin.com/s/ent_a":true,"further":[1.0,"é/\""],"object":{"a":null}}
int(1)
an integer jti stays one:
int(7)
the defaults:
int(300)
bool(true)
array(5) {
  [0]=>
  string(3) "iss"
  [1]=>
  string(3) "sub"
  [2]=>
  string(3) "aud"
  [3]=>
  string(3) "exp"
  [4]=>
  string(3) "iat"
}
int(60)
json_last_error() stays the script's:
ValueError: ims_generate_jwt(): Argument #12 ($claims) must hold UTF-8 texts, finite numbers, booleans, null, and arrays of at most 128 levels
bool(true)
