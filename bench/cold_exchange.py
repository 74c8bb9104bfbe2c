#!/usr/bin/env python3
"""Processor time from process start to token: a program, cold, over loopback TLS.

    bench/cold_exchange.py CA_FILE RUNS -- COMMAND...

The certificate of CA_FILE stands among the system's own, so that the platform's whole trust store is read, as in
production.
"""
import contextlib
import os
import statistics
import sys
import tempfile

SYSTEM_TRUST = "/etc/ssl/certs/ca-certificates.crt"


def cpu_milliseconds(command, environment):
    """Runs the command and returns its user and system time."""
    child = os.posix_spawn(command[0], command, environment,
                           file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed: no token, no figure")
    return 1000 * (usage.ru_utime + usage.ru_stime)


@contextlib.contextmanager
def system_trust_and(ca_file):
    """Returns an environment in which the certificate of ca_file is trusted, as long as the block runs."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as trust:
        for path in (SYSTEM_TRUST, ca_file):
            with open(path, encoding="ascii", errors="ignore") as bundle:
                trust.write(bundle.read())
        trust.flush()
        environment = {**os.environ, "SSL_CERT_FILE": trust.name}
        environment.pop("SSL_CERT_DIR", None)
        yield environment


def main():
    ca_file, runs, separator, *command = sys.argv[1:]
    assert separator == "--"
    with system_trust_and(ca_file) as environment:
        times = []
        for _ in range(int(runs)):
            # A cache of its own: no run finds the token of another.
            with tempfile.TemporaryDirectory() as cache:
                times.append(cpu_milliseconds(command, {**environment, "XDG_RUNTIME_DIR": cache}))
    print(f"cold process to token, {runs} runs, CPU ms: "
          f"min {min(times):.1f}  median {statistics.median(times):.1f}  max {max(times):.1f}")


if __name__ == "__main__":
    main()
