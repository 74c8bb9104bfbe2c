"""The sandbox and its fixture, as others' tests use them."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Callable

import pytest

import ims
from conftest import is_open
from ims.sandbox import Sandbox

THEIR_TEST = """
import ims

def test_a_token_is_asked_for_once(ims_sandbox):
    client = ims.Client.from_file(ims_sandbox.credentials_file)
    client.token()
    client.token()
    assert ims_sandbox.exchanges == (1, 0)

def test_each_test_has_its_own(ims_sandbox):
    assert ims_sandbox.exchanges.issued == 0
    ims_sandbox.inject(status=503, times=1)
    ims.Client.from_dict(ims_sandbox.credentials).token()
    assert ims_sandbox.exchanges.refused == 1
"""


def test_pytest_finds_the_fixture_by_itself(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(THEIR_TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_theirs.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout + done.stderr
    fixtures = subprocess.run([*command, "--fixtures"], cwd=tmp_path, capture_output=True, text=True)
    assert "A running token server with an account" in fixtures.stdout


def test_the_key_is_for_its_owner_alone_and_the_file_names_it(ims_sandbox: Sandbox) -> None:
    key = ims_sandbox.credentials_file.with_name("private.key")
    assert key.stat().st_mode & 0o777 == 0o600
    assert json.loads(ims_sandbox.credentials_file.read_text())["private_key"] == "private.key"
    assert "PRIVATE" not in repr(ims_sandbox)


def test_faults_come_as_often_as_asked_for_and_are_cleared(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(error="internal_error")
    with pytest.raises(ims.UnavailableError):
        ims.Client.from_dict(ims_sandbox.credentials, max_attempts=1).token()
    ims_sandbox.clear_faults()
    ims.Client.from_dict(ims_sandbox.credentials).token()
    assert ims_sandbox.exchanges == (1, 1)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [({"state": 503}, "fault cannot be: unknown field `state`"), ({}, "fault"), ({"status": 5}, "status")],
)
def test_a_fault_that_would_never_show_is_refused(
    ims_sandbox: Sandbox, fault: dict[str, int], expected: str
) -> None:
    with pytest.raises(ims.ArgumentError, match=expected):
        ims_sandbox.inject(**fault)


def test_a_forked_child_leaves_it_to_its_parent(tmp_path: Path, run_python: Callable[..., str]) -> None:
    code = """
import os, sys, warnings
from ims.sandbox import Sandbox
# Since CPython 3.12, of a fork where another thread runs: the sandbox's, which is what this is about.
warnings.simplefilter("ignore", DeprecationWarning)
sandbox = Sandbox(sys.argv[1])
if os.fork() == 0:
    sandbox.stop()
    sys.exit()
os.wait()
print(sandbox.exchanges)
"""
    assert run_python(code, tmp_path) == "Exchanges(issued=0, refused=0)\n"


def test_stopped_it_listens_no_more(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        assert urllib.request.urlopen(f"{sandbox.url}/__sandbox/stats").status == 200
    sandbox.stop()
    assert not is_open(port)
    with pytest.raises(RuntimeError, match="the sandbox is stopped"):
        sandbox.exchanges
