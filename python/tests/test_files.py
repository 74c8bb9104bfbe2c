"""Each file of tests/files gives in Python what its table says, and what it gives in Rust, C and PHP."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

import ims
from conftest import ROOT, certify

FILES = ROOT / "tests/files"
PUBLIC_KEYS = {path.stem: load_pem_public_key(path.read_bytes()) for path in (FILES / "public").iterdir()}


def cases(table: str) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads((FILES / f"{table}.json").read_text(encoding="utf-8"))
    return read


class Internet:
    """A proxy that plays the hosts it is asked for: each grants a token, the number of its request."""

    def __init__(self, directory: Path, hosts: set[str]) -> None:
        certify(directory, *hosts)
        self.ca_file = directory / "ca.pem"
        self.requests: list[dict[str, Any]] = []
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(directory / "server.pem", directory / "server.key")
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.proxy = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # Closed.
            with connection:
                self._connect(connection)

    def _connect(self, connection: socket.socket) -> None:
        host = read_head(connection).split()[1].partition(":")[0]
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with self._tls.wrap_socket(connection, server_side=True) as stream:
            head = read_head(stream)
            method, path = head.split()[:2]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.splitlines()[1:])}
            body = b""
            while len(body) < int(headers.get("content-length", 0)):
                body += stream.recv(65536)
            if method == "GET":
                response = {"issuer": f"https://{host}", "token_endpoint": f"https://{host}/token"}
            else:
                self.requests.append(shown(f"https://{host}{path}", headers, body.decode()))
                response = {"access_token": str(len(self.requests) - 1), "token_type": "bearer", "expires_in": 3600}  # type: ignore[dict-item]
            text = json.dumps(response).encode()
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))

    def close(self) -> None:
        self._listener.close()


def read_head(connection: socket.socket) -> str:
    head = b""
    # Byte by byte: what follows is not the head's.
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        assert byte, "the client closed the connection"
        head += byte
    return head.decode()


def shown(url: str, headers: dict[str, str], body: str) -> dict[str, Any]:
    request: dict[str, Any] = {"url": url}
    if "authorization" in headers:
        request["authorization"] = headers["authorization"]
    if headers["content-type"] == "application/json":
        return {**request, "json": json.loads(body)}
    form: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        form.setdefault(name, []).append(decoded(value) if value.startswith("eyJ") else value)
    return {**request, "form": {name: values[0] if len(values) == 1 else values for name, values in form.items()}}


def decoded(token: str) -> dict[str, Any]:
    """The header, the claims and the name of the key that verifies the signature."""
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    claims = {name: "*" if name in ("exp", "iat", "nbf", "jti") else claim for name, claim in claims.items()}
    return {"header": header, "claims": claims, "signed_by": signer(token, header["alg"])}


def signer(token: str, alg: str) -> str | None:
    for name, key in PUBLIC_KEYS.items():
        try:
            jwt.decode(token, key, algorithms=[alg], options={"verify_aud": False})  # type: ignore[arg-type]
        except (jwt.InvalidTokenError, jwt.InvalidKeyError, TypeError, AttributeError):
            continue
        return name
    return None


def error(raised: ims.Error) -> dict[str, Any]:
    message, hint = ((text or "").replace(f"{FILES}/", "") for text in (raised.message, raised.hint))
    return {"status": raised.status.name, "field": raised.field, "message": message, "hint": hint or None}


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Internet]:
    hosts = {urlsplit(case["gives"].get("url", "")).hostname for case in cases("credentials")}
    internet = Internet(tmp_path_factory.mktemp("internet"), {host for host in hosts if host})
    yield internet
    internet.close()


def test_every_credentials_file_gives_the_request_or_error_of_its_table(internet: Internet) -> None:
    for case in cases("credentials"):
        file = FILES / "credentials" / case["file"]
        try:
            client = ims.Client.from_file(
                file, **case.get("options", {}), cache="none", proxy=internet.proxy, ca_file=internet.ca_file
            )
            gives = internet.requests[int(client.token().access_token)]
        except ims.Error as raised:
            gives = error(raised)
        assert gives == case["gives"], case["file"]


def test_every_key_file_signs_or_is_refused_as_its_table_says() -> None:
    for case in cases("keys"):
        try:
            key = ims.Key.from_file(FILES / "keys" / case["file"], **case.get("options", {}))
            gives = decoded(ims.generate_jwt(key, iss="iss", sub="sub", aud="aud"))
            del gives["claims"]
        except ims.Error as raised:
            gives = error(raised)
        assert gives == case["gives"], case["file"]
