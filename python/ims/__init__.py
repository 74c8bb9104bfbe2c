"""A service account's credentials in, an access token that is always fresh out.

>>> client = ims.Client.from_file("service_token.json", cache="file:")
>>> client.token().access_token
"""

from __future__ import annotations

from ._client import Client, token
from ._exchange import exchange
from ._jwt import generate_jwt
from ._key import Key
from ._native import Token, __version__

# As `typing` has it, whose import takes longer than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._errors import (
        ArgumentError,
        CacheError,
        ConnectError,
        CredentialsError,
        Error,
        InternalError,
        InvalidKeyError,
        PassphraseError,
        RateLimitedError,
        RejectedError,
        ResponseError,
        Status,
        TimeoutError,
        TlsError,
        UnavailableError,
    )
    from ._httpx import HttpxAuth as HttpxAuth
    from ._requests import RequestsAuth as RequestsAuth

# Not the adapters: `import *` would import requests and httpx.
__all__ = [
    "ArgumentError",
    "CacheError",
    "Client",
    "ConnectError",
    "CredentialsError",
    "Error",
    "InternalError",
    "InvalidKeyError",
    "Key",
    "PassphraseError",
    "RateLimitedError",
    "RejectedError",
    "ResponseError",
    "Status",
    "TimeoutError",
    "TlsError",
    "Token",
    "UnavailableError",
    "__version__",
    "exchange",
    "generate_jwt",
    "token",
]


def __getattr__(name: str) -> object:
    """Imports on first use what takes long: the exceptions, for the enum in them, and the adapters."""
    if name == "RequestsAuth":
        from ._requests import RequestsAuth

        return RequestsAuth
    if name == "HttpxAuth":
        from ._httpx import HttpxAuth

        return HttpxAuth
    if name in __all__:
        from . import _errors

        return getattr(_errors, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from importlib.util import find_spec

    # What reads all names must not fail where they are not installed.
    adapters = {"HttpxAuth": "httpx", "RequestsAuth": "requests"}
    return sorted({*globals(), *__all__, *(name for name, library in adapters.items() if find_spec(library))})
