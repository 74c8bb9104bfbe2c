"""No error, log line or representation shows a secret of credentials: canaries in each file that people have."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

import ims
from conftest import ROOT

FILES = ROOT / "tests/files"
SECRET, TOKEN, PASSPHRASE = "c4nary+s/cr~t=9", "c4nary+t/k~n=97", "c4nary+p/ssphr~se="
KEY_LINE = (FILES / "credentials/private.key").read_text().splitlines()[7]


def encodings(secret: str) -> set[str]:
    raw = secret.encode()
    texts = {secret, quote(secret, safe=""), quote_plus(secret), raw.hex(), json.dumps(secret)[1:-1].replace("/", "\\/"), repr(raw)[2:-1]}
    # The digits that every text with the secret has, wherever it stands in a group of three bytes.
    for before in range(3):
        digits = base64.b64encode(bytes(before) + raw).decode()
        own = digits[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        texts |= {own, own.replace("+", "-").replace("/", "_")}
    return texts


def test_no_error_or_log_line_shows_a_canary(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for file in (FILES / "credentials").iterdir():
        content = file.read_bytes().replace(b"made-up-secret", SECRET.encode()).replace(b"made-up-token", TOKEN.encode())
        (tmp_path / file.name).write_bytes(content)
    shown = []
    for case in json.loads((FILES / "credentials.json").read_text(encoding="utf-8")):
        options = {"passphrase": PASSPHRASE, **case.get("options", {})}
        # No server is asked: the proxy refuses.
        proxy = f"http://ada:{SECRET}@127.0.0.1:1"
        with pytest.raises((ims.Error, OSError, ValueError)) as caught:
            client = ims.Client.from_file(tmp_path / case["file"], proxy=proxy, timeout=1, max_attempts=1, **options)
            shown.append(f"{client!r} {client}")
            client.token()
        shown.extend(traceback.TracebackException.from_exception(caught.value).format())
        shown.append(f"{caught.value!r} {caught.value.args} {vars(caught.value)} {getattr(caught.value, 'hint', '')}")
    text = "\n".join([*shown, caplog.text])
    assert text.count("Error") > 100
    for secret in [SECRET, TOKEN, PASSPHRASE, KEY_LINE]:
        for encoded in encodings(secret):
            assert encoded not in text
