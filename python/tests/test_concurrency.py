"""Threads, tasks and processes: exactly one exchange, and no deadlock."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable

import pytest

import ims
from conftest import Deaf, wait_until
from ims.sandbox import Sandbox


def test_64_cold_threads_make_one_exchange(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(latency_ms=100)
    client = ims.Client.from_file(ims_sandbox.credentials_file)
    together = threading.Barrier(64)

    def ask(_: int) -> ims.Token:
        together.wait()
        return client.token()

    with ThreadPoolExecutor(64) as threads:
        assert len(set(threads.map(ask, range(64)))) == 1
    assert ims_sandbox.exchanges == (1, 0)


def test_200_cold_tasks_make_one_exchange(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(latency_ms=100)
    client = ims.Client.from_file(ims_sandbox.credentials_file)

    async def main() -> set[ims.Token]:
        return set(await asyncio.gather(*(client.token_async() for _ in range(200))))

    assert len(asyncio.run(main())) == 1
    # Another loop, and the token is there already.
    assert len(asyncio.run(main())) == 1
    assert ims_sandbox.exchanges == (1, 0)


def test_tasks_that_each_name_the_credentials_wait_for_one_thread(ims_sandbox: Sandbox) -> None:
    from ims import _asyncio

    ims_sandbox.inject(latency_ms=300)
    clients = [ims.Client.shared(ims_sandbox.credentials_file) for _ in range(50)]

    async def main() -> set[ims.Token]:
        waiting = asyncio.gather(*(client.token_async() for client in clients))
        await asyncio.sleep(0)
        assert len(_asyncio._waits) == 1
        return set(await waiting)

    assert len(asyncio.run(main())) == 1
    assert ims_sandbox.exchanges == (1, 0)


def test_the_loop_goes_on_while_a_token_is_on_its_way(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(latency_ms=300)
    client = ims.Client.from_file(ims_sandbox.credentials_file)

    async def main() -> int:
        ticks = 0
        task = asyncio.create_task(client.token_async())
        while not task.done():
            await asyncio.sleep(0.01)
            ticks += 1
        task.result()
        return ticks

    assert asyncio.run(main()) > 5


def test_a_task_that_is_cancelled_takes_nothing_from_the_others(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(latency_ms=200)
    client = ims.Client.from_file(ims_sandbox.credentials_file)

    async def main() -> list[object]:
        tasks = [asyncio.create_task(client.token_async()) for _ in range(10)]
        await asyncio.sleep(0.05)
        for task in tasks[:9]:
            task.cancel()
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    *cancelled, token = asyncio.run(main())
    assert all(isinstance(error, asyncio.CancelledError) for error in cancelled)
    assert isinstance(token, ims.Token)
    assert ims_sandbox.exchanges == (1, 0)


def test_a_failure_goes_to_every_task_and_a_cancelled_wait_warns_of_nothing(
    ims_sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    ims_sandbox.inject(error="signature", latency_ms=100)
    client = ims.Client.from_file(ims_sandbox.credentials_file)

    async def main() -> list[object]:
        tasks = [asyncio.create_task(client.token_async()) for _ in range(5)]
        await asyncio.sleep(0.02)
        tasks[0].cancel()
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    errors = asyncio.run(main())
    gc.collect()
    assert [type(error) for error in errors] == [asyncio.CancelledError, *[ims.RejectedError] * 4]
    assert not [record for record in caplog.records if record.name == "asyncio"]


def test_wait_for_gives_up_alone(deaf: Deaf, ims_sandbox: Sandbox) -> None:
    account = {**ims_sandbox.credentials, "token_url": deaf.url, "grant": "jwt_bearer", "iss": "i", "sub": "s", "aud": "a"}
    for name in ["ims", "metascopes", "technical_account_id", "org_id"]:
        del account[name]
    client = ims.Client.from_dict(account, timeout=10)

    async def main() -> None:
        await asyncio.wait_for(client.token_async(), 0.1)

    begun = time.monotonic()
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(main())
    # The loop ends without its thread, which may take seconds more.
    assert time.monotonic() - begun < 8


def test_a_loop_that_ends_early_leaves_nothing_behind(ims_sandbox: Sandbox) -> None:
    from ims import _asyncio

    ims_sandbox.inject(latency_ms=200, times=1)
    client = ims.Client.from_file(ims_sandbox.credentials_file)

    async def main() -> None:
        asyncio.ensure_future(client.token_async())
        await asyncio.sleep(0.02)

    asyncio.run(main())
    wait_until(lambda: not _asyncio._waits)
    assert ims_sandbox.exchanges == (1, 0)


def token_of(arguments: tuple[str, str]) -> str:
    file, cache = arguments
    return ims.Client.from_file(file, cache=cache).token().access_token


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_of_16_processes_with_the_file_cache_makes_one_exchange(
    method: str, ims_sandbox: Sandbox, tmp_path: Path
) -> None:
    arguments = (str(ims_sandbox.credentials_file), f"file:{tmp_path}/tokens")
    with multiprocessing.get_context(method).Pool(16) as pool:
        tokens = pool.map(token_of, [arguments] * 64, chunksize=1)
    assert len(set(tokens)) == 1
    assert ims_sandbox.exchanges == (1, 0)


made_before: ims.Client


def token_of_parents_client(_: int) -> str:
    return made_before.token().access_token


def test_a_client_made_before_a_fork_works_in_the_children(ims_sandbox: Sandbox, tmp_path: Path) -> None:
    global made_before
    made_before = ims.Client.from_file(ims_sandbox.credentials_file, cache=f"file:{tmp_path}/tokens")
    with multiprocessing.get_context("fork").Pool(16) as pool:
        assert len(set(pool.map(token_of_parents_client, range(64), chunksize=1))) == 1
    assert ims_sandbox.exchanges == (1, 0)


def test_a_child_that_is_forked_while_threads_wait_is_not_held_up(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(latency_ms=400)
    client = ims.Client.from_file(ims_sandbox.credentials_file)
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(client.token) for _ in range(8)]
        time.sleep(0.1)
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if client.token().expires_in > 0 else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert len({token.result() for token in asked}) == 1
    # The parent's, and the child's own.
    assert ims_sandbox.exchanges == (2, 0)


def test_children_sign_with_a_key_that_threads_of_their_parent_use(pem: bytes) -> None:
    key, over = ims.Key(pem), threading.Event()

    def sign() -> None:
        while not over.is_set():
            ims.generate_jwt(key, iss="i", sub="s", aud="a")

    threads = [threading.Thread(target=sign) for _ in range(4)]
    for thread in threads:
        thread.start()
    children = []
    for _ in range(64):
        child = os.fork()
        if child == 0:
            # A deadlock ends, and is seen.
            signal.alarm(30)
            ims.generate_jwt(key, iss="i", sub="s", aud="a")
            os._exit(0)
        children.append(child)
    assert {os.waitpid(child, 0)[1] for child in children} == {0}
    over.set()
    for thread in threads:
        thread.join()


def refused(file: str) -> str:
    return ims.Client.from_file(file).token().access_token


def test_an_error_comes_back_from_a_pool_as_it_was(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(error="signature")
    with multiprocessing.get_context("fork").Pool(1) as pool:
        with pytest.raises(ims.RejectedError) as error:
            pool.apply(refused, (str(ims_sandbox.credentials_file),))
    assert error.value.oauth_error == "invalid_token" and error.value.debug_id


def test_signing_gives_way_to_other_threads(pem: bytes) -> None:
    key, begun, signed = ims.Key(pem), threading.Event(), 0
    before = sys.getswitchinterval()

    def sign() -> None:
        nonlocal signed
        begun.set()
        for _ in range(2_000):
            ims.generate_jwt(key, iss="i", sub="s", aud="a")
            signed += 1

    thread = threading.Thread(target=sign)
    # No thread gives way but where it waits.
    sys.setswitchinterval(1_000)
    try:
        thread.start()
        begun.wait()
        assert signed < 2_000
        thread.join()
    finally:
        sys.setswitchinterval(before)


def test_a_wait_that_was_given_up_is_no_lost_failure(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(error="signature", latency_ms=200)
    client = ims.Client.from_file(ims_sandbox.credentials_file)
    told: list[object] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.token_async(), 0.05)
        await asyncio.sleep(0.4)
        gc.collect()

    asyncio.run(main())
    assert told == []


def test_clients_of_one_loop_wait_apart(ims_sandbox: Sandbox, tmp_path: Path) -> None:
    clients = [ims.Client.from_file(ims_sandbox.credentials_file) for _ in range(3)]

    async def main() -> set[ims.Token]:
        return set(await asyncio.gather(*(client.token_async() for client in clients)))

    assert len(asyncio.run(main())) == 3


def test_a_child_that_is_forked_while_tasks_wait_asks_by_itself(ims_sandbox: Sandbox) -> None:
    ims_sandbox.inject(latency_ms=300)
    client = ims.Client.from_file(ims_sandbox.credentials_file)

    async def main() -> int:
        waiting = asyncio.ensure_future(client.token_async())
        await asyncio.sleep(0.1)
        child = os.fork()
        if child == 0:
            try:
                # Of the child's own, for one exchange more.
                asyncio.set_event_loop(None)
                os._exit(0 if client.token().expires_in > 0 else 1)
            finally:
                os._exit(2)
        await waiting
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert asyncio.run(main()) == 0
    assert ims_sandbox.exchanges == (2, 0)


def test_a_program_ends_well_while_a_token_is_on_its_way(
    ims_sandbox: Sandbox, run_python: Callable[..., str]
) -> None:
    ims_sandbox.inject(latency_ms=100)
    code = """
import asyncio, sys
import ims
async def main():
    wait = asyncio.ensure_future(ims.Client.from_file(sys.argv[1]).token_async())
    await asyncio.sleep(float(sys.argv[2]))
asyncio.run(main())
"""
    # About the moment when the token comes.
    for milliseconds in range(90, 120, 2):
        assert run_python(code, ims_sandbox.credentials_file, milliseconds / 1000) == ""


def test_threads_that_outlive_openssl_sign_without_it(
    pem: bytes, ims_sandbox: Sandbox, tmp_path: Path, run_python: Callable[..., str]
) -> None:
    (tmp_path / "key.pem").write_bytes(pem)
    code = """
import atexit, ctypes, ssl, sys, threading

def sign():
    return ims.generate_jwt(key, iss="i", sub="s", aud="a", iat=1, exp=2, jti="j")

def outlive():
    ended.wait()
    signed.append(sign())
    signed.append(client.token().token_type)
    done.set()

# It runs after the package's own hook, for that is registered later. Python's `ssl` has this done when the process exits.
def end():
    with open("/proc/self/maps") as maps:
        libcrypto = {line.split()[-1] for line in maps if "libcrypto" in line}.pop()
    signed.append(sign())
    ctypes.CDLL(libcrypto).OPENSSL_cleanup()
    ended.set()
    done.wait()
    print(signed == [before, before, "bearer"])

atexit.register(end)
import ims
ended, done, signed = threading.Event(), threading.Event(), []
key, client = ims.Key.from_file("key.pem"), ims.Client.from_file(sys.argv[1])
before = sign()
threading.Thread(target=outlive, daemon=True).start()
"""
    assert run_python(code, ims_sandbox.credentials_file) == "True\n"
