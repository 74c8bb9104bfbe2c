"""Adobe's hosts on this machine, for code that names them: a proxy that this user's programs are told of."""

from __future__ import annotations

import http.client
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# A caller who asks another host for a token, or asks an API without one, is refused.
TOKEN_SERVERS = ["ims-na1.adobelogin.com", "auth.example.com"]
APIS = ["platform.adobe.io", "usermanagement.adobe.io"]


class Adobe:
    """token_servers: by each host, host and port of who plays it. certificate, key: of all these hosts."""

    def __init__(self, token_servers: dict[str, str], certificate: Path, key: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self) -> None:
                self.host = self.path.partition(":")[0]
                self.send_response(200)
                self.end_headers()
                self.connection = context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
                # What comes now is for that host.
                self.close_connection = False

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.host in token_servers:
                    upstream = http.client.HTTPConnection(token_servers[self.host])
                    upstream.request(self.command, self.path, body, dict(self.headers))
                    answer = upstream.getresponse()
                    self.answer(answer.status, answer.read(), answer.getheader("x-debug-id", ""))
                elif self.host in APIS and self.headers.get("Authorization", "").startswith("Bearer ey"):
                    self.answer(200, b'{"result": "success", "lastPage": true, "users": [{"email": "ada@example.com"}]}')
                else:
                    self.answer(401, b"{}")

            do_POST = do_GET

            def answer(self, status: int, body: bytes, debug_id: str = "") -> None:
                self.send_response(status)
                self.send_header("x-debug-id", debug_id)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
