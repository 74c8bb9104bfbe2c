"""JWTs: what is signed is what was given, and libraries that we did not write verify it."""

from __future__ import annotations

import base64
import json
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import authlib.jose  # type: ignore[import-untyped]
import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ims

ACCOUNT: dict[str, Any] = {"iss": "ORG@AdobeOrg", "sub": "ID@techacct.adobe.com", "aud": "https://ims-na1.adobelogin.com/c/CLIENT"}
IAT = 1_700_000_000
BERLIN = timezone(timedelta(hours=2))


def decode(jwt: str) -> tuple[dict[str, Any], dict[str, Any]]:
    def part(text: str) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return decoded

    header, claims, _ = jwt.split(".")
    return part(header), part(claims)


def test_pyjwt_authlib_and_cryptography_verify(pem: bytes, public_pem: bytes, private_key: rsa.RSAPrivateKey) -> None:
    metascope = "https://ims-na1.adobelogin.com/s/ent_dataservices_sdk"
    jwt = ims.generate_jwt(pem, **ACCOUNT, metascopes=[metascope], kid="k", claims={"ä": [1, {"b": None}]})
    expected = {**ACCOUNT, metascope: True, "ä": [1, {"b": None}]}

    read = pyjwt.decode(jwt, public_pem.decode(), algorithms=["RS256"], audience=ACCOUNT["aud"])
    assert expected.items() <= read.items()
    assert pyjwt.get_unverified_header(jwt) == {"typ": "JWT", "alg": "RS256", "kid": "k"}

    claims = authlib.jose.jwt.decode(jwt, public_pem)
    claims.validate()
    assert dict(claims) == read

    message, _, signature = jwt.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    private_key.public_key().verify(raw, message.encode(), padding.PKCS1v15(), hashes.SHA256())


# Names that JSON has no second meaning for, and that do not repeat a claim of their own.
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda name: name not in {"iss", "sub", "aud", "exp", "iat", "nbf", "jti"} and name.strip() == name
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claims=st.dictionaries(names, values, max_size=6))
def test_whatever_claims_json_can_hold_are_read_back_as_they_were(
    claims: dict[str, Any], pem: bytes, public_pem: bytes
) -> None:
    jwt = ims.generate_jwt(pem, **ACCOUNT, claims=claims)
    read = pyjwt.decode(jwt, public_pem.decode(), algorithms=["RS256"], audience=ACCOUNT["aud"])
    times = {name: read.pop(name) for name in ("exp", "iat")}
    assert times["exp"] - times["iat"] == 300
    assert read == {**ACCOUNT, **claims}


@settings(deadline=None, derandomize=True, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    when=st.datetimes(datetime(1970, 1, 3), datetime(9999, 12, 30), timezones=st.just(BERLIN)),
    lifetime=st.integers(1, 86_400),
)
def test_datetimes_are_cut_to_the_second_and_lifetimes_kept(when: datetime, lifetime: int, pem: bytes) -> None:
    _, claims = decode(ims.generate_jwt(pem, **ACCOUNT, iat=when, lifetime=timedelta(seconds=lifetime)))
    assert datetime.fromtimestamp(0, timezone.utc) + timedelta(seconds=claims["iat"]) == when.replace(microsecond=0)
    assert claims["exp"] == claims["iat"] + lifetime


def test_times_are_unix_seconds_or_aware_datetimes(pem: bytes) -> None:
    _, claims = decode(
        ims.generate_jwt(
            pem, **ACCOUNT, iat=IAT, nbf=datetime.fromtimestamp(IAT - 60, BERLIN),
            exp=datetime.fromtimestamp(IAT + 60, timezone.utc),
        )
    )
    assert (claims["iat"], claims["nbf"], claims["exp"]) == (IAT, IAT - 60, IAT + 60)
    _, claims = decode(ims.generate_jwt(pem, **ACCOUNT))
    assert abs(claims["iat"] - time.time()) < 5 and claims["exp"] == claims["iat"] + 300


def test_jti_is_a_text_or_an_integer(pem: bytes) -> None:
    jtis: list[str | int] = ["nonce", 0, 2**53, 2**64 - 1]
    for jti in jtis:
        assert decode(ims.generate_jwt(pem, **ACCOUNT, jti=jti))[1]["jti"] == jti


@pytest.mark.parametrize(
    "alg",
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
)
def test_pyjwt_verifies_every_algorithm(alg: str, private_key: rsa.RSAPrivateKey) -> None:
    curves: dict[str, ec.EllipticCurve] = {
        "ES256": ec.SECP256R1(),
        "ES384": ec.SECP384R1(),
        "ES512": ec.SECP521R1(),
    }
    key: Any = private_key
    if alg in curves:
        key = ec.generate_private_key(curves[alg])
    elif alg[0] == "E":
        key = ed25519.Ed25519PrivateKey.generate()
    unencrypted = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)

    jwt = ims.generate_jwt(pem, **ACCOUNT, alg=alg)

    assert decode(jwt)[0]["alg"] == alg
    # PyJWT does not know RFC 9864's name of EdDSA yet.
    if alg == "Ed25519":
        message, signature = jwt.rsplit(".", 1)
        key.public_key().verify(base64.urlsafe_b64decode(signature + "=="), message.encode())
    else:
        assert pyjwt.decode(jwt, key.public_key(), algorithms=[alg], audience=ACCOUNT["aud"])["iss"] == ACCOUNT["iss"]


def test_the_header_has_what_the_caller_gives(pem: bytes) -> None:
    jwt = ims.generate_jwt(pem, iss="app", alg="PS384", typ="at+jwt", kid="k", header={"a": [1]}, claims={"aud": ["a"]})
    header, claims = decode(jwt)
    assert header == {"typ": "at+jwt", "alg": "PS384", "kid": "k", "a": [1]}
    assert claims["aud"] == ["a"] and "sub" not in claims


def test_no_claim_is_sent_that_was_not_given(pem: bytes) -> None:
    header, claims = decode(ims.generate_jwt(pem, **ACCOUNT, iat=IAT))
    assert header == {"typ": "JWT", "alg": "RS256"}
    assert list(claims) == ["iss", "sub", "aud", "exp", "iat"]


@pytest.mark.parametrize(
    ("argument", "value", "expected"),
    [
        ("iss", b"ORG", "iss must be str, not bytes"),
        ("sub", 5, "sub must be str, not int"),
        ("exp", 1.5, "exp must be int or datetime, not float"),
        ("exp", True, "exp must be int or datetime, not bool"),
        ("iat", "1700000000", "iat must be int or datetime, not str"),
        ("nbf", timedelta(1), "nbf must be int or datetime, not timedelta"),
        ("lifetime", 300.0, "lifetime must be int or timedelta, not float"),
        ("lifetime", True, "lifetime must be int or timedelta, not bool"),
        ("jti", True, "jti must be str or int, not bool"),
        ("jti", 1.0, "jti must be str or int, not float"),
        ("metascopes", "ent_sdk", "metascopes must be an iterable of str, not str"),
        ("metascopes", 5, "metascopes must be an iterable of str, not int"),
        ("metascopes", [5], "metascopes must be str, not int"),
        ("metascopes", {"ent_sdk": False}, "metascopes must be an iterable of str, not dict"),
        ("claims", [("a", 1)], "claims must be a mapping, not list"),
        ("claims", {5: 1}, "claims: each name must be str, not int"),
        ("claims", {"a": {1, 2}}, "claims: Object of type set is not JSON serializable"),
        ("kid", 5, "kid must be str, not int"),
        ("alg", 256, "alg must be str, not int"),
        ("typ", b"JWT", "typ must be str, not bytes"),
        ("header", "{}", "header must be a mapping, not str"),
        ("certificate", 5, "certificate must be PEM as str or bytes, or os.PathLike, not int"),
        ("x5t", True, "x5t must be str, not bool"),
    ],
)
def test_a_wrong_type_is_a_type_error_that_names_the_argument(
    pem: bytes, argument: str, value: object, expected: str
) -> None:
    with pytest.raises(TypeError) as error:
        ims.generate_jwt(pem, **{**ACCOUNT, argument: value})
    assert str(error.value) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"iss": ""}, "iss is missing or empty"),
        ({"aud": "a\nb"}, "aud "),
        ({"sub": "\ud800"}, "sub holds half of a surrogate pair"),
        ({"exp": datetime(2030, 1, 1)}, "exp is a datetime without a time zone"),
        ({"iat": datetime(2030, 1, 1)}, "iat is a datetime without a time zone"),
        ({"exp": 2**70}, "exp is out of range"),
        ({"exp": 1_700_000_000_000}, "exp "),
        ({"iat": -1}, "iat is negative"),
        ({"iat": datetime(1969, 12, 31, tzinfo=timezone.utc)}, "iat is negative"),
        ({"exp": IAT, "iat": IAT}, "exp is not after iat"),
        ({"exp": IAT + 60, "iat": IAT, "lifetime": 60}, "lifetime and exp are both given"),
        ({"lifetime": 0}, "lifetime is not 1 to 86400 seconds"),
        ({"lifetime": timedelta(days=2)}, "lifetime is not 1 to 86400 seconds"),
        ({"lifetime": timedelta(seconds=1.5)}, "lifetime is not an integer number of seconds"),
        ({"jti": -1}, "jti is out of range"),
        ({"jti": 2**64}, "jti is out of range"),
        ({"jti": ""}, "jti is missing or empty"),
        ({"metascopes": ["a", "a"]}, "metascopes repeats the claim a"),
        ({"claims": {"iss": "x"}}, "claims repeats the claim iss"),
        ({"claims": {"": "x"}}, "claims holds a name of a claim that is missing or empty"),
        ({"claims": {"a": float("nan")}}, "claims holds what JSON has no form for"),
        ({"claims": {"a": "\udc00"}}, "claims holds half of a surrogate pair"),
        ({"claims": {"a": "x" * 70_000}}, "claims is over 64 KiB"),
        ({"sub": ""}, "sub is missing or empty"),
        ({"alg": "none"}, "alg is none: a JWT without a signature proves nothing"),
        ({"alg": "ES256"}, "alg is ES256, but the key is an RSA key"),
        ({"typ": ""}, "typ is missing or empty"),
        ({"header": {"alg": "none"}}, "header repeats the member alg"),
        ({"x5t": "S384"}, "x5t must be S256 or S1"),
        ({"x5t": "S256"}, "certificate is missing"),
    ],
)
def test_a_bad_value_is_a_value_error_that_names_the_argument(
    pem: bytes, arguments: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ims.ArgumentError) as error:
        ims.generate_jwt(pem, **{**ACCOUNT, **arguments})
    assert isinstance(error.value, ValueError)
    assert str(error.value).startswith(expected)


def test_claims_that_hold_themselves_are_refused(pem: bytes) -> None:
    claims: dict[str, Any] = {}
    claims["a"] = claims
    with pytest.raises(ims.ArgumentError, match="claims holds"):
        ims.generate_jwt(pem, **ACCOUNT, claims=claims)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ims.ArgumentError, match="claims is too deep"):
        ims.generate_jwt(pem, **ACCOUNT, claims={"a": deep})


def test_what_is_missing_or_unknown_is_a_type_error_as_of_any_function(pem: bytes) -> None:
    with pytest.raises(TypeError, match="iss"):
        ims.generate_jwt(pem, sub="s", aud="a")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="issuer"):
        ims.generate_jwt(pem, **ACCOUNT, issuer="i")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        ims.generate_jwt(pem, "i", "s", "a")  # type: ignore[misc]


def test_milliseconds_are_told(pem: bytes) -> None:
    with pytest.raises(ims.ArgumentError) as error:
        ims.generate_jwt(pem, **ACCOUNT, exp=1_700_000_000_000)
    assert error.value.hint == "exp looks like milliseconds: divide it by 1000"
