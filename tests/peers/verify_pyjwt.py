"""Verifies JWTs with PyJWT.

Reads a JSON object a line, with `public_key` (PEM), `jwt`, `iss` and `aud`; answers each with the
claims, or with `refused` and the reason.
"""

import json
import sys

import jwt

for line in sys.stdin:
    given = json.loads(line)
    try:
        answer = jwt.decode(
            given["jwt"],
            given["public_key"],
            algorithms=["RS256"],
            issuer=given["iss"],
            audience=given["aud"],
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except jwt.InvalidTokenError as error:
        answer = {"refused": str(error)}
    print(json.dumps(answer))
