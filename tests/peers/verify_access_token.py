"""Verifies access tokens with PyJWT, by the keys that the server's OpenID configuration leads to.

Reads a JSON object a line, with the server's `url` and a `token`; answers each with the claims, or
with `refused` and the reason.
"""

import json
import sys
from urllib.request import urlopen

import jwt

for line in sys.stdin:
    given = json.loads(line)
    with urlopen(given["url"] + "/ims/.well-known/openid-configuration") as answer:
        configuration = json.load(answer)
    keys = jwt.PyJWKClient(configuration["jwks_uri"])
    try:
        key = keys.get_signing_key_from_jwt(given["token"])
        answer = jwt.decode(given["token"], key, algorithms=["RS256"])
    except jwt.InvalidTokenError as error:
        answer = {"refused": str(error)}
    print(json.dumps(answer))
