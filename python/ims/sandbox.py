"""A local token server for tests: it plays Adobe IMS, with its checks, units and error texts."""

from __future__ import annotations

import functools
import json
import os
import typing
from pathlib import Path

from . import _native


class Exchanges(typing.NamedTuple):
    """How many requests the server responded to."""

    issued: int
    """With a token."""
    refused: int
    """With an error."""


class Sandbox:
    """A running token server with one account, and what it takes to be that account. A context manager.

    directory: where credentials_file and its private key are written.
    """

    url: str
    """Such as "http://127.0.0.1:41234"."""
    credentials: dict[str, typing.Any]
    """For ims.Client.from_dict; the private key's text stands in it."""
    credentials_file: Path
    """For ims.Client.from_file; the private key is next to it."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        credentials = {
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "org_id": "SANDBOX@AdobeOrg",
            "technical_account_id": "sandbox@techacct.adobe.com",
            "metascopes": "ent_sandbox",
            "private_key": _private_key(),
        }
        self._server = _native.Sandbox(credentials)
        self.url = self._server.url
        self.credentials = {"ims": self.url, **credentials}
        key_file = Path(directory, "private.key")
        key_file.write_text(credentials["private_key"])
        key_file.chmod(0o600)
        self.credentials_file = Path(directory, "credentials.json")
        self.credentials_file.write_text(json.dumps({**self.credentials, "private_key": key_file.name}, indent=2))

    @property
    def exchanges(self) -> Exchanges:
        """What the account has asked for so far."""
        return Exchanges(*self._server.exchanges())

    def inject(self, **fault: object) -> None:
        """Makes something go wrong, as `inject(status=503, times=2)`: see the manual's list of faults."""
        self._server.inject(fault)

    def clear_faults(self) -> None:
        """Forgets every fault that is left."""
        self._server.clear_faults()

    def stop(self) -> None:
        """Stops listening; a second time, does nothing."""
        self._server.stop()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<ims.sandbox.Sandbox {self.url}>"


@functools.lru_cache(maxsize=1)
def _private_key() -> str:
    """One for all sandboxes of a process: a new one takes a tenth of a second."""
    return _native.generate_private_key()
