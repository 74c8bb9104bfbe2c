"""Requests of httpx2, which the MCP SDK uses, that bear a client's token."""

from __future__ import annotations

# Where Python is older than 3.11, there is no httpx2.
import httpx2  # type: ignore[import-not-found, unused-ignore]

from ._bearer import BearerFlow


class Httpx2Auth(BearerFlow, httpx2.Auth):  # type: ignore[misc, unused-ignore]
    """Does for httpx2.Client and httpx2.AsyncClient what HttpxAuth does for httpx.

    origin: the server that gets the token, such as "https://mcp.example.com"; None: every server that is asked with it.
    """

    __module__ = "ims"
    _BYTES = httpx2.ByteStream
