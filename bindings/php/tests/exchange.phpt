--TEST--
A grant becomes a token, and every answer that is none its exception
--FILE--
<?php
require 'account.inc';
use Ims\Grant;

$ims = getenv('SANDBOX');
$account = ['clientId' => 'sandbox-client', 'clientSecret' => 'sandbox-secret'];
$token = ims_exchange(sandbox_jwt(), ...$account + ['tokenUrl' => "$ims/ims/exchange/jwt"]);
var_dump($token->tokenType, $token->scope, str_starts_with($token->accessToken, 'ey'), $token->expiresIn() > 86000);
var_dump(get_class($token->expiresAt), $token->expiresAt->getTimezone()->getName());
var_dump($token->expiresAt->getTimestamp() - time() - $token->expiresIn() <= 1, $token->expiresAt == $token->expiresAt);
var_dump(isset($token->scope), isset($token->accessToken), empty($token->accessToken), isset($token->other));

$token = ims_exchange(...$account + [
    'grant' => Grant::ClientCredentials, 'scope' => 'openid', 'tokenUrl' => "$ims/ims/token/v3",
]);
var_dump(strlen($token->accessToken) > 100);
$token = ims_exchange('a.b.c', Grant::JwtBearer, ...$account + [
    'tokenUrl' => getenv('SERVER') . '/token', 'clientAuth' => 'basic',
]);
var_dump($token->accessToken, $token->scope, $token->expiresIn() > 3590 && $token->expiresIn() <= 3600);
foreach ([Grant::TokenExchange, 'token_exchange', 'urn:ietf:params:oauth:grant-type:token-exchange'] as $grant) {
    $token = ims_exchange('a.b.c', $grant, tokenUrl: getenv('SERVER') . '/token', subjectTokenType: 'access_token',
        parameters: ['resource' => ['https://a.example/', 'urn:b'], 'audience' => 'api']);
}
$token = ims_exchange(grant: 'account_credentials', clientId: 'c', tokenUrl: getenv('SERVER') . '/token',
    clientAuth: 'private_key_jwt', clientAssertion: 'a.b.c', parameters: ['account_id' => '7'], body: 'json');
var_dump($token->accessToken);
try {
    ims_exchange(grant: 'account_credentials', clientId: 'c', tokenUrl: getenv('SERVER') . '/echo', clientAuth: 'none',
        parameters: ['resource' => ['https://a.example/', 'urn:b']]);
} catch (Ims\RejectedException $e) {
    /* The form is the end of what the server repeats; the library cuts it. */
    echo get_class($e), "\n";
}

var_dump($token->issuedTokenType, isset($token->issuedTokenType), $token->get('instance_url'));

/* The issuer is enough: its metadata says where to ask, and its rules are those of the client's JWT. */
$proof = fn(): array => [
    'grant' => Grant::ClientCredentials, 'clientId' => 'sandbox-client', 'issuer' => $ims,
    'clientAuth' => 'private_key_jwt', 'clientAssertion' => ims_generate_jwt(getenv('KEY'), 'sandbox-client',
        'sandbox-client', $ims, jti: bin2hex(random_bytes(8)), typ: 'client-authentication+jwt'),
];
$given = $proof();
var_dump(ims_exchange(...$given)->scope, ims_exchange(...$proof())->tokenType);
try {
    ims_exchange(...$given);
} catch (Ims\RejectedException $e) {
    echo $e->oauthError, ': ', $e->oauthDescription, "\n";
}
show(fn() => ims_exchange(...['issuer' => 'https://h/?a'] + $given));

$token = ims_exchange('a.b.c', Grant::JwtBearer, tokenUrl: getenv('SERVER') . '/members');
var_dump($token->tokenType, $token->issuedTokenType, $token->get('instance_url'), $token->get('restricted_to'));
var_dump($token->get('other'), $token->get("\xff"), str_contains(print_r($token, true), 'na1.example.com'));

function refused(string $url, float $timeout = 60): void
{
    try {
        ims_exchange('a.b.c', clientId: 'client', clientSecret: 'client-secret', tokenUrl: $url, maxAttempts: 1, timeout: $timeout);
    } catch (Ims\Exception $e) {
        echo get_class($e), ' ', $e->status, '=', $e->getCode(), ': ', hidden($e->getMessage()), "\n";
        echo '  ', json_encode([$e->oauthError, $e->oauthDescription, $e->uri, $e->debugId, $e->httpStatus, $e->retryable,
            $e->retryAfter]), ' ', $e->hint === null ? 'no hint' : 'a hint', "\n";
    }
}
$server = getenv('SERVER');
refused("$server/refused");
refused("$server/busy");
refused("$server/at-once");
refused("$server/unavailable");
refused("$server/html");
refused("$server/silent", timeout: 0.2);
refused(getenv('CLOSING_SERVER'));
refused('http://127.0.0.1:1/');
refused(getenv('TLS_SERVER'));
try {
    ims_exchange('a.b.c', clientId: 'c', clientSecret: 's', tokenUrl: "$server/slow", timeout: 0.0001);
} catch (Ims\TimeoutException) {
    echo "a tenth of a millisecond is a timeout too\n";
}
?>
--EXPECT--
string(6) "bearer"
NULL
bool(true)
bool(true)
string(17) "DateTimeImmutable"
string(3) "UTC"
bool(true)
bool(true)
bool(false)
bool(true)
bool(false)
bool(false)
bool(true)
string(16) "the-access-token"
string(6) "openid"
bool(true)
string(16) "the-access-token"
Ims\RejectedException
NULL
bool(false)
NULL
string(33) "openid AdobeID read_organizations"
string(6) "bearer"
invalid_client: The client assertion is not accepted: its jti is missing or wrong.
Ims\ArgumentError: ims_exchange(): Argument #14 ($issuer) has a query (?...)
string(3) "N_A"
string(5) "urn:x"
string(23) "https://na1.example.com"
string(3) "[1]"
NULL
NULL
bool(false)
Ims\RejectedException 8=8: the token server refused: HTTP 400 invalid_token: Could not match JWT signature to any of the bindings; see https://example.com/7; x-debug-id debug-7
  ["invalid_token","Could not match JWT signature to any of the bindings","https:\/\/example.com\/7","debug-7",400,false,null] a hint
Ims\RateLimitedException 9=9: the token server asks to slow down: HTTP 429; retry after 60 s
  [null,null,null,null,429,true,60] a hint
Ims\RateLimitedException 9=9: the token server asks to slow down: HTTP 429
  [null,null,null,null,429,true,0] a hint
Ims\UnavailableException 10=10: the token server is unavailable: HTTP 503
  [null,null,null,null,503,true,null] a hint
Ims\ResponseException 11=11: the response is not a token response: it is not a JSON object with unique names (HTTP 200)
  [null,null,null,null,200,false,null] a hint
Ims\TimeoutException 7=7: SERVER did not respond before the deadline
  [null,null,null,null,0,true,null] a hint
Ims\UnavailableException 10=10: CLOSING_SERVER closed the connection before the response was complete
  [null,null,null,null,0,true,null] no hint
Ims\ConnectException 5=5: 127.0.0.1:1 refused the connection
  [null,null,null,null,0,true,null] a hint
Ims\TlsException 6=6: TLS with TLS_SERVER failed: its certificate is from an unknown CA, or the server does not send its intermediate certificates
  [null,null,null,null,0,false,null] a hint
a tenth of a millisecond is a timeout too
