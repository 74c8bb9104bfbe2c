"""Keys: in every form that people have them, and never shown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import ims
from conftest import to_pem

CLAIMS: dict[str, Any] = {"iss": "i", "sub": "s", "aud": "a", "iat": 1_700_000_000}


def test_a_key_is_taken_as_text_bytes_or_path(pem: bytes, tmp_path: Path) -> None:
    path = tmp_path / "private.key"
    path.write_bytes(pem)
    keys: list[Any] = [ims.Key(pem), ims.Key(pem.decode()), ims.Key.from_file(path), ims.Key.from_file(str(path)), path, pem]
    assert len({ims.generate_jwt(key, **CLAIMS) for key in keys}) == 1


def test_a_key_file_that_is_passed_in_every_call_is_read_again_when_it_has_changed(pem: bytes, tmp_path: Path) -> None:
    path = tmp_path / "private.key"
    path.write_bytes(pem)
    first = ims.generate_jwt(path, **CLAIMS)
    other = to_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    path.write_bytes(other)
    assert ims.generate_jwt(path, **CLAIMS) == ims.generate_jwt(ims.Key(other), **CLAIMS) != first
    path.unlink()
    with pytest.raises(ims.InvalidKeyError, match="private.key"):
        ims.generate_jwt(path, **CLAIMS)


def test_pkcs1_der_and_keys_under_a_passphrase_are_taken(private_key: rsa.RSAPrivateKey, pem: bytes) -> None:
    pkcs1 = private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    encrypted = to_pem(private_key, b"p\xc3\xa4ss")
    expected = ims.generate_jwt(pem, **CLAIMS)
    for key in [ims.Key(pkcs1), ims.Key(encrypted, "päss"), ims.Key(encrypted, passphrase=b"p\xc3\xa4ss")]:
        assert ims.generate_jwt(key, **CLAIMS) == expected


def test_a_wrong_passphrase_says_so_and_does_not_show(private_key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    path = tmp_path / "encrypted.key"
    path.write_bytes(to_pem(private_key, b"right"))
    with pytest.raises(ims.PassphraseError, match="encrypted.key") as wrong:
        ims.Key.from_file(path, "not-this-one")
    assert "not-this-one" not in repr(wrong.value)
    with pytest.raises(ims.PassphraseError, match="passphrase"):
        ims.Key.from_file(path)


def test_what_is_no_key_that_signs_is_named(tmp_path: Path) -> None:
    curve = ec.generate_private_key(ec.SECP256K1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(ims.InvalidKeyError, match="an EC key on secp256k1"):
        ims.Key(curve)
    with pytest.raises(ims.InvalidKeyError, match="1024 bits") as weak:
        ims.Key(to_pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)))
    assert isinstance(weak.value, ValueError) and weak.value.status is ims.Status.KEY
    with pytest.raises(ims.InvalidKeyError, match="missing.key"):
        ims.Key.from_file(tmp_path / "missing.key")


def test_a_path_in_place_of_a_text_is_told_apart() -> None:
    calls: list[Callable[[], object]] = [
        lambda: ims.Key("private.key"),
        lambda: ims.generate_jwt("/etc/ims/private.key", **CLAIMS),
    ]
    for call in calls:
        with pytest.raises(ims.InvalidKeyError) as error:
            call()
        assert "pathlib.Path" in str(error.value.hint)


@pytest.mark.parametrize("wrong", [5, None, ["-----BEGIN"], object()])
def test_wrong_types_are_type_errors_that_name_the_argument(wrong: object) -> None:
    with pytest.raises(TypeError, match="pem must be str or bytes, not"):
        ims.Key(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="key must be ims.Key, PEM as str or bytes, or os.PathLike, not"):
        ims.generate_jwt(wrong, **CLAIMS)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="passphrase must be str or bytes, not int"):
        ims.Key("", passphrase=5)  # type: ignore[arg-type]


def test_a_path_is_whatever_has_one(pem: bytes, tmp_path: Path) -> None:
    (tmp_path / "private.key").write_bytes(pem)

    class Secrets(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(tmp_path / "private.key")

    assert ims.generate_jwt(Secrets(), **CLAIMS) == ims.generate_jwt(pem, **CLAIMS)
    with pytest.raises(ims.ArgumentError, match="path is empty"):
        ims.Key.from_file("")
