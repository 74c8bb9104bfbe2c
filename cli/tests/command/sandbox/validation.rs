//! A token is valid until it expires or is invalidated, and only for its own client.

use std::time::Duration;

use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::*;

const VALIDATE: &str = "/ims/validate_token/v1";
const INVALIDATE: &str = "/ims/invalidate_token/v2";
const TYPE: (&str, &str) = ("type", "access_token");
const TOKEN_TYPE: (&str, &str) = ("token_type", "access_token");

fn token(sandbox: &Sandbox) -> String {
    exchange(sandbox, &jwt(&claims())).body["access_token"].as_str().unwrap().to_owned()
}

fn validate(sandbox: &Sandbox, token: &str) -> Value {
    let answer = post(sandbox, VALIDATE, &[TYPE, CLIENT[0], ("token", token)]);
    assert_eq!(answer.status, 200);
    answer.body
}

fn invalidate(sandbox: &Sandbox, token: &str) -> Answer {
    post(sandbox, INVALIDATE, &[TOKEN_TYPE, CLIENT[0], CLIENT[1], ("token", token)])
}

fn invalid(reason: &str) -> Value {
    json!({ "valid": false, "reason": reason })
}

#[test]
fn a_valid_token_comes_with_its_claims() {
    let answer = exchange(sandbox(), &jwt(&claims()));
    let token = &answer.body["access_token"];
    let expected = json!({ "valid": true, "token": decoded(token) });
    assert_eq!(validate(sandbox(), token.as_str().unwrap()), expected);
}

#[test]
fn validation_takes_token_and_client_where_adobes_clients_put_them() {
    let sandbox = sandbox();
    let token = token(sandbox);
    let url = format!("{}{VALIDATE}", sandbox.url());
    let query = format!("{url}?type=access_token&client_id=sandbox-client&token={token}");
    // ims-go until 2023, then a webhook sample of Adobe's: no body at all.
    assert_eq!(get(&query).body["valid"], true);
    let post = ureq::Agent::new_with_defaults().post(&query).send_empty();
    assert_eq!(read(post.unwrap()).body["valid"], true);
    // aio-lib-ims, which sends multipart.
    let mut body = String::new();
    for (name, value) in [TYPE, CLIENT[0]] {
        let head = format!("content-disposition: form-data; name=\"{name}\"");
        body.push_str(&format!("--limit\r\n{head}\r\n\r\n{value}\r\n"));
    }
    body.push_str("--limit--\r\n");
    let bearer = format!("Bearer {token}");
    let answer = send(&url, "multipart/form-data; boundary=limit", Some(&bearer), body.as_bytes());
    assert_eq!(answer.body["valid"], true);
    // The header that Adobe recommends.
    let answer = ureq::Agent::new_with_defaults()
        .post(&url)
        .header("x-ims-clientid", CLIENT[0].1)
        .send_form([TYPE, ("token", &token)]);
    assert_eq!(read(answer.unwrap()).body["valid"], true);
}

#[test]
fn what_is_no_token_of_the_sandboxs_has_a_bad_signature() {
    let sandbox = sandbox();
    let token = token(sandbox);
    let other = jwt(&decoded(&json!(token)));
    for text in ["none", &token[..token.len() - 8], &other] {
        assert_eq!(validate(sandbox, text), invalid("bad_signature"));
    }
}

#[test]
fn a_token_that_is_over_its_time_has_expired() {
    let mut account = account();
    account.token_lifetime = Some(Duration::ZERO);
    let sandbox = serve(account);
    assert_eq!(validate(&sandbox, &token(&sandbox)), invalid("expired"));
}

#[test]
fn a_token_is_valid_for_its_own_client_alone() {
    let mut other = account();
    other.client_id = "other".into();
    let sandbox = Sandbox::start(Config::new(vec![account(), other])).unwrap();
    let token = token(&sandbox);
    let answer = post(&sandbox, VALIDATE, &[TYPE, ("client_id", "other"), ("token", &token)]);
    assert_eq!(answer.body, invalid("bad_client_id"));
    let fields = [TOKEN_TYPE, ("client_id", "other"), CLIENT[1], ("token", &token)];
    let refusal = (400, "invalid_token", "invalid token parameter");
    assert_eq!(post(&sandbox, INVALIDATE, &fields).refusal(), refusal);
    assert_eq!(validate(&sandbox, &token)["valid"], true);
}

#[test]
fn an_invalidated_token_is_invalid_at_once_and_no_other_is() {
    let sandbox = sandbox();
    let [taken_back, kept] = [token(sandbox), token(sandbox)];
    let answer = invalidate(sandbox, &taken_back);
    assert_eq!((answer.status, answer.body), (200, Value::Null));
    assert_eq!(validate(sandbox, &taken_back), invalid("invalidated"));
    assert_eq!(validate(sandbox, &kept)["valid"], true);
    assert_eq!(invalidate(sandbox, &taken_back).status, 200, "again is no error");
}

#[test]
fn revocation_takes_a_token_back_as_adobes_discovery_document_says() {
    let sandbox = sandbox();
    let token = token(sandbox);
    let basic = format!("Basic {}", STANDARD.encode("sandbox-client:sandbox-secret"));
    let url = format!("{}/ims/revoke", sandbox.url());
    let body = urlencoded(&[("token", &token)]);
    let answer = send(&url, "application/x-www-form-urlencoded", Some(&basic), &body);
    assert_eq!((answer.status, answer.body), (200, Value::Null));
    assert_eq!(validate(sandbox, &token), invalid("invalidated"));
}

#[test]
fn what_is_wrong_with_the_request_itself_is_refused() {
    let sandbox = sandbox();
    let text = token(sandbox);
    let token = ("token", text.as_str());
    let unknown = (400, "invalid_client", "invalid client_id parameter");
    let secret = (400, "invalid_client", "invalid client_secret parameter");
    let wrong_secret = ("client_secret", "wrong");
    let missing = (400, "bad_request", "token is missing or wrong.");
    for (path, fields, refusal) in [
        (VALIDATE, vec![TYPE, token], unknown),
        (VALIDATE, vec![TYPE, ("client_id", "other"), token], unknown),
        (VALIDATE, vec![TYPE, CLIENT[0]], missing),
        (
            VALIDATE,
            vec![("type", "refresh_token"), CLIENT[0], token],
            (400, "bad_request", "type is missing or wrong."),
        ),
        (INVALIDATE, vec![TOKEN_TYPE, CLIENT[1], token], unknown),
        (INVALIDATE, vec![TOKEN_TYPE, CLIENT[0], token], secret),
        (INVALIDATE, vec![TOKEN_TYPE, CLIENT[0], wrong_secret, token], secret),
        (INVALIDATE, vec![TOKEN_TYPE, CLIENT[0], CLIENT[1]], missing),
        (
            INVALIDATE,
            vec![("token_type", "device_token"), CLIENT[0], CLIENT[1], token],
            (400, "bad_request", "token_type is missing or wrong."),
        ),
    ] {
        assert_eq!(post(sandbox, path, &fields).refusal(), refusal, "{path}");
    }
    assert_eq!(validate(sandbox, token.1)["valid"], true);
}
