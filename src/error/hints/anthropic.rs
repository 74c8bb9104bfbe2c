//! The refusals by Anthropic of a JWT that a platform hands out.

use super::row::{ANY, Sent, ServerHint};

/// Anthropic.
pub const ANTHROPIC: &str = "Anthropic";

const FROM: ServerHint = ServerHint { server: Some(ANTHROPIC), ..ANY };

const REFUSED: &str = "the federation rule does not take the JWT: compare iss, sub and aud of the JWT with the rule \
    (federation_rule_id), and organization_id, service_account_id and, where the rule has several \
    workspaces, workspace_id with the Console, whose authentication events say why";

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint { sent: Some(Sent::Assertion), error: "invalid_grant", hint: REFUSED, ..FROM },
    ServerHint { sent: Some(Sent::Assertion), http_status: Some(401), hint: REFUSED, ..FROM },
];
