"""A service account's credentials in, an access token that is always fresh out.

>>> client = ims.Client.from_file("service_token.json", cache="file:")
>>> client.token().access_token
"""

from __future__ import annotations

# What gets tokens and signs is imported at once, so that a forked child need not.
from . import _forks as _forks
from ._client import Client, token
from ._exchange import exchange
from ._jwt import generate_jwt
from ._key import Key
from ._native import Token, __openssl_version__, __version__

# As `typing` has it, whose import takes longer than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._doctor import Check, doctor
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
    from ._httpx2 import Httpx2Auth as Httpx2Auth
    from ._requests import RequestsAuth as RequestsAuth

# Not the adapters: `import *` would import requests, httpx and httpx2.
__all__ = [
    "ArgumentError",
    "CacheError",
    "Check",
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
    "__openssl_version__",
    "__version__",
    "doctor",
    "exchange",
    "generate_jwt",
    "token",
]


# All others of __all__ are exceptions.
_MODULES = {
    "Check": "_doctor",
    "Httpx2Auth": "_httpx2",
    "HttpxAuth": "_httpx",
    "RequestsAuth": "_requests",
    "doctor": "_doctor",
}


def __getattr__(name: str) -> object:
    """Imports what a program uses when it uses it: some of it takes long, such as the enum of the exceptions."""
    if name not in _MODULES and name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"ims.{_MODULES.get(name, '_errors')}", fromlist=[name])
    globals()[name] = value = getattr(module, name)
    return value


def __dir__() -> list[str]:
    from importlib.util import find_spec

    # What reads all names must not fail where they are not installed.
    adapters = {"HttpxAuth": "httpx", "Httpx2Auth": "httpx2", "RequestsAuth": "requests"}
    return sorted({*globals(), *__all__, *(name for name, library in adapters.items() if find_spec(library))})
