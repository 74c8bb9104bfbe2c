//! Vendors that take the JWT of a platform (workload identity).

use std::time::SystemTime;

use ims::{Assertion, Claims, Key, generate_jwt};
use serde_json::{Value, json};
use support::directory::Directory;
use support::keys;

use super::vendor::{Vendor, refusal};
use super::{Played, recipe_file};
use crate::exchanges::json as response;

const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";
const ISSUER: &str = "https://PLATFORM.EXAMPLE.COM";
const SUBJECT: &str = "system:serviceaccount:NAMESPACE:NAME";

/// The files and variables of platforms, and what they are in these tests.
pub const PLATFORM: [(&str, &str); 4] = [
    ("/var/run/secrets/tokens/token", "token"),
    ("${AZURE_FEDERATED_TOKEN_FILE}", "token"),
    ("${ACTIONS_ID_TOKEN_REQUEST_URL}", "https://AUTH.EXAMPLE.COM/github?api-version=2.0"),
    ("${ACTIONS_ID_TOKEN_REQUEST_TOKEN}", "token-of-the-job"),
];

pub fn vendors() -> Vec<Vendor> {
    vec![
        kubernetes(),
        github_actions(),
        anthropic(),
        openai(),
        openrouter(),
        entra_federated(),
        google_external(),
    ]
}

/// A vendor that trusts the platform's issuer and subject, where the JWT is for it.
fn vendor(
    name: &'static str,
    token_url: &'static str,
    audience: &'static str,
    form: Value,
) -> Vendor {
    Vendor {
        name,
        token_url,
        issuer: None,
        form,
        header: json!({ "typ": "JWT", "alg": "RS256" }),
        claims: json!({ "iss": ISSUER, "sub": SUBJECT, "aud": audience }),
        max_lifetime: 3600,
        refusals: Vec::new(),
        platform: Some(audience),
        wrong: vec![
            (json!({ "assertion_file": "of-another-subject" }), "sub"),
            (json!({ "assertion_file": "for-another-audience" }), "aud"),
        ],
    }
}

fn exchange(further: Value) -> Value {
    let mut form = json!({ "grant_type": EXCHANGE, "subject_token_type": JWT_TYPE });
    form.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    form
}

fn kubernetes() -> Vendor {
    let form = json!({ "grant_type": BEARER, "scope": "SCOPE" });
    vendor("kubernetes", "https://AUTH.EXAMPLE.COM/token", "https://AUTH.EXAMPLE.COM", form)
}

fn github_actions() -> Vendor {
    let url = "https://AUTH.EXAMPLE.COM/github?api-version=2.0&audience=https://OTHER.EXAMPLE.COM";
    Vendor {
        wrong: vec![
            (json!({ "assertion_url": url }), "audience"),
            (json!({ "scope": "OTHER" }), "scopes"),
        ],
        ..vendor(
            "github-actions",
            "https://AUTH.EXAMPLE.COM/token",
            "https://AUTH.EXAMPLE.COM",
            exchange(json!({ "scope": "SCOPE" })),
        )
    }
}

fn anthropic() -> Vendor {
    let parameters = json!({
        "federation_rule_id": "fdrl_RULE", "organization_id": "ORGANIZATION_ID",
        "service_account_id": "svac_ACCOUNT",
    });
    let mut form = parameters.clone();
    form["grant_type"] = json!(BEARER);
    let mut other_rule = parameters;
    other_rule["federation_rule_id"] = json!("fdrl_OTHER");
    let vendor = vendor(
        "anthropic",
        "https://api.anthropic.com/v1/oauth/token",
        "https://api.anthropic.com",
        form,
    );
    let wrong = [vendor.wrong, vec![(json!({ "parameters": other_rule }), "federation_rule_id")]];
    // Its refusals do not say what is wrong.
    let refused = |at| refusal(at, 401, "invalid_grant", "");
    Vendor {
        wrong: wrong.concat(),
        refusals: ["claims.sub", "claims.aud", "form.federation_rule_id"].map(refused).into(),
        ..vendor
    }
}

fn openai() -> Vendor {
    let other = json!({ "identity_provider_id": "OTHER", "service_account_id": "ACCOUNT_ID" });
    let vendor = vendor(
        "openai",
        "https://auth.openai.com/oauth/token",
        "https://api.openai.com/v1",
        exchange(json!({
            "identity_provider_id": "PROVIDER_ID", "service_account_id": "ACCOUNT_ID",
        })),
    );
    let wrong = [vendor.wrong, vec![(json!({ "parameters": other }), "identity_provider_id")]];
    Vendor { wrong: wrong.concat(), ..vendor }
}

fn openrouter() -> Vendor {
    let other = json!({ "federation_policy_id": "OTHER" });
    let vendor = vendor(
        "openrouter",
        "https://openrouter.ai/api/v1/oauth/token",
        "https://openrouter.ai",
        exchange(json!({ "federation_policy_id": "POLICY_ID" })),
    );
    let wrong = [vendor.wrong, vec![(json!({ "parameters": other }), "federation_policy_id")]];
    Vendor { wrong: wrong.concat(), ..vendor }
}

fn entra_federated() -> Vendor {
    let none =
        "AADSTS700213: No matching federated identity record found for presented assertion subject";
    let form = json!({
        "grant_type": "client_credentials", "client_id": "CLIENT_ID",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "scope": "https://graph.microsoft.com/.default",
    });
    let refused = |at, text: &str| refusal(at, 401, "invalid_client", text);
    Vendor {
        refusals: vec![
            refused("claims.sub", none),
            refused("claims.aud", &none.replace("700213", "700212").replace("subject", "audience")),
            refusal(
                "form.client_id",
                400,
                "unauthorized_client",
                "AADSTS700016: Application with \
                identifier 'another' was not found in the directory 'TENANT'.",
            ),
        ],
        wrong: vec![
            (json!({ "assertion_file": "of-another-subject" }), "subject"),
            (json!({ "assertion_file": "for-another-audience" }), "audience"),
            (json!({ "client_id": "another" }), "client_id"),
        ],
        ..vendor(
            "entra-federated",
            "https://login.microsoftonline.com/TENANT_ID/oauth2/v2.0/token",
            "api://AzureADTokenExchange",
            form,
        )
    }
}

fn google_external() -> Vendor {
    let audience = "//iam.googleapis.com/projects/PROJECT_NUMBER/locations/global/\
        workloadIdentityPools/POOL/providers/PROVIDER";
    let other = "The audience in ID Token [https://OTHER.EXAMPLE.COM] does not match the expected \
        audience.";
    let unknown = "The target service indicated by the \"audience\" parameters is invalid.";
    Vendor {
        refusals: vec![
            refusal("claims.aud", 400, "invalid_grant", other),
            refusal(
                "claims.sub",
                400,
                "unauthorized_client",
                "The given credential is rejected by \
                the attribute condition.",
            ),
            refusal("form.audience", 400, "invalid_target", unknown),
        ],
        wrong: vec![
            (json!({ "credential_source": { "file": "of-another-subject" } }), "condition"),
            (json!({ "credential_source": { "file": "for-another-audience" } }), "aud"),
            (json!({ "audience": audience.replace("POOL", "OTHER") }), "audience"),
        ],
        ..vendor(
            "google-external",
            "https://sts.googleapis.com/v1/token",
            "https://iam.googleapis.com/projects/PROJECT_NUMBER/locations/global/\
                workloadIdentityPools/POOL/providers/PROVIDER",
            exchange(json!({
                "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "audience": audience, "scope": "https://www.googleapis.com/auth/cloud-platform",
            })),
        )
    }
}

/// A JWT of the platform.
fn jwt(subject: &str, audience: &str) -> String {
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    let assertion = Assertion::from(Claims::new(ISSUER, subject, audience));
    generate_jwt(&key, &assertion, SystemTime::now()).unwrap().expose().clone()
}

/// Writes what the platform would put into files: the JWT for the vendor, and wrong ones.
pub fn write_jwts(directory: &Directory, vendor: &Vendor) {
    let Some(audience) = vendor.platform else { return };
    directory.write("token", jwt(SUBJECT, audience));
    directory.write("of-another-subject", jwt("repo:OTHER", audience));
    directory.write("for-another-audience", jwt(SUBJECT, "https://OTHER.EXAMPLE.COM"));
}

/// Plays the platform's own server: GitHub's, which makes a JWT for the audience that is asked for.
pub fn platform_response(request: &str, vendor: &Vendor) -> Vec<u8> {
    let target = request.split(' ').nth(1).unwrap();
    let audience = target.strip_prefix("/github?api-version=2.0&audience=");
    let is_authorized =
        request.to_lowercase().contains("authorization: bearer token-of-the-job\r\n");
    match (vendor.name, audience, is_authorized) {
        ("github-actions", Some(audience), true) => {
            let value = jwt(SUBJECT, audience);
            response("200 OK", json!({ "count": value.len(), "value": value }).to_string())
        }
        _ => response("401 Unauthorized", "{}"),
    }
}

/// The bodies of all requests, byte for byte; `JWT` stands for the platform's.
const BODIES: [(&str, &str); 7] = [
    (
        "kubernetes",
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=JWT&scope=SCOPE",
    ),
    (
        "github-actions",
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=JWT\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt&scope=SCOPE",
    ),
    (
        "anthropic",
        r#"{"grant_type":"urn:ietf:params:oauth:grant-type:jwt-bearer","assertion":"JWT","federation_rule_id":"fdrl_RULE","organization_id":"ORGANIZATION_ID","service_account_id":"svac_ACCOUNT"}"#,
    ),
    (
        "openai",
        r#"{"grant_type":"urn:ietf:params:oauth:grant-type:token-exchange","subject_token":"JWT","subject_token_type":"urn:ietf:params:oauth:token-type:jwt","identity_provider_id":"PROVIDER_ID","service_account_id":"ACCOUNT_ID"}"#,
    ),
    (
        "openrouter",
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=JWT\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt\
         &federation_policy_id=POLICY_ID",
    ),
    (
        "entra-federated",
        "grant_type=client_credentials&client_id=CLIENT_ID&client_assertion_type=\
         urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=JWT\
         &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
    ),
    (
        "google-external",
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=JWT\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt\
         &requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
         &scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform\
         &audience=%2F%2Fiam.googleapis.com%2Fprojects%2FPROJECT_NUMBER%2Flocations%2Fglobal%2F\
         workloadIdentityPools%2FPOOL%2Fproviders%2FPROVIDER",
    ),
];

#[test]
fn the_request_of_each_recipe_is_this_to_the_byte() {
    for vendor in vendors() {
        let name = vendor.name;
        let (_, expected) = BODIES.iter().find(|(of, _)| *of == name).unwrap();
        let content_type = match expected.starts_with('{') {
            true => "application/json",
            false => "application/x-www-form-urlencoded",
        };
        let first_line = format!("POST {} HTTP/1.1\r\n", vendor.path());
        let played = Played::new(vendor);
        played.token(&recipe_file(name)).unwrap();
        let request = played.requests.lock().unwrap().pop().unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&first_line), "{name}: {head}");
        let content_type = format!("content-type: {content_type}");
        assert!(head.to_lowercase().lines().any(|line| line == content_type), "{name}: {head}");
        assert!(!head.to_lowercase().contains("authorization:"), "{name}: {head}");
        let from = expected.find("JWT").unwrap();
        let length = body.len() + "JWT".len() - expected.len();
        let sent = format!("{}JWT{}", &body[..from], &body[from + length..]);
        assert_eq!(sent, *expected, "{name}");
        assert_eq!(body[from..from + length].matches('.').count(), 2, "{name}: a JWT");
    }
}
