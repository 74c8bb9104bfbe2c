//! Google's files of external accounts: the platform's JWT, the token of it, and the service account's token.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::{Client, Error, Status};
use serde_json::{Value, json};
use support::directory::Directory;
use support::hostile::Hostile;

use crate::exchanges::{json as response, transport};

const AUDIENCE: &str =
    "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q";
const ACCOUNT: &str =
    "/v1/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com:generateAccessToken";

fn jwt() -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let claims = json!({"sub": "pod", "exp": 4_102_444_800_i64});
    format!("{}.{}.c2ln", part(json!({"alg": "RS256"})), part(claims))
}

/// A file of an external account at this server, whose JWT comes from `source`.
fn account(sts: &Hostile, source: Value) -> Value {
    json!({
        "type": "external_account",
        "audience": AUDIENCE,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("http://{}/v1/token", sts.address()),
        "token_info_url": "https://sts.googleapis.com/v1/introspect",
        "credential_source": source,
    })
}

fn sts() -> Hostile {
    Hostile::answering([response(
        "200 OK",
        r#"{"access_token":"federated","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":3599}"#,
    )])
}

fn client(account: &Value) -> Result<Client, Error> {
    Client::builder().transport(transport()).allow_command(true).from_json(account.to_string())
}

fn refused(account: &Value) -> Error {
    client(account).and_then(|client| client.token()).unwrap_err()
}

/// The JWT that the server got.
fn sent(sts: &Hostile) -> String {
    let request = sts.requests().pop().unwrap();
    let body = request.split_once("\r\n\r\n").unwrap().1.to_owned();
    let mut fields = form_urlencoded::parse(body.as_bytes());
    fields.find(|(name, _)| name == "subject_token").unwrap().1.into_owned()
}

#[test]
fn the_jwt_comes_from_a_file_a_url_or_an_executable() {
    let folder = Directory::new();
    let text = folder.write("text", jwt());
    let in_json = folder.write("json", json!({"jwt": jwt(), "value": "x"}).to_string());
    let format = json!({"type": "json", "subject_token_field_name": "jwt"});
    let platform = Hostile::answering([response("200 OK", json!({"jwt": jwt()}).to_string())]);
    let url = format!("http://{}/identity?resource=x", platform.address());
    let said = json!({
        "version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:id_token",
        "id_token": jwt(), "expiration_time": 4_102_444_800_i64,
    });
    let program = folder.write("program", format!("cat <<'EOF'\n{said}\nEOF\n"));
    let command = format!("sh  {}", program.display());
    for source in [
        json!({"file": text}),
        json!({"file": in_json, "format": format}),
        json!({"url": url, "headers": {"Metadata": "True", "X": "${HOME}"}, "format": format}),
        json!({"executable": {"command": command, "timeout_millis": 5000}}),
    ] {
        let sts = sts();
        let token = client(&account(&sts, source)).unwrap().token().unwrap();
        assert_eq!((token.access_token(), sent(&sts)), ("federated", jwt()));
    }
    let asked = platform.requests().pop().unwrap().to_lowercase();
    assert!(asked.contains("metadata: true\r\n"), "{asked}");
    assert!(asked.contains("x: ${home}\r\n"), "no variable of this process is put in: {asked}");
}

#[test]
fn an_executable_is_told_what_is_asked_for_and_runs_only_where_that_is_allowed() {
    let (folder, sts) = (Directory::new(), sts());
    let told = folder.path().join("told");
    let script = format!("env | grep ^GOOGLE | sort > {}; printf %s {}", told.display(), jwt());
    let program = folder.write("program", script);
    let mut account = account(
        &sts,
        json!({"executable": {
            "command": format!("sh {}", program.display()), "output_file": "/tmp/cached",
        }}),
    );
    account["service_account_impersonation_url"] =
        json!(format!("http://{}{ACCOUNT}", sts.address()));
    client(&account).unwrap().token().unwrap();
    let told = std::fs::read_to_string(told).unwrap();
    let expected = [
        format!("GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE={AUDIENCE}"),
        "GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL=a@p.iam.gserviceaccount.com".into(),
        "GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE=0".into(),
        "GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE=/tmp/cached".into(),
        "GOOGLE_EXTERNAL_ACCOUNT_REVOKE=0".into(),
        "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE=urn:ietf:params:oauth:token-type:jwt".into(),
    ];
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);

    let error = Client::builder().from_json(account.to_string()).unwrap_err();
    assert_eq!(
        error.message(),
        "credential_source.executable.command would run sh, but the program allows no command"
    );
}

#[test]
fn a_service_accounts_token_is_asked_for_with_the_federated_one() {
    let (folder, sts) = (Directory::new(), sts());
    let file = folder.write("token", jwt());
    let iam = Hostile::answering([response(
        "200 OK",
        r#"{"accessToken":"of-the-service-account","expireTime":"2100-01-01T00:00:00Z"}"#,
    )]);
    let mut account = account(&sts, json!({"file": file}));
    account["service_account_impersonation_url"] =
        json!(format!("http://{}{ACCOUNT}", iam.address()));
    account["service_account_impersonation"] = json!({"token_lifetime_seconds": 1800});
    let token = client(&account).unwrap().token().unwrap();
    assert_eq!(token.access_token(), "of-the-service-account");
    assert_eq!(token.get("accessToken"), None);
    // Neither of the two is believed for longer than it lives.
    assert!(token.expires_in(SystemTime::now()) <= Duration::from_secs(3599));

    let request = iam.requests().pop().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("POST {ACCOUNT} HTTP/1.1\r\n")), "{head}");
    assert!(head.to_lowercase().contains("authorization: bearer federated"), "{head}");
    assert_eq!(
        body,
        r#"{"lifetime":"1800s","scope":["https://www.googleapis.com/auth/cloud-platform"]}"#
    );
}

#[test]
fn a_refusal_of_the_service_account_names_its_setting_and_the_role() {
    let (folder, sts) = (Directory::new(), sts());
    let file = folder.write("token", jwt());
    let denied = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not \
        exist). federated";
    let iam = Hostile::answering([response(
        "403 Forbidden",
        json!({"error": {"code": 403, "message": denied, "status": "PERMISSION_DENIED"}})
            .to_string(),
    )]);
    let mut account = account(&sts, json!({"file": file}));
    account["service_account_impersonation_url"] =
        json!(format!("http://{}{ACCOUNT}", iam.address()));
    let error = refused(&account);
    assert_eq!((error.status(), error.http_status()), (Status::Rejected, Some(403)));
    assert!(error.message().contains("iam.serviceAccounts.getAccessToken"), "{error}");
    assert!(!error.message().contains("federated"), "no token is shown: {error}");
    assert!(error.hint().unwrap().contains("service_account_impersonation_url"), "{error:?}");
}

#[test]
fn what_libims_does_not_do_is_named_for_what_it_is() {
    let sts = sts();
    let with = |name: &str, value: Value| {
        let mut account = account(&sts, json!({"file": "f"}));
        account[name] = value;
        account
    };
    for (account, message) in [
        (
            account(&sts, json!({"environment_id": "aws1", "url": "http://169.254.169.254/x"})),
            "credential_source.environment_id is a source of AWS, which signs a request instead of a JWT",
        ),
        (
            account(&sts, json!({"certificate": {"use_default_certificate_config": true}})),
            "credential_source.certificate is a source by a client certificate, which libims does not present",
        ),
        (account(&sts, json!({})), "credential_source names no source of the JWT"),
        (
            account(&sts, json!({"file": "f", "format": {"type": "json"}})),
            "credential_source.format.subject_token_field_name is missing: it must be the member's name",
        ),
        (
            with("service_account_impersonation", json!({"token_lifetime_seconds": 5})),
            "service_account_impersonation.token_lifetime_seconds must be an integer, in seconds, 600 to 43200",
        ),
        (
            with("service_account_impersonation_url", json!("http://example.com/x")),
            "service_account_impersonation_url is http://, which would send secrets in clear; use https://",
        ),
        (
            with("universe_domain", json!("example.com")),
            "universe_domain is given, but libims does not follow it",
        ),
        (
            with("workforce_pool_user_project", json!("1")),
            "workforce_pool_user_project is given, but libims does not follow it",
        ),
        (
            with("audience", json!("")),
            "audience is missing: it must be //iam.googleapis.com/projects/... of the pool's provider",
        ),
    ] {
        let error = refused(&account);
        assert_eq!((error.status(), error.message()), (Status::Credentials, message));
    }
    assert_eq!(sts.connections(), 0);
}

#[test]
fn a_file_that_holds_no_jwt_is_not_sent() {
    let (folder, sts) = (Directory::new(), sts());
    let file = folder.write("token", "a private matter");
    assert_eq!(refused(&account(&sts, json!({"file": file}))).status(), Status::Credentials);
    let file = folder.write("token", "an-opaque-token");
    let error = refused(&account(&sts, json!({"file": file})));
    assert!(error.message().ends_with("is not a whole JWT"), "{error}");
    assert_eq!(sts.connections(), 0);
}
