"""No secret in any text, and objects that no one changes."""

from __future__ import annotations

import copy
import io
import logging
import pickle
import pprint
import traceback
from typing import Any, Callable

import pytest

import ims
from ims.sandbox import Sandbox


def texts(value: object) -> str:
    """Whatever Python makes of an object that is shown to people."""
    shown = [repr(value), str(value), format(value), f"{value!r:>200}", ascii(value), pprint.pformat(value), repr(dir(value))]
    with pytest.raises(TypeError):
        vars(value)
    log = io.StringIO()
    logging.Logger("texts").addHandler(handler := logging.StreamHandler(log))
    handler.emit(logging.LogRecord("texts", logging.INFO, "", 1, "%s %r", (value, value), None))
    shown.append(log.getvalue())
    try:
        raise ValueError(value)
    except ValueError as error:
        shown.extend(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    return "\n".join(shown)


def test_keys_tokens_and_clients_hide_what_they_hold(ims_sandbox: Sandbox) -> None:
    account = ims_sandbox.credentials
    key = ims.Key(account["private_key"])
    client = ims.Client.from_dict(account)
    token = client.token()
    for value in [key, client, token]:
        shown = texts(value)
        for secret in [token.access_token, account["client_secret"], account["private_key"][40:100]]:
            assert secret not in shown
    assert repr(client) == '<ims.Client client_id="sandbox-client" org_id="SANDBOX@AdobeOrg">'
    assert repr(token) == f"<ims.Token: not shown, expires {token.expires_at}>"
    assert repr(key) == "<ims.Key: not shown>"


def test_they_are_not_pickled_and_a_copy_is_the_same(ims_sandbox: Sandbox) -> None:
    client = ims.Client.from_dict(ims_sandbox.credentials)
    for value in [ims.Key(ims_sandbox.credentials["private_key"]), client, client.token()]:
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match=f"cannot pickle 'ims.{type(value).__name__}' object: "):
                pickle.dumps(value, protocol)
        assert copy.copy(value) is value and copy.deepcopy([value])[0] is value


def test_they_are_not_changed(ims_sandbox: Sandbox) -> None:
    client = ims.Client.from_dict(ims_sandbox.credentials)
    for value, name in [(client, "client_id"), (client.token(), "access_token"), (client, "other"), (client, "token")]:
        with pytest.raises(AttributeError):
            setattr(value, name, "x")
        with pytest.raises(AttributeError):
            delattr(value, name)


def chain(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *chain(error.__cause__ or error.__context__)]


@pytest.mark.parametrize(
    "secret",
    ["s3cret\ud800", "s3cret\x00", "s3cret\nX", "s3cret" * 20_000, "-----BEGIN s3cret"],
    ids=["surrogate", "NUL", "line", "long", "PEM"],
)
@pytest.mark.parametrize(
    "argument", ["jwt", "client_id", "client_secret", "token_url", "scope", "org_id", "proxy", "grant"]
)
def test_no_error_repeats_a_bad_value(argument: str, secret: str) -> None:
    given: dict[str, Any] = {"jwt": "ey.ey.c2ln", "client_id": "c", "client_secret": "s", "max_attempts": 1,
                             "token_url": "https://127.0.0.1:1/token", argument: secret}
    with pytest.raises((ims.Error, ValueError)) as caught:
        ims.exchange(**given)
    for error in chain(caught.value):
        assert "s3cret" not in f"{error!r} {error} {vars(error)} {error.args}"


def test_no_error_repeats_a_key(pem: bytes) -> None:
    half = pem.decode()[:900]
    calls: list[Callable[[], object]] = [
        lambda: ims.Key(half),
        lambda: ims.Key.from_file(half),
        lambda: ims.generate_jwt(half, iss="i", sub="s", aud="a"),
        lambda: ims.Client.from_file(pem.decode()),
        lambda: ims.Client.from_dict({"client_id": "c", "private_key": half, "metascopes": "ent_x"}),
        lambda: ims.Client.from_dict({"client_id": "c", "client_secret": "s3cret", "scope": "openid"}, name=half),
        lambda: ims.generate_jwt(pem, iss="i", sub="s", aud="a", claims={half: 1, "iss": half}),
        lambda: ims.exchange("ey", grant="jwt_bearer", token_url="https://localhost:1", ca_file=half),
    ]
    for call in calls:
        with pytest.raises((ims.Error, OSError)) as caught:
            call()
        for error in chain(caught.value):
            assert half[40:90] not in f"{error!r} {error} {error.args}"


def test_no_frame_of_the_package_holds_a_secret_when_an_error_leaves_it(ims_sandbox: Sandbox) -> None:
    account, file = ims_sandbox.credentials, ims_sandbox.credentials_file
    secrets: dict[str, Any] = {"passphrase": b"s3cret", "cache": "redis://:s3cret@localhost:1", "proxy": "s3cret"}
    calls: list[Callable[[], object]] = [
        lambda: ims.Key("s3cret", passphrase="s3cret"),
        lambda: ims.Key.from_file("s3cret", passphrase="s3cret"),
        lambda: ims.generate_jwt("s3cret", iss="i", sub="s", aud="a"),
        lambda: ims.exchange("s3cret", client_id="c", client_secret="s3cret", proxy="http://s3cret@h", timeout=0),
        lambda: ims.Client.from_file(file, key="-----BEGIN s3cret", **secrets),
        lambda: ims.Client.from_dict({**account, "client_secret": "s3cret"}, **secrets),
        lambda: ims.Client.from_env(**secrets),
        lambda: ims.Client.shared({**account, "client_secret": "s3cret"}, **secrets),
        lambda: ims.token({**account, "client_secret": "s3cret"}, **secrets),
    ]
    for call in calls:
        with pytest.raises(ims.Error) as caught:
            call()
        frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
        own = [frame for frame in frames if frame.f_globals["__name__"].startswith("ims.")]
        assert own
        for frame in own:
            assert "s3cret" not in repr(frame.f_locals)


def test_a_servers_echo_is_cleaned(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(error="client_secret")
    with pytest.raises(ims.RejectedError) as caught:
        ims.Client.from_dict(ims_sandbox.credentials).token()
    shown = "".join(traceback.TracebackException.from_exception(caught.value).format())
    assert "sandbox-secret" not in shown and "eyJ" not in shown
