//! The refusals by OpenRouter of a JWT that a platform hands out.

use super::row::{ANY, Sent, ServerHint};

/// OpenRouter.
pub const OPENROUTER: &str = "OpenRouter";

const FROM: ServerHint = ServerHint { server: Some(OPENROUTER), ..ANY };

const REFUSED: &str = "the policy does not take the JWT, does not exist or is paused: compare federation_policy_id with the \
    policy, and iss, sub and aud of the JWT with its issuer, subject and audience";

pub(super) static HINTS: &[ServerHint] =
    &[ServerHint { sent: Some(Sent::SubjectToken), error: "invalid_grant", hint: REFUSED, ..FROM }];
