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
    grant: _t.Literal["jwt_exchange", "jwt_bearer", "client_credentials"] | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    token_url: str | None = None,
    scope: str | None = None,
    org_id: str | None = None,
    client_auth: _t.Literal["body", "basic"] | None = None,
    timeout: float | None = None,
    max_attempts: int | None = None,
    ca_file: str | os.PathLike[str] | None = None,
    proxy: str | None = None,
) -> _native.Token:
    """Exchanges a grant for an access token, with retries, within one timeout.

    grant: "jwt_exchange" (Adobe IMS, the default), "jwt_bearer" (RFC 7523), or "client_credentials", which takes no jwt.
    token_url: Adobe's by default; required by "jwt_bearer".
    client_auth: how the client's id and secret are sent: "body" (the default) or "basic".
    timeout: seconds over everything, more than 0 and at most 3,600; 10 by default.
    max_attempts: 1 to 10; 3 by default.
    ca_file: PEM file of CA certificates to trust instead of the system's.
    proxy: "http://[user:password@]host:port", or with https, socks5, socks5h; or "none". HTTPS_PROXY and NO_PROXY by default.
    """
    try:
        return _native.exchange(
            jwt, grant, client_id, client_secret, token_url, scope, org_id, client_auth,
            timeout, max_attempts, ca_file, proxy,
        )
    finally:
        # Reports of errors show the local variables of all frames.
        del jwt, client_secret, token_url, proxy
