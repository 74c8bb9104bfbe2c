//! The refusals by NHS England.

use super::row::{ANY, ServerHint};
use crate::error::cause::Cause;

/// NHS England's API platform.
pub const NHS: &str = "NHS England";

const FROM: ServerHint = ServerHint { server: Some(NHS), ..ANY };

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        error: "invalid_request",
        description: "'kid' header",
        cause: Some(Cause::WrongKey),
        hint: "the application's JWKS has no key with this kid: register the public key's JWK with the \
               application in this environment, and set kid to its kid",
        ..FROM
    },
    ServerHint {
        error: "invalid_request",
        description: "'alg' header",
        hint: "set alg to RS512",
        ..FROM
    },
    ServerHint {
        error: "invalid_request",
        description: "'sub' claim",
        hint: "iss and sub must be the application's API key in this environment: set client_id to it",
        ..FROM
    },
    ServerHint {
        error: "invalid_request",
        description: "'aud' claim",
        hint: "aud must be the token URL of this environment, letter by letter: set aud to it, or leave \
               aud out",
        ..FROM
    },
    ServerHint {
        error: "invalid_request",
        description: "'exp' claim",
        cause: Some(Cause::ClockOrExp),
        hint: "exp may be 5 minutes ahead at most: set lifetime to 300 or less, and check this machine's \
               clock",
        ..FROM
    },
];
