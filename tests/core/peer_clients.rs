//! Clients that know nothing of us take the sandbox for IMS, over HTTPS: Adobe's own two for Node,
//! and Authlib. What is wrong with their input is Adobe's error, as each reports it.

use std::process::Command;

use ims_sandbox::{Account, Config, Exchanges, PublicKey, Sandbox, Tls};
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::keys;
use support::processes::{node, output, python};

const CLIENT: &str = "sandbox-client";
const SECRET: &str = "sandbox-secret";
const ORG: &str = "SANDBOX@AdobeOrg";
const TECHNICAL_ACCOUNT: &str = "sandbox@techacct.adobe.com";

const NO_CLIENT: &str = "invalid client_id parameter";
const WRONG_SECRET: &str = "invalid client_secret parameter";
const SIGNATURE: &str = "Could not match JWT signature to any of the bindings";
const METASCOPES: &str =
    "The metascopes in the JWT are not a subset of the metascopes in the binding.";

/// A sandbox with an account that works, and one for each mistake that lies with the account.
struct Ims {
    sandbox: Sandbox,
    directory: Directory,
}

impl Ims {
    fn start() -> Self {
        let registered = |validity| {
            let certificate = self_signed(keys::rsa(), validity).to_pem().unwrap();
            let mut account = Account::default();
            account.public_keys.push(PublicKey::from_bytes(&certificate).unwrap());
            account
        };
        let named = |client_id: &str, change: &dyn Fn(&mut Account)| {
            let mut account = registered(Validity::now());
            account.client_id = client_id.to_owned();
            change(&mut account);
            account
        };
        let expired = registered(Validity::expired()).public_keys;
        let mut config = Config::new(vec![
            registered(Validity::now()),
            named("expired", &|account| account.public_keys.clone_from(&expired)),
            named("no-certificate", &|account| account.public_keys.clear()),
            named("no-scopes", &|account| account.scopes.clear()),
            named("migrated", &|account| account.migrated = true),
            named("needs-jti", &|account| account.requires_jti = true),
        ]);
        config.tls = Tls::SelfMade;
        let sandbox = Sandbox::start(config).unwrap();
        let directory = Directory::new();
        directory.write("ca.pem", sandbox.ca_certificate().unwrap());
        Self { sandbox, directory }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    /// What the Node program `script` answers.
    fn node(&self, script: &str, questions: &[Value]) -> Vec<Value> {
        ask(
            node(script).env("NODE_EXTRA_CA_CERTS", self.directory.path().join("ca.pem")),
            questions,
        )
    }

    fn authlib(&self, questions: &[Value]) -> Vec<Value> {
        let mut authlib = python("authlib_client.py");
        authlib.arg(self.directory.path().join("ca.pem"));
        ask(&mut authlib, questions)
    }

    fn exchanges(&self) -> Exchanges {
        self.sandbox.exchanges(CLIENT).unwrap()
    }
}

fn ask(peer: &mut Command, questions: &[Value]) -> Vec<Value> {
    let questions: String = questions.iter().map(|question| format!("{question}\n")).collect();
    output(peer, &questions).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn private_key() -> String {
    String::from_utf8(keys::pkcs8_pem()).unwrap()
}

fn other_key() -> String {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap()
}

/// `object` with `value` instead of one field's.
fn with(object: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut object = object.clone();
    object[name] = value.into();
    object
}

/// Mistakes in a JWT exchange, by the names of jwt-auth's options, and what IMS says to each.
fn mistakes() -> Vec<(&'static str, String, (u16, &'static str, &'static str))> {
    let not_allowed = "The client is not allowed to exchange JWTs.";
    let other_account = "other@techacct.adobe.com".to_owned();
    vec![
        ("clientSecret", "wrong".into(), (401, "invalid_client", WRONG_SECRET)),
        ("clientId", "unknown".into(), (400, "invalid_client", NO_CLIENT)),
        ("clientId", "no-certificate".into(), (401, "invalid_client", not_allowed)),
        ("clientId", "expired".into(), (400, "invalid_token", SIGNATURE)),
        ("privateKey", other_key(), (400, "invalid_token", SIGNATURE)),
        ("metaScopes", "ent_other".into(), (400, "invalid_scope", METASCOPES)),
        ("technicalAccountId", other_account, (400, "bad_request", "sub is missing or wrong.")),
        ("orgId", "OTHER@AdobeOrg".into(), (400, "bad_request", "iss is missing or wrong.")),
        ("clientId", "needs-jti".into(), (400, "invalid_jti", "A jti is required.")),
        ("clientId", "migrated".into(), (500, "internal_error", "Please try again later")),
    ]
}

#[test]
fn jwt_auth_gets_a_token_and_reads_adobes_errors() {
    let ims = Ims::start();
    let right = json!({
        "clientId": CLIENT,
        "clientSecret": SECRET,
        "orgId": ORG,
        "technicalAccountId": TECHNICAL_ACCOUNT,
        "privateKey": private_key(),
        "metaScopes": "ent_sandbox",
        "ims": ims.sandbox.url(),
    });
    let mistakes = mistakes();
    let mut questions = vec![right.clone()];
    questions.extend(mistakes.iter().map(|(option, value, _)| with(&right, option, value.clone())));

    let answers = ims.node("jwt_auth.js", &questions);

    assert_eq!(answers[0]["token_type"], "bearer");
    assert_eq!(answers[0]["expires_in"], 86_399_999);
    let refused: Vec<Value> = mistakes
        .iter()
        .map(|(_, _, (_, error, text))| json!({ "refused": error, "description": text }))
        .collect();
    assert_eq!(answers[1..], refused);
}

#[test]
fn aio_lib_ims_gets_validates_and_invalidates_tokens() {
    let ims = Ims::start();
    let call = |call: &str, more: Value| {
        let mut question = json!({
            "ims": ims.sandbox.url(),
            "call": call,
            "client_id": CLIENT,
            "client_secret": SECRET,
        });
        question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        question
    };
    let by_client_credentials =
        json!({ "org_id": ORG, "scopes": ["openid", "AdobeID", "read_organizations"] });
    let tokens = ims.node(
        "aio_lib_ims.js",
        &[
            call("imsLogin", json!({ "config": aio_config() })),
            call("getAccessTokenByClientCredentials", by_client_credentials),
        ],
    );
    assert_eq!(ims.exchanges().issued, 2);

    for answer in tokens {
        let token = &answer["access_token"]["token"];
        // It reckons the expiry from the token's own claims, in milliseconds.
        let validate = call("validateToken", json!({ "token": token }));
        let of_another = with(&validate, "client_id", "migrated");
        let invalidate = call("invalidateToken", json!({ "token": token }));
        let (unsigned, _) = token.as_str().unwrap().rsplit_once('.').unwrap();
        let changed = format!("{unsigned}.AAAA");
        let questions = [
            validate.clone(),
            of_another,
            call("validateToken", json!({ "token": changed })),
            invalidate,
            validate,
        ];
        let answers = ims.node("aio_lib_ims.js", &questions);
        let invalid = |reason: &str| json!({ "valid": false, "reason": reason });
        assert_eq!(answers[0]["valid"], true);
        assert_eq!(answers[0]["token"]["client_id"], CLIENT);
        let reckoned =
            number(&answers[0]["token"]["created_at"]) + number(&answers[0]["token"]["expires_in"]);
        assert_eq!(answer["access_token"]["expiry"], reckoned);
        assert_eq!(answers[1], invalid("bad_client_id"));
        assert_eq!(answers[2], invalid("bad_signature"));
        assert_eq!(answers[3], "");
        assert_eq!(answers[4], invalid("invalidated"));
    }
}

fn number(text: &Value) -> u64 {
    text.as_str().unwrap().parse().unwrap()
}

fn aio_config() -> Value {
    json!({
        "client_id": CLIENT,
        "client_secret": SECRET,
        "ims_org_id": ORG,
        "technical_account_id": TECHNICAL_ACCOUNT,
        "private_key": private_key(),
        "meta_scopes": ["ent_sandbox"],
    })
}

#[test]
fn aio_lib_ims_reports_adobes_errors() {
    let ims = Ims::start();
    let config = aio_config();
    let login =
        |config: Value| json!({ "ims": ims.sandbox.url(), "call": "imsLogin", "config": config });
    let name = |option| match option {
        "clientId" => "client_id",
        "clientSecret" => "client_secret",
        "privateKey" => "private_key",
        "metaScopes" => "meta_scopes",
        "technicalAccountId" => "technical_account_id",
        "orgId" => "ims_org_id",
        other => panic!("{other}"),
    };
    let value = |option, value: String| match option {
        "metaScopes" => json!([value]),
        _ => json!(value),
    };
    let mut mistakes = mistakes();
    // After a 500 it asks again, with a body that it has sent already, and waits for ever.
    mistakes.retain(|(_, _, (status, ..))| *status < 500);
    let mut questions: Vec<Value> = mistakes
        .iter()
        .map(|(option, text, _)| login(with(&config, name(option), value(option, text.clone()))))
        .collect();
    let invalidate = json!({
        "ims": ims.sandbox.url(),
        "call": "invalidateToken",
        "client_id": CLIENT,
        "client_secret": "wrong",
        "token": "e30.eyJ0eXBlIjoiYWNjZXNzX3Rva2VuIn0.",
    });
    questions.extend([invalidate.clone(), with(&invalidate, "client_secret", SECRET)]);
    let mut expected: Vec<_> = mistakes.iter().map(|(_, _, refusal)| *refusal).collect();
    expected.extend([
        (400, "invalid_client", WRONG_SECRET),
        (400, "invalid_token", "invalid token parameter"),
    ]);

    let answers = ims.node("aio_lib_ims.js", &questions);

    for (answer, (status, error, description)) in answers.iter().zip(&expected) {
        let message = answer["refused"].as_str().unwrap();
        let (head, body) = message.split_once("): ").unwrap();
        assert!(head.starts_with(&format!("{status} (")), "{message}");
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body, json!({ "error": error, "error_description": description }));
    }
    assert_eq!(answers.len(), expected.len());
}

/// Authlib's client credentials, and its assertion.
fn authlib_grants(ims: &Ims) -> [Value; 2] {
    let client_credentials = json!({
        "call": "client_credentials",
        "url": ims.url("/ims/token/v3"),
        "auth_method": "client_secret_basic",
        "client_id": CLIENT,
        "client_secret": SECRET,
        "scope": "openid AdobeID",
    });
    let assertion = json!({
        "call": "assertion",
        "url": ims.url("/oauth2/token"),
        "issuer": CLIENT,
        "subject": TECHNICAL_ACCOUNT,
        "audience": ims.url("/oauth2/token"),
        "private_key": private_key(),
        "scope": "openid",
    });
    [client_credentials, assertion]
}

#[test]
fn authlib_gets_validates_and_revokes_tokens() {
    let ims = Ims::start();
    let [basic, assertion] = authlib_grants(&ims);
    let post = with(&basic, "auth_method", "client_secret_post");
    let tokens = ims.authlib(&[basic, post, assertion]);
    assert_eq!(ims.exchanges().issued, 3);
    for (token, (lifetime, revoke)) in tokens.iter().zip([
        (86_399, "/ims/revoke"),
        (86_399, "/ims/invalidate_token/v2"),
        (3600, "/ims/revoke"),
    ]) {
        assert_eq!(token["expires_in"], lifetime);
        let call = |call: &str, path: &str| {
            json!({
                "call": call,
                "url": ims.url(path),
                "client_id": CLIENT,
                "client_secret": SECRET,
                "token": token["access_token"],
            })
        };
        let validate = call("validate", "/ims/validate_token/v1");
        let answers = ims.authlib(&[validate.clone(), call("revoke", revoke), validate]);
        assert_eq!(answers[0]["valid"], true);
        assert_eq!(answers[1], json!({ "status": 200, "body": "" }));
        assert_eq!(answers[2], json!({ "valid": false, "reason": "invalidated" }));
    }
}

#[test]
fn authlib_reports_adobes_errors() {
    let ims = Ims::start();
    let [by_secret, assertion] = authlib_grants(&ims);
    let no_scopes = "The client is not provisioned for client_credentials.";
    let scopes = "A requested scope is not granted to the client.";
    let audience = "The JWT's aud names another environment or client.";
    let expired = json!({ "exp": 1_000_000_000 });
    let soon = json!({ "exp": "soon" });
    let undecodable = "JWT token is incorrectly formatted, and can not be decoded.";
    let cases = [
        (with(&by_secret, "client_secret", "wrong"), "invalid_client", WRONG_SECRET),
        (with(&by_secret, "client_id", "unknown"), "invalid_client", NO_CLIENT),
        (with(&by_secret, "client_id", "no-scopes"), "unauthorized_client", no_scopes),
        (with(&by_secret, "scope", "openid other"), "invalid_scope", scopes),
        (with(&assertion, "private_key", other_key()), "invalid_grant", SIGNATURE),
        (with(&assertion, "issuer", "other"), "invalid_grant", "iss is missing or wrong."),
        (with(&assertion, "subject", "other"), "invalid_grant", "sub is missing or wrong."),
        (with(&assertion, "audience", "https://example.com"), "invalid_grant", audience),
        (with(&assertion, "claims", expired), "invalid_grant", "JWT token has expired."),
        (with(&assertion, "claims", soon), "invalid_grant", undecodable),
        (with(&assertion, "scope", "other"), "invalid_scope", scopes),
    ];
    let questions: Vec<Value> = cases.iter().map(|(question, _, _)| question.clone()).collect();

    let answers = ims.authlib(&questions);

    let expected: Vec<Value> = cases
        .iter()
        .map(|(_, error, text)| json!({ "refused": error, "description": text }))
        .collect();
    assert_eq!(answers, expected);
}
