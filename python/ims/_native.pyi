import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NoReturn, final

from typing_extensions import Self, TypeAlias

__all__ = [
    "Client",
    "Key",
    "Sandbox",
    "Token",
    "__version__",
    "exchange",
    "generate_jwt",
    "generate_private_key",
    "run_command_line",
    "token_in_memory",
]

_Path: TypeAlias = str | os.PathLike[str]
_Time: TypeAlias = int | datetime

__version__: str

@final
class Key:
    def __new__(cls, pem: str | bytes, passphrase: str | bytes | None = None) -> Self: ...
    @staticmethod
    def from_file(path: _Path, passphrase: str | bytes | None = None) -> Key: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Token:
    @property
    def access_token(self) -> str: ...
    @property
    def token_type(self) -> str: ...
    @property
    def scope(self) -> str | None: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def expires_in(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Client:
    @staticmethod
    def from_file(
        path: _Path,
        *,
        name: str | None = None,
        passphrase: str | bytes | None = None,
        key: Key | str | bytes | os.PathLike[str] | None = None,
        cache: str | None = None,
        may_read: Callable[[str], object] | None = None,
        timeout: float | None = None,
        max_attempts: int | None = None,
        ca_file: _Path | None = None,
        proxy: str | None = None,
    ) -> Client: ...
    @staticmethod
    def from_dict(
        credentials: Mapping[str, Any],
        *,
        name: str | None = None,
        passphrase: str | bytes | None = None,
        key: Key | str | bytes | os.PathLike[str] | None = None,
        cache: str | None = None,
        may_read: Callable[[str], object] | None = None,
        timeout: float | None = None,
        max_attempts: int | None = None,
        ca_file: _Path | None = None,
        proxy: str | None = None,
    ) -> Client: ...
    @staticmethod
    def from_env(
        *,
        name: str | None = None,
        passphrase: str | bytes | None = None,
        key: Key | str | bytes | os.PathLike[str] | None = None,
        cache: str | None = None,
        may_read: Callable[[str], object] | None = None,
        timeout: float | None = None,
        max_attempts: int | None = None,
        ca_file: _Path | None = None,
        proxy: str | None = None,
    ) -> Client: ...
    def token(self) -> Token: ...
    def token_async(self) -> Coroutine[Any, Any, Token]: ...
    def forget(self, token: Token) -> None: ...
    @property
    def client_id(self) -> str | None: ...
    @property
    def org_id(self) -> str | None: ...
    @property
    def sandbox_name(self) -> str | None: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Sandbox:
    def __new__(cls, credentials: Mapping[str, Any]) -> Self: ...
    @property
    def url(self) -> str: ...
    def exchanges(self) -> tuple[int, int]: ...
    def inject(self, fault: Mapping[str, Any]) -> None: ...
    def clear_faults(self) -> None: ...
    def stop(self) -> None: ...

def generate_jwt(
    key: Key | str | bytes | os.PathLike[str],
    *,
    iss: str,
    sub: str,
    aud: str,
    metascopes: Iterable[str] | None = None,
    lifetime: int | timedelta | None = None,
    exp: _Time | None = None,
    nbf: _Time | None = None,
    iat: _Time | None = None,
    jti: str | int | None = None,
    kid: str | None = None,
    claims: Mapping[str, Any] | None = None,
) -> str: ...
def exchange(
    jwt: str | None = None,
    *,
    grant: Literal["jwt_exchange", "jwt_bearer", "client_credentials"] | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    token_url: str | None = None,
    scope: str | None = None,
    org_id: str | None = None,
    client_auth: Literal["body", "basic"] | None = None,
    timeout: float | None = None,
    max_attempts: int | None = None,
    ca_file: _Path | None = None,
    proxy: str | None = None,
) -> Token: ...
def token_in_memory(client: Client) -> Token | None: ...
def generate_private_key() -> str: ...
def run_command_line(args: list[str]) -> int: ...
