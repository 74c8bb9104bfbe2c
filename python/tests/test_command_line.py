"""`python -m ims` is the program `ims`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import ims
from conftest import Deaf, heed_ctrl_c, wait_until
from ims.sandbox import Sandbox

IMS = [sys.executable, "-m", "ims"]


def test_it_prints_a_token(ims_sandbox: Sandbox) -> None:
    command = [*IMS, "token", str(ims_sandbox.credentials_file)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("ey"), done.stderr
    assert ims_sandbox.exchanges.issued == 1


def test_its_name_version_and_exit_codes_are_the_programs() -> None:
    version = subprocess.run([*IMS, "--version"], capture_output=True, text=True)
    assert (version.returncode, version.stdout) == (0, f"ims {ims.__version__}\n{ims.__openssl_version__}\n")
    usage = subprocess.run([*IMS, "no-such-command"], capture_output=True, text=True)
    assert usage.returncode == 2 and "Usage: ims" in usage.stderr
    missing = subprocess.run([*IMS, "token", "missing.json"], capture_output=True, text=True)
    assert missing.returncode not in (0, 1, 2) and missing.stderr.startswith("error: ")


def test_a_failing_cache_warns_as_the_program_does(ims_sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    command = [*IMS, "token", str(ims_sandbox.credentials_file), "--cache", f"file:{tmp_path}/file/tokens"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.startswith("warning: the token cache is unavailable")


def test_ctrl_c_ends_a_command_that_hangs(deaf: Deaf, tmp_path: Path) -> None:
    account = {"grant": "client_credentials", "client_id": "c", "client_secret": "s3cret", "scope": "openid", "token_url": deaf.url}
    (tmp_path / "account.json").write_text(json.dumps(account))
    command = [*IMS, "token", "account.json"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, preexec_fn=heed_ctrl_c) as program:
        deaf.accepted()
        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=60) == -signal.SIGINT


def test_ctrl_c_ends_the_sandbox(tmp_path: Path) -> None:
    command = [*IMS, "sandbox", "--port", "0", "--ready-file", "url.txt"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        wait_until(lambda: (tmp_path / "url.txt").exists() or program.poll() is not None)
        url = (tmp_path / "url.txt").read_text().strip()
        assert urllib.request.urlopen(f"{url}/__sandbox/stats").status == 200
        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=60) == 0
