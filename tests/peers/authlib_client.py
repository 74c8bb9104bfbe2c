"""Gets, validates and revokes tokens with Authlib's client.

Reads a JSON object a line, with a `url` and what to `call`; answers each with what the server
answered, or with `refused`, its error, and the `description`. The CA to trust is the argument.
"""

import json
import sys

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from joserfc.jwk import RSAKey


def trusting(session):
    session.verify = sys.argv[1]
    # Variables of the environment name another CA and a proxy.
    session.trust_env = False
    return session


def client(given, auth_method="client_secret_basic"):
    session = OAuth2Session(
        given["client_id"],
        given["client_secret"],
        scope=given.get("scope"),
        token_endpoint_auth_method=auth_method,
    )
    return trusting(session)


def client_credentials(given):
    return client(given, given["auth_method"]).fetch_token(
        given["url"], grant_type="client_credentials"
    )


def assertion(given):
    session = AssertionSession(
        given["url"],
        given["issuer"],
        given["subject"],
        audience=given["audience"],
        key=RSAKey.import_key(given["private_key"]),
        header={"alg": "RS256"},
        claims=given.get("claims"),
        scope=given.get("scope"),
    )
    return trusting(session).refresh_token()


def validate(given):
    return client(given).introspect_token(given["url"], given["token"], "access_token").json()


def revoke(given):
    answer = client(given).revoke_token(given["url"], given["token"], "access_token")
    return {"status": answer.status_code, "body": answer.text}


calls = {f.__name__: f for f in (client_credentials, assertion, validate, revoke)}

for line in sys.stdin:
    given = json.loads(line)
    try:
        answer = calls[given["call"]](given)
    except AuthlibBaseError as error:
        answer = {"refused": error.error, "description": error.description}
    print(json.dumps(answer), flush=True)
