//! The sandbox answers as Adobe IMS does: over real HTTP, to JWTs that OpenSSL signed.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::{Grant, Proxy, TokenUrl, Transport};
use ims_sandbox::{Account, Config, PublicKey, Sandbox};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use serde_json::{Value, json};
use support::keys;

mod accounts;
mod discovery;
mod faults;
mod issuer;
mod library;
mod log;
mod page;
mod platform;
mod refusals;
mod rotation;
mod running;
mod tokens;
mod validation;
mod web_pages;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const RS256: &str = r#"{"typ":"JWT","alg":"RS256"}"#;
const IMS: &str = "https://ims-na1.adobelogin.com";
const CLIENT: [(&str, &str); 2] =
    [("client_id", "sandbox-client"), ("client_secret", "sandbox-secret")];

// The server.

/// The default account, for which [`keys::rsa`] signs.
fn account() -> Account {
    let mut account = Account::default();
    let public_key = keys::rsa().public_key_to_pem().unwrap();
    account.public_keys.push(PublicKey::from_bytes(&public_key).unwrap());
    account
}

fn serve(account: Account) -> Sandbox {
    Sandbox::start(Config::new(vec![account])).unwrap()
}

/// One for all tests that count nothing: it takes time to make its key.
fn sandbox() -> &'static Sandbox {
    static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| serve(account()));
    &SANDBOX
}

// JWTs.

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed()
}

/// The claims that IMS asks for.
fn claims() -> Value {
    json!({
        "iss": "SANDBOX@AdobeOrg",
        "sub": "sandbox@techacct.adobe.com",
        "aud": format!("{IMS}/c/sandbox-client"),
        "exp": now() + 300,
        format!("{IMS}/s/ent_sandbox"): true,
    })
}

/// Good claims but for one, which `null` takes away.
fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

fn sign(header: &str, claims: &Value, key: &PKey<Private>, digest: MessageDigest) -> String {
    let encode = |segment: &[u8]| URL_SAFE_NO_PAD.encode(segment);
    let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.to_string().as_bytes()));
    let mut signer = Signer::new(digest, key).unwrap();
    format!("{signed}.{}", encode(&signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap()))
}

fn jwt(claims: &Value) -> String {
    sign(RS256, claims, keys::rsa(), MessageDigest::sha256())
}

/// The claims of an access token.
fn decoded(token: &Value) -> Value {
    let claims = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

// Requests.

struct Answer {
    status: u16,
    debug_id: String,
    body: Value,
}

impl Answer {
    /// HTTP status, `error` and `error_description`.
    fn refusal(&self) -> (u16, &str, &str) {
        let text = |name: &str| self.body[name].as_str().unwrap_or_default();
        (self.status, text("error"), text("error_description"))
    }
}

fn send(url: &str, content_type: &str, authorization: Option<&str>, body: &[u8]) -> Answer {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let mut request = ureq::Agent::from(agent).post(url).header("content-type", content_type);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    read(request.send(body).unwrap())
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Answer {
    // RFC 6749 section 5.1.
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let body = answer.body_mut().read_to_string().unwrap();
    Answer {
        status: answer.status().as_u16(),
        debug_id: answer.headers()["x-debug-id"].to_str().unwrap().to_owned(),
        body: if body.is_empty() { Value::Null } else { serde_json::from_str(&body).unwrap() },
    }
}

fn urlencoded(fields: &[(&str, &str)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

fn post(sandbox: &Sandbox, path: &str, fields: &[(&str, &str)]) -> Answer {
    let url = format!("{}{path}", sandbox.url());
    send(&url, "application/x-www-form-urlencoded", None, &urlencoded(fields))
}

fn get(url: &str) -> Answer {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    read(ureq::Agent::from(agent).get(url).call().unwrap())
}

/// Adobe's exchange of `jwt`.
fn exchange(sandbox: &Sandbox, jwt: &str) -> Answer {
    post(sandbox, "/ims/exchange/jwt", &[CLIENT[0], CLIENT[1], ("jwt_token", jwt)])
}

fn client_credentials(sandbox: &Sandbox, more: &[(&str, &str)]) -> Answer {
    let fields = [&[("grant_type", "client_credentials"), CLIENT[0], CLIENT[1]], more].concat();
    post(sandbox, "/ims/token/v3", &fields)
}

fn bearer(sandbox: &Sandbox, claims: &Value) -> Answer {
    post(sandbox, "/token", &[("grant_type", JWT_BEARER), ("assertion", &jwt(claims))])
}

/// Claims as the former Omniture server wants them.
fn bearer_claims() -> Value {
    json!({
        "iss": "sandbox-client",
        "sub": "SANDBOX@AdobeOrg",
        "aud": "ims-na1.adobelogin.com",
        "exp": now() + 300,
    })
}

// The library itself, as a client.

fn transport(ca: Option<&Path>) -> Transport {
    let mut transport = Transport::default();
    transport.ca_file = ca.map(PathBuf::from);
    transport.proxy = Proxy::None;
    transport
}

fn token_grant() -> Grant {
    Grant::client_credentials(CLIENT[0].1, CLIENT[1].1, "openid")
}

fn token_url(url: &str) -> TokenUrl {
    format!("{url}/ims/token/v3").parse().unwrap()
}
