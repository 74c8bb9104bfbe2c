"""A plugin for pytest, which finds it by itself: the fixture `ims_sandbox`."""

from __future__ import annotations

import typing

import pytest

from .sandbox import Exchanges, Sandbox

__all__ = ["Exchanges", "Sandbox", "ims_sandbox"]


@pytest.fixture
def ims_sandbox(tmp_path_factory: pytest.TempPathFactory) -> typing.Iterator[Sandbox]:
    """A running token server with an account, and its credentials file: see ims.sandbox.Sandbox."""
    with Sandbox(tmp_path_factory.mktemp("ims_sandbox")) as sandbox:
        yield sandbox
