"""`import ims` is quick, and needs nothing but Python."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Callable

import pytest

import ims
from conftest import BARE, HAS_HTTPX2

ADAPTERS = {"RequestsAuth": not BARE, "HttpxAuth": not BARE, "Httpx2Auth": HAS_HTTPX2}
SLOW = ["asyncio", "cryptography", "dataclasses", "email", "http", "httpx", "httpx2", "inspect", "jwt", "logging", "re", "requests",
        "socket", "ssl", "typing", "urllib"]


def test_it_imports_nothing_slow(run_python: Callable[..., str]) -> None:
    # What the interpreter itself has imported at its start is not counted.
    code = "import sys; before = set(sys.modules); import ims; print(*sorted(set(sys.modules) - before))"
    imported = run_python(code).split()
    assert "ims._native" in imported
    assert not {name.partition(".")[0] for name in imported} & set(SLOW)


def test_what_gets_tokens_and_signs_is_imported_at_once(run_python: Callable[..., str]) -> None:
    # A child that is forked while another thread imports it would wait for ever.
    code = "import sys, ims; before = set(sys.modules); ims.Client, ims.Key, ims.exchange, ims.generate_jwt, ims.token; print(set(sys.modules) - before)"
    assert run_python(code) == "set()\n"


def test_all_names_are_there_and_adapters_are_listed() -> None:
    names: dict[str, object] = {}
    exec("from ims import *", names)
    assert {name for name in ims.__all__ if not name.startswith("__")} <= set(names)
    # Only where they can be had: a program that reads all names, as pydoc does, must not fail.
    assert set(ADAPTERS) & set(dir(ims)) == {name for name, is_there in ADAPTERS.items() if is_there}
    assert inspect.getmembers(ims)
    with pytest.raises(AttributeError, match="module 'ims' has no attribute 'Clint'"):
        ims.Clint


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no interpreter is isolated before Python 3.12")
def test_an_isolated_interpreter_is_told_that_it_cannot_have_the_module(run_python: Callable[..., str]) -> None:
    code = """
try:
    import _interpreters
    print(_interpreters.exec(_interpreters.create(), "import ims").formatted)
except ModuleNotFoundError:
    import _xxsubinterpreters
    try:
        _xxsubinterpreters.run_string(_xxsubinterpreters.create(), "import ims")
    except Exception as error:
        print(error)
"""
    message = "ImportError: module ims._native does not support loading in subinterpreters"
    assert message in run_python(code).replace("<class 'ImportError'>", "ImportError")
    assert message in (Path(__file__).parents[2] / "docs/src/python.md").read_text()
