//! The refusals by Okta.

use super::row::{ANY, ServerHint};
use crate::error::cause::Cause;

/// Okta.
pub const OKTA: &str = "Okta";

const FROM: ServerHint = ServerHint { server: Some(OKTA), ..ANY };

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        error: "invalid_dpop_proof",
        hint: "the application asks for DPoP, which libims does not do: switch it off in the \
               application's settings (Proof of possession)",
        ..FROM
    },
    ServerHint {
        error: "invalid_client",
        description: "expir",
        cause: Some(Cause::ClockOrExp),
        hint: "exp may be an hour ahead at most, and must not have passed: set lifetime to 300, and \
               check this machine's clock",
        ..FROM
    },
    ServerHint {
        error: "invalid_client",
        description: "client_id",
        hint: "the organization has no such application: set client_id to the application's, and see \
               that the host is the organization's",
        ..FROM
    },
    ServerHint {
        error: "invalid_client",
        description: "aud",
        hint: "aud must be the token URL or the issuer of this authorization server",
        ..FROM
    },
    ServerHint {
        error: "invalid_client",
        description: "assertion",
        cause: Some(Cause::WrongKey),
        hint: "the key is not registered: add its public key as a JWK to the application, and see \
               that kid in the JWT's header is the key's; the application's client authentication \
               must be public key / private key",
        ..FROM
    },
    ServerHint {
        error: "invalid_scope",
        cause: Some(Cause::MetascopeMismatch),
        hint: "a scope is not granted: grant okta.* scopes under Okta API Scopes, and add others to \
               the authorization server that the token URL names",
        ..FROM
    },
    ServerHint {
        error: "access_denied",
        hint: "no access policy of the authorization server has a rule for this client and these \
               scopes with client credentials: add one",
        ..FROM
    },
];
