"""Private keys."""

from __future__ import annotations

import os

from . import _native
from ._final import final


@final
class Key(_native.Key):
    """A private key (RSA, EC or Ed25519), parsed once. Threads share it.

    pem: PEM or DER, or base64 of one; PKCS#8, PKCS#1 or SEC 1, encrypted or not; a PKCS#12 store or a JWK.
    passphrase: of an encrypted key. No one is ever asked for it.
    """

    __slots__ = ()
    __module__ = "ims"

    def __new__(cls, pem: str | bytes, passphrase: str | bytes | None = None) -> Key:
        try:
            return super().__new__(cls, "pem", pem, passphrase)
        finally:
            # Reports of errors show the local variables of all frames.
            del pem, passphrase

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], passphrase: str | bytes | None = None) -> Key:
        """Reads a file of at most 64 KiB."""
        try:
            return super().__new__(cls, "path", path, passphrase)
        finally:
            del path, passphrase
