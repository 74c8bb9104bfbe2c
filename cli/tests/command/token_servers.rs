//! The refusals of token servers, word for word as a user of `ims` reads them, with the host of each.

use std::process::Command;

use serde_json::json;
use support::directory::Directory;
use support::host::Host;
use support::responses::http;

/// A refusal: the token URL, the HTTP status, the content type, the body, and the lines that `ims` prints.
struct Refusal(&'static str, u16, &'static str, &'static str, &'static [&'static str]);

const JSON: &str = "application/json";

const REFUSALS: [Refusal; 14] = [
    Refusal(
        "https://iam.googleapis.com/token",
        403,
        JSON,
        r#"{"error":{"code":403,"message":"IAM API has not been used","status":"PERMISSION_DENIED"}}"#,
        &["error: the token server refused: HTTP 403: IAM API has not been used"],
    ),
    Refusal(
        "https://auth.example/token",
        401,
        JSON,
        r#"{"message":"Bad credentials"}"#,
        &["error: the token server refused: HTTP 401: Bad credentials"],
    ),
    Refusal(
        "https://acme.okta.com/oauth2/v1/token",
        401,
        JSON,
        r#"{"errorCode":"E0000011","errorSummary":"Invalid token provided","errorCauses":[]}"#,
        &["error: the token server refused: HTTP 401 E0000011: Invalid token provided"],
    ),
    Refusal(
        "https://auth.example/token",
        400,
        "application/problem+json",
        r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"kid is unknown"}"#,
        &["error: the token server refused: HTTP 400: kid is unknown"],
    ),
    Refusal(
        "https://auth.example/token",
        400,
        "application/problem+json",
        r#"{"title":"Bad Request"}"#,
        &["error: the token server refused: HTTP 400: Bad Request"],
    ),
    Refusal(
        "https://zoom.us/oauth/token",
        400,
        JSON,
        r#"{"reason":"Invalid client_id or client_secret","error":"invalid_client"}"#,
        &[
            "error: the token server refused: HTTP 400 invalid_client: Invalid client_id or client_secret",
            "hint: the server does not know this client, or does not accept its secret: compare client id and secret with those registered at the server, and whether it wants the secret in the body or by Basic authentication (client_auth)",
        ],
    ),
    Refusal(
        "https://acme.snowflakecomputing.com/oauth/token",
        401,
        JSON,
        r#"{"code":"390144","message":"JWT token is invalid."}"#,
        &["error: the token server refused: HTTP 401 390144: JWT token is invalid."],
    ),
    Refusal(
        "https://auth.example/token",
        400,
        JSON,
        r#"{"error_code":"no_key"}"#,
        &["error: the token server refused: HTTP 400 no_key"],
    ),
    Refusal(
        "https://auth.example/token",
        400,
        JSON,
        r#"{"errors":[{"code":"auth.failed","detail":"The key has expired"}]}"#,
        &["error: the token server refused: HTTP 400 auth.failed: The key has expired"],
    ),
    Refusal(
        "https://auth.example/token",
        400,
        "text/plain",
        "Invalid\tassertion\r\n",
        &["error: the token server refused: HTTP 400: Invalid assertion"],
    ),
    Refusal(
        "https://auth.example/token",
        403,
        "text/html",
        "<!DOCTYPE html><title>Sign in</title>",
        &[
            "error: the token server refused: HTTP 403",
            "hint: the response is an HTML page: check the token URL, and whether a proxy or a login page stands in between",
        ],
    ),
    Refusal(
        "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token",
        401,
        JSON,
        r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Trace ID: 2a1b Correlation ID: 3c4d","error_uri":"https://login.microsoftonline.com/error?code=7000215"}"#,
        &[
            "error: the token server refused: HTTP 401 invalid_client: AADSTS7000215: Invalid client secret provided. Trace ID: 2a1b Correlation ID: 3c4d; see https://login.microsoftonline.com/error?code=7000215",
            "hint: the client secret is wrong: use the secret's value, which is shown once, and not its id",
        ],
    ),
    Refusal(
        "https://account-d.docusign.com/oauth/token",
        400,
        JSON,
        r#"{"error":"consent_required"}"#,
        &[
            "error: the token server refused: HTTP 400 consent_required",
            "hint: the user of sub has not consented yet: open https://HOST/oauth/auth with response_type=code, scope=signature%20impersonation, client_id and a registered redirect_uri once in a browser, as that user",
        ],
    ),
    Refusal(
        "https://login.salesforce.com/services/oauth2/token",
        400,
        JSON,
        r#"{"error":"invalid_grant","error_description":"user hasn't approved this consumer"}"#,
        &[
            "error: the token server refused: HTTP 400 invalid_grant: user hasn't approved this consumer",
            "hint: the user of sub has not approved the connected app: set its permitted users to those that an administrator approves, and add the user's profile or permission set, or have the user approve it once",
        ],
    ),
];

#[test]
fn a_user_reads_the_servers_own_words_and_what_to_do() {
    for Refusal(url, status, kind, body, printed) in REFUSALS {
        let host = Host::play(url.split('/').nth(2).unwrap(), move |connection| {
            connection.read_request()?;
            let headers = format!("Content-Type: {kind}\r\n");
            connection.send(http(&format!("{status} Refused"), &headers, body))
        });
        let directory = Directory::new();
        let account = json!({
            "grant": "client_credentials", "token_url": url, "client_id": "c", "client_secret": "s",
        });
        let file = directory.write("credentials.json", account.to_string());
        let root = directory.write("root.pem", host.root());
        let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
        command.arg("token").arg(file).env_clear();
        command.env("SSL_CERT_FILE", root).env("XDG_RUNTIME_DIR", directory.path());
        command.env("HTTPS_PROXY", format!("http://{}", host.proxy()));
        let output = command.output().unwrap();
        assert!(output.stdout.is_empty() && !output.status.success(), "{body}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), printed, "{body}");
    }
}
