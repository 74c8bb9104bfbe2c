"""HttpxAuth: the same for httpx, sync and async."""

from __future__ import annotations

import asyncio
from typing import Iterator

import httpx
import pytest

import ims
from api import Api
from ims.sandbox import Sandbox


@pytest.fixture
def client(ims_sandbox: Sandbox) -> ims.Client:
    return ims.Client.from_file(ims_sandbox.credentials_file)


def get(client: ims.Client, api: Api, is_async: bool) -> httpx.Response:
    if not is_async:
        with httpx.Client(auth=ims.HttpxAuth(client)) as http:
            return http.post(api.url, json={"a": 1})

    async def main() -> httpx.Response:
        async with httpx.AsyncClient(auth=ims.HttpxAuth(client)) as http:
            return await http.post(api.url, json={"a": 1})

    return asyncio.run(main())


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_request_bears_token_and_api_key(client: ims.Client, api: Api, is_async: bool) -> None:
    assert get(client, api, is_async).status_code == 200
    (request,) = api.requests
    assert request.headers["Authorization"] == f"Bearer {client.token().access_token}"
    assert request.headers["x-api-key"] == "sandbox-client"


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_after_one_401_it_tries_once_more_with_a_new_token(
    client: ims.Client, api: Api, ims_sandbox: Sandbox, is_async: bool
) -> None:
    api.refuse(client.token(), times=1)
    assert get(client, api, is_async).status_code == 200
    first, second = api.requests
    assert first.headers["Authorization"] != second.headers["Authorization"] and first.body == second.body
    assert ims_sandbox.exchanges == (2, 0)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_second_401_is_the_answer(client: ims.Client, api: Api, ims_sandbox: Sandbox, is_async: bool) -> None:
    api.refuse_all()
    for _ in range(3):
        assert get(client, api, is_async).status_code == 401
    # What would be sent again with the same token, is not.
    assert ims_sandbox.exchanges == (2, 0) and len(api.requests) == 4


def test_100_async_requests_of_a_cold_client_make_one_exchange(
    client: ims.Client, api: Api, ims_sandbox: Sandbox
) -> None:
    async def main() -> None:
        async with httpx.AsyncClient(auth=ims.HttpxAuth(client)) as http:
            await asyncio.gather(*(http.get(api.url) for _ in range(100)))

    asyncio.run(main())
    assert len(api.requests) == 100 and ims_sandbox.exchanges == (1, 0)


def test_a_stream_is_not_sent_again(client: ims.Client, api: Api) -> None:
    def stream() -> Iterator[bytes]:
        yield b"once"

    api.refuse(client.token(), times=1)
    with httpx.Client(auth=ims.HttpxAuth(client)) as http:
        assert http.post(api.url, content=stream()).status_code == 401
        assert http.post(api.url, content=stream()).status_code == 200


def test_an_api_key_of_the_callers_own_stays(client: ims.Client, api: Api) -> None:
    httpx.get(api.url, auth=ims.HttpxAuth(client), headers={"x-api-key": "another"})
    assert api.requests[0].headers["x-api-key"] == "another"


def test_after_a_redirect_only_the_last_request_is_sent_again(client: ims.Client, api: Api) -> None:
    api.refuse(client.token(), times=1)
    api.answer_posts_by_redirect()
    with httpx.Client(auth=ims.HttpxAuth(client), follow_redirects=True) as http:
        assert http.post(api.url, json={"a": 1}).status_code == 200
    assert [request.method for request in api.requests] == ["POST", "GET", "GET"]


def test_another_host_gets_no_token(client: ims.Client, api: Api, other_api: Api) -> None:
    other_api.refuse_all()
    api.redirect_to(other_api.url.replace("127.0.0.1", "localhost"))
    with httpx.Client(auth=ims.HttpxAuth(client), follow_redirects=True) as http:
        assert http.get(api.url).status_code == 401
    (request,) = other_api.requests
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_only_the_origin_gets_the_token(client: ims.Client, api: Api, other_api: Api, is_async: bool) -> None:
    auth = ims.HttpxAuth(client, origin=api.url)

    async def main() -> None:
        async with httpx.AsyncClient(auth=auth) as http:
            for url in (api.url, other_api.url, other_api.url.replace("127.0.0.1", "localhost")):
                await http.get(url)

    if is_async:
        asyncio.run(main())
    else:
        with httpx.Client(auth=auth) as http:
            for url in (api.url, other_api.url, other_api.url.replace("127.0.0.1", "localhost")):
                http.get(url)
    assert "Authorization" in api.requests[0].headers
    assert not [request for request in other_api.requests if "Authorization" in request.headers]
    assert len(other_api.requests) == 2


@pytest.mark.parametrize("origin", ["", "api.example.com", "https://a.example/v1", "https://u:p@a.example", "https://a:x"])
def test_what_is_no_origin_is_refused(client: ims.Client, origin: str) -> None:
    with pytest.raises(ims.ArgumentError, match="origin must be a text such as"):
        ims.HttpxAuth(client, origin=origin)
    with pytest.raises(ims.ArgumentError, match="would be sent in clear"):
        ims.HttpxAuth(client, origin="http://api.example.com")


def test_what_is_no_client_is_refused() -> None:
    with pytest.raises(TypeError, match="client must be ims.Client, not str"):
        ims.HttpxAuth("client")  # type: ignore[arg-type]
