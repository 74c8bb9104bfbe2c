"""Clients: one exchange as long as the token lives, from whatever credentials people have."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any, Callable

import pytest

import ims
from conftest import Authlib, Deaf
from ims.sandbox import Sandbox


def test_a_token_is_exchanged_once_and_then_kept(ims_sandbox: Sandbox) -> None:
    client = ims.Client.from_file(ims_sandbox.credentials_file)
    first = client.token()
    assert client.token() == first and hash(client.token()) == hash(first) and first != client
    assert ims_sandbox.exchanges == (1, 0)
    assert (client.client_id, client.org_id, client.sandbox_name) == ("sandbox-client", "SANDBOX@AdobeOrg", None)


def test_whatever_takes_credentials_takes_the_same_options() -> None:
    def options(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
        parameters = inspect.signature(function).parameters
        return {name: each for name, each in parameters.items() if each.kind is each.KEYWORD_ONLY}

    expected = options(ims.Client.from_file)
    assert len(expected) > 10
    others: list[Callable[..., Any]] = [ims.Client.from_dict, ims.Client.from_env, ims.Client.shared, ims.token]
    for function in others:
        assert list(options(function).items()) == list(expected.items()), function
    doctors = [(name, each) for name, each in options(ims.doctor).items() if name in expected]
    assert doctors == list(expected.items())


def test_a_token_that_an_api_refused_is_forgotten(ims_sandbox: Sandbox) -> None:
    client = ims.Client.from_dict(ims_sandbox.credentials)
    refused = client.token()
    with pytest.raises(TypeError, match="token must be ims.Token, not str"):
        client.forget(refused.access_token)  # type: ignore[arg-type]
    client.forget(refused)
    assert client.token() != refused
    assert ims_sandbox.exchanges == (2, 0)


def test_a_command_runs_only_where_the_program_allows_it(authlib: Authlib, pem: bytes, tmp_path: Path) -> None:
    jwt = ims.generate_jwt(pem, iss=authlib.iss, sub=authlib.sub, aud=authlib.aud)
    account = {"grant": "jwt_bearer", "token_url": f"{authlib.url}/token", "assertion_command": ["echo", jwt]}
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account))
    doors: list[Callable[..., ims.Client]] = [
        lambda **options: ims.Client.from_file(file, **options),
        lambda **options: ims.Client.from_dict(account, **options),
        lambda **options: ims.Client.shared(file, **options),
    ]
    for client in doors:
        with pytest.raises(ims.CredentialsError, match="assertion_command would run echo, but the program allows no command"):
            client(ca_file=authlib.ca_file)
        token = client(ca_file=authlib.ca_file, allow_command=True).token()
        assert authlib.accepted(token)["sub"] == authlib.sub
    assert authlib.accepted(ims.token(file, ca_file=authlib.ca_file, allow_command=True))["sub"] == authlib.sub
    with pytest.raises(TypeError, match="allow_command must be bool, not int"):
        ims.Client.from_file(file, allow_command=1)  # type: ignore[arg-type]


def test_a_program_decides_which_files_are_read(ims_sandbox: Sandbox, tmp_path: Path) -> None:
    account = ims_sandbox.credentials
    key = tmp_path / "private.key"
    key.write_text(account["private_key"])
    file = tmp_path / "account.json"
    file.write_text(json.dumps({**account, "private_key": "private.key"}))
    asked: list[str] = []

    def allow(count: int) -> Callable[[str], bool]:
        asked.clear()

        def may_read(path: str) -> bool:
            asked.append(path)
            return len(asked) <= count

        return may_read

    ims.Client.from_file(file, may_read=allow(2)).token()
    assert asked == [str(file), str(key)]
    for count, name in ((0, "account.json"), (1, "private.key")):
        with pytest.raises(ims.CredentialsError, match=f"{name} is refused"):
            ims.Client.from_file(file, may_read=allow(count))
    named = {**account, "private_key": str(key)}
    with pytest.raises(ims.CredentialsError, match="private.key is refused"):
        ims.Client.from_dict(named, may_read=allow(0))
    ims.Client.from_dict(account, may_read=allow(0)).token()


def test_what_the_program_raises_there_reaches_the_caller(ims_sandbox: Sandbox) -> None:
    class Refusal(BaseException):
        pass

    def may_read(path: str) -> bool:
        raise Refusal(path)

    with pytest.raises(Refusal, match=re.escape(str(ims_sandbox.credentials_file))):
        ims.Client.from_file(ims_sandbox.credentials_file, may_read=may_read)
    with pytest.raises(TypeError, match="may_read must be a callable, not str"):
        ims.Client.from_file(ims_sandbox.credentials_file, may_read="/")  # type: ignore[arg-type]


def set_environment(ims_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    account = ims_sandbox.credentials
    for name, value in {
        "IMS": ims_sandbox.url,
        "API_KEY": account["client_id"],
        "CLIENT_SECRET": account["client_secret"],
        "IMS_ORG": account["org_id"],
        "TECHNICAL_ACCOUNT_ID": account["technical_account_id"],
        "META_SCOPE": account["metascopes"],
        "PRIVATE_KEY": str(ims_sandbox.credentials_file.with_name("private.key")),
    }.items():
        monkeypatch.setenv(name, value)


def test_credentials_are_a_file_a_mapping_or_the_environment(
    ims_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_environment(ims_sandbox, monkeypatch)
    clients = [
        ims.Client.from_file(str(ims_sandbox.credentials_file)),
        ims.Client.from_file(ims_sandbox.credentials_file),
        ims.Client.from_dict(ims_sandbox.credentials),
        ims.Client.from_env(),
    ]
    for client in clients:
        client.token()
    assert ims_sandbox.exchanges == (len(clients), 0)


def test_the_key_may_be_given_beside(ims_sandbox: Sandbox, tmp_path: Path) -> None:
    account = dict(ims_sandbox.credentials)
    pem = account.pop("private_key")
    path = tmp_path / "beside.key"
    path.write_text(pem)
    for key in [pem, pem.encode(), ims.Key(pem), path]:
        ims.Client.from_dict(account, key=key).token()
    assert ims_sandbox.exchanges == (4, 0)


def test_a_process_shares_the_client_of_the_same_credentials_and_options(ims_sandbox: Sandbox) -> None:
    file, account = ims_sandbox.credentials_file, ims_sandbox.credentials
    client = ims.Client.shared(file)
    assert ims.token(file) == ims.token(str(file)) == client.token()
    assert ims_sandbox.exchanges == (1, 0)
    assert client == ims.Client.shared(file) and hash(client) == hash(ims.Client.shared(file))
    assert ims.Client.shared(account) == ims.Client.shared(dict(account))
    others = [ims.Client.shared(account), ims.Client.shared(file, timeout=9), ims.Client.from_file(file)]
    assert client not in others and len({client, *others}) == 4


def test_a_shared_client_is_made_again_when_its_file_has_changed(ims_sandbox: Sandbox) -> None:
    file = ims_sandbox.credentials_file
    client = ims.Client.shared(file)
    file.write_text(json.dumps({**json.loads(file.read_text()), "sandbox_name": "stage"}))
    assert ims.Client.shared(file) != client
    assert ims.Client.shared(file).sandbox_name == "stage"


def test_a_shared_client_of_the_environment_follows_its_variables(
    ims_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_environment(ims_sandbox, monkeypatch)
    first = ims.Client.shared()
    assert ims.token() == first.token() == ims.Client.shared(None).token()
    monkeypatch.setenv("IMS_ORG", "OTHER@AdobeOrg")
    assert (first.org_id, ims.Client.shared().org_id) == ("SANDBOX@AdobeOrg", "OTHER@AdobeOrg")


def test_may_read_is_asked_for_a_shared_client_too(ims_sandbox: Sandbox) -> None:
    file = ims_sandbox.credentials_file
    ims.token(file)
    with pytest.raises(ims.CredentialsError, match="credentials.json is refused"):
        ims.token(file, may_read=lambda path: False)
    with pytest.raises(ZeroDivisionError):
        ims.token(file, may_read=lambda path: 1 / 0)


@pytest.mark.parametrize("wrong", [5, b"{}", [], object()])
def test_shared_credentials_are_a_path_a_mapping_or_none(wrong: Any) -> None:
    with pytest.raises(TypeError, match="credentials must be str, os.PathLike, a mapping or None, not "):
        ims.Client.shared(wrong)
    with pytest.raises(ims.ArgumentError, match="credentials is empty"):
        ims.token("")


def test_clients_share_a_file_cache(ims_sandbox: Sandbox, tmp_path: Path) -> None:
    cache = f"file:{tmp_path}/tokens"
    tokens = [ims.Client.from_file(ims_sandbox.credentials_file, cache=cache).token() for _ in range(3)]
    assert len(set(tokens)) == 1
    assert ims_sandbox.exchanges == (1, 0)
    assert ims.Client.from_file(ims_sandbox.credentials_file, cache="none").token() != tokens[0]


@pytest.mark.parametrize(
    ("arguments", "kind", "expected"),
    [
        ({"cache": "disk"}, ims.CacheError, "cache is of an unknown kind"),
        ({"cache": "file:relative"}, ims.CacheError, "cache is a directory that is not absolute"),
        ({"timeout": 0}, ims.ArgumentError, "timeout must be more than 0"),
        ({"max_attempts": 99}, ims.ArgumentError, "max_attempts is not 1 to 10"),
        ({"name": "other"}, ims.CredentialsError, "credentials file "),
        ({"key": "private.key"}, ims.InvalidKeyError, "key is neither PEM nor DER"),
    ],
)
def test_a_bad_value_is_told_when_the_client_is_made(
    ims_sandbox: Sandbox, arguments: dict[str, Any], kind: type[ims.Error], expected: str
) -> None:
    with pytest.raises(kind) as error:
        ims.Client.from_file(ims_sandbox.credentials_file, **arguments)
    assert isinstance(error.value, ValueError) and str(error.value).startswith(expected)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"cache": Path("/tmp")}, "cache must be str, not "),
        ({"name": 5}, "name must be str, not int"),
        ({"passphrase": 5}, "passphrase must be str or bytes, not int"),
        ({"key": 5}, "key must be ims.Key, PEM as str or bytes, or os.PathLike, not int"),
        ({"timeout": "1"}, "timeout must be float, not str"),
    ],
)
def test_a_wrong_type_is_a_type_error(ims_sandbox: Sandbox, arguments: dict[str, Any], expected: str) -> None:
    with pytest.raises(TypeError, match=expected):
        ims.Client.from_file(ims_sandbox.credentials_file, **arguments)
    with pytest.raises(TypeError, match=expected):
        ims.Client.from_dict(ims_sandbox.credentials, **arguments)
    with pytest.raises(TypeError, match=expected):
        ims.Client.from_env(**arguments)
    with pytest.raises(TypeError, match=expected):
        ims.Client.shared(ims_sandbox.credentials_file, **arguments)


def test_what_is_wrong_with_a_credentials_file_names_it(tmp_path: Path) -> None:
    path = tmp_path / "service_token.json"
    for content in ["", "{", "[]", '{"a": 1}', json.dumps({"client_id": "c"})]:
        path.write_text(content)
        with pytest.raises(ims.CredentialsError, match="service_token.json"):
            ims.Client.from_file(path)
    with pytest.raises(ims.CredentialsError, match="missing.json"):
        ims.Client.from_file(tmp_path / "missing.json")


def test_a_failure_is_remembered_for_the_next_callers(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(error="signature")
    client = ims.Client.from_file(ims_sandbox.credentials_file)
    for _ in range(5):
        with pytest.raises(ims.RejectedError):
            client.token()
    assert ims_sandbox.exchanges == (0, 1)


def test_a_client_keeps_its_timeout(ims_sandbox: Sandbox, deaf: Deaf) -> None:
    account = {"grant": "jwt_bearer", "token_url": deaf.url, "iss": "i", "sub": "s", "aud": "a",
               "private_key": ims_sandbox.credentials["private_key"]}
    with pytest.raises(ims.TimeoutError):
        ims.Client.from_dict(account, timeout=0.2).token()


def test_only_factories_make_clients_and_tokens() -> None:
    for made in [ims.Client, ims.Token]:
        with pytest.raises(TypeError, match="cannot create"):
            made()
        with pytest.raises(TypeError, match="not an acceptable base type"):
            type("Derived", (made,), {})
