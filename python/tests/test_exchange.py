"""Exchanges: with Adobe's names, with RFC 7523's, and what goes wrong."""

from __future__ import annotations

import json
import pickle
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

import ims
from conftest import Authlib, Deaf
from ims.sandbox import Sandbox


def jwt_for(sandbox: Sandbox, key: str | bytes | None = None, **claims: Any) -> str:
    account = sandbox.credentials
    given: dict[str, Any] = {
        "iss": account["org_id"],
        "sub": account["technical_account_id"],
        "aud": f"{sandbox.url}/c/{account['client_id']}",
        "metascopes": [f"{sandbox.url}/s/ent_sandbox"],
        **claims,
    }
    return ims.generate_jwt(key or account["private_key"], **given)


def exchange(sandbox: Sandbox, jwt: str, **arguments: Any) -> ims.Token:
    given = {
        "client_id": sandbox.credentials["client_id"],
        "client_secret": sandbox.credentials["client_secret"],
        "token_url": f"{sandbox.url}/ims/exchange/jwt",
        **arguments,
    }
    return ims.exchange(jwt, **given)


def test_a_jwt_becomes_a_token_of_a_day(ims_sandbox: Sandbox) -> None:
    token = exchange(ims_sandbox, jwt_for(ims_sandbox))
    assert token.access_token.startswith("ey") and token.token_type == "bearer"
    assert 86_300 < token.expires_in <= 86_400
    assert token.expires_at.utcoffset() == timedelta(0) and token.expires_at.timestamp() > time.time()


def test_an_issuer_is_enough_to_find_where_to_ask(ims_sandbox: Sandbox) -> None:
    client, key = ims_sandbox.credentials["client_id"], ims_sandbox.credentials["private_key"]

    def exchange(issuer: str, assertion: str) -> ims.Token:
        return ims.exchange(
            grant="client_credentials", client_id=client, issuer=issuer, client_auth="private_key_jwt", client_assertion=assertion
        )

    given = {"iss": client, "sub": client, "aud": ims_sandbox.url, "typ": "client-authentication+jwt"}
    assertion = ims.generate_jwt(key, jti="once", **given)
    assert exchange(ims_sandbox.url, assertion).token_type == "bearer"
    with pytest.raises(ims.RejectedError, match="jti"):
        exchange(ims_sandbox.url, assertion)
    with pytest.raises(ims.ArgumentError, match="issuer has a query"):
        exchange(f"{ims_sandbox.url}/?a", assertion)


def test_authlib_takes_the_bearer_grant_over_nginxs_tls(authlib: Authlib, pem: bytes) -> None:
    jwt = ims.generate_jwt(pem, iss=authlib.iss, sub=authlib.sub, aud=authlib.aud, claims={"ä": [1.5, None]})
    token = ims.exchange(jwt, grant="jwt_bearer", token_url=f"{authlib.url}/token", ca_file=authlib.ca_file)
    accepted = authlib.accepted(token)
    assert accepted["iss"] == authlib.iss and accepted["ä"] == [1.5, None]


def test_authlib_takes_adobes_exchange_over_nginxs_tls(authlib: Authlib, pem: bytes) -> None:
    jwt = ims.generate_jwt(pem, iss=authlib.iss, sub=authlib.sub, aud=authlib.aud)
    token = ims.exchange(
        jwt,
        client_id=authlib.iss,
        client_secret=authlib.client_secret,
        token_url=f"{authlib.url}/ims/exchange/jwt",
        ca_file=authlib.ca_file,
    )
    assert 3_500 < token.expires_in <= 3_600
    assert authlib.accepted(token)["sub"] == authlib.sub


def test_a_server_that_nobody_vouches_for_is_a_tls_error(authlib: Authlib, pem: bytes) -> None:
    jwt = ims.generate_jwt(pem, iss=authlib.iss, sub=authlib.sub, aud=authlib.aud)
    with pytest.raises(ims.TlsError) as error:
        ims.exchange(jwt, grant="jwt_bearer", token_url=f"{authlib.url}/token")
    assert isinstance(error.value, ConnectionError) and not error.value.retryable


def test_client_credentials_take_no_jwt(ims_sandbox: Sandbox, tmp_path: Any) -> None:
    url = f"{ims_sandbox.url}/ims/token/v3"
    with pytest.raises(ims.RejectedError) as error:
        # The sandbox's account is for JWTs alone.
        ims.exchange(grant="client_credentials", client_id="sandbox-client", client_secret="sandbox-secret",
                     scope="openid", token_url=url)
    assert error.value.oauth_error in ("unauthorized_client", "invalid_scope")
    with pytest.raises(ims.ArgumentError, match="jwt"):
        ims.exchange("ey", grant="client_credentials", client_id="c", client_secret="s", scope="openid", token_url=url)


def test_an_error_tells_the_field_at_fault(tmp_path: Path) -> None:
    with pytest.raises(ims.ArgumentError, match="^client_secret is missing") as argument:
        ims.exchange("ey", client_id="c")
    assert argument.value.field == "client_secret"
    account = tmp_path / "account.env"
    account.write_text("API_KEY=c\nIMS_ORG=X@AdobeOrg\nTECHNICAL_ACCOUNT_ID=D@t\nMETA_SCOPE=ent_x\n")
    with pytest.raises(ims.CredentialsError, match="account.env: CLIENT_SECRET is missing") as setting:
        ims.Client.from_file(account)
    assert setting.value.field == "client_secret"


def test_a_refusal_keeps_what_the_server_said(ims_sandbox: Sandbox, pem: bytes) -> None:
    with pytest.raises(ims.RejectedError) as caught:
        exchange(ims_sandbox, jwt_for(ims_sandbox, pem))
    error = caught.value
    assert error.status is ims.Status.REJECTED and error.http_status == 400
    assert error.oauth_error == "invalid_token"
    assert error.oauth_description == "Could not match JWT signature to any of the bindings"
    assert error.debug_id and not error.retryable and error.retry_after is None
    assert "certificate" in str(error.hint)
    assert str(error) == error.message and "\n" not in error.message
    assert getattr(error, "__notes__", [f"hint: {error.hint}"]) == [f"hint: {error.hint}"]
    # As a pool of processes hands it over.
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is ims.RejectedError and again.__dict__ == error.__dict__


@pytest.mark.parametrize(
    ("fault", "kind", "builtin", "retryable"),
    [
        ({"status": 503}, ims.UnavailableError, ConnectionError, True),
        ({"answer": "lost"}, ims.UnavailableError, ConnectionError, True),
        ({"status": 429, "retry_after": 7}, ims.RateLimitedError, ims.Error, True),
        ({"answer": "html"}, ims.ResponseError, ValueError, False),
        ({"error": "client_secret"}, ims.RejectedError, PermissionError, False),
    ],
)
def test_each_kind_of_answer_is_a_class(
    ims_sandbox: Sandbox, fault: dict[str, Any], kind: type[ims.Error], builtin: type[Exception], retryable: bool
) -> None:
    ims_sandbox.inject(**fault)
    with pytest.raises(kind) as error:
        exchange(ims_sandbox, jwt_for(ims_sandbox), max_attempts=1)
    assert isinstance(error.value, builtin) and error.value.retryable is retryable
    assert error.value.retry_after == fault.get("retry_after")


def test_what_may_be_mended_is_tried_again(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(status=503, times=2)
    exchange(ims_sandbox, jwt_for(ims_sandbox))
    assert ims_sandbox.exchanges == (1, 2)


def test_nobody_who_listens_is_a_connection_error() -> None:
    with pytest.raises(ims.ConnectError) as error:
        ims.exchange("ey.ey.c2ln", grant="jwt_bearer", token_url="http://127.0.0.1:1/token", max_attempts=1)
    assert isinstance(error.value, ConnectionError) and error.value.http_status is None


def test_the_timeout_ends_everything(deaf: Deaf) -> None:
    with pytest.raises(ims.TimeoutError) as error:
        ims.exchange("ey.ey.c2ln", grant="jwt_bearer", token_url=deaf.url, timeout=0.2)
    assert isinstance(error.value, TimeoutError) and isinstance(error.value, OSError)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 3600.5, 10**400])
def test_a_timeout_is_more_than_0_and_at_most_an_hour(timeout: float) -> None:
    with pytest.raises(ims.ArgumentError, match="^timeout "):
        ims.exchange("ey", grant="jwt_bearer", token_url="http://127.0.0.1:1", timeout=timeout)


@pytest.mark.parametrize(
    ("argument", "value", "expected"),
    [
        ("jwt", b"ey", "jwt must be str, not bytes"),
        ("grant", 1, "grant must be str, not int"),
        ("client_secret", b"s", "client_secret must be str, not bytes"),
        ("timeout", "5", "timeout must be float, not str"),
        ("timeout", True, "timeout must be float, not bool"),
        ("max_attempts", 1.0, "max_attempts must be int, not float"),
        ("max_attempts", True, "max_attempts must be int, not bool"),
        ("ca_file", 5, "ca_file must be str or os.PathLike, not int"),
        ("proxy", 5, "proxy must be str, not int"),
        ("parameters", [], "parameters must be a mapping, not list"),
        ("parameters", {"a": 1}, "parameters must be an iterable of str, not int"),
        ("parameters", {1: "a"}, "parameters: each name must be str, not int"),
    ],
)
def test_a_wrong_type_is_a_type_error_that_names_the_argument(argument: str, value: object, expected: str) -> None:
    with pytest.raises(TypeError) as error:
        ims.exchange(**{"jwt": "ey", argument: value})  # type: ignore[arg-type]
    assert str(error.value) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "client_id"),
        ({"grant": "jwt_barer"}, "grant is jwt_barer, yet must be jwt_exchange or jwt_bearer or client_credentials"),
        ({"grant": "password", "token_url": "https://h/"}, "jwt is given, but this grant takes none"),
        ({"client_auth": "digest"}, "client_auth must be body or basic or private_key_jwt or client_secret_jwt or none"),
        ({"client_auth": "private_key_jwt", "client_id": "c"}, "client_assertion is missing"),
        ({"client_id": "c", "client_secret": "s", "parameters": {"scope": "a"}}, "parameters holds scope"),
        ({"client_id": "c", "client_secret": "s", "parameters": {"resource": ["x"]}}, "resource is not an absolute URI"),
        ({"client_id": "c", "client_secret": "s", "parameters": {"a": "\ud800"}}, "parameters holds half of a surrogate"),
        ({"body": "xml"}, "body must be form or json"),
        ({"grant": "jwt_bearer"}, "token_url"),
        ({"grant": "jwt_bearer", "token_url": "ftp://h/"}, "token_url"),
        ({"grant": "jwt_bearer", "token_url": "http://adobe.example/"}, "token_url"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"max_attempts": 11}, "max_attempts"),
        ({"max_attempts": -1}, "max_attempts is out of range"),
        ({"proxy": ""}, "proxy is empty"),
        ({"ca_file": ""}, "ca_file is empty"),
        ({"grant": "jwt_bearer", "token_url": "https://localhost:1", "ca_file": "/missing.pem"}, "ca_file"),
        ({"grant": "jwt_bearer", "token_url": "https://localhost:1", "proxy": "ftp://p"}, "proxy"),
        ({"client_id": "c", "client_secret": "\ud800"}, "client_secret holds half of a surrogate pair"),
    ],
)
def test_a_bad_value_is_a_value_error_that_names_the_argument(arguments: dict[str, Any], expected: str) -> None:
    with pytest.raises(ims.ArgumentError) as error:
        ims.exchange("ey.ey.c2ln", **arguments)
    assert isinstance(error.value, ValueError) and str(error.value).startswith(expected)

class Recorder:
    """A token server that notes the body of each request."""

    def __enter__(self) -> Recorder:
        bodies: list[tuple[str, str]] = []
        self.bodies = bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                bodies.append((self.headers["Content-Type"], self.rfile.read(length).decode()))
                body = b'{"access_token":"t","expires_in":3600}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_any_grant_is_sent_with_its_parameters() -> None:
    with Recorder() as server:
        ims.exchange(
            "a.subject.token",
            grant="token_exchange",
            token_url=server.url,
            subject_token_type="access_token",
            parameters={"resource": ["https://a.example/", "urn:b"], "audience": "api"},
        )
        ims.exchange(
            grant="account_credentials",
            token_url=server.url,
            client_id="c",
            client_auth="private_key_jwt",
            client_assertion="e30.e30.c2ln",
            parameters={"account_id": "7"},
            body="json",
        )
    (form_type, form), (json_type, body) = server.bodies
    assert (form_type, json_type) == ("application/x-www-form-urlencoded", "application/json")
    assert parse_qsl(form) == [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "a.subject.token"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("resource", "https://a.example/"),
        ("resource", "urn:b"),
        ("audience", "api"),
    ]
    assert json.loads(body) == {
        "grant_type": "account_credentials",
        "client_id": "c",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "e30.e30.c2ln",
        "account_id": "7",
    }


def test_a_client_asks_for_another_scope_and_audience_than_its_credentials() -> None:
    account = {"grant": "client_credentials", "client_id": "c", "client_secret": "s", "scope": "a"}
    with Recorder() as server:
        client = ims.Client.from_dict({**account, "token_url": server.url}, scope="b c", audience="api")
        client.token()
    assert parse_qsl(server.bodies[0][1])[-2:] == [("scope", "b c"), ("audience", "api")]
