"""A client goes on when its secret is replaced under it, as Kubernetes mounts and replaces secrets."""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Iterator
from urllib.parse import parse_qs

import pytest

import ims


class TokenServer(ThreadingHTTPServer):
    """Takes one client secret."""

    request_queue_size = 128
    daemon_threads = True
    secret = "secret-number-1"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/token"

    def credentials(self) -> str:
        account = {"token_url": self.url, "client_id": "client", "client_secret": self.secret, "scope": "openid"}
        return json.dumps(account)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, TokenServer)
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        is_right = form["client_secret"] == [self.server.secret]
        body = b'{"access_token": "t", "expires_in": 3600}' if is_right else b'{"error": "invalid_client"}'
        self.send_response(200 if is_right else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[TokenServer]:
    server = TokenServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def publish(volume: Path, name: str, content: str) -> None:
    """Replaces all that a volume holds at once."""
    version = volume / f"..{name}"
    version.mkdir()
    (version / "credentials.json").write_text(content)
    (volume / "..data_tmp").symlink_to(version.name)
    os.replace(volume / "..data_tmp", volume / "..data")


def test_threads_go_on_while_the_secret_is_replaced(server: TokenServer, tmp_path: Path) -> None:
    publish(tmp_path, "version_1", server.credentials())
    (tmp_path / "credentials.json").symlink_to("..data/credentials.json")
    client = ims.Client.from_file(tmp_path / "credentials.json", cache="none")
    failures: list[Exception] = []
    calls = [0] * 8
    is_over = threading.Event()

    def ask(number: int) -> None:
        while not is_over.is_set():
            try:
                client.token()
            except ims.Error as error:
                failures.append(error)
            calls[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for number in range(2, 7):
        secret = f"secret-number-{number}"
        content = server.credentials().replace(server.secret, secret)
        publish(tmp_path, f"version_{number}", content)
        server.secret = secret
        seen = list(calls)
        while any(now < before + 2 for now, before in zip(calls, seen)):
            threads[0].join(0.01)
    is_over.set()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_variable_that_was_replaced_is_read_again(
    server: TokenServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host = server.url.rsplit("/", 1)[0]
    monkeypatch.setenv("IMS", host)
    monkeypatch.setenv("IMS_CLIENT_ID", "client")
    monkeypatch.setenv("IMS_CLIENT_SECRET", server.secret)
    monkeypatch.setenv("IMS_ORG_ID", "ORG@AdobeOrg")
    monkeypatch.setenv("IMS_SCOPES", "openid")
    client = ims.Client.from_env(cache="none")
    client.token()
    server.secret = "another-secret"
    with pytest.raises(ims.RejectedError):
        client.token()
    monkeypatch.setenv("IMS_CLIENT_SECRET", "another-secret")
    client.token()
