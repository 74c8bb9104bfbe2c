"""Where requests, httpx and httpx2 are not installed, who asks for their adapters is told."""

from __future__ import annotations

import pytest

import ims


@pytest.mark.parametrize(
    ("name", "library"), [("RequestsAuth", "requests"), ("HttpxAuth", "httpx"), ("Httpx2Auth", "httpx2")]
)
def test_an_adapter_without_its_library_says_what_is_missing(name: str, library: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=f"No module named '{library}'"):
        getattr(ims, name)
