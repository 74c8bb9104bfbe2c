#!/usr/bin/env python3
"""Time from process start to exit of `ims token` with a cached token, in each format of a helper, next to `true`, which does
nothing. They take turns, and the ratios to `true` are printed.

    bench/helper.py RUNS IMS CREDENTIALS
"""
import os
import shutil
import statistics
import sys
import time

# What the program that runs the helper sends, and the operation that it adds.
REQUESTS = {
    "exec-credential": ("", []),
    "git-credential": ("capability[]=authtype\nprotocol=https\nhost=git.example\n\n", ["get"]),
    "bazel": ('{"uri":"https://cache.example/"}', ["get"]),
    "docker": ("https://registry.example\n", ["get"]),
    "google-executable": ("", []),
    "env": ("", []),
}


def milliseconds(command, request):
    """Runs the command with the file `request` as its standard input, and returns how long that took."""
    begun = time.monotonic()
    child = os.posix_spawn(command[0], command, os.environ,
                           file_actions=[(os.POSIX_SPAWN_OPEN, 0, request, os.O_RDONLY, 0),
                                         (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status = os.waitpid(child, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} failed: no token, no figure")
    return 1000 * (time.monotonic() - begun)


def main():
    runs, ims, credentials = sys.argv[1:]
    cases = {"true": ([shutil.which("true")], os.devnull)}
    for name, (request, operation) in REQUESTS.items():
        with open(name, "w", encoding="ascii") as file:
            file.write(request)
        cases[name] = ([ims, "token", "--format", name, credentials, *operation], name)
    # The first one gets the token.
    milliseconds(*cases["env"])
    times = {name: [] for name in cases}
    for _ in range(int(runs)):
        for name, (command, request) in cases.items():
            times[name].append(milliseconds(command, request))
    base = statistics.median(times["true"])
    for name, taken in times.items():
        median = statistics.median(taken)
        shown = name if name == "true" else f"ims token --format {name}, cached"
        print(f"{shown}: whole process, median {median:.2f} ms, ratio {median / base:.1f}")


if __name__ == "__main__":
    main()
