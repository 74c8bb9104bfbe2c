"""The types are whole and true."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conftest import HAS_HTTPX2, ROOT

USES = '''
import datetime
import pathlib
import httpx
import requests
import ims

key = ims.Key.from_file(pathlib.Path("private.key"), passphrase=b"p")
jwt: str = ims.generate_jwt(key, iss="i", sub="s", aud="a", metascopes=("m",), jti=5, claims={"a": 1},
                            exp=datetime.datetime.now(datetime.timezone.utc), lifetime=None)
token: ims.Token = ims.exchange(jwt, grant="jwt_bearer", token_url="https://h/", timeout=5)
expires_at: datetime.datetime = token.expires_at
client = ims.Client.from_file("service_token.json", cache="file:")
shared: ims.Client = ims.Client.shared({"client_id": "c"}, key=key)
expires_in: int = ims.token("service_token.json", max_attempts=1).expires_in
causes: "list[str | None]" = [check.cause for check in ims.doctor("service_token.json", online=True)]
failed: bool = ims.doctor(certificate=pathlib.Path("c.pem"))[0].outcome == "error"
requests.get("https://api.example.com/", auth=ims.RequestsAuth(client))
httpx.Client(auth=ims.HttpxAuth(client))
httpx.Client(auth=ims.HttpxAuth(client, origin="https://api.example.com"))

async def main() -> str:
    return (await client.token_async()).access_token

try:
    client.token()
except ims.RejectedError as error:
    status: ims.Status = error.status
    retry_after: "int | None" = error.retry_after
    field: "str | None" = error.field
'''

MISUSES = '''
import ims
ims.Key(5)  # error: arg-type
ims.generate_jwt("pem", "i", "s", "a")  # error: misc,call-arg
ims.exchange("jwt", client_auth="digest")  # error: arg-type
ims.Client.from_file("f", timeout="5")  # error: arg-type
ims.Client.from_file("f", allow_command="yes")  # error: arg-type
ims.Client.shared(b"f")  # error: arg-type
ims.token("f", timeout="5")  # error: arg-type
ims.Client.from_file("f").token().access_token = "x"  # error: misc
ims.Client.from_file("f").token().scope.upper()  # error: union-attr
ims.doctor("f", True)  # error: misc
ims.doctor("f")[0].outcome == "failed"  # error: comparison-overlap
ims.doctor("f")[0].hint.upper()  # error: union-attr
ims.doctor("f")[0].message = "x"  # error: misc
class Token(ims.Token): ...  # error: misc
'''


def mypy(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", *arguments]
    environment = {**os.environ, "MYPY_CACHE_DIR": str(cwd / "cache")}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment)


def test_the_package_and_its_tests_are_typed_strictly(tmp_path: Path) -> None:
    tests = ROOT / "python/tests"
    checked = mypy("mypy", "--strict", "--package", "ims", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    files = [file for file in sorted(tests.glob("*.py")) if HAS_HTTPX2 or file.name != "test_mcp.py"]
    checked = mypy("mypy", "--strict", *map(str, files), cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout


def test_uses_pass_and_misuses_are_found(tmp_path: Path) -> None:
    (tmp_path / "uses.py").write_text(USES)
    checked = mypy("mypy", "--strict", "uses.py", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    (tmp_path / "misuses.py").write_text(MISUSES)
    checked = mypy("mypy", "--strict", "misuses.py", cwd=tmp_path)
    lines = [number for number, line in enumerate(MISUSES.splitlines(), 1) if "# error:" in line]
    found = {int(line.split(":")[1]) for line in checked.stdout.splitlines() if ": error: " in line}
    assert sorted(found) == lines, checked.stdout


def test_the_stubs_are_the_modules(tmp_path: Path) -> None:
    # It imports httpx2, which older Pythons do not have.
    allowed = tmp_path / "allowed"
    allowed.write_text("" if HAS_HTTPX2 else "ims._httpx2\n")
    checked = mypy("mypy.stubtest", "--allowlist", str(allowed), "ims", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert "no issues found" in checked.stdout
