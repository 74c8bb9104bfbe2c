<?php

declare(strict_types=1);

namespace Ims\Http;

use Ims\Client;
use Psr\Http\Client\ClientInterface;
use Psr\Http\Message\RequestInterface;
use Psr\Http\Message\ResponseInterface;

/**
 * A PSR-18 client whose requests bear the token. The inner client must not follow redirects: it would take the token
 * along. After a 401, forgets the token and sends the request once more with a new one, unless its body cannot be rewound.
 */
final class Psr18Client implements ClientInterface
{
    private Bearer $bearer;

    /**
     * @param string|list<string> $origins The servers that get the token, such as "https://api.example.com".
     * @throws \Ims\ArgumentError
     */
    public function __construct(private ClientInterface $inner, Client $client, string|array $origins)
    {
        $this->bearer = new Bearer($client, new Origins($origins));
    }

    /** @throws \Psr\Http\Client\ClientExceptionInterface A TokenException if there is no token. */
    public function sendRequest(RequestInterface $request): ResponseInterface
    {
        if (!$this->bearer->isFor($request)) {
            return $this->inner->sendRequest($request);
        }
        try {
            $token = $this->bearer->token();
            $response = $this->inner->sendRequest($this->bearer->signed($request, $token));
            $again = $this->bearer->again($request, $response, $token);
        } catch (\Ims\Exception $error) {
            throw new TokenException($error);
        }
        return $again ? $this->inner->sendRequest($again) : $response;
    }
}
