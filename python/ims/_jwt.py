"""Claims in, a signed JWT out."""

from __future__ import annotations

import os

from . import _native
from ._key import Key

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as _datetime
    import typing as _t


def generate_jwt(
    key: Key | str | bytes | os.PathLike[str],
    *,
    iss: str,
    sub: str,
    aud: str,
    metascopes: _t.Iterable[str] | None = None,
    lifetime: int | _datetime.timedelta | None = None,
    exp: int | _datetime.datetime | None = None,
    nbf: int | _datetime.datetime | None = None,
    iat: int | _datetime.datetime | None = None,
    jti: str | int | None = None,
    kid: str | None = None,
    claims: _t.Mapping[str, _t.Any] | None = None,
) -> str:
    """Signs the claims with RS256, and returns the JWT.

    key: ims.Key; PEM as str or bytes; or a path, as os.PathLike. A process parses the same text or file once, and reads a
    file again when it has changed.
    metascopes: full names of claims, each set to true.
    lifetime: seconds from iat to exp, or a timedelta; 1 to 86,400, and 300 by default. Not together with exp.
    exp, nbf, iat: Unix seconds, or an aware datetime; iat is now by default.
    jti: a str or, as Adobe IMS wants it, an int.
    claims: further claims.
    """
    try:
        return _native.generate_jwt(key, iss, sub, aud, metascopes, lifetime, exp, nbf, iat, jti, kid, claims)
    finally:
        # Reports of errors show the local variables of all frames.
        del key
