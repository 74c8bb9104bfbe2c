//! The refusals that mean the same at every server: an `error` of RFC 6749 section 5.2, or an HTTP status.

use super::row::{ANY, Sent, ServerHint};
use crate::error::cause::Cause;

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        sent: Some(Sent::PrivateKeyJwt),
        error: "invalid_client",
        hint: "the server does not know this client, or does not accept the JWT that authenticates \
               it: compare client id, kid, key, aud and exp (lifetime) with what the server has and \
               expects",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::ClientSecretJwt),
        error: "invalid_client",
        hint: "the server does not know this client, or does not accept the JWT that its secret \
               signs: compare client id, secret, alg, aud and exp (lifetime) with what the server has \
               and expects",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::ClientId),
        error: "invalid_client",
        hint: "the server does not know this client, or wants a proof of it: compare the client id \
               with the one registered at the server, and choose client_auth as it is registered \
               there",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::NoClient),
        error: "invalid_client",
        hint: "no client was sent, and the server does not know the one that the JWT names, or wants \
               client authentication too: compare iss with the client registered at the server, or \
               give client_id and its proof",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::ClientSecret),
        error: "invalid_client",
        hint: "the server does not know this client, or does not accept its secret: compare client \
               id and secret with those registered at the server, and whether it wants the secret \
               in the body or by Basic authentication (client_auth)",
        ..ANY
    },
    ServerHint {
        error: "invalid_scope",
        cause: Some(Cause::MetascopeMismatch),
        hint: "a scope is unknown, malformed or not granted to this client: compare the scopes with \
               those that the server has for the client",
        ..ANY
    },
    ServerHint {
        error: "unauthorized_client",
        hint: "this client may not use the grant: have the server allow it, or use the grant that \
               the client is registered for",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::SubjectToken),
        error: "invalid_grant",
        hint: "the server does not accept the subject token: see that it has not expired, and that \
               its issuer, subject and audience and subject_token_type are those that the server \
               expects",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::Fields),
        error: "invalid_grant",
        hint: "the server does not accept what the grant's fields hold, such as a code, a refresh \
               token or a password: it may be wrong, expired, used already, or of another client",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::Assertion),
        error: "invalid_grant",
        hint: "the server does not accept the JWT: check iss, sub, aud and exp against what the \
               server expects, the key against the one registered, and this machine's clock",
        ..ANY
    },
    ServerHint {
        error: "unsupported_grant_type",
        hint: "the token URL does not know this grant: check its path against the grant",
        ..ANY
    },
    ServerHint {
        error: "invalid_target",
        hint: "the server does not know the resource or audience that is asked for, or does not grant \
               it to this client: compare it with those that the server has",
        ..ANY
    },
    ServerHint {
        http_status: Some(429),
        hint: "too many tokens were asked for: keep a token until it nears its end, and share it",
        ..ANY
    },
    ServerHint {
        http_status: Some(503),
        hint: "the server is overloaded or down for a while: nothing is wrong on this side",
        ..ANY
    },
    ServerHint {
        http_status: Some(407),
        cause: Some(Cause::ProxyPassword),
        hint: "a proxy asks for a password: put user:password@ into the proxy's URL",
        ..ANY
    },
    ServerHint {
        http_status: Some(404),
        cause: Some(Cause::NoErrorText),
        hint: "nothing responds at this path: check the host and path of the token URL",
        ..ANY
    },
];
