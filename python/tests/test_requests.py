"""RequestsAuth: every request bears a fresh token."""

from __future__ import annotations

import io
from typing import Any, Iterator

import pytest
import requests

import ims
from api import Api
from ims.sandbox import Sandbox


@pytest.fixture
def client(ims_sandbox: Sandbox) -> ims.Client:
    return ims.Client.from_file(ims_sandbox.credentials_file)


def test_a_request_bears_token_and_api_key(client: ims.Client, api: Api) -> None:
    answer = requests.get(api.url, auth=ims.RequestsAuth(client))
    assert answer.status_code == 200
    (request,) = api.requests
    assert request.headers["Authorization"] == f"Bearer {client.token().access_token}"
    assert request.headers["x-api-key"] == "sandbox-client"


def test_a_session_asks_for_one_token_and_keeps_its_own_api_key(
    client: ims.Client, api: Api, ims_sandbox: Sandbox
) -> None:
    with requests.Session() as session:
        session.auth = ims.RequestsAuth(client)
        session.headers["x-api-key"] = "another"
        for _ in range(3):
            session.get(api.url)
    assert {request.headers["x-api-key"] for request in api.requests} == {"another"}
    assert ims_sandbox.exchanges == (1, 0)


def test_after_one_401_it_tries_once_more_with_a_new_token(
    client: ims.Client, api: Api, ims_sandbox: Sandbox
) -> None:
    api.refuse(client.token(), times=1)
    answer = requests.post(api.url, data={"a": "b"}, auth=ims.RequestsAuth(client))
    assert answer.status_code == 200 and [earlier.status_code for earlier in answer.history] == [401]
    first, second = api.requests
    assert first.headers["Authorization"] != second.headers["Authorization"] and first.body == second.body == b"a=b"
    assert ims_sandbox.exchanges == (2, 0)


def test_a_second_401_is_the_answer(client: ims.Client, api: Api, ims_sandbox: Sandbox) -> None:
    api.refuse_all()
    for _ in range(3):
        assert requests.get(api.url, auth=ims.RequestsAuth(client)).status_code == 401
    # An API that refuses every token costs one exchange more, not one each time.
    assert ims_sandbox.exchanges == (2, 0) and len(api.requests) == 4


def test_what_the_first_request_was_sent_with_the_second_is_too(client: ims.Client, api: Api) -> None:
    class Adapter(requests.adapters.HTTPAdapter):
        sent: list[dict[str, object]] = []

        def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
            self.sent.append(options)
            return super().send(request, **options)

    api.refuse(client.token(), times=1)
    with requests.Session() as session:
        session.mount("http://", adapter := Adapter())
        answer = session.get(api.url, auth=ims.RequestsAuth(client), timeout=7, verify=False)
    first, second = adapter.sent
    assert answer.status_code == 200 and first == second and second["timeout"] == 7
    assert answer.request.headers["Authorization"] == api.requests[1].headers["Authorization"]


def test_a_client_without_an_id_sends_none(pem: bytes, api: Api, ims_sandbox: Sandbox) -> None:
    account = {"grant": "jwt_bearer", "token_url": f"{ims_sandbox.url}/token", "iss": "SANDBOX@AdobeOrg",
               "sub": "sandbox@techacct.adobe.com", "aud": f"{ims_sandbox.url}/token",
               "private_key": ims_sandbox.credentials["private_key"]}
    client = ims.Client.from_dict(account)
    assert client.client_id is None
    assert requests.get(api.url, auth=ims.RequestsAuth(client)).status_code == 200
    assert "x-api-key" not in api.requests[0].headers


def test_a_file_is_sent_again_from_where_it_began_and_a_stream_is_not(client: ims.Client, api: Api) -> None:
    api.refuse(client.token(), times=1)
    file = io.BytesIO(b"skipped, sent")
    file.seek(9)
    assert requests.post(api.url, data=file, auth=ims.RequestsAuth(client)).status_code == 200
    assert [request.body for request in api.requests] == [b"sent", b"sent"]


def test_a_stream_that_is_used_up_is_not_sent_again(client: ims.Client, api: Api) -> None:
    def stream() -> Iterator[bytes]:
        yield b"once"

    api.refuse(client.token(), times=1)
    assert requests.post(api.url, data=stream(), auth=ims.RequestsAuth(client)).status_code == 401
    assert len(api.requests) == 1
    # The refused token is forgotten all the same.
    assert requests.post(api.url, data=stream(), auth=ims.RequestsAuth(client)).status_code == 200


def test_another_host_gets_no_token(client: ims.Client, api: Api, other_api: Api) -> None:
    other_api.refuse_all()
    api.redirect_to(other_api.url.replace("127.0.0.1", "localhost"))
    assert requests.get(api.url, auth=ims.RequestsAuth(client)).status_code == 401
    (request,) = other_api.requests
    assert "Authorization" not in request.headers


def test_what_the_client_cannot_get_is_its_error(client: ims.Client, api: Api, ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(error="signature")
    with pytest.raises(ims.RejectedError):
        requests.get(api.url, auth=ims.RequestsAuth(client))
    assert not api.requests
    with pytest.raises(TypeError, match="client must be ims.Client, not str"):
        ims.RequestsAuth("client")  # type: ignore[arg-type]
def test_only_the_origin_gets_the_token(client: ims.Client, api: Api, other_api: Api) -> None:
    with requests.Session() as session:
        session.auth = ims.RequestsAuth(client, origin=api.url)
        session.get(api.url)
        session.get(other_api.url)
    assert "Authorization" in api.requests[0].headers
    assert "Authorization" not in other_api.requests[0].headers


