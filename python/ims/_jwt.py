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
    sub: str | None = None,
    aud: str | None = None,
    metascopes: _t.Iterable[str] | None = None,
    lifetime: int | _datetime.timedelta | None = None,
    exp: int | _datetime.datetime | None = None,
    nbf: int | _datetime.datetime | None = None,
    iat: int | _datetime.datetime | None = None,
    jti: str | int | None = None,
    kid: str | None = None,
    claims: _t.Mapping[str, _t.Any] | None = None,
    alg: str | None = None,
    typ: str | None = None,
    header: _t.Mapping[str, _t.Any] | None = None,
    certificate: str | bytes | os.PathLike[str] | None = None,
    x5t: _t.Literal["S256", "S1"] | None = None,
) -> str:
    """Signs the claims, and returns the JWT.

    key: ims.Key; PEM as str or bytes; or a path, as os.PathLike. A process parses the same text or file once, and reads a
    file again when it has changed.
    metascopes: full names of claims, each set to true.
    lifetime: seconds from iat to exp, or a timedelta; 1 to 86,400, and 300 by default. Not together with exp.
    exp, nbf, iat: Unix seconds, or an aware datetime; iat is now by default.
    jti: a str or, as Adobe IMS wants it, an int.
    claims: further claims, such as an audience that is a list.
    alg: RS256 to RS512, PS256 to PS512, ES256 to ES512, EdDSA or Ed25519. By default RS256 with an RSA key, the algorithm
    of an EC key's curve, or EdDSA.
    typ: the header's typ, JWT by default. header: its further members.
    x5t: puts the thumbprint of certificate, the key's own, into the header: S256 as x5t#S256, S1 as x5t. The certificate
    is PEM as str or bytes, or a path as os.PathLike.
    """
    try:
        return _native.generate_jwt(
            key, iss, sub, aud, metascopes, lifetime, exp, nbf, iat, jti, kid, claims, alg, typ, header, certificate, x5t
        )
    finally:
        # Reports of errors show the local variables of all frames.
        del key
