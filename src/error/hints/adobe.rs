//! The refusals by Adobe.

use super::row::{ANY, Sent, ServerHint};
use crate::error::cause::Cause;

/// Adobe IMS.
///
/// Source: the texts of the server, and public threads of its clients.
pub const ADOBE: &str = "Adobe";

const FROM: ServerHint = ServerHint { server: Some(ADOBE), ..ANY };

const WRONG_KEY: &str = "the certificate registered for this technical account does not belong to \
    this private key, or has expired: compare the two in the Developer Console, and upload a new \
    certificate or use its key";

const EXPIRED: &str = "the JWT expired before it arrived: sign a new one for each exchange, let it \
    live a few minutes (lifetime 300), and check this machine's clock";

const NO_RIGHT: &str = "add the I/O Management API to the project in the Developer Console: with it, the \
    credential may list, add and delete its client secrets";

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        sent: Some(Sent::AccessToken),
        error: "invalid_token",
        hint: "this host did not issue the token to this client: check the host (stage and \
               production differ), the client id, and that the token is whole",
        ..FROM
    },
    ServerHint {
        sent: Some(Sent::AccessToken),
        error: "invalid_client",
        hint: "the client id is unknown at this host, or the client secret is wrong: compare both, \
               and the host, with the credential in the Developer Console",
        ..FROM
    },
    ServerHint { sent: Some(Sent::Bearer), http_status: Some(401), hint: NO_RIGHT, ..FROM },
    ServerHint { sent: Some(Sent::Bearer), http_status: Some(403), hint: NO_RIGHT, ..FROM },
    ServerHint {
        sent: Some(Sent::Bearer),
        http_status: Some(404),
        hint: "compare org and credential with the URL of the credential's page in the Developer \
               Console: .../console/projects/ORG/PROJECT/credentials/CREDENTIAL/details/...",
        ..FROM
    },
    ServerHint {
        error: "invalid_token",
        description: "could not match jwt signature",
        cause: Some(Cause::WrongKey),
        hint: WRONG_KEY,
        ..FROM
    },
    ServerHint {
        error: "invalid_signature",
        cause: Some(Cause::WrongKey),
        hint: WRONG_KEY,
        ..FROM
    },
    ServerHint {
        error: "invalid_token",
        description: "incorrectly formatted",
        cause: Some(Cause::ClockOrExp),
        hint: "the server cannot decode the JWT: exp (and jti, where sent) must be integers, not \
               strings or fractions, and the JWT must be sent whole, without line breaks",
        ..FROM
    },
    ServerHint {
        error: "invalid_token",
        description: "expired",
        cause: Some(Cause::ClockOrExp),
        hint: EXPIRED,
        ..FROM
    },
    ServerHint { error: "expired", cause: Some(Cause::ClockOrExp), hint: EXPIRED, ..FROM },
    ServerHint {
        error: "invalid_token",
        hint: "the server does not accept the JWT: check iss, sub, aud, exp and the key against the \
               credential in the Developer Console",
        ..FROM
    },
    ServerHint {
        http_status: Some(401),
        error: "invalid_client",
        hint: "the client secret is wrong, or this client may not use this grant: copy the secret \
               again from the Developer Console and see that the credential is of this type",
        ..FROM
    },
    ServerHint {
        http_status: Some(400),
        error: "invalid_client",
        description: "secret",
        hint: "the client secret is wrong: copy it again from the Developer Console",
        ..FROM
    },
    ServerHint {
        sent: Some(Sent::Assertion),
        error: "invalid_client",
        hint: "the client id is unknown here, or the JWT's aud names another environment or client \
               id: aud must be https://HOST/c/CLIENT_ID with the host that you call (stage and \
               production differ); if both are right, the client secret may be wrong",
        ..FROM
    },
    ServerHint {
        error: "invalid_client",
        hint: "the client id is unknown here, or the client secret is wrong: compare both with the \
               credential in the Developer Console, and the host (stage and production differ)",
        ..FROM
    },
    ServerHint {
        error: "invalid_scope",
        cause: Some(Cause::MetascopeMismatch),
        hint: "a metascope or scope is not granted to this technical account: compare them with \
               those that the Developer Console lists for the credential, and have a product \
               profile assigned",
        ..FROM
    },
    ServerHint {
        error: "invalid_jti",
        hint: "this account asks for a jti, an integer that is new in every JWT: add one, and send \
               each JWT once (max_attempts 1)",
        ..FROM
    },
    ServerHint {
        error: "unauthorized_client",
        hint: "this client is not set up for the grant: add OAuth Server-to-Server to the project \
               in the Developer Console, or use the grant that its credential was made for",
        ..FROM
    },
    ServerHint {
        error: "bad_request",
        hint: "a claim has the wrong format: iss is ORG@AdobeOrg, sub is ID@techacct.adobe.com, exp \
               and jti are integers",
        ..FROM
    },
    ServerHint {
        http_status: Some(500),
        error: "internal_error",
        cause: Some(Cause::MovedToOauth),
        hint: "if it stays, the credential may have been migrated from JWT to OAuth \
               Server-to-Server: switch to client credentials; else give the x-debug-id to Adobe's \
               support",
        ..FROM
    },
];
