//! The refusals by Salesforce.

use super::row::{ANY, Sent, ServerHint};
use crate::error::cause::Cause;

/// Salesforce.
pub const SALESFORCE: &str = "Salesforce";

const FROM: ServerHint = ServerHint { server: Some(SALESFORCE), ..ANY };

const NOT_APPROVED: &str = "the user of sub has not approved the connected app: set its permitted \
    users to those that an administrator approves, and add the user's profile or permission set, or \
    have the user approve it once";

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        error: "invalid_grant",
        description: "approved this consumer",
        hint: NOT_APPROVED,
        ..FROM
    },
    ServerHint { error: "invalid_app_access", hint: NOT_APPROVED, ..FROM },
    ServerHint {
        error: "invalid_grant",
        description: "audience is invalid",
        hint: "aud must be https://login.salesforce.com, or https://test.salesforce.com for a \
               sandbox, whatever the host of the token URL",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "invalid assertion",
        cause: Some(Cause::WrongKey),
        hint: "the key does not belong to the connected app's certificate, or exp is more than 3 \
               minutes ahead: upload the key's certificate, and let the JWT live 180 seconds at most \
               (lifetime 180)",
        ..FROM
    },
    ServerHint {
        sent: Some(Sent::Assertion),
        error: "invalid_client_id",
        hint: "iss must be the consumer key of the connected app, in the organization whose login \
               host aud names; a new app takes some minutes to become known",
        ..FROM
    },
];
