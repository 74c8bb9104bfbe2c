<?php

declare(strict_types=1);

namespace Ims\Http;

use Psr\Http\Client\ClientExceptionInterface;

/** There is no token for the request; getPrevious() is the Ims\Exception that says why. */
final class TokenException extends \RuntimeException implements ClientExceptionInterface
{
    public function __construct(\Ims\Exception $error)
    {
        parent::__construct($error->getMessage(), $error->getCode(), $error);
    }
}
