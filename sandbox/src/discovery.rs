//! The server's metadata.

use serde_json::{Value, json};

/// Returns Adobe's OpenID configuration, as Adobe documents it, for the server at `base`. The
/// sandbox has no users: its authorization and userinfo endpoints do not respond.
pub(super) fn openid_configuration(base: &str) -> Value {
    json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/ims/authorize/v2"),
        "token_endpoint": format!("{base}/ims/token/v3"),
        "userinfo_endpoint": format!("{base}/ims/userinfo/v2"),
        "revocation_endpoint": format!("{base}/ims/revoke"),
        "jwks_uri": format!("{base}/ims/keys"),
        "response_types_supported": ["code", "token", "id_token", "id_token token", "code id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "claims_supported":
            ["sub", "given_name", "family_name", "name", "email", "email_verified", "address"],
        "grant_types_supported": ["authorization_code", "implicit_grant", "refresh_token"],
    })
}
