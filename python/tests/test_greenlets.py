"""Greenlets go on while one of them waits for a token, as the manual has it."""

from __future__ import annotations

from typing import Callable

import pytest

from ims.sandbox import Sandbox

PROGRAM = """
import sys
{patch}
import ims

client = ims.Client.from_file(sys.argv[1])
ticks = 0

def tick():
    global ticks
    while True:
        sleep(0.01)
        ticks += 1

spawn(tick)
sleep(0)
tokens = {{wait(client.token) for _ in range(3)}}
print(len(tokens), ticks > 5)
"""

GEVENT = """
import gevent.monkey
gevent.monkey.patch_all()
import gevent
sleep, spawn, wait = gevent.sleep, gevent.spawn, gevent.get_hub().threadpool.apply
"""

EVENTLET = """
import eventlet
eventlet.monkey_patch()
import eventlet.tpool
sleep, spawn, wait = eventlet.sleep, eventlet.spawn, eventlet.tpool.execute
"""


@pytest.mark.parametrize("patch", [GEVENT, EVENTLET], ids=["gevent", "eventlet"])
def test_greenlets_go_on_while_one_waits(ims_sandbox: Sandbox, run_python: Callable[..., str], patch: str) -> None:
    ims_sandbox.inject(latency_ms=1000)
    printed = run_python(PROGRAM.format(patch=patch), ims_sandbox.credentials_file)
    assert printed.splitlines()[0] == "1 True"
    assert ims_sandbox.exchanges == (1, 0)
