"""Httpx2Auth: the MCP SDK's client over streamable HTTP bears the token."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from typing import Any, Callable, Iterator

import httpx2
import pytest
import uvicorn
from mcp.server.mcpserver import MCPServer

import ims
from api import Api
from conftest import ROOT, wait_until
from ims.sandbox import Sandbox


class Server:
    """An MCP server with one tool, and the tokens that it got."""

    def __init__(self) -> None:
        self.bearers: list[str] = []
        self.refused = ""
        mcp = MCPServer("tests")

        @mcp.tool()
        def add(a: int, b: int) -> int:
            """Adds two numbers."""
            return a + b

        app = mcp.streamable_http_app()

        async def guarded(scope: Any, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
            if scope["type"] == "http":
                bearer = dict(scope["headers"]).get(b"authorization", b"").decode()
                self.bearers.append(bearer)
                if bearer in ("", self.refused):
                    await send({"type": "http.response.start", "status": 401, "headers": []})
                    await send({"type": "http.response.body"})
                    return
            await app(scope, receive, send)

        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(guarded, log_level="warning"))
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


def test_the_example_lists_the_tools_also_after_a_401(server: Server, ims_sandbox: Sandbox) -> None:
    # The cache is the one of the example.
    client = ims.Client.from_file(ims_sandbox.credentials_file, cache="file:")
    server.refused = f"Bearer {client.token().access_token}"
    example = ROOT / "python/examples/mcp_client.py"
    command = [sys.executable, str(example), str(ims_sandbox.credentials_file), f"{server.origin}/mcp"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.returncode) == ("add Adds two numbers.\n", 0), done.stderr
    assert server.bearers.count(server.refused) == 1 and len(set(server.bearers)) == 2
    assert ims_sandbox.exchanges == (2, 0)


def test_another_origin_gets_no_token(ims_sandbox: Sandbox, api: Api, other_api: Api) -> None:
    auth = ims.Httpx2Auth(ims.Client.from_file(ims_sandbox.credentials_file), origin=api.url)
    with httpx2.Client(auth=auth, trust_env=False) as http:
        http.get(api.url)
        http.get(other_api.url)
    assert "Authorization" in api.requests[0].headers
    assert "Authorization" not in other_api.requests[0].headers
