//! A client that a JWT proves (RFC 7523 section 2.2), and clients with several secrets.

use std::collections::BTreeSet;

use ims::{Client, ClientAuth, Grant, GrantKind, GrantOptions, GrantType, Status, Transport};
use openssl::pkey::{PKey, Private};
use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::hostile::Hostile;
use support::keys;

use crate::exchanges::{assert_shows_no_secret, exchange_grant, json as response, transport};

/// An account that its private key proves.
fn account(url: &str) -> Value {
    json!({
        "token_url": url, "client_id": "client", "client_auth": "private_key_jwt",
        "private_key": String::from_utf8(keys::pkcs8_pem()).unwrap(),
    })
}

fn client(credentials: &Value, transport: Transport) -> Client {
    Client::builder().transport(transport).from_json(credentials.to_string()).unwrap()
}

fn attempts(count: u32) -> Transport {
    let mut transport = transport();
    transport.max_attempts = count;
    transport
}

/// The value of a field in the form of each request.
fn sent(server: &Hostile, name: &str) -> Vec<String> {
    let value = |request: String| {
        let form = request.split_once("\r\n\r\n").unwrap().1.to_owned();
        let mut fields = form_urlencoded::parse(form.as_bytes()).into_owned();
        fields.find(|field| field.0 == name).map(|field| field.1)
    };
    server.requests().into_iter().filter_map(value).collect()
}

fn claims(jwt: &str) -> Value {
    serde_json::from_str(&ims::decode_jwt(jwt).unwrap().claims).unwrap()
}

fn token() -> Vec<u8> {
    response("200 OK", r#"{"access_token":"t","expires_in":3600}"#)
}

fn unavailable() -> Vec<u8> {
    response("503 Down", r#"{"error":"temporarily_unavailable"}"#)
}

fn invalid_client() -> Vec<u8> {
    response("401 Unauthorized", r#"{"error":"invalid_client"}"#)
}

#[test]
fn each_attempt_has_an_assertion_of_its_own() {
    let server = Hostile::answering([unavailable(), unavailable(), token()]);
    let client = client(&account(&server.url()), attempts(3));
    client.token().unwrap();
    let jwts = sent(&server, "client_assertion");
    let jtis: BTreeSet<String> = jwts.iter().map(|jwt| claims(jwt)["jti"].to_string()).collect();
    assert_eq!((jwts.len(), jtis.len()), (3, 3));
}

#[test]
fn an_assertion_that_the_caller_signed_is_sent_once() {
    let server = Hostile::answering([unavailable(), token()]);
    let grant = Grant::from(GrantKind::ClientCredentials { org_id: None })
        .with_client(ClientAuth::assertion("client", "e30.e30.c2ln"));
    let error = exchange_grant(&server.url(), &grant, &attempts(3)).unwrap_err();
    assert_eq!(error.status(), Status::Unavailable);
    assert_eq!(sent(&server, "client_assertion"), ["e30.e30.c2ln"]);
}

#[test]
fn a_key_signs_for_the_client_of_values_too() {
    let server = Hostile::answering([token()]);
    let mut options = GrantOptions::default();
    options.grant_type = GrantType::ClientCredentials;
    options.client_auth = ims::ClientAuthMethod::PrivateKeyJwt;
    options.token_url = Some(server.url());
    options.issuer = Some("https://issuer.example".into());
    options.client_id = Some("client".into());
    let key = ims::Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    let (url, grant) = options.signing_grant(None, Some(key)).unwrap();
    let credentials = ims::Credentials::new(url, grant).unwrap();
    Client::builder().transport(transport()).build(credentials).unwrap().token().unwrap();
    let claims = claims(&sent(&server, "client_assertion")[0]);
    assert_eq!(claims["aud"], "https://issuer.example");
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("client"), &json!("client")));
}

#[test]
fn no_text_repeats_an_assertion_or_a_parameter() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let form = request.split_once("\r\n\r\n").unwrap().1.to_owned();
        let echoed: Vec<String> = form_urlencoded::parse(form.as_bytes())
            .filter(|(name, _)| ["client_assertion", "password"].contains(&name.as_ref()))
            .map(|(_, value)| value.into_owned())
            .collect();
        let body = json!({ "error": "odd", "error_description": echoed.join(" ") });
        connection.send(response("400 No", body.to_string()))
    });
    let mut account = account(&server.url());
    account["grant"] = json!("password");
    account["parameters"] = json!({ "password": "hunter2-and-more" });
    let error = client(&account, attempts(1)).token().unwrap_err();
    assert_eq!(error.status(), Status::Rejected);
    assert_shows_no_secret(&error, &["hunter2-and-more", &sent(&server, "client_assertion")[0]]);
}

#[test]
fn the_next_secret_is_tried_where_the_server_does_not_know_the_client_and_is_remembered() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let is_new = request.contains("client_secret=new");
        connection.send(if is_new { token() } else { invalid_client() })
    });
    let account = json!({
        "grant": "client_credentials", "token_url": server.url(), "client_id": "client",
        "client_secrets": ["old-one", "new-one"],
    });
    let client = client(&account, attempts(1));
    let token = client.token().unwrap();
    client.forget(&token);
    client.token().unwrap();
    assert_eq!(sent(&server, "client_secret"), ["old-one", "new-one", "new-one"]);
}

#[test]
fn each_of_several_keys_has_its_own_kid_and_certificate() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let is_known = request.contains("assertion=") && connection.number >= 2;
        connection.send(if is_known { token() } else { invalid_client() })
    });
    let key = keys::ec();
    let ec = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    let certificate = self_signed(&key, Validity::a_year()).to_pem().unwrap();
    let mut account = account(&server.url());
    account["private_keys"] = json!([
        { "private_key": account["private_key"].take(), "kid": "first" },
        { "//": "made in June", "private_key": ec.lines().collect::<Vec<_>>(), "kid": "second",
          "certificate": String::from_utf8(certificate).unwrap() },
        ec,
    ]);
    account["kid"] = json!("common");
    let client = client(&account, attempts(1));
    client.forget(&client.token().unwrap());
    client.token().unwrap();
    let header = |jwt: &String| {
        let header: Value = serde_json::from_str(&ims::decode_jwt(jwt).unwrap().header).unwrap();
        format!("{} {}", header["kid"], header["alg"])
    };
    let headers: Vec<String> = sent(&server, "client_assertion").iter().map(header).collect();
    let third = r#""common" "ES256""#;
    assert_eq!(headers[..3], [r#""first" "RS256""#, r#""second" "ES256""#, third]);
    assert_eq!(headers[3], third, "the one that worked is remembered");
}

#[test]
fn a_key_whose_certificate_has_expired_is_passed_over_in_a_list() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        connection.send(token())
    });
    let key = |key: &PKey<Private>, validity| {
        let pem = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        let certificate = String::from_utf8(self_signed(key, validity).to_pem().unwrap()).unwrap();
        json!({ "private_key": pem, "certificate": certificate })
    };
    let mut account = account(&server.url());
    account["private_key"] = Value::Null;
    account["x5t"] = json!("S256");
    let expired = key(keys::rsa(), Validity::expired());
    account["private_keys"] = json!([expired, key(&keys::ec(), Validity::a_year())]);
    client(&account, attempts(1)).token().unwrap();
    account["private_keys"] = json!([expired, expired]);
    let error = client(&account, attempts(1)).token().unwrap_err();
    assert!(error.message().contains("has expired"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_token_lives_as_long_as_the_account_says_where_the_server_does_not() {
    let server = Hostile::answering([response("200 OK", r#"{"access_token":"t"}"#)]);
    let mut account = account(&server.url());
    account["default_lifetime"] = json!(900);
    let token = client(&account, attempts(1)).token().unwrap();
    let left = token.expires_in(std::time::SystemTime::now()).as_secs();
    assert!((890..=900).contains(&left), "{left}");
}

#[test]
fn where_no_secret_is_known_each_is_tried_once() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        connection.send(invalid_client())
    });
    let account = json!({
        "grant": "client_credentials", "token_url": server.url(), "client_id": "client",
        "client_secrets": ["one", "two", "three"],
    });
    let error = client(&account, attempts(3)).token().unwrap_err();
    assert_eq!(error.oauth_error(), Some("invalid_client"));
    assert_eq!(sent(&server, "client_secret"), ["one", "two", "three"]);
}
