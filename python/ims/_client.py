"""Clients: credentials in, a token that is always fresh out."""

from __future__ import annotations

import os

from . import _native
from ._final import final
from ._key import Key

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing as _t


@final
class Client(_native.Client):
    """Credentials and their token, always fresh. Share one between all threads and tasks.

    What from_file, from_dict, from_env and shared also take:
    name: which credential, if the file has several.
    passphrase: of the key that the credentials hold or name; str or bytes.
    key: if they have none: ims.Key, PEM as str or bytes, or os.PathLike.
    cache: "memory" (the default), "none", "file:", "file:/DIRECTORY", "redis://...",
    "redis+sentinel://..." or "redis+cluster://...", over TLS "rediss...".
    may_read: called with the path of the credentials file, and of the key, certificate and file with a JWT that it names,
    and with the URL that a JWT comes from, without its query, before each is read; false refuses it.
    timeout, max_attempts, ca_file, proxy: see ims.exchange.
    scope, subject, audience: what to ask for instead of what the credentials say: the scope as it is sent, the user to act
    for, and the service that the token is for.
    allow_command: whether the credentials may name a command, which is run for a JWT (assertion_command). Allow it only for
    credentials whose author you trust.
    """

    # `token` is the native method itself, for speed. Each function below deletes what may be secret before an error leaves
    # it: reports of errors show the local variables of all frames.
    __slots__ = ()
    __module__ = "ims"

    def __new__(cls) -> Client:
        raise TypeError("cannot create 'ims.Client' instances: call from_file, from_dict, from_env or shared")

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        *,
        name: str | None = None,
        passphrase: str | bytes | None = None,
        key: Key | str | bytes | os.PathLike[str] | None = None,
        cache: str | None = None,
        may_read: _t.Callable[[str], object] | None = None,
        timeout: float | None = None,
        max_attempts: int | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        scope: str | None = None,
        subject: str | None = None,
        audience: str | None = None,
        allow_command: bool = False,
    ) -> Client:
        """Reads a credentials file of any known format."""
        try:
            return super().__new__(
                cls, "from_file", path, name, passphrase, key, cache, may_read, timeout, max_attempts, ca_file, proxy,
                scope, subject, audience, allow_command,
            )
        finally:
            del path, passphrase, key, cache, proxy

    @classmethod
    def from_dict(
        cls,
        credentials: _t.Mapping[str, _t.Any],
        *,
        name: str | None = None,
        passphrase: str | bytes | None = None,
        key: Key | str | bytes | os.PathLike[str] | None = None,
        cache: str | None = None,
        may_read: _t.Callable[[str], object] | None = None,
        timeout: float | None = None,
        max_attempts: int | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        scope: str | None = None,
        subject: str | None = None,
        audience: str | None = None,
        allow_command: bool = False,
    ) -> Client:
        """Takes what such a file holds; paths in it count from the working directory."""
        try:
            return super().__new__(
                cls, "from_dict", credentials, name, passphrase, key, cache, may_read, timeout, max_attempts, ca_file, proxy,
                scope, subject, audience, allow_command,
            )
        finally:
            del credentials, passphrase, key, cache, proxy

    @classmethod
    def from_env(
        cls,
        *,
        name: str | None = None,
        passphrase: str | bytes | None = None,
        key: Key | str | bytes | os.PathLike[str] | None = None,
        cache: str | None = None,
        may_read: _t.Callable[[str], object] | None = None,
        timeout: float | None = None,
        max_attempts: int | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        scope: str | None = None,
        subject: str | None = None,
        audience: str | None = None,
        allow_command: bool = False,
    ) -> Client:
        """Reads the environment, by the names that a .env file has."""
        try:
            return super().__new__(
                cls, "from_env", None, name, passphrase, key, cache, may_read, timeout, max_attempts, ca_file, proxy,
                scope, subject, audience, allow_command,
            )
        finally:
            del passphrase, key, cache, proxy

    @classmethod
    def shared(
        cls,
        credentials: str | os.PathLike[str] | _t.Mapping[str, _t.Any] | None = None,
        *,
        name: str | None = None,
        passphrase: str | bytes | None = None,
        key: Key | str | bytes | os.PathLike[str] | None = None,
        cache: str | None = None,
        may_read: _t.Callable[[str], object] | None = None,
        timeout: float | None = None,
        max_attempts: int | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        scope: str | None = None,
        subject: str | None = None,
        audience: str | None = None,
        allow_command: bool = False,
    ) -> Client:
        """Returns the client that an earlier call made from the same credentials and options, or makes it.

        The client is made again when the file, a key, certificate or CA file that it names, or a variable that clients
        read has changed. A process keeps the 32 that were used last; a forked child makes its own.

        credentials: the path of a file; a mapping, as from_dict takes it; or None for the environment.
        """
        try:
            return super().__new__(
                cls, "shared", credentials, name, passphrase, key, cache, may_read, timeout, max_attempts, ca_file, proxy,
                scope, subject, audience, allow_command,
            )
        finally:
            del credentials, passphrase, key, cache, proxy

    async def token_async(self) -> _native.Token:
        """Returns what token returns, for asyncio: the tasks of a loop share one exchange, whichever is cancelled."""
        token = self._token_in_memory()
        if token is None:
            from . import _asyncio

            token = await _asyncio.refresh(self)
        return token


def token(
    credentials: str | os.PathLike[str] | _t.Mapping[str, _t.Any] | None = None,
    *,
    name: str | None = None,
    passphrase: str | bytes | None = None,
    key: Key | str | bytes | os.PathLike[str] | None = None,
    cache: str | None = None,
    may_read: _t.Callable[[str], object] | None = None,
    timeout: float | None = None,
    max_attempts: int | None = None,
    ca_file: str | os.PathLike[str] | None = None,
    proxy: str | None = None,
    scope: str | None = None,
    subject: str | None = None,
    audience: str | None = None,
    allow_command: bool = False,
) -> _native.Token:
    """Returns a fresh token of the client that `Client.shared` returns for the same arguments."""
    try:
        client = Client.shared(
            credentials,
            name=name,
            passphrase=passphrase,
            key=key,
            cache=cache,
            may_read=may_read,
            timeout=timeout,
            max_attempts=max_attempts,
            ca_file=ca_file,
            proxy=proxy,
            scope=scope,
            subject=subject,
            audience=audience,
            allow_command=allow_command,
        )
    finally:
        del credentials, passphrase, key, cache, proxy
    return client.token()
