"""Requests that bear a client's token."""

from __future__ import annotations

import requests.auth
import requests.utils

from ._client import Client
from ._native import Token
from ._origin import origin_of, read_origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing as _t


class RequestsAuth(requests.auth.AuthBase):
    """For `auth=` of requests and its sessions: sets Authorization and, where there is none yet, x-api-key.

    origin: the server that gets the token, such as "https://api.example.com"; None: every server that is asked with it.
    After a 401, forgets the token and tries once more with a new one.
    """

    __module__ = "ims"

    def __init__(self, client: Client, *, origin: str | None = None) -> None:
        if not isinstance(client, Client):
            raise TypeError(f"client must be ims.Client, not {type(client).__name__}")
        self._client = client
        self._origin = read_origin(origin)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._origin is not None and self._origin != origin_of(request.url or ""):
            return request
        token = self._client.token()
        self._sign(request, token)

        def retry(response: requests.Response, *args: _t.Any, **kwargs: _t.Any) -> requests.Response:
            return self._retry(response, token, **kwargs)

        # Its type stubs leave this one out.
        request.register_hook("response", retry)  # type: ignore[no-untyped-call]
        return request

    def _sign(self, request: requests.PreparedRequest, token: Token) -> None:
        request.headers["Authorization"] = _bearer(token)
        if self._client.client_id is not None:
            request.headers.setdefault("x-api-key", self._client.client_id)

    def _retry(self, response: requests.Response, token: Token, **kwargs: _t.Any) -> requests.Response:
        request = response.request
        # After a redirect to another host it bears no token, and must not get one.
        if response.status_code != 401 or request.headers.get("Authorization") != _bearer(token):
            return response
        self._client.forget(token)
        again = request.copy()
        if not _rewind(again):
            return response
        fresh = self._client.token()
        if fresh == token:
            return response
        self._sign(again, fresh)
        # The connection is free for the next request once this answer is read.
        response.content
        response.close()
        answer: requests.Response = response.connection.send(again, **kwargs)
        answer.history.append(response)
        answer.request = again
        return answer


def _bearer(token: Token) -> str:
    return f"Bearer {token.access_token}"


def _rewind(request: requests.PreparedRequest) -> bool:
    """Whether the body can be sent a second time; a stream is set back to its start."""
    if request.body is None or isinstance(request.body, (str, bytes)):
        return True
    try:
        requests.utils.rewind_body(request)
    except requests.exceptions.UnrewindableBodyError:
        return False
    return True
