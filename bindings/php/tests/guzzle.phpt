--TEST--
Guzzle's requests bear the token to their own origin alone, and are sent once more after a 401
--FILE--
<?php
require 'account.inc';
require 'http.inc';
require 'GuzzleHttp/autoload.php';
use GuzzleHttp\{HandlerStack, Middleware, Psr7};
use Ims\Http\GuzzleMiddleware;

$requests = [];
function http(Ims\Client $client, string|array $origins): GuzzleHttp\Client
{
    global $requests;
    $requests = [];
    $stack = HandlerStack::create();
    $stack->push(new GuzzleMiddleware($client, $origins));
    // Sees each request that is sent.
    $stack->push(Middleware::history($requests));
    return new GuzzleHttp\Client(['handler' => $stack, 'http_errors' => false, 'proxy' => '', 'timeout' => 60]);
}
$api = getenv('SERVER') . '/api';
$other = getenv('OTHER_SERVER') . '/api';

$client = client_named('bearer');
$token = $client->token();
echo seen(http($client, getenv('SERVER'))->get($api)->getBody(), $token), "\n";
echo seen(http($client, getenv('SERVER'))->get($api, ['headers' => ['x-api-key' => 'own']])->getBody(), $token), "\n";

echo "other origins\n";
echo seen(http($client, getenv('SERVER'))->get($other)->getBody(), $token), "\n";
echo seen(http($client, getenv('SERVER'))->get(str_replace('127.0.0.1', 'localhost', $api))->getBody(), $token), "\n";
echo seen(http($client, getenv('SERVER'))->get("$api-redirect?$other")->getBody(), $token), "\n";
echo seen(http($client, [getenv('SERVER'), getenv('OTHER_SERVER')])->get("$api-redirect?$other")->getBody(), $token), "\n";
$away = http($client, getenv('SERVER'))->get("$api-redirect?$other-refusing");
echo $away->getStatusCode(), ' ', seen($away->getBody(), $token), ', ', count($requests), " requests\n";
var_dump($client->token()->accessToken === $token->accessToken);

echo "after a 401\n";
$post = function (string $name, array $options, string $path = '') use ($api) {
    global $requests;
    $client = client_named($name);
    $refused = $client->token();
    $response = http($client, getenv('SERVER'))->post("$api$path?$refused->accessToken", $options);
    $fresh = $client->token();
    echo $response->getStatusCode(), ' ', seen($response->getBody(), $refused, $fresh), ', ', count($requests), " requests\n";
};
$post('text', ['body' => 'a body']);
$post('json', ['json' => ['a' => 1]]);
$post('once', ['body' => new Psr7\NoSeekStream(Psr7\Utils::streamFor('once'))]);
$post('sink', ['body' => 'a body', 'sink' => Psr7\Utils::streamFor(fopen('php://temp', 'w+'))]);
$post('always', ['body' => 'a body'], '-refusing');
$client = client_named('async');
$refused = $client->token();
$response = http($client, getenv('SERVER'))->getAsync("$api?$refused->accessToken")->wait();
echo $response->getStatusCode(), ' ', seen($response->getBody(), $refused, $client->token()), "\n";

echo "no token\n";
$wrong = Ims\Client::fromArray(account(['client_secret' => 'wrong']), cache: 'memory');
show(fn() => http($wrong, getenv('SERVER'))->get($api));
echo count($requests), " requests\n";

echo "origins\n";
foreach (['', [], 'api.example.com', 'https://api.example.com/v1', 'https://user@api.example.com', 'http://api.example.com', [1]] as $origins) {
    show(fn() => new GuzzleMiddleware($client, $origins));
}
?>
--EXPECTF--
GET with token 1, x-api-key sandbox-client
GET with token 1, x-api-key own
other origins
GET without a token
GET without a token
GET without a token
GET with token 1, x-api-key sandbox-client
401 GET without a token, 2 requests
bool(true)
after a 401
200 POST with token 2, x-api-key sandbox-client, body a body, 2 requests
200 POST with token 2, x-api-key sandbox-client, body {"a":1}, 2 requests
401 POST with token 1, x-api-key sandbox-client, body once, 1 requests
401 POST with token 1, x-api-key sandbox-client, body a body, 1 requests
401 POST with token 2, x-api-key sandbox-client, body a body, 2 requests
200 GET with token 2, x-api-key sandbox-client
no token
Ims\RejectedException: the token server refused: HTTP 401 invalid_client: invalid client_secret parameter; x-debug-id %s
0 requests
origins
Ims\ArgumentError: origins must hold texts such as "https://api.example.com", without a path
Ims\ArgumentError: origins is empty: name the server that gets the token
Ims\ArgumentError: origins must hold texts such as "https://api.example.com", without a path
Ims\ArgumentError: origins must hold texts such as "https://api.example.com", without a path
Ims\ArgumentError: origins must hold texts such as "https://api.example.com", without a path
Ims\ArgumentError: origins must begin with https://, or the token would be sent in clear
Ims\ArgumentError: origins must hold texts such as "https://api.example.com", without a path
