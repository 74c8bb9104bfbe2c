//! The refusals by Zitadel.

use super::row::{ANY, ServerHint};

/// Zitadel's cloud.
pub const ZITADEL: &str = "Zitadel";

const FROM: ServerHint = ServerHint { server: Some(ZITADEL), ..ANY };

pub(super) static HINTS: &[ServerHint] = &[ServerHint {
    error: "server_error",
    hint: "if it stays, Zitadel cannot verify the JWT, and says no more: kid must be the keyId and the key \
               that of the service user's key file, iss and sub its userId, and aud the instance's \
               issuer, without a path",
    ..FROM
}];
