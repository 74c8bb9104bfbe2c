"""What is logged, by the logger `ims`."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Callable

import pytest

import ims
from ims.sandbox import Sandbox


def test_exchanges_and_retries_are_logged_for_debugging(ims_sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ims_sandbox.inject(status=503, times=1)
    token = ims.Client.from_file(ims_sandbox.credentials_file).token()
    (failed, issued) = caplog.records
    assert (failed.name, failed.levelno) == (issued.name, issued.levelno) == ("ims", logging.DEBUG)
    assert failed.getMessage().startswith("attempt 1 failed, the next one is in ")
    assert "HTTP 503" in failed.getMessage()
    assert issued.getMessage().startswith("the token server issued a token for 8639")
    assert token.access_token not in caplog.text and "sandbox-secret" not in caplog.text


def test_a_cache_that_fails_is_a_warning(
    ims_sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    ims.Client.from_file(ims_sandbox.credentials_file, cache=f"file:{tmp_path}/file/tokens").token()
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("ims", "WARNING")
    assert record.getMessage().startswith("the token cache is unavailable, and each process gets its own token: ")


def test_a_handler_that_fails_fails_no_call(ims_sandbox: Sandbox) -> None:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise OSError("the disk is full")

    logger, handler = logging.getLogger("ims"), Broken()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with pytest.MonkeyPatch.context() as patch:
            unraised: list[object] = []
            patch.setattr("sys.unraisablehook", lambda raised: unraised.append(raised.exc_value))
            ims.Client.from_file(ims_sandbox.credentials_file).token()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert [str(error) for error in unraised] == ["the disk is full"]


def test_nothing_is_printed_where_nobody_asked_for_logs(ims_sandbox: Sandbox, run_python: Callable[..., str]) -> None:
    ims_sandbox.inject(status=503, times=1)
    code = "import ims, sys; ims.Client.from_file(sys.argv[1]).token()"
    assert run_python(code, ims_sandbox.credentials_file) == ""


def test_a_handler_may_ask_for_a_token_itself(ims_sandbox: Sandbox) -> None:
    class Shipper(logging.Handler):
        tokens: list[ims.Token] = []

        def emit(self, record: logging.LogRecord) -> None:
            self.tokens.append(client.token())

    client = ims.Client.from_file(ims_sandbox.credentials_file)
    logger, handler = logging.getLogger("ims"), Shipper()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        token = client.token()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert handler.tokens == [token] and ims_sandbox.exchanges == (1, 0)


def test_records_are_of_the_thread_that_called(ims_sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ims.Client.from_file(ims_sandbox.credentials_file).token()
    assert [record.threadName for record in caplog.records] == [threading.current_thread().name]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("Dummy")]


def test_what_ends_the_program_ends_a_handler_too(ims_sandbox: Sandbox) -> None:
    class Stop(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise KeyboardInterrupt

    logger, handler = logging.getLogger("ims"), Stop()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with pytest.raises(KeyboardInterrupt):
            ims.Client.from_file(ims_sandbox.credentials_file).token()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
