//! The refusals by NetSuite.

use super::row::{ANY, ServerHint};
use crate::error::cause::Cause;

/// NetSuite.
pub const NETSUITE: &str = "NetSuite";

const FROM: ServerHint = ServerHint { server: Some(NETSUITE), ..ANY };

const NETSUITE_GIVES_NO_REASON: &str = "NetSuite has the reason in its Login Audit Trail alone, as \
    Detail: kid must be the certificate's id in the M2M setup, the key that of this \
    certificate, iss the integration's client id (client_id), aud the token URL, and alg \
    PS256, ES256 or a longer one of these, not RS256";

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        error: "invalid_client",
        cause: Some(Cause::WrongKey),
        hint: NETSUITE_GIVES_NO_REASON,
        ..FROM
    },
    ServerHint { error: "invalid_request", hint: NETSUITE_GIVES_NO_REASON, ..FROM },
];
