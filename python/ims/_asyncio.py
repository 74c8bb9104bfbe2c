"""Tokens for asyncio: the tasks of a loop share one thread, which waits for the token."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

from ._client import Client
from ._errors import ConnectError
from ._native import Token

# The futures of the tasks that wait, one for each: where one is cancelled, the others still get the token.
_waits: dict[tuple[asyncio.AbstractEventLoop, Client], list[asyncio.Future[Token]]] = {}

# The thread that would end a wait is not in the child.
os.register_at_fork(after_in_child=_waits.clear)


async def refresh(client: Client) -> Token:
    """Returns the token of a client that has none in memory."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Token] = loop.create_future()
    waiting = _waits.get((loop, client))
    if waiting is None:
        waiting = _waits[loop, client] = []
        try:
            _start(loop, client)
        except BaseException:
            # No thread would ever end this wait.
            _waits.pop((loop, client), None)
            raise
    waiting.append(future)
    return await future


def _start(loop: asyncio.AbstractEventLoop, client: Client) -> None:
    # Not the loop's executor, whose threads hold up the end of a program that was interrupted.
    thread = threading.Thread(target=_fetch, args=(loop, client), name="ims", daemon=True)
    # It inherits the mask: no signal's handler runs there.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        thread.start()
    except (OSError, RuntimeError) as error:
        hint = "this process, container or machine is at its limit of threads or memory"
        message = f"no thread could be started: {error}"
        raise ConnectError(message, hint, retryable=True) from error
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _fetch(loop: asyncio.AbstractEventLoop, client: Client) -> None:
    token, error = None, None
    try:
        token = client.token()
    except BaseException as raised:
        error = raised
    waiting = _waits.pop((loop, client), [])
    try:
        loop.call_soon_threadsafe(_finish, waiting, token, error)
    except RuntimeError:
        # The loop was closed: no task waits any more.
        pass


def _finish(waiting: list[asyncio.Future[Token]], token: Token | None, error: BaseException | None) -> None:
    for future in waiting:
        if future.done():
            continue
        if token is not None:
            future.set_result(token)
        elif error is not None:
            future.set_exception(error)
