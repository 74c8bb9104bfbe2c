"""Requests of httpx that bear a client's token."""

from __future__ import annotations

import asyncio

import httpx

from ._client import Client
from ._native import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing as _t


class HttpxAuth(httpx.Auth):
    """For `auth=` of httpx.Client and httpx.AsyncClient: sets Authorization and, where there is none yet, x-api-key.

    After a 401, forgets the token and tries once more with a new one, unless the request's body is a stream. Async
    clients run on asyncio.
    """

    __module__ = "ims"

    def __init__(self, client: Client) -> None:
        if not isinstance(client, Client):
            raise TypeError(f"client must be ims.Client, not {type(client).__name__}")
        self._client = client

    def sync_auth_flow(self, request: httpx.Request) -> _t.Generator[httpx.Request, httpx.Response, None]:
        token = self._client.token()
        self._sign(request, token)
        response = yield request
        if _is_refusal(response, token):
            self._client.forget(token)
            if _can_repeat(response.request):
                fresh = self._client.token()
                if fresh != token:
                    self._sign(response.request, fresh)
                    yield response.request

    async def async_auth_flow(self, request: httpx.Request) -> _t.AsyncGenerator[httpx.Request, httpx.Response]:
        token = await self._client.token_async()
        self._sign(request, token)
        response = yield request
        if _is_refusal(response, token):
            await asyncio.to_thread(self._client.forget, token)
            if _can_repeat(response.request):
                fresh = await self._client.token_async()
                if fresh != token:
                    self._sign(response.request, fresh)
                    yield response.request

    def _sign(self, request: httpx.Request, token: Token) -> None:
        request.headers["Authorization"] = _bearer(token)
        if self._client.client_id is not None:
            request.headers.setdefault("x-api-key", self._client.client_id)


def _bearer(token: Token) -> str:
    return f"Bearer {token.access_token}"


def _is_refusal(response: httpx.Response, token: Token) -> bool:
    """After a redirect to another host the request bears no token, and must not get one."""
    return response.status_code == 401 and response.request.headers.get("Authorization") == _bearer(token)


def _can_repeat(request: httpx.Request) -> bool:
    return isinstance(request.stream, httpx.ByteStream)
