"""The authentication flow of httpx and httpx2, which have the same interface."""

from __future__ import annotations

import asyncio

from ._client import Client
from ._native import Token
from ._origin import origin_of, read_origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing as _t


class BearerFlow:
    """Sets Authorization and, where there is none yet, x-api-key, and repeats a request after a 401: see HttpxAuth."""

    # The library's type of a body that can be sent again.
    _BYTES: _t.Any

    def __init__(self, client: Client, *, origin: str | None = None) -> None:
        if not isinstance(client, Client):
            raise TypeError(f"client must be ims.Client, not {type(client).__name__}")
        self._client = client
        self._origin = read_origin(origin)

    def sync_auth_flow(self, request: _t.Any) -> _t.Generator[_t.Any, _t.Any, None]:
        if not self._is_for(request):
            yield request
            return
        token = self._client.token()
        self._sign(request, token)
        response = yield request
        if _is_refusal(response, token):
            self._client.forget(token)
            if self._can_repeat(response.request):
                fresh = self._client.token()
                if fresh != token:
                    self._sign(response.request, fresh)
                    yield response.request

    async def async_auth_flow(self, request: _t.Any) -> _t.AsyncGenerator[_t.Any, _t.Any]:
        if not self._is_for(request):
            yield request
            return
        token = await self._client.token_async()
        self._sign(request, token)
        response = yield request
        if _is_refusal(response, token):
            await asyncio.to_thread(self._client.forget, token)
            if self._can_repeat(response.request):
                fresh = await self._client.token_async()
                if fresh != token:
                    self._sign(response.request, fresh)
                    yield response.request

    def _is_for(self, request: _t.Any) -> bool:
        return self._origin is None or self._origin == origin_of(str(request.url))

    def _sign(self, request: _t.Any, token: Token) -> None:
        request.headers["Authorization"] = _bearer(token)
        if self._client.client_id is not None:
            request.headers.setdefault("x-api-key", self._client.client_id)

    def _can_repeat(self, request: _t.Any) -> bool:
        return isinstance(request.stream, self._BYTES)


def _bearer(token: Token) -> str:
    return f"Bearer {token.access_token}"


def _is_refusal(response: _t.Any, token: Token) -> bool:
    """After a redirect to another host the request bears no token, and must not get one."""
    return bool(response.status_code == 401 and response.request.headers.get("Authorization") == _bearer(token))
