//! What is right gets a token, in Adobe's shape and unit.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ims_sandbox::{Account, PublicKey};
use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::keys;

use super::*;

#[test]
fn each_exchange_path_answers_in_milliseconds() {
    let sandbox = sandbox();
    for path in ["/ims/exchange/jwt", "/ims/exchange/jwt/", "/ims/exchange/v1/jwt"] {
        let answer = post(sandbox, path, &[CLIENT[0], CLIENT[1], ("jwt_token", &jwt(&claims()))]);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.body["token_type"], "bearer");
        assert_eq!(answer.body["expires_in"], 86_399_999);
    }
}

#[test]
fn client_credentials_answer_in_seconds() {
    let sandbox = sandbox();
    for path in ["/ims/token/v2", "/ims/token/v3"] {
        let fields = [("grant_type", "client_credentials"), CLIENT[0], CLIENT[1]];
        let answer = post(sandbox, path, &fields);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.body["expires_in"], 86_399);
    }
}

#[test]
fn the_bearer_grant_answers_as_seed_002_shows_at_any_path() {
    let sandbox = sandbox();
    for path in ["/token", "/oauth2/v1/token"] {
        let assertion = jwt(&bearer_claims());
        let fields = [("grant_type", JWT_BEARER), CLIENT[0], ("assertion", &assertion)];
        let answer = post(sandbox, path, &fields);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.body["expires_in"], 3600);
        assert_eq!(answer.body["scope"], Value::Null);
        assert_eq!(answer.body["success"], true);
    }
}

#[test]
fn the_bearer_grant_takes_the_server_by_token_url_base_url_or_host() {
    let sandbox = sandbox();
    let host = sandbox.url().strip_prefix("http://").unwrap();
    for aud in [
        json!(format!("{}/token", sandbox.url())),
        json!(sandbox.url()),
        json!(host),
        json!("127.0.0.1"),
        json!(format!("{IMS}/token")),
        json!(["https://example.com", sandbox.url()]),
    ] {
        let mut claims = bearer_claims();
        claims["aud"] = aud.clone();
        assert_eq!(bearer(sandbox, &claims).status, 200, "{aud}");
    }
}

#[test]
fn jwts_may_be_made_for_the_real_host_or_for_the_sandbox() {
    let sandbox = sandbox();
    let host = sandbox.url().strip_prefix("http://").unwrap();
    for base in [IMS, sandbox.url(), &format!("https://{host}")] {
        let claims = json!({
            "iss": "SANDBOX@AdobeOrg",
            "sub": "sandbox@techacct.adobe.com",
            "aud": format!("{base}/c/sandbox-client"),
            "exp": now() + 86_400,
            "iat": now(),
            "nbf": now(),
            "jti": 1,
            format!("{base}/s/ent_sandbox"): true,
        });
        assert_eq!(exchange(sandbox, &jwt(&claims)).status, 200, "{base}");
    }
}

#[test]
fn clocks_may_differ_by_30_seconds() {
    let sandbox = sandbox();
    for (name, time) in [("exp", now() - 20), ("iat", now() + 20), ("nbf", now() + 20)] {
        let answer = exchange(sandbox, &jwt(&claims_with(name, json!(time))));
        assert_eq!(answer.status, 200, "{name}");
    }
}

#[test]
fn multipart_bodies_are_taken_as_adobes_own_clients_send_them() {
    let sandbox = sandbox();
    let jwt = jwt(&claims());
    let mut body = String::new();
    for (name, value) in [CLIENT[0], CLIENT[1], ("jwt_token", &jwt)] {
        let head = format!("content-disposition: form-data; name=\"{name}\"");
        body.push_str(&format!("--limit\r\n{head}\r\n\r\n{value}\r\n"));
    }
    body.push_str("--limit--\r\n");
    let url = format!("{}/ims/exchange/jwt/", sandbox.url());

    let answer = send(&url, "multipart/form-data; boundary=limit", None, body.as_bytes());

    assert_eq!(answer.status, 200);
}

#[test]
fn the_client_may_come_as_a_basic_header() {
    let mut account = account();
    account.client_secret = "a&b=c+d%:e".into();
    let sandbox = serve(account);
    let secret: String = form_urlencoded::byte_serialize(b"a&b=c+d%:e").collect();
    let header = format!("Basic {}", STANDARD.encode(format!("sandbox-client:{secret}")));
    let url = format!("{}/ims/token/v3", sandbox.url());
    let body = urlencoded(&[("grant_type", "client_credentials")]);

    let answer = send(&url, "application/x-www-form-urlencoded", Some(&header), &body);

    assert_eq!(answer.status, 200);
}

#[test]
fn access_tokens_have_the_shape_of_imss() {
    let before = now();
    let answer = exchange(sandbox(), &jwt(&claims()));

    let token = decoded(&answer.body["access_token"]);

    assert_eq!(token["type"], "access_token");
    assert_eq!(token["as"], "ims-na1");
    assert_eq!(token["client_id"], "sandbox-client");
    assert_eq!(token["user_id"], "sandbox@techacct.adobe.com");
    assert_eq!(token["scope"], "ent_sandbox");
    assert_eq!(token["expires_in"], "86400000");
    let created_at: i64 = token["created_at"].as_str().unwrap().parse().unwrap();
    assert!((before * 1000..=now() * 1000 + 999).contains(&created_at));
    assert_eq!(token["exp"], Value::Null);
}

#[test]
fn public_keys_and_certificates_in_pem_or_der_verify_alike() {
    let certificate = self_signed(keys::rsa(), Validity::now());
    for registered in [
        keys::rsa().public_key_to_pem().unwrap(),
        keys::rsa().public_key_to_der().unwrap(),
        certificate.to_pem().unwrap(),
        certificate.to_der().unwrap(),
    ] {
        let mut account = Account::default();
        account.public_keys.push(PublicKey::from_bytes(&registered).unwrap());
        assert_eq!(exchange(&serve(account), &jwt(&claims())).status, 200);
    }
}
