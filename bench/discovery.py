#!/usr/bin/env python3
"""Time from process start to token by private_key_jwt: with the token URL given, with its discovery, and with the endpoint
in the cache next to a token that has expired. The three take turns, and the ratios are printed.

    bench/discovery.py CA_FILE RUNS LIFETIME GIVEN.json FOUND.json -- COMMAND...

Both files name the same account of a server whose tokens live for LIFETIME seconds.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from cold_exchange import system_trust_and


def milliseconds(command, environment):
    begun = time.monotonic()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.monotonic() - begun)


def main():
    ca_file, runs, lifetime, given, found, separator, *command = sys.argv[1:]
    assert separator == "--"
    with system_trust_and(ca_file) as environment, tempfile.TemporaryDirectory() as directory:

        def run(credentials, cache):
            return milliseconds([*command, credentials], {**environment, "XDG_RUNTIME_DIR": cache})

        empty, prepared, copy = (os.path.join(directory, name) for name in ("empty", "prepared", "copy"))
        os.mkdir(empty, 0o700)
        os.mkdir(prepared, 0o700)
        run(found, prepared)
        time.sleep(int(lifetime))
        cases = {
            "the token URL given": (given, empty),
            "discovery": (found, empty),
            "the endpoint in the cache": (found, prepared),
        }
        times = {case: [] for case in cases}
        for _ in range(int(runs)):
            for case, (credentials, cache) in cases.items():
                # A copy: no run finds the token of another.
                shutil.copytree(cache, copy)
                times[case].append(run(credentials, copy))
                shutil.rmtree(copy)
    base = statistics.median(times["the token URL given"])
    for case, taken in times.items():
        median = statistics.median(taken)
        print(f"cold process to token by private_key_jwt, {case}: median {median:.1f} ms, ratio {median / base:.2f}")


if __name__ == "__main__":
    main()
