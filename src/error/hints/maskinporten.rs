//! The refusals by Maskinporten.

use super::row::{ANY, ServerHint};
use crate::error::cause::Cause;

/// Maskinporten.
pub const MASKINPORTEN: &str = "Maskinporten";

const FROM: ServerHint = ServerHint { server: Some(MASKINPORTEN), ..ANY };

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        error: "invalid_grant",
        description: "jwt claim aud",
        hint: "aud must be the issuer of this environment, with the slash at its end: \
               https://maskinporten.no/, or https://test.maskinporten.no/ for tests",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "expired key",
        cause: Some(Cause::WrongKey),
        hint: "the key that is registered with the client has expired (keys last for a year): register \
               it again, or a new one",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "jwt signature",
        cause: Some(Cause::WrongKey),
        hint: "the key is not the one that is registered with the client under this kid, or its \
               certificate is one for another environment",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "client authentication failed",
        hint: "iss must be the client's id in this environment, and kid the id of a key that is \
               registered with the client",
        ..FROM
    },
    ServerHint {
        error: "invalid_scope",
        cause: Some(Cause::MetascopeMismatch),
        hint: "the scope is not registered with the client: compare it letter by letter, add it to the \
               client, and have its owner grant it to the organization",
        ..FROM
    },
];
