//! Vendors whose clients prove themselves with a JWT (RFC 7523 section 2.2).

use serde_json::{Value, json};

use super::vendor::{Refusal, Vendor, refusal};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub fn vendors() -> Vec<Vendor> {
    vec![okta(), auth0(), keycloak(), entra(), smart(), nhs(), netsuite(), mcp()]
}

/// A vendor that takes the token URL for `aud`, and no scope.
fn vendor(name: &'static str, alg: &str, token_url: &'static str) -> Vendor {
    Vendor {
        name,
        token_url,
        issuer: None,
        form: json!({
            "grant_type": "client_credentials", "client_id": "CLIENT_ID",
            "client_assertion_type": ASSERTION,
        }),
        header: json!({ "typ": "JWT", "alg": alg, "kid": "KEY_ID" }),
        claims: json!({ "iss": "CLIENT_ID", "sub": "CLIENT_ID", "aud": token_url, "jti": "*" }),
        max_lifetime: 300,
        refusals: Vec::new(),
        platform: None,
        wrong: Vec::new(),
    }
}

impl Vendor {
    /// Sets one more field of the form.
    fn with_field(mut self, name: &str, value: &str) -> Self {
        self.form[name] = json!(value);
        self
    }

    fn with_claim(mut self, name: &str, value: &str) -> Self {
        self.claims[name] = json!(value);
        self
    }
}

/// `invalid_client` with a text.
fn client(at: &'static str, description: &str) -> Refusal {
    refusal(at, 401, "invalid_client", description)
}

fn okta() -> Vendor {
    let aud =
        "The audience claim for client_assertion must be the endpoint invoked for the request.";
    let far = "The client_assertion token has an expiration too far into the future.";
    let scope = "One or more scopes are not configured for the authorization server resource.";
    Vendor {
        max_lifetime: 3600,
        refusals: vec![
            client("claims.iss", "Invalid value for 'client_id' parameter."),
            client("header.kid", "The client_assertion JWT kid is invalid."),
            client("signature", "The client_assertion signature is invalid."),
            client("claims.aud", aud),
            client("lifetime", far),
            refusal("form.scope", 400, "invalid_scope", scope),
        ],
        wrong: vec![
            (json!({ "client_id": "another" }), "client_id"),
            (json!({ "kid": "another" }), "kid"),
            (json!({ "private_key": "other.key" }), "key"),
            (json!({ "aud": "https://OTHER.okta.com/oauth2/v1/token" }), "aud"),
            (json!({ "lifetime": 7200 }), "lifetime"),
            (json!({ "scope": ["okta.other"] }), "scope"),
        ],
        ..vendor("okta", "RS256", "https://ORG.okta.com/oauth2/v1/token")
            .with_field("scope", "okta.users.read")
    }
}

fn auth0() -> Vendor {
    let no_api = "Service not enabled within domain: https://API.EXAMPLE.COM";
    Vendor {
        refusals: vec![refusal("form.audience", 403, "access_denied", no_api)],
        wrong: vec![
            (json!({ "client_id": "another" }), "client_id"),
            (json!({ "kid": "another" }), "kid"),
            (json!({ "aud": "https://TENANT.auth0.com" }), "aud"),
            (json!({ "lifetime": 600 }), "lifetime"),
            (json!({ "parameters": { "audience": "https://API.EXAMPLE.COM" } }), "audience"),
        ],
        ..vendor("auth0", "RS256", "https://TENANT.auth0.com/oauth/token")
            .with_claim("aud", "https://TENANT.auth0.com/")
            .with_field("audience", "https://API.EXAMPLE.COM/")
    }
}

fn keycloak() -> Vendor {
    let failed = |at, why: &str| {
        let description = format!("Client authentication with signed JWT failed: {why}");
        refusal(at, 400, "invalid_client", description)
    };
    let issuer = "https://HOST/realms/REALM";
    let url = "https://HOST/realms/REALM/protocol/openid-connect/token";
    let aud = format!(
        "Token audience doesn't match domain. Expected audiences are any of [{issuer}] but audience \
         from token is '[{url}]'"
    );
    Vendor {
        refusals: vec![
            client("claims.iss", "Invalid client or Invalid client credentials"),
            refusal("header.kid", 400, "invalid_client", "Unable to load public key"),
            failed("signature", "Signature on JWT token failed validation"),
            failed("claims.aud", &aud),
        ],
        wrong: vec![
            (json!({ "client_id": "another" }), "client_id"),
            (json!({ "kid": "another" }), "kid"),
            (json!({ "private_key": "other.key" }), "key"),
            (json!({ "aud": url }), "aud"),
        ],
        ..vendor("keycloak", "RS256", url).with_claim("aud", issuer)
    }
}

fn entra() -> Vendor {
    let numbered = |at, http_status, error: &str, number: u32, text: &str| Refusal {
        at,
        http_status,
        body: json!({
            "error": error,
            "error_description": format!(
                "AADSTS{number}: {text} Trace ID: 16024889-5f9b-4569-a1a6-a14e9a51d000 Correlation \
                 ID: ebac3d18-50ec-44a7-bdb2-245d4185ba00 Timestamp: 2026-03-30 01:58:46Z"
            ),
            "error_codes": [number],
            "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
        }),
    };
    let no_tenant = "Tenant 'OTHER' not found. Check to make sure you have the correct tenant ID and \
        are signing into the correct cloud.";
    let no_client =
        "Application with identifier 'another' was not found in the directory 'TENANT'.";
    let not_the_key = "The certificate with identifier used to sign the client assertion is not \
        registered on application. [Reason - The key was not found.]";
    let aud = "Client assertion audience claim does not match Realm issuer.";
    let scope = "The provided value for scope https://graph.microsoft.com/User.Read is not valid. \
        Client credential flows must have a scope value with /.default suffixed to the resource \
        identifier (application ID URI).";
    Vendor {
        header: json!({ "typ": "JWT", "alg": "PS256", "x5t#S256": "*" }),
        refusals: vec![
            numbered("path", 400, "invalid_request", 90_002, no_tenant),
            numbered("claims.iss", 400, "unauthorized_client", 700_016, no_client),
            numbered("signature", 401, "invalid_client", 700_027, not_the_key),
            numbered("claims.aud", 401, "invalid_client", 700_023, aud),
            numbered("form.scope", 400, "invalid_scope", 1_002_012, scope),
        ],
        wrong: vec![
            (
                json!({ "token_url": "https://login.microsoftonline.com/OTHER/oauth2/v2.0/token" }),
                "tenant",
            ),
            (json!({ "client_id": "another" }), "client_id"),
            (json!({ "private_key": "other.key", "certificate": "other.pem" }), "certificate"),
            (json!({ "aud": "https://graph.microsoft.com" }), "aud"),
            (json!({ "scope": ["https://graph.microsoft.com/User.Read"] }), "scope"),
        ],
        ..vendor("entra", "PS256", "https://login.microsoftonline.com/TENANT_ID/oauth2/v2.0/token")
            .with_field("scope", "https://graph.microsoft.com/.default")
    }
}

/// Servers of this profile are at any host, and those that are known give no text.
fn smart() -> Vendor {
    let silent = |at| Refusal {
        body: json!({ "error": "invalid_client", "error_description": Value::Null }),
        ..client(at, "")
    };
    Vendor {
        refusals: ["claims.iss", "header.kid", "header.alg", "signature", "claims.aud", "lifetime"]
            .map(silent)
            .into(),
        wrong: vec![
            (json!({ "client_id": "another" }), "client id"),
            (json!({ "kid": "another" }), "kid"),
            (json!({ "private_key": "other.key" }), "key"),
            (json!({ "aud": "https://FHIR.EXAMPLE.COM" }), "aud"),
            (json!({ "lifetime": 600 }), "lifetime"),
            (json!({ "scope": ["patient/Patient.read"] }), "scopes"),
        ],
        ..vendor("smart", "RS384", "https://FHIR.EXAMPLE.COM/oauth2/token")
            .with_field("scope", "system/Patient.read")
    }
}

fn nhs() -> Vendor {
    let request = |at, http_status, text: &str| {
        refusal(at, http_status, "invalid_request", format!("{text} in client_assertion JWT"))
    };
    let no_key = "Invalid 'kid' header in client_assertion JWT - no matching public key";
    let alg = "Invalid 'alg' header in client_assertion JWT - unsupported JWT algorithm - must be \
        'RS512'";
    let far = "Invalid 'exp' claim in client_assertion JWT - more than 5 minutes in future";
    Vendor {
        refusals: vec![
            request("claims.iss", 401, "Invalid 'iss'/'sub' claims"),
            refusal("header.kid", 401, "invalid_request", no_key),
            refusal("header.alg", 400, "invalid_request", alg),
            request("claims.aud", 401, "Missing or invalid 'aud' claim"),
            refusal("lifetime", 400, "invalid_request", far),
        ],
        wrong: vec![
            (json!({ "client_id": "another" }), "client_id"),
            (json!({ "kid": "another" }), "kid"),
            (json!({ "alg": "RS256" }), "alg"),
            (json!({ "aud": "https://int.api.service.nhs.uk/oauth2/token" }), "aud"),
            (json!({ "lifetime": 600 }), "lifetime"),
        ],
        ..vendor("nhs", "RS512", "https://api.service.nhs.uk/oauth2/token")
            .with_field("client_id", "API_KEY")
            .with_claim("iss", "API_KEY")
            .with_claim("sub", "API_KEY")
    }
}

/// Its refusals have no text.
fn netsuite() -> Vendor {
    let url = "https://ACCOUNT.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token";
    Vendor {
        max_lifetime: 3600,
        header: json!({ "typ": "JWT", "alg": "PS256", "kid": "CERTIFICATE_ID" }),
        wrong: vec![
            (json!({ "client_id": "another" }), "client_id"),
            (json!({ "kid": "another" }), "kid"),
            (json!({ "alg": "RS256" }), "alg"),
            (json!({ "private_key": "other.key" }), "key"),
            (json!({ "aud": "https://system.netsuite.com" }), "aud"),
            (json!({ "scope": ["other"] }), "scopes"),
        ],
        ..vendor("netsuite", "PS256", url)
            .with_field("scope", "rest_webservices")
            .with_claim("scope", "rest_webservices")
    }
}

fn mcp() -> Vendor {
    Vendor {
        issuer: Some("https://AUTH.EXAMPLE.COM"),
        // RFC 7523 as it is revised, for a client that knows the issuer.
        header: json!({ "typ": "client-authentication+jwt", "alg": "RS256", "kid": "KEY_ID" }),
        wrong: vec![
            (json!({ "client_id": "another" }), "client id"),
            (json!({ "kid": "another" }), "kid"),
            (json!({ "aud": "https://AUTH.EXAMPLE.COM/token" }), "aud"),
            (json!({ "resource": ["https://OTHER.EXAMPLE.COM/mcp"] }), "resource"),
        ],
        ..vendor("mcp", "RS256", "https://AUTH.EXAMPLE.COM/token")
            .with_claim("aud", "https://AUTH.EXAMPLE.COM")
            .with_field("resource", "https://MCP.EXAMPLE.COM/mcp")
    }
}
