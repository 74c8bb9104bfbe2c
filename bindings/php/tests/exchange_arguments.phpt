--TEST--
What is wrong with a grant or a transport is said by the parameter's name
--FILE--
<?php
require 'account.inc';
$exchange = fn(...$different) => show(fn() => ims_exchange(...$different + [
    'jwt' => 'a.b.c', 'clientId' => 'c', 'clientSecret' => 's', 'tokenUrl' => getenv('SERVER') . '/token',
]));
$exchange(jwt: null);
$exchange(jwt: []);
$exchange(jwt: "a\0b");
$exchange(jwt: "a b");
$exchange(grant: 'jwt_barer');
$exchange(grant: 1.5);
$exchange(grant: 'password');
$exchange(grant: Ims\Grant::ClientCredentials);
$exchange(grant: Ims\Grant::JwtBearer, tokenUrl: null);
$exchange(clientId: '');
$exchange(clientSecret: null);
$exchange(clientSecret: "\xff");
$exchange(clientAuth: 'header');
$exchange(clientAuth: 'private_key_jwt');
$exchange(clientAuth: 'private_key_jwt', clientSecret: null);
$exchange(clientAssertion: 'a.b.c');
$exchange(parameters: 'a=b');
$exchange(parameters: ['a']);
$exchange(parameters: ['a' => 1]);
$exchange(parameters: ['a' => ['x', null]]);
$exchange(parameters: ['a' => "x\0"]);
$exchange(parameters: ['scope' => 'x']);
$exchange(parameters: ['resource' => ['urn:a', 'b']]);
$exchange(subjectTokenType: 'jwt');
$exchange(grant: Ims\Grant::TokenExchange, subjectTokenType: 'x');
$exchange(body: 'xml');
$exchange(tokenUrl: 'ftp://host/');
$exchange(tokenUrl: 'http://example.com/');
$exchange(tokenUrl: 'https://user:pass@example.com/');
foreach ([0, -1, 3600.1, NAN, INF, 'soon', [], '5 s'] as $timeout) {
    $exchange(timeout: $timeout);
}
foreach ([0, -1, 11, 1.5, '3', PHP_INT_MAX] as $attempts) {
    $exchange(maxAttempts: $attempts);
}
$exchange(caFile: '');
$exchange(caFile: "a\0b");
$exchange(caFile: '/no/such.pem', tokenUrl: 'https://127.0.0.1:1/');
$exchange(proxy: '');
$exchange(proxy: 'ftp://user:proxy-secret@127.0.0.1:1', tokenUrl: 'https://127.0.0.1:1/');
$exchange(caFile: file_get_contents(getenv('KEY')), tokenUrl: 'https://127.0.0.1:1/');
echo "what is not given is the environment's\n";
putenv('HTTPS_PROXY=ftp://user:proxy-secret@127.0.0.1');
$exchange(tokenUrl: 'https://127.0.0.1:1/');
?>
--EXPECTF--
Ims\ArgumentError: ims_exchange(): Argument #1 ($jwt) is missing or empty
TypeError: ims_exchange(): Argument #1 ($jwt) must be of type ?string, array given
ValueError: ims_exchange(): Argument #1 ($jwt) must not contain any null bytes
Ims\ArgumentError: ims_exchange(): Argument #1 ($jwt) holds a blank, a line break or another such character
Ims\ArgumentError: ims_exchange(): Argument #2 ($grant) is jwt_barer, yet must be jwt_exchange or jwt_bearer or client_credentials or token_exchange, or a full grant_type
Ims\ArgumentError: ims_exchange(): Argument #1 ($jwt) is given, but this grant takes none
Ims\ArgumentError: ims_exchange(): Argument #1 ($jwt) is given, but this grant takes none
Ims\ArgumentError: ims_exchange(): Argument #1 ($jwt) is given, but client credentials take none
Ims\ArgumentError: ims_exchange(): Argument #5 ($tokenUrl) is missing: the JWT bearer grant has no default
Ims\ArgumentError: ims_exchange(): Argument #3 ($clientId) is missing
Ims\ArgumentError: ims_exchange(): Argument #4 ($clientSecret) is missing
Ims\ArgumentError: ims_exchange(): Argument #4 ($clientSecret) is not UTF-8
ValueError: ims_exchange(): Argument #8 ($clientAuth) must be "body", "basic", "private_key_jwt", "client_secret_jwt" or "none"
Ims\ArgumentError: ims_exchange(): Argument #4 ($clientSecret) is given, but with client_auth private_key_jwt none is sent
Ims\ArgumentError: ims_exchange(): Argument #13 ($clientAssertion) is missing
Ims\ArgumentError: ims_exchange(): Argument #13 ($clientAssertion) is given, but client_auth is body
TypeError: ims_exchange(): Argument #15 ($parameters) must be of type array, string given
ValueError: ims_exchange(): Argument #15 ($parameters) must have names as its keys
TypeError: ims_exchange(): Argument #15 ($parameters) must hold strings and lists of strings, int given in it
TypeError: ims_exchange(): Argument #15 ($parameters) must hold strings and lists of strings, null given in it
ValueError: ims_exchange(): Argument #15 ($parameters) must not contain any null bytes
Ims\ArgumentError: ims_exchange(): Argument #15 ($parameters) holds scope, which has a setting of its own
Ims\ArgumentError: resource is not an absolute URI, such as https://HOST/PATH
Ims\ArgumentError: ims_exchange(): Argument #16 ($subjectTokenType) is given, but only a token exchange takes it
Ims\ArgumentError: ims_exchange(): Argument #16 ($subjectTokenType) must be jwt, id_token, access_token, refresh_token, saml1, saml2, or a URI
Ims\ArgumentError: ims_exchange(): Argument #18 ($body) must be form or json
Ims\ArgumentError: ims_exchange(): Argument #5 ($tokenUrl) is not an https:// URL
Ims\ArgumentError: ims_exchange(): Argument #5 ($tokenUrl) is http://, which would send secrets in clear; use https://
Ims\ArgumentError: ims_exchange(): Argument #5 ($tokenUrl) holds a user name or password
ValueError: ims_exchange(): Argument #9 ($timeout) must be more than 0 and at most 3600 seconds
ValueError: ims_exchange(): Argument #9 ($timeout) must be more than 0 and at most 3600 seconds
ValueError: ims_exchange(): Argument #9 ($timeout) must be more than 0 and at most 3600 seconds
ValueError: ims_exchange(): Argument #9 ($timeout) must be more than 0 and at most 3600 seconds
ValueError: ims_exchange(): Argument #9 ($timeout) must be more than 0 and at most 3600 seconds
TypeError: ims_exchange(): Argument #9 ($timeout) must be of type ?float, string given
TypeError: ims_exchange(): Argument #9 ($timeout) must be of type ?float, array given
TypeError: ims_exchange(): Argument #9 ($timeout) must be of type ?float, string given
ValueError: ims_exchange(): Argument #10 ($maxAttempts) must not be 0; null stands for the default
ValueError: ims_exchange(): Argument #10 ($maxAttempts) must be 1 to 10
ValueError: ims_exchange(): Argument #10 ($maxAttempts) must be 1 to 10
TypeError: ims_exchange(): Argument #10 ($maxAttempts) must be of type ?int, float given
TypeError: ims_exchange(): Argument #10 ($maxAttempts) must be of type ?int, string given
ValueError: ims_exchange(): Argument #10 ($maxAttempts) must be 1 to 10
ValueError: ims_exchange(): Argument #11 ($caFile) cannot be empty
ValueError: ims_exchange(): Argument #11 ($caFile) must not contain any null bytes
Ims\ArgumentError: ims_exchange(): Argument #11 ($caFile) /no/such.pem cannot be read: No such file or directory
ValueError: ims_exchange(): Argument #12 ($proxy) cannot be empty
Ims\ArgumentError: ims_exchange(): Argument #12 ($proxy) is not an http://, https://, socks5:// or socks5h:// URL
Ims\ArgumentError: ims_exchange(): Argument #11 ($caFile) (its name is not shown, it looks like a secret) cannot be read: %s
what is not given is the environment's
Ims\Exception: proxy (HTTPS_PROXY) is not an http://, https://, socks5:// or socks5h:// URL
