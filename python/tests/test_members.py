"""Further members of a response, and what a refusal says beside its error."""

from __future__ import annotations

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Iterator

import pytest

import ims

MEMBERS = b"""{"access_token": "t", "token_type": "N_A", "issued_token_type": "urn:x",
    "instance_url": "https://na1.example.com", "restricted_to": [1], "refresh_token": "r3fresh"}"""
NARROW = b'{"access_token": "t", "scope": "read"}'
REFUSAL = b'{"error": "odd", "error_uri": "https://example.com/odd", "message": "Ask again"}'


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = {"/token": (201, MEMBERS), "/narrow": (200, NARROW)}.get(self.path, (400, REFUSAL))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-Id", "request-7")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_token_has_the_further_members_of_its_response(server: str) -> None:
    token = ims.exchange("a.b.c", grant="jwt_bearer", token_url=f"{server}/token")
    assert token.token_type == "N_A" and token.issued_token_type == "urn:x"
    assert token["instance_url"] == "https://na1.example.com" and "instance_url" in token
    assert token.get("restricted_to") == token["restricted_to"] == "[1]"
    assert token.get("other") is None and token.get("other", "none") == "none" and "other" not in token
    with pytest.raises(KeyError, match="other"):
        token["other"]
    assert "r3fresh" not in repr(token)


def test_a_refusal_keeps_the_servers_own_words_and_where_to_read_on(server: str) -> None:
    with pytest.raises(ims.RejectedError) as caught:
        ims.exchange("a.b.c", grant="jwt_bearer", token_url=f"{server}/refused")
    error = caught.value
    assert (error.oauth_error, error.oauth_description) == ("odd", "Ask again")
    assert (error.uri, error.debug_id) == ("https://example.com/odd", "request-7")


def test_a_log_line_names_the_scopes_that_were_not_granted(server: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="ims"):
        ims.exchange("a.b.c", grant="jwt_bearer", token_url=f"{server}/narrow", scope="read")
        assert not caplog.records
        ims.exchange("a.b.c", grant="jwt_bearer", token_url=f"{server}/narrow", scope="read write admin")
    assert [record.getMessage() for record in caplog.records] == [
        "the token server did not grant these scopes: write admin"
    ]
