"""What the tests stand on: real keys, real servers, real processes."""

from __future__ import annotations

import base64
import datetime
import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

import ims
from api import Api

ROOT = Path(__file__).parents[2]
# The environment without requests and httpx: see `run`.
BARE = "IMS_TESTS_BARE" in os.environ
WITH_LIBRARIES = ["test_requests.py", "test_httpx.py", "test_readme.py", "test_typing.py"]
collect_ignore = WITH_LIBRARIES if BARE else ["test_without_libraries.py"]
# Older Pythons have no httpx2.
HAS_HTTPX2 = not BARE and sys.version_info >= (3, 11)
if not HAS_HTTPX2:
    collect_ignore.append("test_mcp.py")


@pytest.fixture(autouse=True)
def own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches of each test's own, and no proxy of the machine's."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"]:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def to_pem(key: rsa.RSAPrivateKey, passphrase: bytes | None = None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


@pytest.fixture(scope="session")
def pem(private_key: rsa.RSAPrivateKey) -> bytes:
    return to_pem(private_key)


@pytest.fixture(scope="session")
def public_pem(private_key: rsa.RSAPrivateKey) -> bytes:
    return private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., str]:
    """Runs code in a process of its own, and returns all that it prints; `arguments` are its sys.argv."""

    def run(code: str, *arguments: object, timeout: float = 300) -> str:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=timeout)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


def heed_ctrl_c() -> None:
    """For `preexec_fn`: what runs in the background, as tests may, ignores Ctrl-C, and its children do."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Deaf:
    """A server that takes connections and never answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/token"

    def accepted(self) -> None:
        """Returns once somebody has connected."""
        self._listener.settimeout(30)
        self._connection, _ = self._listener.accept()

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def deaf() -> Iterator[Deaf]:
    server = Deaf()
    yield server
    server.close()


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.stop()


@pytest.fixture
def other_api() -> Iterator[Api]:
    api = Api()
    yield api
    api.stop()


class Authlib(NamedTuple):
    """Authlib's token server behind nginx's TLS."""

    url: str
    ca_file: Path
    iss: str
    sub: str
    aud: str
    client_secret: str

    def accepted(self, token: ims.Token) -> Any:
        """The claims that Authlib read: its access tokens hold them."""
        return json.loads(base64.urlsafe_b64decode(token.access_token))


# Its workers are the user who has the sockets.
NGINX = """
user {user}; daemon off; pid {directory}/nginx.pid; error_log {directory}/error.log; events {{}}
http {{
    access_log off; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {directory}/server.pem; ssl_certificate_key {directory}/server.key;
        location / {{ proxy_pass http://unix:{directory}/authlib.sock:; }}
    }}
}}
"""


@pytest.fixture(scope="session")
def authlib(public_pem: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authlib]:
    # A socket's path has at most 107 bytes.
    directory = Path(tmp_path_factory.mktemp("authlib"))
    certify(directory, "localhost")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    account = {"iss": "client", "sub": "user", "aud": "https://ims.test/c/client", "client_secret": "s3cret"}
    config = {"socket": f"{directory}/authlib.sock", "public_key": public_pem.decode(), "accounts": [account]}
    nginx_config = directory / "nginx.conf"
    nginx_config.write_text(NGINX.format(user=getpass.getuser(), directory=directory, port=port))
    # Debian has nginx where not every user's PATH leads.
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin") or "nginx"
    peers = ROOT / ".venv/bin/python"
    server = subprocess.Popen([peers, ROOT / "tests/peers/authlib_server.py"], stdin=subprocess.PIPE)
    front = subprocess.Popen([nginx, "-c", nginx_config, "-e", directory / "error.log"])
    assert server.stdin is not None
    server.stdin.write(json.dumps(config).encode() + b"\n")
    server.stdin.flush()
    try:
        wait_until(lambda: (directory / "authlib.sock").exists() and is_open(port))
        yield Authlib(url=f"https://localhost:{port}", ca_file=directory / "ca.pem", **account)
    finally:
        front.terminate()
        server.stdin.close()
        front.wait()
        server.wait()


def certify(directory: Path, *hosts: str) -> None:
    """Writes ca.pem, and server.pem and server.key for these hosts."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(
        subject: str, key: rsa.RSAPrivateKey, issuer: str, issuer_key: rsa.RSAPrivateKey, *, is_ca: bool
    ) -> x509.Certificate:
        def name(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        builder = x509.CertificateBuilder(name(issuer), name(subject), key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=1))
        builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        # What RFC 5280 sections 4.2.1.1 to 4.2.1.3 want, CPython wants from 3.13 on.
        own_key, issuers_key = key.public_key(), issuer_key.public_key()
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(own_key), critical=False)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers_key), critical=False)
        builder = builder.add_extension(key_usage(is_ca=is_ca), critical=True)
        if not is_ca:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(issuer_key, hashes.SHA256())

    ca_key, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    ca = certificate("libims tests", ca_key, "libims tests", ca_key, is_ca=True)
    server = certificate(hosts[0], key, "libims tests", ca_key, is_ca=False)
    (directory / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (directory / "server.pem").write_bytes(server.public_bytes(serialization.Encoding.PEM))
    (directory / "server.key").write_bytes(to_pem(key))


def key_usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=not is_ca,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
