--TEST--
Requests of a PSR-18 client bear the token to their own origin alone, and are sent once more after a 401
--FILE--
<?php
require 'account.inc';
require 'http.inc';
foreach (['Psr/Http/Client', 'Symfony/Component/HttpClient', 'Nyholm/Psr7', 'GuzzleHttp'] as $library) {
    require "$library/autoload.php";
}
use Ims\Http\Psr18Client;
use Psr\Http\Client\ClientInterface;
use Psr\Http\Message\{RequestInterface, ResponseInterface};
use Symfony\Component\HttpClient\HttpClient;

/** Counts the requests that are sent. */
final class Counting implements ClientInterface
{
    public int $count = 0;

    public function __construct(private ClientInterface $inner)
    {
    }

    public function sendRequest(RequestInterface $request): ResponseInterface
    {
        $this->count++;
        return $this->inner->sendRequest($request);
    }
}

$factory = new Nyholm\Psr7\Factory\Psr17Factory();
$api = getenv('SERVER') . '/api';
$other = getenv('OTHER_SERVER') . '/api';
$libraries = [
    // Symfony's follows redirects unless it is told not to.
    'Symfony' => new Symfony\Component\HttpClient\Psr18Client(
        HttpClient::create(['max_redirects' => 0, 'no_proxy' => '*', 'timeout' => 60]), $factory, $factory
    ),
    'Guzzle' => new GuzzleHttp\Client(['proxy' => '', 'timeout' => 60]),
];
foreach ($libraries as $name => $library) {
    echo "$name\n";
    $client = client_named("psr18 $name");
    $token = $client->token();
    $inner = new Counting($library);
    $http = new Psr18Client($inner, $client, getenv('SERVER'));
    $get = fn(string $url) => $http->sendRequest($factory->createRequest('GET', $url));
    echo seen($get($api)->getBody(), $token), "\n";
    echo seen($get($other)->getBody(), $token), "\n";
    $redirect = $get("$api-redirect?$other");
    echo $redirect->getStatusCode(), ' to ', $redirect->getHeaderLine('Location') === $other ? 'the other' : '?', "\n";

    $inner->count = 0;
    $post = $factory->createRequest('POST', "$api?$token->accessToken")->withBody($factory->createStream('a body'));
    $response = $http->sendRequest($post);
    echo $response->getStatusCode(), ' ', seen($response->getBody(), $token, $client->token()), ", $inner->count requests\n";
    $inner->count = 0;
    echo $get("$api-refusing")->getStatusCode(), ", $inner->count requests\n";

    $wrong = Ims\Client::fromArray(account(['client_secret' => "wrong for $name"]), cache: 'memory');
    try {
        (new Psr18Client($library, $wrong, getenv('SERVER')))->sendRequest($factory->createRequest('GET', $api));
    } catch (Psr\Http\Client\ClientExceptionInterface $e) {
        echo get_class($e), ' of ', get_class($e->getPrevious()), "\n";
    }
}
?>
--EXPECT--
Symfony
GET with token 1, x-api-key sandbox-client
GET without a token
302 to the other
200 POST with token 2, x-api-key sandbox-client, body a body, 2 requests
401, 1 requests
Ims\Http\TokenException of Ims\RejectedException
Guzzle
GET with token 1, x-api-key sandbox-client
GET without a token
302 to the other
200 POST with token 2, x-api-key sandbox-client, body a body, 2 requests
401, 1 requests
Ims\Http\TokenException of Ims\RejectedException
