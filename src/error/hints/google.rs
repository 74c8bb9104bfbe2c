//! The refusals by Google.

use super::row::{ANY, ServerHint};
use crate::error::cause::Cause;

/// Google's servers for service accounts.
///
/// Source: their documents, and public threads of their clients.
pub const GOOGLE: &str = "Google";

const FROM: ServerHint = ServerHint { server: Some(GOOGLE), ..ANY };

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        error: "invalid_scope",
        hint: "the JWT asks for no scope that Google knows: scope is a claim of the JWT, with blanks \
               between, such as https://www.googleapis.com/auth/cloud-platform",
        ..FROM
    },
    ServerHint {
        description: "attribute condition",
        hint: "the pool's provider takes no such JWT: compare its attribute condition with the claims of \
               the JWT",
        ..FROM
    },
    ServerHint {
        error: "invalid_target",
        hint: "audience must name a provider of a workload identity pool that exists and is enabled: \
               //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/\
               PROVIDER",
        ..FROM
    },
    ServerHint {
        error: "invalid_request",
        description: "invalid value for \"audience\"",
        hint: "audience must be the full name of a provider of a workload identity pool, not of the pool: \
               //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/\
               PROVIDER",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "is stale to sign-in",
        cause: Some(Cause::ClockOrExp),
        hint: "the platform's JWT was issued too long ago, or its iat is missing: have the platform renew it \
               sooner, and check this machine's clock",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "the audience in id token",
        hint: "aud of the platform's JWT is not an audience that the pool's provider allows: have the \
               platform make the JWT for that one, or allow its audience in the provider",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "the issuer in id token",
        hint: "iss of the platform's JWT is not the issuer that the pool's provider is set to: compare \
               the two letter by letter, and audience, which names the provider",
        ..FROM
    },
    ServerHint {
        description: "iam.serviceaccounts.getaccesstoken",
        hint: "the identity of the JWT may not act for the service account: grant it the role Workload \
               Identity User (roles/iam.workloadIdentityUser) on that account, and compare the account's \
               email in the URL",
        ..FROM
    },
    ServerHint {
        error: "unauthorized_client",
        hint: "the service account may not act for this user: in the Admin console, allow \
               domain-wide delegation for its client id with each of the scopes, and see that sub \
               is a user of that domain",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "account not found",
        hint: "the service account does not exist (iss is its email), or sub is no user: compare them \
               with the console",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "signature",
        cause: Some(Cause::WrongKey),
        hint: "the key is not one of the service account's, or was deleted there: make a new key for \
               the account, and see that kid is its private_key_id",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "audience check",
        hint: "aud must be the token URL of Google, https://oauth2.googleapis.com/token: set aud to it, \
               or leave aud out",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "short-lived",
        cause: Some(Cause::ClockOrExp),
        hint: "exp may be at most an hour after iat, and iat must not be ahead: check this machine's \
               clock and the lifetime",
        ..FROM
    },
];
