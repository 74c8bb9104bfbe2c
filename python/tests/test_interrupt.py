"""Ctrl-C and other signals while a call waits."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest

import ims
from conftest import Deaf, heed_ctrl_c
from ims.sandbox import Sandbox

HANGS = """
import sys, time, ims
print("waiting", flush=True)
begun = time.monotonic()
try:
    {call}
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
EXCHANGE = 'ims.exchange("ey.ey.c2ln", grant="jwt_bearer", token_url=sys.argv[1], timeout=30)'
CLIENT = """ims.Client.from_dict({"grant": "client_credentials", "client_id": "c", "client_secret": "s",
        "scope": "openid", "token_url": sys.argv[1]}, timeout=30).token()"""
LOOP = f"""import asyncio
    client = {CLIENT.replace(".token()", "")}
    asyncio.run(client.token_async())"""

DOCTOR = """import json, tempfile
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"client_id": "c", "client_secret": "s", "scope": "openid", "token_url": sys.argv[1]}, file)
        file.flush()
        ims.doctor(file.name, online=True, timeout=30)"""


@pytest.mark.parametrize("call", [EXCHANGE, CLIENT, LOOP, DOCTOR], ids=["exchange", "client", "asyncio", "doctor"])
def test_ctrl_c_ends_a_hanging_call_and_the_program(call: str, deaf: Deaf) -> None:
    command = [sys.executable, "-c", HANGS.format(call=call), deaf.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "waiting\n"
        time.sleep(0.3)
        begun = time.monotonic()
        program.send_signal(signal.SIGINT)
        assert program.stdout.readline() == "interrupted\n"
        assert program.wait(timeout=60) == 0
        # Not at the call's deadline of 30 s, however long a busy machine takes to end the interpreter.
        assert time.monotonic() - begun < 15


def test_a_handler_that_raises_nothing_lets_the_call_go_on(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(latency_ms=500)
    client = ims.Client.from_file(ims_sandbox.credentials_file)
    handled: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: handled.append(number))
    try:
        timer = threading.Timer(0.1, signal.raise_signal, (signal.SIGUSR1,))
        timer.start()
        begun = time.monotonic()
        client.token()
        timer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert handled == [signal.SIGUSR1] and time.monotonic() - begun >= 0.5
    assert ims_sandbox.exchanges == (1, 0)


def test_after_an_interrupt_the_client_works(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(latency_ms=600, times=1)
    client = ims.Client.from_file(ims_sandbox.credentials_file)

    class Enough(Exception):
        pass

    def interrupt(number: int, frame: object) -> None:
        raise Enough

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(Enough):
            client.token()
    finally:
        signal.signal(signal.SIGALRM, before)
    # Joins the exchange that still runs.
    client.token()
    assert ims_sandbox.exchanges == (1, 0)
