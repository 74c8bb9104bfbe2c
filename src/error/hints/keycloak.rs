//! The refusals by Keycloak.

use super::row::{ANY, ServerHint};
use crate::error::cause::Cause;

/// Keycloak, at any host.
pub const KEYCLOAK: &str = "Keycloak";

const FROM: ServerHint = ServerHint { server: Some(KEYCLOAK), ..ANY };

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        error: "invalid_client",
        description: "audience",
        hint: "aud must be the realm's issuer, https://HOST/realms/REALM, as the realm's metadata \
               spells it",
        ..FROM
    },
    ServerHint {
        error: "invalid_client",
        description: "unable to load public key",
        cause: Some(Cause::WrongKey),
        hint: "the client has no key with this kid: add the public key to the client's keys, or set kid \
               to the id that it has there",
        ..FROM
    },
    ServerHint {
        error: "invalid_client",
        description: "signature on jwt",
        cause: Some(Cause::WrongKey),
        hint: "the key is not the one registered with the client under this kid, or alg is not the \
               algorithm that the client is set to: compare both with the client's keys",
        ..FROM
    },
    ServerHint {
        error: "invalid_client",
        description: "invalid client or",
        hint: "the realm has no such client (client_id), it is disabled, the client secret is wrong, or \
               the client authenticator in its settings is not the one that client_auth means (Signed \
               Jwt for private_key_jwt)",
        ..FROM
    },
];
