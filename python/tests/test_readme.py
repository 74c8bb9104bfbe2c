"""What README.md and the manual show of Python runs as it stands there: against a sandbox that plays Adobe's hosts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Iterator, NamedTuple

import pytest

from adobe import APIS, TOKEN_SERVERS, Adobe
from conftest import ROOT, certify, wait_until

SYSTEM_TRUST = Path("/etc/ssl/certs/ca-certificates.crt")
PAGES = [ROOT / "python/README.md", ROOT / "docs/src/python.md"]

# What builds and installs a wheel: `make check-wheels` does it with the one of a release, and `run`, which runs these tests,
# with the other.
RELEASED = """\
make wheels
python3 -m venv ims-venv
ims-venv/bin/pip install target/dist/wheels/libims-*manylinux*_x86_64.whl
"""
INSTALLATION = """\
make wheel
python3 -m venv ims-venv
ims-venv/bin/pip install target/python/release/libims-*.whl
"""


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str


def blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text()
    for found in re.finditer(r"^```(.*)\n((?:.*\n)*?)^```$", text, re.MULTILINE):
        yield Block(page.name, text.count("\n", 0, found.start()) + 1, found[1], found[2])


def name(block: Block) -> str:
    return f"{block.page}:{block.line}"


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
PYTHON = [block for block in BLOCKS if block.language == "python"]
TESTS = [block for block in PYTHON if "def test_" in block.text]
PROGRAMS = [block for block in PYTHON if block not in TESTS]
# They print where something goes wrong.
HANDLERS = [block for block in PROGRAMS if "except ims.RejectedError" in block.text]
DIFFS = [block for block in BLOCKS if block.language == "diff"]
COMMANDS = [block for block in BLOCKS if block.language == "sh" and block.text not in (RELEASED, INSTALLATION)]


def test_every_block_is_run() -> None:
    run = {*PROGRAMS, *TESTS, *DIFFS, *COMMANDS}
    assert [block.text for block in BLOCKS if block not in run] == [RELEASED, INSTALLATION]
    assert INSTALLATION in (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("adobe")
    certify(directory, *TOKEN_SERVERS, *APIS)
    return directory


class Account(NamedTuple):
    """The account of the examples, with its files, in a directory of its own."""

    directory: Path
    environment: dict[str, str]
    token_server: str

    def inject(self, **fault: object) -> None:
        urllib.request.urlopen(f"http://{self.token_server}/__sandbox/faults", json.dumps(fault).encode()).close()

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.directory, env=self.environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def account(tmp_path: Path, pem: bytes, certificates: Path) -> Iterator[Account]:
    directory = tmp_path / "account"
    directory.mkdir()
    write_files(directory, pem)
    with ExitStack() as stack:
        # Each plays one host: a request for another is a web page's.
        servers = {host: stack.enter_context(sandbox_that_plays(host, directory)) for host in TOKEN_SERVERS}
        adobe = Adobe(servers, certificates / "server.pem", certificates / "server.key")
        yield Account(directory, environment(directory, adobe, certificates / "ca.pem"), servers[TOKEN_SERVERS[0]])
        adobe.stop()


@contextmanager
def sandbox_that_plays(host: str, directory: Path) -> Iterator[str]:
    ready = directory / f"{host}.txt"
    command = [sys.executable, "-m", "ims", "sandbox", "--config", "sandbox.json", "--ims", host]
    command += ["--port", "0", "--ready-file", str(ready)]
    with subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL) as sandbox:
        try:
            wait_until(lambda: ready.exists() or sandbox.poll() is not None)
            yield ready.read_text().strip().partition("//")[2]
        finally:
            sandbox.terminate()


def write_files(directory: Path, pem: bytes) -> None:
    own = {
        "client_id": "CLIENT_ID",
        "client_secret": "CLIENT_SECRET",
        "org_id": "ORG@AdobeOrg",
        "technical_account_id": "ID@techacct.adobe.com",
        "metascopes": ["ent_dataservices_sdk"],
        "private_key": "private.key",
    }
    aepp = {
        "org_id": "ORG@AdobeOrg",
        "client_id": "CLIENT_ID",
        "secret": "CLIENT_SECRET",
        "tech_id": "ID@techacct.adobe.com",
        "pathToKey": "private.key",
        "environment": "prod",
    }
    user_sync = """\
enterprise:
  org_id: ORG@AdobeOrg
  client_id: CLIENT_ID
  client_secret: CLIENT_SECRET
  tech_acct_id: ID@techacct.adobe.com
  priv_key_path: private.key
"""
    served = {**own, "metascopes": ["ent_dataservices_sdk", "ent_user_sdk"]}
    sandbox = {"accounts": [{"credentials": "served.json", "scopes": ["openid", "AdobeID"]}]}
    (directory / "private.key").write_bytes(pem)
    (directory / "connector-umapi.yml").write_text(user_sync)
    files = {"service_token.json": own, "config.json": aepp, "served.json": served, "sandbox.json": sandbox}
    for file, content in files.items():
        (directory / file).write_text(json.dumps(content))


def environment(directory: Path, adobe: Adobe, ca_file: Path) -> dict[str, str]:
    trust = directory / "trust.pem"
    trust.write_bytes(SYSTEM_TRUST.read_bytes() + ca_file.read_bytes())
    return {
        **os.environ,
        "HTTPS_PROXY": adobe.proxy,
        "NO_PROXY": "127.0.0.1",
        "SSL_CERT_FILE": str(trust),
        "REQUESTS_CA_BUNDLE": str(trust),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


@pytest.mark.parametrize("block", PROGRAMS, ids=name)
def test_programs_end_well(block: Block, account: Account) -> None:
    (account.directory / "program.py").write_text(block.text)
    said = account.run(sys.executable, "program.py")
    assert said or block in HANDLERS or "print(" not in block.text


@pytest.mark.parametrize("block", HANDLERS, ids=name)
def test_refusals_and_failures_are_told_apart(block: Block, account: Account) -> None:
    (account.directory / "program.py").write_text(block.text)
    account.inject(error="client_secret", times=1)
    said = account.run(sys.executable, "program.py")
    assert said.startswith("invalid_client: the token server refused: HTTP 401") and "asks for None" not in said
    account.inject(status=503)
    assert account.run(sys.executable, "program.py") == "after some s, it may go well\n"


@pytest.mark.parametrize("block", TESTS, ids=name)
def test_tests_pass(block: Block, account: Account) -> None:
    (account.directory / "test_report.py").write_text(block.text)
    said = account.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_report.py")
    assert f"{block.text.count('def test_')} passed" in said


@pytest.mark.parametrize("block", DIFFS, ids=name)
def test_programs_before_and_after_get_the_same(block: Block, account: Account) -> None:
    show = "import time; assert access_token.startswith('ey'); print(round((expires_at - time.time()) / 3600))"
    for without in ["+", "-"]:
        lines = [line[1:] for line in block.text.splitlines() if not line.startswith(without)]
        (account.directory / "program.py").write_text("\n".join([*lines, show]))
        assert account.run(sys.executable, "program.py") == "24\n"


@pytest.mark.parametrize("block", COMMANDS, ids=name)
def test_commands_end_well(block: Block, account: Account) -> None:
    assert account.run(shutil.which("sh") or "sh", "-euc", block.text)
