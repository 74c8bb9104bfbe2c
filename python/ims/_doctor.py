"""The reason why there is no token."""

from __future__ import annotations

import dataclasses
import os
import typing as _t

from . import _native
from ._key import Key


@dataclasses.dataclass(frozen=True)
class Check:
    """A finding of ims.doctor. No text in it holds a secret."""

    __module__ = "ims"

    name: str
    """The part that was checked, such as "certificate"; several checks may have the same."""
    outcome: _t.Literal["ok", "warning", "error"]
    """ok: nothing is to be done; warning: a token can be had, but something is to be done; error: there is no token."""
    message: str
    """One line."""
    hint: str | None
    """What to do about it; None if nothing is to be done, or it is not known."""
    cause: str | None
    """The cause, such as "expired-certificate", if it is one of the manual's page Troubleshooting."""


def doctor(
    file: str | os.PathLike[str] | None = None,
    *,
    online: bool = False,
    certificate: str | os.PathLike[str] | None = None,
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
) -> list[Check]:
    """Finds out why there is no token: checks the credentials part by part, this machine and the cache.

    file: a credentials file; None for the environment.
    online: also asks the server, with a real exchange whose token it does not keep. Nothing is sent without it.
    certificate: the path of the certificate that is registered for the account, PEM or DER.
    The others: as a client takes them, see ims.Client. What is wrong with the cache, the proxy or the CA file is a finding.
    """
    try:
        found = _native.doctor(
            file, online, certificate, name, passphrase, key, cache, may_read, timeout, max_attempts, ca_file, proxy,
            scope, subject, audience, allow_command,
        )
    finally:
        # Reports of errors show the local variables of all frames.
        del file, certificate, passphrase, key, cache, proxy
    return [Check(*finding) for finding in found]
