"""Exceptions: a class for each status, each what a reader of Python expects."""

from __future__ import annotations

import pickle
import traceback

import pytest

import ims

CLASSES: list[tuple[ims.Status, type[ims.Error], type[Exception]]] = [
    (ims.Status.ARGUMENT, ims.ArgumentError, ValueError),
    (ims.Status.KEY, ims.InvalidKeyError, ValueError),
    (ims.Status.PASSPHRASE, ims.PassphraseError, ValueError),
    (ims.Status.CREDENTIALS, ims.CredentialsError, ValueError),
    (ims.Status.CONNECT, ims.ConnectError, ConnectionError),
    (ims.Status.TLS, ims.TlsError, ConnectionError),
    (ims.Status.TIMEOUT, ims.TimeoutError, TimeoutError),
    (ims.Status.REJECTED, ims.RejectedError, PermissionError),
    (ims.Status.RATE_LIMITED, ims.RateLimitedError, ims.Error),
    (ims.Status.UNAVAILABLE, ims.UnavailableError, ConnectionError),
    (ims.Status.RESPONSE, ims.ResponseError, ValueError),
    (ims.Status.CACHE, ims.CacheError, ValueError),
    (ims.Status.INTERNAL, ims.InternalError, RuntimeError),
]


def test_every_status_has_its_class() -> None:
    assert [status for status, _, _ in CLASSES] == list(ims.Status)


@pytest.mark.parametrize(("status", "kind", "builtin"), CLASSES, ids=[status.name for status, _, _ in CLASSES])
def test_a_class_is_a_builtin_one_too_and_is_pickled_whole(
    status: ims.Status, kind: type[ims.Error], builtin: type[Exception]
) -> None:
    error = kind("m", "h", "invalid", "d", "7", 400, True, 5)
    assert isinstance(error, ims.Error) and isinstance(error, builtin)
    assert (error.status, str(error), kind.__module__) == (status, "m", "ims")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind and again.__dict__ == error.__dict__ and str(again) == "m"


def test_a_traceback_shows_the_hint() -> None:
    shown = "".join(traceback.format_exception_only(ims.InvalidKeyError, ims.InvalidKeyError("m", "h")))
    notes = "hint: h\n" if hasattr(Exception, "add_note") else ""
    assert shown == f"ims.InvalidKeyError: m\n{notes}"
