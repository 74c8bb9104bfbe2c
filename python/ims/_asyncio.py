"""Tokens for asyncio: the tasks of a loop share one exchange."""

from __future__ import annotations

import asyncio

from ._native import Client, Token, fetch_token, token_in_memory

# What tasks wait for, until it is there.
_waits: dict[tuple[asyncio.AbstractEventLoop, Client], asyncio.Future[Token]] = {}


async def token(client: Client) -> Token:
    token = token_in_memory(client)
    if token is not None:
        return token
    loop = asyncio.get_running_loop()
    future = _waits.get((loop, client))
    if future is None:
        future = _waits[loop, client] = _fetch(loop, client)
    # Whoever is cancelled, the others get their token.
    return await asyncio.shield(future)


def _fetch(loop: asyncio.AbstractEventLoop, client: Client) -> asyncio.Future[Token]:
    future: asyncio.Future[Token] = loop.create_future()

    def land(token: Token | None, error: BaseException | None) -> None:
        _waits.pop((loop, client), None)
        if future.cancelled():
            return
        if token is not None:
            future.set_result(token)
        elif error is not None:
            future.set_exception(error)

    def done(token: Token | None, error: BaseException | None) -> None:
        try:
            loop.call_soon_threadsafe(land, token, error)
        except RuntimeError:
            # The loop was closed, and nobody waits any more.
            _waits.pop((loop, client), None)

    fetch_token(client, done)
    return future
