<?php

declare(strict_types=1);

namespace Ims\Http;

use Ims\Client;
use Ims\Token;
use Psr\Http\Message\RequestInterface;
use Psr\Http\Message\ResponseInterface;

/**
 * Requests that bear a client's token.
 *
 * @internal
 */
final class Bearer
{
    public function __construct(private Client $client, private Origins $origins)
    {
    }

    /** Returns whether the request may bear the token. */
    public function isFor(RequestInterface $request): bool
    {
        return $this->origins->contains($request->getUri());
    }

    public function token(): Token
    {
        return $this->client->token();
    }

    /** Sets Authorization and, where there is none yet, x-api-key. */
    public function signed(RequestInterface $request, Token $token): RequestInterface
    {
        $signed = $request->withHeader('Authorization', "Bearer $token->accessToken");
        if ($this->client->clientId !== null && !$signed->hasHeader('x-api-key')) {
            $signed = $signed->withHeader('x-api-key', $this->client->clientId);
        }
        return $signed;
    }

    /**
     * Forgets a token that the server refused with 401. Returns the request with a new token, to be sent once more; null
     * if the body cannot be sent again, $canRepeat is false, or the client has no other token.
     */
    public function again(
        RequestInterface $request,
        ResponseInterface $response,
        Token $refused,
        bool $canRepeat = true,
    ): ?RequestInterface {
        if ($response->getStatusCode() !== 401) {
            return null;
        }
        $this->client->forget($refused);
        $body = $request->getBody();
        if (!$canRepeat || !$body->isSeekable() && $body->getSize() !== 0) {
            return null;
        }
        $fresh = $this->client->token();
        if ($fresh->accessToken === $refused->accessToken) {
            return null;
        }
        if ($body->isSeekable()) {
            $body->rewind();
        }
        $response->getBody()->close();
        return $this->signed($request, $fresh);
    }
}
