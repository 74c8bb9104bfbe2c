"""`python -m ims`: the same as the program `ims`."""

from __future__ import annotations

import signal
import sys

from ._native import run_command_line

if __name__ == "__main__":
    # Python would only take note of Ctrl-C, and wait for the command's end. Who ignores it, as nohup does, still does.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(run_command_line(["ims", *sys.argv[1:]]))
