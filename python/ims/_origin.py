"""The origin of a URL: scheme, host and port (RFC 6454)."""

from __future__ import annotations

import urllib.parse

from ._errors import ArgumentError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_DEFAULT_PORTS = {"https": 443, "http": 80}


def read_origin(given: str | None) -> tuple[str, str | None, int | None] | None:
    """Reads the argument `origin` of an adapter, such as "https://api.example.com"; http:// only on this machine."""
    if given is None:
        return None
    if not isinstance(given, str):
        raise TypeError(f"origin must be str, not {type(given).__name__}")
    try:
        scheme, host, port = origin_of(given)
        parts = urllib.parse.urlsplit(given)
        has_more = parts.path not in ("", "/") or parts.query or parts.fragment or parts.username
        is_origin = scheme in _DEFAULT_PORTS and bool(port and host) and not has_more
    except ValueError:
        is_origin = False
    if not is_origin:
        raise ArgumentError('origin must be a text such as "https://api.example.com", without a path', field="origin")
    if scheme == "http" and host not in _LOOPBACK:
        raise ArgumentError("origin must begin with https://, or the token would be sent in clear", field="origin")
    return scheme, host, port


def origin_of(url: str) -> tuple[str, str | None, int | None]:
    """Returns the origin of a URL, with the port of the scheme if the URL has none."""
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
