//! The refusals by Auth0.

use super::row::{ANY, ServerHint};

/// Auth0.
pub const AUTH0: &str = "Auth0";

const FROM: ServerHint = ServerHint { server: Some(AUTH0), ..ANY };

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        error: "access_denied",
        description: "service not enabled",
        hint: "audience (in parameters) is not the identifier of an API of this tenant: compare the \
               two letter by letter, and a slash at the end",
        ..FROM
    },
    ServerHint {
        error: "access_denied",
        description: "not authorized to access",
        hint: "the application may not call this API: authorize it among the API's machine-to-machine \
               applications, or correct audience (in parameters)",
        ..FROM
    },
    ServerHint {
        error: "invalid_client",
        hint: "Auth0 does not accept the client's proof, and the tenant's log (Failed Exchange) says \
               why: client_id must be the application's, kid and alg those of its credential, the key \
               that credential's, aud the issuer with the slash at its end, and lifetime at most 300",
        ..FROM
    },
];
