//! The refusals by OpenAI of a JWT that a platform hands out.

use super::row::{ANY, Sent, ServerHint};

/// OpenAI.
pub const OPENAI: &str = "OpenAI";

const FROM: ServerHint = ServerHint { server: Some(OPENAI), ..ANY };

const REFUSED: &str = "the provider does not take the JWT: compare iss, sub and aud of the JWT with the workload identity \
    provider (identity_provider_id), and its mapping with service_account_id";

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint { sent: Some(Sent::SubjectToken), error: "invalid_grant", hint: REFUSED, ..FROM },
    ServerHint {
        sent: Some(Sent::SubjectToken),
        error: "invalid_subject_token",
        hint: REFUSED,
        ..FROM
    },
    ServerHint { sent: Some(Sent::SubjectToken), http_status: Some(401), hint: REFUSED, ..FROM },
];
