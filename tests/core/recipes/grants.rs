//! Vendors whose grant is the JWT itself (RFC 7523 section 2.1).

use serde_json::{Value, json};

use super::vendor::{Refusal, Vendor, refusal};

const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

pub fn vendors() -> Vec<Vendor> {
    vec![google(), salesforce(), docusign(), box_(), maskinporten(), zitadel()]
}

fn vendor(name: &'static str, token_url: &'static str, kid: Option<&str>, claims: Value) -> Vendor {
    let mut header = json!({ "typ": "JWT", "alg": "RS256" });
    if let Some(kid) = kid {
        header["kid"] = json!(kid);
    }
    Vendor {
        name,
        token_url,
        issuer: None,
        form: json!({ "grant_type": BEARER }),
        header,
        claims,
        max_lifetime: 3600,
        refusals: Vec::new(),
        platform: None,
        wrong: Vec::new(),
    }
}

/// `invalid_grant` with a text.
fn grant(at: &'static str, description: &str) -> Refusal {
    refusal(at, 400, "invalid_grant", description)
}

fn google() -> Vendor {
    // RFC 7523 section 3 requires a subject; an account may be its own.
    let account = "NAME@PROJECT.iam.gserviceaccount.com";
    let url = "https://oauth2.googleapis.com/token";
    let scope = "https://www.googleapis.com/auth/cloud-platform";
    let claims = json!({ "iss": account, "sub": account, "aud": url, "scope": scope });
    Vendor {
        refusals: vec![
            grant("claims.iss", "Invalid grant: account not found"),
            grant("header.kid", "Invalid JWT Signature."),
            grant("signature", "Invalid JWT Signature."),
            grant("claims.aud", "Invalid JWT: Failed audience check."),
            grant(
                "lifetime",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable \
                 timeframe. Check your iat and exp values in the JWT claim.",
            ),
            refusal(
                "claims.scope",
                400,
                "invalid_scope",
                "Invalid OAuth scope or ID token audience provided.",
            ),
            refusal(
                "claims.sub",
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not \
                 authorized for any of the scopes requested.",
            ),
        ],
        wrong: vec![
            (json!({ "iss": "other@PROJECT.iam.gserviceaccount.com" }), "iss"),
            (json!({ "sub": "user@other.example" }), "sub"),
            (json!({ "aud": "https://www.googleapis.com/oauth2/v4/token" }), "aud"),
            (json!({ "kid": "another" }), "kid"),
            (json!({ "private_key": "other.key" }), "key"),
            (json!({ "lifetime": 7200 }), "lifetime"),
            (json!({ "scope": ["cloud-platform"] }), "scope"),
        ],
        ..vendor("google", url, Some("PRIVATE_KEY_ID"), claims)
    }
}

fn salesforce() -> Vendor {
    let claims = json!({
        "iss": "CONSUMER_KEY", "sub": "USER@EXAMPLE.COM", "aud": "https://login.salesforce.com",
    });
    Vendor {
        max_lifetime: 180,
        refusals: vec![
            refusal("claims.iss", 400, "invalid_client_id", "client identifier invalid"),
            grant("claims.sub", "user hasn't approved this consumer"),
            grant("claims.aud", "audience is invalid"),
            grant("signature", "invalid assertion"),
            grant("lifetime", "invalid assertion"),
        ],
        wrong: vec![
            (json!({ "iss": "another" }), "iss"),
            (json!({ "sub": "OTHER@EXAMPLE.COM" }), "sub"),
            (json!({ "aud": "https://acme.my.salesforce.com" }), "aud"),
            (json!({ "private_key": "other.key" }), "key"),
            (json!({ "lifetime": 600 }), "lifetime"),
        ],
        ..vendor("salesforce", "https://login.salesforce.com/services/oauth2/token", None, claims)
    }
}

fn docusign() -> Vendor {
    let claims = json!({
        "iss": "INTEGRATION_KEY", "sub": "USER_ID", "aud": "account-d.docusign.com",
        "scope": "signature impersonation",
    });
    Vendor {
        refusals: vec![
            grant("claims.iss", "issuer_not_found"),
            grant("claims.sub", "user_not_found"),
            grant("claims.aud", "no_valid_keys_or_signatures"),
            grant("signature", "no_valid_keys_or_signatures"),
            Refusal {
                body: json!({ "error": "consent_required" }),
                ..grant("claims.scope", "consent_required")
            },
        ],
        wrong: vec![
            (json!({ "iss": "another" }), "iss"),
            (json!({ "sub": "USER@EXAMPLE.COM" }), "sub"),
            (json!({ "aud": "https://account-d.docusign.com/oauth/token" }), "aud"),
            (json!({ "private_key": "other.key" }), "key"),
            (json!({ "scope": ["signature"] }), "scope"),
        ],
        ..vendor("docusign", "https://account-d.docusign.com/oauth/token", None, claims)
    }
}

fn box_() -> Vendor {
    let url = "https://api.box.com/oauth2/token";
    let claims = json!({
        "iss": "CLIENT_ID", "sub": "ENTERPRISE_ID", "jti": "*", "aud": url,
        "box_sub_type": "enterprise",
    });
    let not_the_key = "Signature verification error. The public key identified by \"kid\" must \
        correspond to the private key used for signing.";
    Vendor {
        max_lifetime: 60,
        form: json!({
            "grant_type": BEARER, "client_id": "CLIENT_ID", "client_secret": "CLIENT_SECRET",
        }),
        refusals: vec![
            refusal(
                "form.client_secret",
                400,
                "invalid_client",
                "The client credentials are invalid",
            ),
            grant("header.kid", not_the_key),
            grant("signature", not_the_key),
            grant("claims.sub", "Please check the 'sub' claim. The 'sub' specified is invalid."),
            grant("claims.jti", "Please check the 'jti' claim."),
            grant(
                "lifetime",
                "Please check the 'exp' claim. The 'exp' value exceeds the maximum value of 60 \
                 seconds beyond the issue time.",
            ),
        ],
        wrong: vec![
            (json!({ "client_secret": "another secret" }), "client_secret"),
            (json!({ "sub": "USER_ID" }), "sub"),
            (json!({ "kid": "another" }), "kid"),
            (json!({ "private_key": "other.key" }), "key"),
            (json!({ "jti": null }), "jti"),
            (json!({ "lifetime": 300 }), "lifetime"),
        ],
        ..vendor("box", url, Some("PUBLIC_KEY_ID"), claims)
    }
}

fn maskinporten() -> Vendor {
    // Its texts end with an id of the request, and its `error_uri` leads to their explanation.
    let explained = |at, error: &str, number: &str, text: &str| Refusal {
        body: json!({
            "error": error,
            "error_description": format!("{text} (trace_id: bd1d0e3bfb1c7a7bd99fd447714a316c)"),
            "error_uri": format!("https://maskinporten.no/errors/{number}"),
        }),
        ..grant(at, text)
    };
    let client = "Invalid assertion. Client authentication failed.";
    let aud = "Invalid assertion. Client authentication failed. Invalid JWT claim aud";
    let scope = "Token request contains invalid scopes for client, PREFIX:OTHER";
    Vendor {
        max_lifetime: 120,
        refusals: vec![
            explained("claims.iss", "invalid_grant", "MP-100", client),
            explained("claims.aud", "invalid_grant", "MP-110", aud),
            explained("signature", "invalid_grant", "MP-124", "Invalid JWT signature"),
            explained("claims.scope", "invalid_scope", "MP-200", scope),
        ],
        wrong: vec![
            (json!({ "iss": "another" }), "iss"),
            (json!({ "aud": "https://test.maskinporten.no/" }), "aud"),
            (json!({ "private_key": "other.key" }), "key"),
            (json!({ "scope": ["PREFIX:OTHER"] }), "scope"),
        ],
        ..vendor(
            "maskinporten",
            "https://maskinporten.no/token",
            Some("KEY_ID"),
            json!({
                "iss": "CLIENT_ID", "sub": "CLIENT_ID", "aud": "https://maskinporten.no/",
                "jti": "*", "scope": "PREFIX:SCOPE",
            }),
        )
    }
}

fn zitadel() -> Vendor {
    let internal = |at| refusal(at, 500, "server_error", "Errors.Internal");
    let claims = json!({
        "iss": "USER_ID", "sub": "USER_ID", "aud": "https://INSTANCE.zitadel.cloud",
    });
    Vendor {
        form: json!({
            "grant_type": BEARER, "scope": "openid urn:zitadel:iam:org:project:id:zitadel:aud",
        }),
        refusals: ["claims.iss", "claims.sub", "claims.aud", "header.kid", "signature"]
            .map(internal)
            .into(),
        wrong: vec![
            (json!({ "iss": "another", "sub": "another" }), "iss"),
            (json!({ "aud": "https://INSTANCE.zitadel.cloud/oauth/v2/token" }), "aud"),
            (json!({ "kid": "another" }), "kid"),
            (json!({ "private_key": "other.key" }), "key"),
        ],
        ..vendor("zitadel", "https://INSTANCE.zitadel.cloud/oauth/v2/token", Some("KEY_ID"), claims)
    }
}
