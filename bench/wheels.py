"""bench/wheels.sh runs this: what the same costs with a release's wheel, and with the one that uses the system's OpenSSL.

    wheels.py KEY_FILE PYTHON_WITH_THE_RELEASED PYTHON_WITH_THE_SYSTEMS
"""

import statistics
import subprocess
import sys

ROUNDS = 80
# How much more than with the system's OpenSSL is allowed.
ALLOWED = 1.05

# Processor time, because other programs of the machine make the clock's differ.
PROGRAM = """
import sys, time
begun = time.process_time_ns()
import ims
ims.Key
imported = time.process_time_ns()
with open(sys.argv[1]) as file:
    key = ims.Key(file.read())
def sign():
    ims.generate_jwt(key, iss="ISS", sub="SUB", aud="AUD", metascopes=["SCOPE"])
sign()
ready = time.process_time_ns()
for _ in range(50):
    sign()
signed = time.process_time_ns()
print(ims.__openssl_version__, imported - begun, ready - imported, (signed - ready) / 50, sep=",")
"""
WHATS = ["import", "a key from its PEM, and the first signature", "a further signature"]


def figures(python, key):
    """The version of OpenSSL, and microseconds, in a process of its own."""
    said = subprocess.run([python, "-I", "-c", PROGRAM, key], check=True, capture_output=True, text=True).stdout
    version, *nanoseconds = said.strip().split(",")
    return version, [float(one) / 1_000 for one in nanoseconds]


def main():
    key, *pythons = sys.argv[1:]
    print("; ".join(f"{name}: {figures(python, key)[0]}" for name, python in zip(["a release's", "the other"], pythons)))
    times = [[], []]
    for round in range(ROUNDS):
        # Each is the first of a pair as often as the other.
        for which in [0, 1] if round % 2 else [1, 0]:
            times[which].append(figures(pythons[which], key)[1])
    for what, released, systems in zip(WHATS, zip(*times[0]), zip(*times[1])):
        ratio = statistics.median(a / b for a, b in zip(released, systems))
        missed = "" if ratio <= ALLOWED else ": MISSED"
        print(f"{what:<46} {statistics.median(released):8.0f} us {statistics.median(systems):8.0f} us, ratio {ratio:.3f} (allowed: {ALLOWED}){missed}")


if __name__ == "__main__":
    main()
