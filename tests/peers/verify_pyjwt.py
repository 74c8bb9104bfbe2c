"""Verifies JWTs with PyJWT.

Reads a JSON object a line, with `public_key` (PEM), `alg`, `jwt`, `iss` and `aud`; answers each with the
claims, or with `refused` and the reason.
"""

import json
import sys

import jwt
from jwt.algorithms import OKPAlgorithm

# RFC 9864's name, where PyJWT knows only the older one.
if "Ed25519" not in jwt.api_jws.PyJWS().get_algorithms():
    jwt.register_algorithm("Ed25519", OKPAlgorithm())

for line in sys.stdin:
    given = json.loads(line)
    try:
        answer = jwt.decode(
            given["jwt"],
            given["public_key"],
            algorithms=[given["alg"]],
            issuer=given["iss"],
            audience=given["aud"],
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except jwt.InvalidTokenError as error:
        answer = {"refused": str(error)}
    print(json.dumps(answer))
