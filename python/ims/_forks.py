"""Forks and imports: a child that is forked while another thread imports a module would wait for that import for ever."""

from __future__ import annotations

import os
import sys

# Those that are imported when a program first uses them.
_LATER = ("ims._asyncio", "ims._doctor", "ims._errors", "ims._httpx", "ims._requests")


def _finish_imports() -> None:
    for name in _LATER:
        # If another thread is importing it, `import` waits for the end.
        if name in sys.modules:
            __import__(name)


os.register_at_fork(before=_finish_imports)
