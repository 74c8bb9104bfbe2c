"""Forks from wherever they are made, and threads that cannot be started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest

import ims
from conftest import Deaf
from ims.sandbox import Sandbox

SECONDS = 600 if "IMS_SOAK" in os.environ else 1

# What each child of these programs does; a deadlock ends, and is seen.
CHILD = """
import os, signal, sys, threading, time, warnings
# Since CPython 3.12, of each fork next to a thread: this is what these programs are about.
warnings.simplefilter("ignore", DeprecationWarning)

def check_in_child(work):
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            work()
        except BaseException as error:
            os.write(2, repr(error).encode())
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""


def test_a_child_that_a_signal_handler_forks_gets_an_error_and_may_ask_again(
    deaf: Deaf, ims_sandbox: Sandbox, run_python: Callable[..., str]
) -> None:
    code = CHILD + """
import ims
options = {"grant": "client_credentials", "client_id": "c", "client_secret": "s", "scope": "openid"}
hanging = ims.Client.from_dict({**options, "token_url": sys.argv[1]}, timeout=30, max_attempts=1)
children = []

def fork(number, frame):
    children.append(os.fork())
    if children[-1] == 0:
        signal.alarm(60)
    else:
        raise InterruptedError

signal.signal(signal.SIGUSR1, fork)
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1)).start()
try:
    hanging.token()
except ims.UnavailableError as error:
    assert children == [0] and error.retryable and "forked" in error.message, error
    # The next call is the child's own.
    assert ims.Client.from_file(sys.argv[2]).token().access_token
    os._exit(0)
except InterruptedError:
    assert os.waitpid(children[0], 0)[1] == 0
    print("done")
"""
    assert run_python(code, deaf.url, ims_sandbox.credentials_file) == "done\n"


@pytest.mark.parametrize(("module", "name"), [("ims._errors", "Error"), ("ims._doctor", "doctor")])
def test_a_fork_waits_for_an_import_that_another_thread_is_making(
    module: str, name: str, run_python: Callable[..., str]
) -> None:
    code = CHILD + """
import importlib.machinery, ims
begun, load = threading.Event(), importlib.machinery.SourceFileLoader.exec_module

def load_slowly(loader, module):
    if module.__name__ == sys.argv[1]:
        begun.set()
        time.sleep(0.5)
    load(loader, module)

importlib.machinery.SourceFileLoader.exec_module = load_slowly
thread = threading.Thread(target=lambda: getattr(ims, sys.argv[2]))
thread.start()
begun.wait()
check_in_child(lambda: getattr(ims, sys.argv[2]))
thread.join()
print("done")
"""
    assert run_python(code, module, name) == "done\n"


@pytest.mark.parametrize("imported", ["before", "after"])
def test_the_programs_own_hooks_get_tokens_however_often_the_module_was_imported(
    imported: str, ims_sandbox: Sandbox, run_python: Callable[..., str]
) -> None:
    code = CHILD + """
ran = []
def hook():
    ran.append(ims.Client.from_file(sys.argv[2]).token())
def register():
    os.register_at_fork(before=hook, after_in_parent=hook, after_in_child=hook)
if sys.argv[1] == "after":
    register()
for _ in range(50):
    import ims
    for name in [name for name in sys.modules if name.partition(".")[0] == "ims"]:
        del sys.modules[name]
import ims
if sys.argv[1] == "before":
    register()
for _ in range(3):
    check_in_child(lambda: ims.Client.from_file(sys.argv[2]).token())
print(len(ran))
"""
    assert run_python(code, imported, ims_sandbox.credentials_file) == "6\n"


def test_children_of_threads_that_sign_and_load_keys_sign(
    pem: bytes, tmp_path: Path, run_python: Callable[..., str]
) -> None:
    (tmp_path / "key.pem").write_bytes(pem)
    costly = ["openssl", "pkcs8", "-topk8", "-iter", "400000", "-passout", "pass:passphrase"]
    subprocess.run([*costly, "-in", tmp_path / "key.pem", "-out", tmp_path / "costly.pem"], check=True)
    code = CHILD + """
import pathlib, ims
key, over = ims.Key.from_file("key.pem"), False

def sign():
    ims.generate_jwt(key, iss="i", sub="s", aud="a")

def always(work):
    while not over:
        work()

work = [sign, sign, lambda: ims.Key.from_file("costly.pem", "passphrase"), lambda: check_in_child(sign)]
threads = [threading.Thread(target=always, args=(part,)) for part in work]
for thread in threads:
    thread.start()
end, children = time.monotonic() + float(sys.argv[1]), 0
while time.monotonic() < end or children < 3:
    check_in_child(sign)
    children += 1
over = True
for thread in threads:
    thread.join()
print("done")
"""
    assert run_python(code, SECONDS, timeout=SECONDS + 120) == "done\n"


# A stack that fits into no address space: what a process at its limit of threads gets, in each of the two ways.
NO_THREADS = {**os.environ, "RUST_MIN_STACK": "70368744177664000"}
NO_THREADS_CODE = """
import sys, threading
import asyncio, ims

def start(thread):
    raise RuntimeError("can't start new thread")
real_start, threading.Thread.start = threading.Thread.start, start

url = sys.argv[1]
client = ims.Client.from_dict(
    {"grant": "client_credentials", "client_id": "c", "client_secret": "s", "scope": "openid", "token_url": url})

async def twice():
    for _ in range(2):
        check(await asyncio.gather(client.token_async(), client.token_async(), return_exceptions=True))
    threading.Thread.start = real_start
    # Of the thread for the lookup: a wait that was given up holds up no later one.
    check([await asyncio.gather(client.token_async(), return_exceptions=True)][0])

def check(errors):
    for error in errors:
        assert isinstance(error, ims.ConnectError), repr(error)
        assert error.retryable and "no thread" in error.message and "limit of threads" in error.hint, error

for call in [client.token, lambda: ims.exchange("a.b.c", grant="jwt_bearer", token_url=url)]:
    try:
        call()
    except ims.Error as error:
        check([error])
asyncio.run(asyncio.wait_for(twice(), 60))
print("done")
"""


def test_where_no_thread_can_be_started_an_error_says_so_and_no_caller_waits(tmp_path: Path) -> None:
    command = [sys.executable, "-c", NO_THREADS_CODE, "http://localhost:1/token"]
    done = subprocess.run(command, env=NO_THREADS, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


def test_no_thread_of_the_package_takes_a_signal(ims_sandbox: Sandbox, run_python: Callable[..., str]) -> None:
    code = """
import asyncio, os, signal, sys, threading, time, ims

found, over = set(), False
def watch():
    own = {os.getpid(), threading.get_native_id()}
    while not over:
        for task in os.listdir("/proc/self/task"):
            try:
                with open(f"/proc/self/task/{task}/status") as status:
                    lines = dict(line.split(":", 1) for line in status)
            except (FileNotFoundError, ProcessLookupError):
                continue
            # Of a thread that has just ended, the kernel counts no threads and shows no signals.
            if int(task) not in own and int(lines["Threads"]) > 0:
                found.add(lines["SigBlk"].strip())
        time.sleep(0.001)
watcher = threading.Thread(target=watch)
watcher.start()
ims.Client.from_file(sys.argv[1]).token()
asyncio.run(ims.Client.from_file(sys.argv[1]).token_async())
over = True
watcher.join()
# No thread can block these two; the C library keeps some for itself, which are not among the valid ones.
blockable = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
all_signals = sum(1 << number - 1 for number in blockable)
print(len(found) > 0, {int(blocked, 16) & all_signals == all_signals for blocked in found})
"""
    ims_sandbox.inject(latency_ms=300)
    assert run_python(code, ims_sandbox.credentials_file) == "True {True}\n"
