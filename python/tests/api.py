"""An API that takes tokens, as the adapters' tests need one."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Mapping, NamedTuple

import ims


class Request(NamedTuple):
    method: str
    headers: Mapping[str, str]
    body: bytes


class Api:
    """Answers 200, but 401 to tokens that it was told to refuse."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._refusals: dict[str, int] = {}
        self._refuses_all = False
        self._location: str | None = None
        self._redirects_posts = False
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = self.read_chunks()
                request = Request(self.command, dict(self.headers.items()), body)
                api.requests.append(request)
                if api._redirects_posts and self.command == "POST":
                    self.send_response(303)
                    self.send_header("Location", api.url)
                else:
                    self.send_response(api._status(self.headers.get("Authorization", "")))
                if api._location:
                    self.send_header("Location", api._location)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_POST = do_GET

            def read_chunks(self) -> bytes:
                body = b""
                while length := int(self.rfile.readline(), 16):
                    body += self.rfile.read(length)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def refuse(self, token: ims.Token, times: int) -> None:
        self._refusals[f"Bearer {token.access_token}"] = times

    def refuse_all(self) -> None:
        self._refuses_all = True

    def redirect_to(self, url: str) -> None:
        self._location = url

    def answer_posts_by_redirect(self) -> None:
        self._redirects_posts = True

    def _status(self, authorization: str) -> int:
        if self._location:
            return 302
        if self._refuses_all:
            return 401
        left = self._refusals.get(authorization, 0)
        self._refusals[authorization] = left - 1
        return 401 if left > 0 else 200

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
