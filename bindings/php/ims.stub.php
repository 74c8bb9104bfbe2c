<?php

/** @generate-class-entries */

namespace {

/**
 * Signs claims. $key is a path, the text of a private key, or a parsed key; each process parses it once. Times are
 * Unix seconds. $metascopes are full claim names, each set to true; $claims are further claims. $alg is RS256, PS256,
 * ES256, EdDSA and so on; without it the key decides. $header has further members of the header. $x5t is S256 or S1:
 * the thumbprint of $certificate, a path or PEM, goes into the header.
 *
 * @phpstan-param list<string> $metascopes
 * @phpstan-param array<string, mixed> $claims
 * @phpstan-param array<string, mixed> $header
 * @throws Ims\Throwable
 */
function ims_generate_jwt(
    #[\SensitiveParameter] Ims\Key|string $key, string $iss, ?string $sub = null, ?string $aud = null, ?int $exp = null,
    ?int $nbf = null, int|string|null $jti = null, ?int $lifetime = null, ?int $iat = null, ?string $kid = null,
    array $metascopes = [], array $claims = [], #[\SensitiveParameter] ?string $passphrase = null,
    ?string $alg = null, ?string $typ = null, array $header = [],
    #[\SensitiveParameter] ?string $certificate = null, ?string $x5t = null
): string {}

/**
 * Sends a grant and reads the token. $grant is also the full name of any other grant_type; $jwt is the subject token of a
 * token exchange. $clientAuth is body, basic, private_key_jwt, client_secret_jwt or none; $clientAssertion is the signed
 * JWT of the two JWT methods, which is sent once. Where $issuer is given without $tokenUrl, the issuer's metadata says where
 * to ask. $parameters are further fields, such as ["resource" => "https://..."]; a list is sent repeated. $body is form or
 * json. $timeout is in seconds, for the whole call.
 *
 * @phpstan-param array<string, string|list<string>> $parameters
 * @throws Ims\Throwable
 */
function ims_exchange(
    #[\SensitiveParameter] ?string $jwt = null, Ims\Grant|string $grant = Ims\Grant::JwtExchange, ?string $clientId = null,
    #[\SensitiveParameter] ?string $clientSecret = null, #[\SensitiveParameter] ?string $tokenUrl = null,
    ?string $scope = null, ?string $orgId = null, string $clientAuth = "body", ?float $timeout = null,
    ?int $maxAttempts = null, #[\SensitiveParameter] ?string $caFile = null, #[\SensitiveParameter] ?string $proxy = null,
    #[\SensitiveParameter] ?string $clientAssertion = null, ?string $issuer = null,
    #[\SensitiveParameter] array $parameters = [], ?string $subjectTokenType = null, ?string $requestedTokenType = null,
    string $body = "form"
): Ims\Token {}

/**
 * Finds out why there is no token, and returns a list of Ims\Check. Checks a credentials file, or the process's
 * environment, with the options that Ims\Client takes; sends nothing, unless $online. $certificate is the path of the
 * certificate that is registered for the account.
 *
 * @phpstan-return list<Ims\Check>
 * @throws Ims\Throwable
 */
function ims_doctor(
    #[\SensitiveParameter] ?string $file = null, bool $online = false,
    #[\SensitiveParameter] ?string $certificate = null, ?string $name = null,
    #[\SensitiveParameter] ?string $passphrase = null, #[\SensitiveParameter] Ims\Key|string|null $key = null,
    #[\SensitiveParameter] ?string $cache = null, ?float $timeout = null, ?int $maxAttempts = null,
    #[\SensitiveParameter] ?string $caFile = null, #[\SensitiveParameter] ?string $proxy = null,
    ?string $scope = null, ?string $subject = null, ?string $audience = null,
    bool $allowCommand = false
): array {}

/** Returns the version of the library in use. */
function ims_version(): string {}

}

namespace Ims {

enum Grant: string
{
    /** Adobe IMS: a JWT, client id and secret. */
    case JwtExchange = "jwt_exchange";
    /** RFC 7523 section 2.1. */
    case JwtBearer = "jwt_bearer";
    /** OAuth Server-to-Server: client id, secret and scope. */
    case ClientCredentials = "client_credentials";
    /** RFC 8693: $jwt is the subject token. */
    case TokenExchange = "token_exchange";
}

/**
 * A parsed private key.
 *
 * @strict-properties
 * @not-serializable
 */
final class Key
{
    public static function fromFile(
        #[\SensitiveParameter] string $path, #[\SensitiveParameter] ?string $passphrase = null
    ): Key {}

    public static function fromString(
        #[\SensitiveParameter] string $text, #[\SensitiveParameter] ?string $passphrase = null
    ): Key {}
}

/**
 * Credentials and their token. The same settings give the same client in every request of a process.
 *
 * @strict-properties
 * @not-serializable
 */
final class Client
{
    /** The value for the header x-api-key of Adobe's APIs. */
    public readonly ?string $clientId;
    /** The value for the header x-gw-ims-org-id of Adobe's APIs. */
    public readonly ?string $orgId;
    /** The value for the header x-sandbox-name of Adobe's APIs. */
    public readonly ?string $sandboxName;

    /** Reads a credentials file of any format that libims knows; reads it again when it or a file that it names has changed.
     *  $scope (sent as given), $subject (the user to act for) and $audience replace what the credentials say.
     *  $allowCommand: the credentials may name a command, which is run for a JWT; allow it only for credentials whose author
     *  you trust. It needs ims.allow_command=On in php.ini.
     *
     *  @throws Throwable */
    public static function fromFile(
        #[\SensitiveParameter] string $path, ?string $name = null, #[\SensitiveParameter] ?string $passphrase = null,
        #[\SensitiveParameter] Key|string|null $key = null, #[\SensitiveParameter] ?string $cache = null,
        ?float $timeout = null, ?int $maxAttempts = null, #[\SensitiveParameter] ?string $caFile = null,
        #[\SensitiveParameter] ?string $proxy = null,
        ?string $scope = null, ?string $subject = null, ?string $audience = null,
        bool $allowCommand = false
    ): Client {}

    /** Takes what a credentials file in JSON would contain, as an array.
     *
     *  @phpstan-param array<string, mixed> $credentials
     *  @throws Throwable */
    public static function fromArray(
        #[\SensitiveParameter] array $credentials, ?string $name = null,
        #[\SensitiveParameter] ?string $passphrase = null, #[\SensitiveParameter] Key|string|null $key = null,
        #[\SensitiveParameter] ?string $cache = null, ?float $timeout = null, ?int $maxAttempts = null,
        #[\SensitiveParameter] ?string $caFile = null, #[\SensitiveParameter] ?string $proxy = null,
        ?string $scope = null, ?string $subject = null, ?string $audience = null,
        bool $allowCommand = false
    ): Client {}

    /** Reads the variables of the process's environment.
     *
     *  @throws Throwable */
    public static function fromEnv(
        ?string $name = null, #[\SensitiveParameter] ?string $passphrase = null,
        #[\SensitiveParameter] Key|string|null $key = null, #[\SensitiveParameter] ?string $cache = null,
        ?float $timeout = null, ?int $maxAttempts = null, #[\SensitiveParameter] ?string $caFile = null,
        #[\SensitiveParameter] ?string $proxy = null,
        ?string $scope = null, ?string $subject = null, ?string $audience = null,
        bool $allowCommand = false
    ): Client {}

    /** Returns a token that is always fresh: from memory, from the cache, or by one exchange that all waiting callers share.
     *
     *  @throws Exception */
    public function token(): Token {}

    /** Removes the token from memory and cache; call this when an API has responded 401 to it. */
    public function forget(Token $token): void {}
}

/**
 * An access token. It shows in no dump: ask for its properties.
 *
 * @strict-properties
 * @not-serializable
 */
final class Token
{
    public readonly string $accessToken;
    /** "bearer"; or "N_A" if the server says that the token is no access token (RFC 8693). */
    public readonly string $tokenType;
    /** null if the server's response has none. */
    public readonly ?string $scope;
    public readonly \DateTimeImmutable $expiresAt;
    /** What the server issued (RFC 8693); null if its response does not say it. */
    public readonly ?string $issuedTokenType;

    /** Seconds left now; 0 once expired. */
    public function expiresIn(): int {}

    /**
     * Returns a further member of the server's response, such as "instance_url": its text, or its JSON if it is no
     * text; null if there is none. It may be a secret.
     */
    public function get(string $name): ?string {}
}

enum Outcome: string
{
    /** There is nothing to do. */
    case Ok = "ok";
    /** A token can be had, but something is to be done. */
    case Warning = "warning";
    /** The program cannot get a token. */
    case Error = "error";
}

/**
 * A finding of ims_doctor().
 *
 * @strict-properties
 */
final class Check
{
    /** The part that was checked, such as certificate; several checks may have the same. */
    public readonly string $name;
    public readonly Outcome $outcome;
    /** One line, without secrets. */
    public readonly string $message;
    /** What to do about it; null if nothing is to be done, or it is not known. */
    public readonly ?string $hint;
    /** The cause, such as expired-certificate, if it is one of the manual's page Troubleshooting. */
    public readonly ?string $cause;

    private function __construct() {}
}

/** Everything that this extension throws when a call fails: Ims\Exception and Ims\ArgumentError. */
interface Throwable extends \Throwable {}

/** A failed call; each status of ims.h has its class. */
class Exception extends \RuntimeException implements Throwable
{
    /** The number that ims.h has for it. */
    public int $status = 0;
    /** The parameter or setting at fault, as ims.h calls it, such as client_secret; null if none is. */
    public ?string $field = null;
    /** What to do about it; null if that is not known. */
    public ?string $hint = null;
    /** The server's "error", such as invalid_token, or its own code for it. */
    public ?string $oauthError = null;
    /** The server's "error_description", or its other words; at most 1,000 characters. */
    public ?string $oauthDescription = null;
    /** The server's "error_uri", the address of a page about the error. */
    public ?string $uri = null;
    /** The server's name for the request, which its support asks for. */
    public ?string $debugId = null;
    /** 0 if there was no HTTP response. */
    public int $httpStatus = 0;
    public bool $retryable = false;
    /** Seconds that the server asks to wait; null if it does not say. */
    public ?int $retryAfter = null;
}

/** A parameter is missing, malformed or contradicts another; the message names it. */
class ArgumentError extends \ValueError implements Throwable
{
    /** The argument at fault, as ims.h calls it, such as client_secret for $clientSecret. */
    public ?string $field = null;
    public ?string $hint = null;
    /** The number that ims.h has for it. */
    public int $status = 1;
}

/** The private key cannot be read, is of a kind that is not supported, or is too weak. */
class KeyException extends Exception {}

/** The key is encrypted, and the passphrase is missing or wrong. */
class PassphraseException extends Exception {}

/** The credentials cannot be read, are of no known format or incomplete, or their parts do not belong together or have expired. */
class CredentialsException extends Exception {}

/** No connection: the DNS lookup failed, the connection was refused, or the proxy failed. */
class ConnectException extends Exception {}

/** The server's certificate or the TLS handshake failed. */
class TlsException extends Exception {}

/** The deadline of the whole call passed. */
class TimeoutException extends Exception {}

/** The server refused: with any 4xx but 408 and 429, or in a response with 2xx. */
class RejectedException extends Exception {}

/** The server asks to slow down: 429. */
class RateLimitedException extends Exception {}

/** The server responded with 5xx or 408, or the connection was lost before the response was complete. */
class UnavailableException extends Exception {}

/** The response is not a token response: HTML, a redirect, not JSON, or too large. */
class ResponseException extends Exception {}

/** The token cache is misconfigured; one that fails at run time fails no call. */
class CacheException extends Exception {}

/** A bug in libims. */
class InternalException extends Exception {}

}
