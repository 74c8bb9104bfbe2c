"""Verifies JWTs of workloads with PyJWT, by the configuration of the platform that issued them.

Reads a JSON object a line, with the platform's `issuer`, the audience `aud` and a `jwt`; answers each with the subject, or
with "refused" and the reason.
"""

import json
import sys
from urllib.request import urlopen

import jwt

for line in sys.stdin:
    given = json.loads(line)
    with urlopen(given["issuer"] + "/.well-known/openid-configuration") as response:
        configuration = json.load(response)
    algorithms = configuration["id_token_signing_alg_values_supported"]
    try:
        key = jwt.PyJWKClient(configuration["jwks_uri"]).get_signing_key_from_jwt(given["jwt"])
        claims = jwt.decode(
            given["jwt"], key, algorithms=algorithms, audience=given["aud"], issuer=configuration["issuer"]
        )
        print(claims["sub"])
    except jwt.PyJWTError as error:
        print("refused:", error)
