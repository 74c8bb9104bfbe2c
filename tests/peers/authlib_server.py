"""A token server that we did not write: Authlib on Flask, on a Unix socket.

The first line of standard input is JSON: `socket`, `public_key` (PEM), `accounts`, a list of
objects with `iss`, `sub`, `aud` and `client_secret`, and, where they are asked, `issuer` and `clients`, a list of
objects with `client_id`, `alg` and `public_key` (PEM) or `client_secret`. The server ends when standard input does.

    POST /token              the RFC 7523 grant, as Authlib has it, and client credentials of clients
                             that a JWT proves, each once
    POST /ims/exchange/jwt   Adobe's names for the same, around the same check

The access token is the base64url of the claims that Authlib accepted.
"""

import base64
import hmac
import json
import logging
import os
import sys
import threading
import warnings

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientCredentialsGrant, ClientMixin
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion, JWTBearerGrant
from joserfc.errors import SecurityWarning
from joserfc.jwk import OctKey, RSAKey, import_key
from joserfc.jws import JWSRegistry
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server

# It advises against EdDSA, and against keys whose type is not named.
warnings.simplefilter("ignore", SecurityWarning)

config = json.loads(sys.stdin.readline())
public_key = RSAKey.import_key(config["public_key"], {"alg": "RS256"})
accounts = {account["iss"]: account for account in config["accounts"]}


class Client(ClientMixin):
    def __init__(self, account):
        self.account = account

    def get_client_id(self):
        return self.account["iss"]

    def get_allowed_scope(self, scope):
        return scope or ""

    def check_grant_type(self, grant_type):
        return grant_type == JWTBearerGrant.GRANT_TYPE


class Grant(JWTBearerGrant):
    def resolve_issuer_client(self, issuer):
        account = accounts.get(issuer)
        self.client_found = account and Client(account)
        return self.client_found

    def resolve_client_public_key(self, client):
        return public_key

    def get_audiences(self):
        return [self.client_found.account["aud"]]

    def authenticate_user(self, subject):
        return subject

    def has_granted_permission(self, client, user):
        return client.account["sub"] == user

    def process_assertion_claims(self, assertion):
        flask.g.claims = super().process_assertion_claims(assertion)
        return flask.g.claims


class ProvenClient(ClientMixin):
    def __init__(self, client_id, key):
        self.client_id = client_id
        self.key = key

    def get_client_id(self):
        return self.client_id

    def get_allowed_scope(self, scope):
        return scope or ""

    def check_endpoint_auth_method(self, method, endpoint):
        return method == ClientAssertion.CLIENT_AUTH_METHOD

    def check_grant_type(self, grant_type):
        return grant_type == ClientCredentialsGrant.GRANT_TYPE


class ClientAssertion(JWTBearerClientAssertion):
    seen = set()

    def get_audiences(self):
        return [config["issuer"]]

    def resolve_client_public_key(self, client):
        return client.key

    def validate_jti(self, claims, jti):
        is_new = jti not in self.seen
        self.seen.add(jti)
        return is_new

    def process_assertion_claims(self, assertion, resolve_key):
        flask.g.claims = super().process_assertion_claims(assertion, resolve_key)
        return flask.g.claims


class ProvenClientsGrant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = [ClientAssertion.CLIENT_AUTH_METHOD]


def registered(client_id, alg, public_key=None, client_secret=None):
    parameters = {"alg": alg}
    key = import_key(public_key, parameters=parameters) if public_key else OctKey.import_key(client_secret, parameters)
    return ProvenClient(client_id, key)


proven_clients = {client["client_id"]: registered(**client) for client in config.get("clients", [])}
# All that a client is registered with; the key of each has one of them.
JWSRegistry.recommended = ["RS256", *(client["alg"] for client in config.get("clients", []))]


def access_token(**_):
    return base64.urlsafe_b64encode(json.dumps(flask.g.claims).encode()).decode()


app = flask.Flask(__name__)
app.config["OAUTH2_ACCESS_TOKEN_GENERATOR"] = access_token
server = AuthorizationServer(app, query_client=proven_clients.get, save_token=lambda token, request: None)
server.register_client_auth_method(ClientAssertion.CLIENT_AUTH_METHOD, ClientAssertion())
server.register_grant(Grant)
server.register_grant(ProvenClientsGrant)


@app.post("/token")
def token():
    return server.create_token_response()


@app.post("/ims/exchange/jwt")
def exchange_jwt():
    form = flask.request.form
    account = accounts.get(form["client_id"])
    if not account or not hmac.compare_digest(
        account["client_secret"].encode(), form["client_secret"].encode()
    ):
        return {"error": "invalid_client"}, 401
    flask.request.form = MultiDict({"grant_type": Grant.GRANT_TYPE, "assertion": form["jwt_token"]})
    answer = server.create_token_response()
    if answer.status_code == 200:
        milliseconds = answer.json["expires_in"] * 1000
        answer.data = json.dumps(answer.json | {"expires_in": milliseconds})
    return answer


def end_with_standard_input():
    sys.stdin.read()
    os._exit(0)


logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line a request
threading.Thread(target=end_with_standard_input, daemon=True).start()
make_server("unix://" + config["socket"], 0, app, threaded=True).serve_forever()
