"""What can go wrong: a class for each status, each also the built-in exception that a reader of Python expects."""

from __future__ import annotations

import builtins
import enum


class Status(enum.IntEnum):
    """The kind of an error. The numbers are those of ims.h."""

    ARGUMENT = 1
    KEY = 2
    PASSPHRASE = 3
    CREDENTIALS = 4
    CONNECT = 5
    TLS = 6
    TIMEOUT = 7
    REJECTED = 8
    RATE_LIMITED = 9
    UNAVAILABLE = 10
    RESPONSE = 11
    CACHE = 12
    INTERNAL = 13


class Error(Exception):
    """A failed call: one line for a log and, where the cause is known, what to do.

    No text in it ever holds a key, a passphrase, a client secret, a JWT or a token.
    """

    status: Status = Status.INTERNAL
    """What kind of error."""
    message: str
    """One line."""
    hint: str | None
    """What the user can do about it. Tracebacks show it too, since Python 3.11."""
    oauth_error: str | None
    """The server's "error", such as invalid_token, or its own code for it."""
    oauth_description: str | None
    """The server's description, or its other words: printable, at most 1,000 characters."""
    debug_id: str | None
    """The server's name for the request, what its support asks for: x-debug-id at Adobe, else x-request-id or the like."""
    http_status: int | None
    """None if there was no HTTP response."""
    retryable: bool
    """Whether a later attempt may go well."""
    retry_after: int | None
    """Seconds to wait, where the server said so."""
    field: str | None
    """The parameter or setting at fault, as ims.h or the credentials file calls it, such as client_secret."""
    uri: str | None
    """The server's "error_uri", the address of a page about the error."""

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        oauth_error: str | None = None,
        oauth_description: str | None = None,
        debug_id: str | None = None,
        http_status: int | None = None,
        retryable: bool = False,
        retry_after: int | None = None,
        field: str | None = None,
        uri: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.oauth_error = oauth_error
        self.oauth_description = oauth_description
        self.debug_id = debug_id
        self.http_status = http_status
        self.retryable = retryable
        self.retry_after = retry_after
        self.field = field
        self.uri = uri
        if hint is not None and hasattr(self, "add_note"):
            self.add_note(f"hint: {hint}")


class ArgumentError(Error, ValueError):
    """A parameter is missing, malformed or contradicts another; the message names it."""

    status = Status.ARGUMENT


class InvalidKeyError(Error, ValueError):
    """The private key cannot be read, is of a kind that is not supported, or is too weak."""

    status = Status.KEY


class PassphraseError(Error, ValueError):
    """The key is encrypted, and the passphrase is missing or wrong."""

    status = Status.PASSPHRASE


class CredentialsError(Error, ValueError):
    """The credentials cannot be read, are of no known format or incomplete, or their parts do not belong together or have expired."""

    status = Status.CREDENTIALS


class ConnectError(Error, ConnectionError):
    """No connection: the DNS lookup failed, the connection was refused, or the proxy failed."""

    status = Status.CONNECT


class TlsError(Error, ConnectionError):
    """The server's certificate or the TLS handshake failed."""

    status = Status.TLS


class TimeoutError(Error, builtins.TimeoutError):
    """The deadline of the whole call passed."""

    status = Status.TIMEOUT


class RejectedError(Error, PermissionError):
    """The server refused: with any 4xx but 408 and 429, or in a response with 2xx."""

    status = Status.REJECTED


class RateLimitedError(Error):
    """The server asks to slow down: 429."""

    status = Status.RATE_LIMITED


class UnavailableError(Error, ConnectionError):
    """The server responded with 5xx or 408, or the connection was lost before the response was complete."""

    status = Status.UNAVAILABLE


class ResponseError(Error, ValueError):
    """The response is not a token response: HTML, a redirect, not JSON, or too large."""

    status = Status.RESPONSE


class CacheError(Error, ValueError):
    """The token cache is misconfigured; one that fails at run time fails no call."""

    status = Status.CACHE


class InternalError(Error, RuntimeError):
    """A bug in libims."""

    status = Status.INTERNAL


# Users know them by this name.
for _error in [Error, *Error.__subclasses__()]:
    _error.__module__ = "ims"

_CLASSES: dict[int, type[Error]] = {error.status: error for error in Error.__subclasses__()}


def exception(status: int, message: str, *details: object) -> Error:
    """The exception that the native module raises."""
    return _CLASSES[status](message, *details)  # type: ignore[arg-type]
