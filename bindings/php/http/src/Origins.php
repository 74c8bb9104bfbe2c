<?php

declare(strict_types=1);

namespace Ims\Http;

use Ims\ArgumentError;
use Psr\Http\Message\UriInterface;

/** The origins (scheme, host and port, RFC 6454) whose servers get the token. */
final class Origins
{
    private const DEFAULT_PORTS = ['https' => 443, 'http' => 80];
    private const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

    /** @var list<string> */
    private array $origins;

    /**
     * @param string|list<string> $origins Such as "https://api.example.com"; http:// only on this machine.
     * @throws ArgumentError
     */
    public function __construct(string|array $origins)
    {
        $this->origins = array_map(self::parsed(...), array_values((array) $origins));
        if ($this->origins === []) {
            throw new ArgumentError('origins is empty: name the server that gets the token');
        }
    }

    /** Returns whether a request to this URI may bear the token. */
    public function contains(UriInterface $uri): bool
    {
        $origin = self::normalized($uri->getScheme(), $uri->getHost(), $uri->getPort());
        return $uri->getUserInfo() === '' && in_array($origin, $this->origins, true);
    }

    private static function parsed(mixed $origin): string
    {
        $parts = is_string($origin) ? parse_url($origin) : false;
        $others = array_diff_key($parts ?: [], ['scheme' => 0, 'host' => 0, 'port' => 0]);
        if (!isset($parts['scheme'], $parts['host']) || !in_array($others, [[], ['path' => '/']], true)) {
            throw new ArgumentError('origins must hold texts such as "https://api.example.com", without a path');
        }
        $scheme = strtolower($parts['scheme']);
        $is_local = $scheme === 'http' && in_array(strtolower($parts['host']), self::LOOPBACK, true);
        if ($scheme !== 'https' && !$is_local) {
            throw new ArgumentError('origins must begin with https://, or the token would be sent in clear');
        }
        return self::normalized($scheme, $parts['host'], $parts['port'] ?? null);
    }

    private static function normalized(string $scheme, string $host, ?int $port): string
    {
        $scheme = strtolower($scheme);
        return $scheme . '://' . strtolower($host) . ':' . ($port ?? self::DEFAULT_PORTS[$scheme] ?? '');
    }
}
