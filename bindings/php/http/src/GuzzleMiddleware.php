<?php

declare(strict_types=1);

namespace Ims\Http;

use Ims\Client;
use Psr\Http\Message\RequestInterface;
use Psr\Http\Message\ResponseInterface;

/**
 * A middleware for Guzzle: `$stack->push(new GuzzleMiddleware($client, 'https://api.example.com'))`.
 *
 * Push it last, so that it sees each request of a redirect. After a 401, it forgets the token and sends the request
 * once more with a new one, unless its body cannot be rewound or the response goes into a stream of the caller.
 */
final class GuzzleMiddleware
{
    private Bearer $bearer;

    /**
     * @param string|list<string> $origins The servers that get the token, such as "https://api.example.com".
     * @throws \Ims\ArgumentError
     */
    public function __construct(Client $client, string|array $origins)
    {
        $this->bearer = new Bearer($client, new Origins($origins));
    }

    public function __invoke(callable $handler): callable
    {
        return function (RequestInterface $request, array $options) use ($handler) {
            if (!$this->bearer->isFor($request)) {
                return $handler($request, $options);
            }
            $token = $this->bearer->token();
            $repeat = function (ResponseInterface $response) use ($handler, $request, $options, $token) {
                // A file of this name would be written from its start; a stream already holds the first response.
                $canRepeat = is_string($options['sink'] ?? '');
                $again = $this->bearer->again($request, $response, $token, $canRepeat);
                return $again ? $handler($again, $options) : $response;
            };
            return $handler($this->bearer->signed($request, $token), $options)->then($repeat);
        };
    }
}
