"""The doctor finds out why there is no token."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import ims
from ims.sandbox import Sandbox


def changed(ims_sandbox: Sandbox, **changes: Any) -> Path:
    """A credentials file next to the sandbox's, in which some settings differ."""
    file = ims_sandbox.credentials_file.with_name("changed.json")
    file.write_text(json.dumps({**json.loads(ims_sandbox.credentials_file.read_text()), **changes}))
    file.chmod(0o600)
    return file


def errors(checks: list[ims.Check]) -> list[str]:
    return [check.name for check in checks if check.outcome == "error"]


def test_the_cause_is_found_without_a_server(ims_sandbox: Sandbox) -> None:
    cut = ims_sandbox.credentials["private_key"][:900]
    checks = ims.doctor(changed(ims_sandbox, private_key=cut))
    (error,) = [check for check in checks if check.outcome == "error"]
    assert (error.name, error.cause) == ("key", "unreadable-key")
    assert error.message == "private_key is cut off: its -----END line is missing"
    assert error.hint is not None and error.hint.startswith("copy the whole key")
    assert ims_sandbox.exchanges == (0, 0)


def test_a_sound_account_gets_a_token_online(ims_sandbox: Sandbox) -> None:
    checks = ims.doctor(ims_sandbox.credentials_file, online=True)
    assert errors(checks) == []
    assert checks[-1] == ims.Check("validation", "ok", "the server accepts the new token", None, None)
    assert ims_sandbox.exchanges == (1, 0)
    ims_sandbox.inject(error="client_secret")
    assert errors(ims.doctor(ims_sandbox.credentials_file, online=True, cache="file:")) == ["exchange"]


def test_it_looks_at_what_a_client_would_ask_for(ims_sandbox: Sandbox) -> None:
    checks = ims.doctor(ims_sandbox.credentials_file, scope="openid", subject="user@example.com", audience="api")
    assert [check.message for check in checks if check.name == "scopes"] == ["openid"]


def test_a_command_is_a_finding_unless_the_program_allows_it(tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    account = {"grant": "client_credentials", "client_auth": "private_key_jwt", "client_id": "client"}
    elsewhere = {"token_url": "https://auth.example.com/token", "assertion_command": ["echo", "token-of-the-platform"]}
    file.write_text(json.dumps({**account, **elsewhere}))
    refused = [check.message for check in ims.doctor(file) if check.outcome == "error"]
    assert ["the program allows no command" in message for message in refused] == [True]
    assert errors(ims.doctor(file, allow_command=True)) == []


def test_it_finds_what_the_command_finds(ims_sandbox: Sandbox, tmp_path: Path) -> None:
    file = changed(ims_sandbox, client_id="x", private_key="missing.key", metascopes="")
    command = [sys.executable, "-m", "ims", "doctor", "--json", "--cache", "none", str(file)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=300).stdout
    found = [{**dataclasses.asdict(check), "check": check.name} for check in ims.doctor(file, cache="none")]
    for check in found:
        del check["name"]
        if check["check"] == "clock":
            check["message"] = next(other["message"] for other in json.loads(said)["checks"] if other["check"] == "clock")
    assert json.loads(said) == {"ok": False, "checks": json.loads(json.dumps(found))}


def test_without_a_file_the_environment_is_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    assert errors(ims.doctor()) == ["environment"]
    monkeypatch.setenv("API_KEY", "an-id")
    assert errors(ims.doctor())[0] == "client secret"


def test_what_cannot_be_used_is_a_finding(ims_sandbox: Sandbox, tmp_path: Path) -> None:
    file = ims_sandbox.credentials_file
    assert errors(ims.doctor(file, cache="memcached:")) == ["cache"]
    assert errors(ims.doctor(file, certificate=tmp_path / "missing.pem")) == ["certificate"]
    assert errors(ims.doctor(file, max_attempts=11)) == ["deadline"]
    assert errors(ims.doctor(file, key=ims_sandbox.credentials["private_key"])) == ["key"]
    assert errors(ims.doctor(tmp_path)) == ["file"]


def test_wrong_arguments_are_refused_by_name(ims_sandbox: Sandbox) -> None:
    with pytest.raises(TypeError, match="online must be bool, not int"):
        ims.doctor(online=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="file must be str or os.PathLike, not int"):
        ims.doctor(5)  # type: ignore[arg-type]
    with pytest.raises(ims.ArgumentError, match="certificate is empty"):
        ims.doctor(certificate="")
    with pytest.raises(ims.InvalidKeyError, match="key is neither PEM nor DER"):
        ims.doctor(ims_sandbox.credentials_file, key="no key")


def test_a_program_is_asked_before_a_file_is_read(ims_sandbox: Sandbox, tmp_path: Path) -> None:
    file, key = ims_sandbox.credentials_file, ims_sandbox.credentials_file.with_name("private.key")
    asked: dict[str, int] = {}

    def may_read(path: str) -> bool:
        asked[path] = threading.get_ident()
        return path == str(file)

    certificate = tmp_path / "registered.pem"
    checks = ims.doctor(file, certificate=certificate, online=True, may_read=may_read)
    assert asked == dict.fromkeys(map(str, [certificate, file, key]), threading.get_ident())
    refused = [check.name for check in checks if "is refused: this program may not read it" in check.message]
    assert refused == errors(checks) == ["key", "certificate"]
    # Nor is looked at what may not be read.
    assert "key's permissions" not in [check.name for check in checks]
    with pytest.raises(ZeroDivisionError):
        ims.doctor(file, may_read=lambda path: 1 / 0)


def test_a_check_is_a_value(ims_sandbox: Sandbox) -> None:
    check = ims.doctor(ims_sandbox.credentials_file)[0]
    assert repr(check) == (
        "Check(name='file', outcome='ok', message=\"the credentials are libims's own format\", "
        "hint=None, cause=None)"
    )
    assert pickle.loads(pickle.dumps(check)) == copy.deepcopy(check) == check
    with pytest.raises(dataclasses.FrozenInstanceError):
        check.message = "other"  # type: ignore[misc]


def test_no_finding_holds_a_secret(ims_sandbox: Sandbox) -> None:
    account = ims_sandbox.credentials
    for changes in [{}, {"client_id": account["client_secret"]}, {"scope": account["private_key"]}]:
        shown = repr(ims.doctor(changed(ims_sandbox, **changes), online=True))
        assert account["client_secret"] not in shown and account["private_key"][40:100] not in shown
