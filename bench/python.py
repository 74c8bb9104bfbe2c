"""bench/python.sh runs this: JWTs by PyJWT and by ims, scripts from their start to a token, and what a client costs.

    python.py KEY_FILE CREDENTIALS URL
"""

import asyncio
import os
import pathlib
import statistics
import sys
import tempfile
import time

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import ims

ROUNDS = 20
CALLS_A_ROUND = 10
COLD_ROUNDS = 40
CLIENTS = 2_000
CACHED_CALLS = 200_000

ISS, SUB, CLIENT_ID, CLIENT_SECRET = "SANDBOX@AdobeOrg", "sandbox@techacct.adobe.com", "sandbox-client", "sandbox-secret"

# What a script does that runs once, as people write it. Both read the key's file.
BY_PYJWT_AND_REQUESTS = """
import sys, time
import jwt, requests
key_file, url = sys.argv[1:]
with open(key_file) as file:
    key = file.read()
assertion = jwt.encode({
    "iss": "SANDBOX@AdobeOrg", "sub": "sandbox@techacct.adobe.com", "aud": f"{url}/c/sandbox-client",
    f"{url}/s/ent_sandbox": True, "exp": int(time.time()) + 300,
}, key, algorithm="RS256")
answer = requests.post(f"{url}/ims/exchange/jwt", timeout=10, data={
    "client_id": "sandbox-client", "client_secret": "sandbox-secret", "jwt_token": assertion,
})
answer.raise_for_status()
assert answer.json()["access_token"]
"""
BY_IMS = """
import sys
import ims
key_file, url = sys.argv[1:]
assertion = ims.generate_jwt(
    ims.Key.from_file(key_file), iss="SANDBOX@AdobeOrg", sub="sandbox@techacct.adobe.com",
    aud=f"{url}/c/sandbox-client", metascopes=[f"{url}/s/ent_sandbox"],
)
token = ims.exchange(
    assertion, client_id="sandbox-client", client_secret="sandbox-secret", token_url=f"{url}/ims/exchange/jwt",
)
assert token.access_token
"""


def signatures(pem, url):
    """Microseconds for a JWT, by each way, turn by turn."""
    key, loaded = ims.Key(pem), load_pem_private_key(pem, None)
    exp = int(time.time()) + 300
    aud, metascope = f"{url}/c/{CLIENT_ID}", f"{url}/s/ent_sandbox"

    def by_pyjwt(key):
        claims = {"iss": ISS, "sub": SUB, "aud": aud, metascope: True, "exp": exp, "iat": exp - 300}
        return jwt.encode(claims, key, algorithm="RS256")

    def by_ims(key):
        return ims.generate_jwt(key, iss=ISS, sub=SUB, aud=aud, metascopes=[metascope], exp=exp, iat=exp - 300)

    def claims(made):
        return jwt.decode(made, loaded.public_key(), algorithms=["RS256"], audience=aud)

    assert claims(by_pyjwt(pem)) == claims(by_ims(pem))
    ways = {
        "PyJWT, the PEM text each call": lambda: by_pyjwt(pem),
        "PyJWT, a loaded key": lambda: by_pyjwt(loaded),
        "ims, the PEM text each call": lambda: by_ims(pem),
        "ims, an ims.Key": lambda: by_ims(key),
    }
    times = {way: [] for way in ways}
    # The first round warms up.
    for round in range(ROUNDS + 1):
        for way, call in ways.items():
            begun = time.perf_counter_ns()
            for _ in range(CALLS_A_ROUND):
                call()
            if round > 0:
                times[way].append((time.perf_counter_ns() - begun) / CALLS_A_ROUND / 1_000)
    return {way: statistics.median(all) for way, all in times.items()}


def process(*arguments):
    """Milliseconds from start to end of this interpreter with these arguments: by the clock, and of processor time."""
    begun = time.perf_counter_ns()
    child = os.posix_spawn(sys.executable, [sys.executable, *arguments], os.environ)
    _, status, usage = os.wait4(child, 0)
    ended = time.perf_counter_ns()
    if status != 0:
        sys.exit("no token, no figure")
    return (ended - begun) / 1_000_000, 1_000 * (usage.ru_utime + usage.ru_stime)


def cold(key_file, url):
    """Medians of processes, turn by turn, each less those of an interpreter that does nothing."""
    ways = {
        "nothing": ["-c", "pass"],
        "import ims": ["-c", "import ims"],
        "PyJWT + requests": ["-c", BY_PYJWT_AND_REQUESTS, key_file, url],
        "ims": ["-c", BY_IMS, key_file, url],
    }
    times = {way: [] for way in ways}
    for round in range(COLD_ROUNDS + 1):
        for way, arguments in ways.items():
            figures = process(*arguments)
            if round > 0:
                times[way].append(figures)
    medians = {way: [statistics.median(one) for one in zip(*all)] for way, all in times.items()}
    nothing = medians.pop("nothing")
    return nothing, {way: [a - b for a, b in zip(figures, nothing)] for way, figures in medians.items()}


def nanoseconds(call, calls):
    begun = time.perf_counter_ns()
    for _ in range(calls):
        call()
    return (time.perf_counter_ns() - begun) / calls


def clients(credentials):
    with tempfile.TemporaryDirectory() as directory:
        for cache in ["memory", f"file:{directory}"]:
            client = ims.Client.from_file(credentials, cache=cache)
            client.token()
            kind = cache.partition(":")[0]
            yield f"client.token(), cache {kind}", nanoseconds(client.token, CACHED_CALLS)
            yield f"Client.from_file(...), cache {kind}", nanoseconds(
                lambda: ims.Client.from_file(credentials, cache=cache), CLIENTS
            )
        yield "ims.token(...), cache file", nanoseconds(lambda: ims.token(credentials, cache=cache), CLIENTS)
        yield "Client.from_file(...).token(), cache file", nanoseconds(
            lambda: ims.Client.from_file(credentials, cache=cache).token(), CLIENTS
        )

        async def in_a_task():
            begun = time.perf_counter_ns()
            for _ in range(CACHED_CALLS):
                await client.token_async()
            return (time.perf_counter_ns() - begun) / CACHED_CALLS

        yield "await client.token_async()", asyncio.run(in_a_task())


def required(what, ratio, least):
    missed = "" if ratio >= least else ": MISSED"
    print(f"{what + ', times as fast':<62} {ratio:10.2f}      required: {least}{missed}")


def main():
    key_file, credentials, url = sys.argv[1:]
    print(f"CPython {sys.version.split()[0]}, libims {ims.__version__}, PyJWT {jwt.__version__}")

    made = signatures(pathlib.Path(key_file).read_bytes(), url)
    for way, microseconds in made.items():
        print(f"{'a JWT by ' + way:<62} {microseconds:10.1f} us")
    pyjwt_text, pyjwt_loaded, ims_text, ims_key = made.values()
    required("ims against PyJWT, each with the PEM text", pyjwt_text / ims_text, 40)
    required("ims.Key against PyJWT's loaded key", pyjwt_loaded / ims_key, 1)
    required("ims with the PEM text against an ims.Key", ims_key / ims_text, 0.97)

    nothing, above = cold(key_file, url)
    print(f"{'an interpreter starts and ends':<62} {nothing[0]:10.1f} ms {nothing[1]:10.1f} ms of processor time")
    for way in ["PyJWT + requests", "ims"]:
        clock, processor = above[way]
        print(f"{'script to token by ' + way + ', above that':<62} {clock:10.1f} ms {processor:10.1f} ms of processor time")
    required("script to token", above["PyJWT + requests"][0] / above["ims"][0], 15)
    print(f"{'import ims, above that':<62} {above['import ims'][0]:10.1f} ms {above['import ims'][1]:10.1f} ms of processor time")

    for what, figure in clients(credentials):
        print(f"{what:<62} {figure:10.0f} ns")


if __name__ == "__main__":
    main()
