"""Requests of httpx that bear a client's token."""

from __future__ import annotations

import httpx

from ._bearer import BearerFlow


class HttpxAuth(BearerFlow, httpx.Auth):
    """For `auth=` of httpx.Client and httpx.AsyncClient: sets Authorization and, where there is none yet, x-api-key.

    origin: the server that gets the token, such as "https://api.example.com"; None: every server that is asked with it.
    After a 401, forgets the token and tries once more with a new one, unless the request's body is a stream. Async
    clients run on asyncio.
    """

    __module__ = "ims"
    _BYTES = httpx.ByteStream
