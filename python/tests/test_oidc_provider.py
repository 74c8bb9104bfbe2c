"""oidc-provider, a token server that we did not write, knows a client by a JWT, and takes each JWT once."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import Any, Iterator, NamedTuple

import pytest

import ims
from conftest import ROOT


class Request(NamedTuple):
    credentials: dict[str, Any]
    # The members of the access token that say for whom and for what it is.
    claims: dict[str, Any]


@pytest.fixture(scope="module")
def granted() -> Iterator[list[Request]]:
    """The requests that the server grants, for as long as it runs."""
    peers = ROOT / "tests/peers"
    [node] = (peers / "node_modules").glob("node-linux-*/bin/node")
    with subprocess.Popen([node, peers / "oidc_provider.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        yield [Request(**request) for request in json.loads(server.stdout.readline())]


def claims(jwt: str) -> dict[str, Any]:
    payload = jwt.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def test_it_verifies_every_algorithm_and_grants_the_scope_and_resource_that_are_asked_for(granted: list[Request]) -> None:
    for request in granted:
        token = ims.Client.from_dict(request.credentials).token()
        read = claims(token.access_token)
        assert {name: read.get(name) for name in request.claims} == request.claims, request.credentials["alg"]


def test_it_takes_no_assertion_twice(granted: list[Request]) -> None:
    account = next(request.credentials for request in granted if request.credentials["alg"] == "ES256")
    client = account["client_id"]
    jwt = ims.generate_jwt(
        account["private_key"], iss=client, sub=client, aud=account["issuer"], jti="once", typ="client-authentication+jwt"
    )

    def exchange() -> ims.Token:
        return ims.exchange(
            grant="client_credentials",
            token_url=account["token_url"],
            client_id=client,
            client_auth="private_key_jwt",
            client_assertion=jwt,
        )

    exchange()
    with pytest.raises(ims.RejectedError) as refused:
        exchange()
    assert refused.value.oauth_error == "invalid_client"
