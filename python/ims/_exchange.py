"""A grant in, a token out."""

from __future__ import annotations

import os

from . import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing as _t


def exchange(
    jwt: str | None = None,
    *,
    grant: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    token_url: str | None = None,
    scope: str | None = None,
    org_id: str | None = None,
    client_auth: _t.Literal["body", "basic", "private_key_jwt", "client_secret_jwt", "none"] | None = None,
    client_assertion: str | None = None,
    issuer: str | None = None,
    parameters: _t.Mapping[str, str | _t.Iterable[str]] | None = None,
    subject_token_type: str | None = None,
    requested_token_type: str | None = None,
    body: _t.Literal["form", "json"] | None = None,
    timeout: float | None = None,
    max_attempts: int | None = None,
    ca_file: str | os.PathLike[str] | None = None,
    proxy: str | None = None,
) -> _native.Token:
    """Exchanges a grant for an access token, with retries, within one timeout.

    grant: "jwt_exchange" (Adobe IMS, the default), "jwt_bearer" (RFC 7523), "client_credentials", "token_exchange" (RFC
    8693), or any other grant_type by its full name. jwt is the subject token of "token_exchange"; "client_credentials"
    and other grants take none.
    token_url: the issuer's by default, found by its metadata, or else Adobe's; the other grants require one of the two.
    client_auth: how the client authenticates: "body" (the default) and "basic" send the secret, "private_key_jwt" and
    "client_secret_jwt" the client_assertion, a JWT that is signed already and is sent once; "none" the client_id alone.
    issuer: the server's issuer identifier.
    parameters: further fields of the request, such as {"resource": "https://..."}; an iterable is sent repeated.
    subject_token_type, requested_token_type: "jwt" (the default of the first), "id_token", "access_token",
    "refresh_token", "saml1", "saml2" or a URI; only with "token_exchange".
    body: the format of the request, "form" (the default) or "json".
    timeout: seconds over everything, more than 0 and at most 3,600; 10 by default.
    max_attempts: 1 to 10; 3 by default.
    ca_file: PEM file of CA certificates to trust instead of the system's.
    proxy: "http://[user:password@]host:port", or with https, socks5, socks5h; or "none". HTTPS_PROXY and NO_PROXY by default.
    """
    try:
        return _native.exchange(
            jwt, grant, client_id, client_secret, token_url, scope, org_id, client_auth,
            client_assertion, issuer, parameters, subject_token_type, requested_token_type, body, timeout, max_attempts, ca_file, proxy,
        )
    finally:
        # Reports of errors show the local variables of all frames.
        del jwt, client_secret, client_assertion, parameters, token_url, proxy
