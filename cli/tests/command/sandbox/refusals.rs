//! What is wrong gets Adobe's error: a test a row of its table, or more.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims_sandbox::{Account, PublicKey};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::keys;

use super::*;

const SIGNATURE: (u16, &str, &str) =
    (400, "invalid_token", "Could not match JWT signature to any of the bindings");
const MALFORMED: (u16, &str, &str) =
    (400, "invalid_token", "JWT token is incorrectly formatted, and can not be decoded.");
const METASCOPES: (u16, &str, &str) = (
    400,
    "invalid_scope",
    "The metascopes in the JWT are not a subset of the metascopes in the binding.",
);

#[test]
fn a_jwt_of_another_key_matches_no_binding() {
    let other = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let jwt = sign(RS256, &claims(), &other, MessageDigest::sha256());
    assert_eq!(exchange(sandbox(), &jwt).refusal(), SIGNATURE);
}

#[test]
fn a_jwt_matches_no_binding_before_and_after_its_certificate_is_valid() {
    for validity in [Validity::expired(), Validity::not_yet()] {
        let certificate = self_signed(keys::rsa(), validity).to_pem().unwrap();
        let mut account = Account::default();
        account.public_keys.push(PublicKey::from_bytes(&certificate).unwrap());
        assert_eq!(exchange(&serve(account), &jwt(&claims())).refusal(), SIGNATURE);
    }
}

#[test]
fn claims_that_were_changed_after_signing_match_no_binding() {
    let signed = jwt(&claims());
    let (header, _) = signed.split_once('.').unwrap();
    let (_, signature) = signed.rsplit_once('.').unwrap();
    let changed = URL_SAFE_NO_PAD.encode(claims_with("exp", json!(now() + 301)).to_string());
    let answer = exchange(sandbox(), &format!("{header}.{changed}.{signature}"));
    assert_eq!(answer.refusal(), SIGNATURE);
}

#[test]
fn no_algorithm_but_rs256_matches_a_binding() {
    let sandbox = sandbox();
    let public_pem = keys::rsa().public_key_to_pem().unwrap();
    let shared = PKey::hmac(&public_pem).unwrap();
    let sha256 = MessageDigest::sha256();
    let unsigned = sign(r#"{"alg":"none"}"#, &claims(), keys::rsa(), sha256);
    let unsigned = format!("{}.", unsigned.rsplit_once('.').unwrap().0);
    for jwt in [
        unsigned,
        sign(r#"{"alg":"none"}"#, &claims(), keys::rsa(), sha256),
        sign(r#"{"alg":"HS256"}"#, &claims(), &shared, sha256),
        sign(r#"{"alg":"RS512"}"#, &claims(), keys::rsa(), MessageDigest::sha512()),
        sign(r#"{"typ":"JWT"}"#, &claims(), keys::rsa(), sha256),
    ] {
        assert_eq!(exchange(sandbox, &jwt).refusal(), SIGNATURE, "{jwt}");
    }
}

#[test]
fn a_jwt_that_was_cut_cannot_be_decoded() {
    let sandbox = sandbox();
    let whole = jwt(&claims());
    let dots: Vec<_> = whole.match_indices('.').map(|(at, _)| at).collect();
    for end in [0, 10, dots[0], dots[0] + 10, dots[1]] {
        assert_eq!(exchange(sandbox, &whole[..end]).refusal(), MALFORMED, "cut at {end}");
    }
    assert_eq!(post(sandbox, "/ims/exchange/jwt", &CLIENT).refusal(), MALFORMED);
}

#[test]
fn padding_and_headers_that_are_not_understood_cannot_be_decoded() {
    let sandbox = sandbox();
    let critical = r#"{"alg":"RS256","crit":["exp"]}"#;
    for jwt in [
        format!("{}==", jwt(&claims())),
        sign(critical, &claims(), keys::rsa(), MessageDigest::sha256()),
        sign(r#"{"alg":"RS256","typ":"JWE"}"#, &claims(), keys::rsa(), MessageDigest::sha256()),
    ] {
        assert_eq!(exchange(sandbox, &jwt).refusal(), MALFORMED);
    }
}

#[test]
fn an_exp_or_jti_that_is_no_integer_cannot_be_decoded() {
    let sandbox = sandbox();
    let exp = now() + 300;
    for (name, value) in [
        ("exp", json!(exp.to_string())),
        ("exp", json!(exp as f64 + 0.5)),
        ("exp", json!("Thu Jun 09 16:58:09 EDT 2022")),
        ("jti", json!("1")),
        ("jti", json!(1.5)),
    ] {
        let answer = exchange(sandbox, &jwt(&claims_with(name, value.clone())));
        assert_eq!(answer.refusal(), MALFORMED, "{name} {value}");
    }
}

#[test]
fn an_expired_jwt_is_refused_as_such() {
    let answer = exchange(sandbox(), &jwt(&claims_with("exp", json!(now() - 31))));
    assert_eq!(answer.refusal(), (400, "invalid_token", "JWT token has expired."));
}

#[test]
fn a_jwt_from_the_future_is_refused() {
    let sandbox = sandbox();
    for name in ["iat", "nbf"] {
        let answer = exchange(sandbox, &jwt(&claims_with(name, json!(now() + 60))));
        let refusal = (400, "invalid_token", "JWT token is not valid yet: iat or nbf lies ahead.");
        assert_eq!(answer.refusal(), refusal, "{name}");
    }
}

#[test]
fn an_unknown_client_is_refused_at_every_grant() {
    let sandbox = sandbox();
    let jwt = jwt(&claims());
    let other = [("client_id", "other"), CLIENT[1]];
    let refusal = (400, "invalid_client", "invalid client_id parameter");
    for (path, grant) in [
        ("/ims/exchange/jwt", ("jwt_token", jwt.as_str())),
        ("/ims/token/v3", ("grant_type", "client_credentials")),
        ("/token", ("grant_type", JWT_BEARER)),
    ] {
        let answer = post(sandbox, path, &[other[0], other[1], grant]);
        assert_eq!(answer.refusal(), refusal, "{path}");
    }
    assert_eq!(post(sandbox, "/ims/exchange/jwt", &[]).refusal(), refusal);
}

#[test]
fn an_aud_of_another_environment_or_client_is_refused() {
    let sandbox = sandbox();
    for aud in [
        json!("https://ims-na1-stg1.adobelogin.com/c/sandbox-client"),
        json!(format!("{IMS}/c/other")),
        json!(IMS),
        json!("ims-na1.adobelogin.com/c/sandbox-client"),
        json!([format!("{IMS}/c/sandbox-client")]),
        Value::Null,
    ] {
        let answer = exchange(sandbox, &jwt(&claims_with("aud", aud.clone())));
        let refusal = (400, "invalid_client", "The JWT's aud names another environment or client.");
        assert_eq!(answer.refusal(), refusal, "{aud}");
    }
}

#[test]
fn a_wrong_secret_is_401_at_the_exchange_and_400_at_the_newer_paths() {
    let sandbox = sandbox();
    let wrong = [CLIENT[0], ("client_secret", "wrong")];
    let jwt = jwt(&claims());
    let description = "invalid client_secret parameter";

    let answer = post(sandbox, "/ims/exchange/jwt", &[wrong[0], wrong[1], ("jwt_token", &jwt)]);
    assert_eq!(answer.refusal(), (401, "invalid_client", description));

    let grant = ("grant_type", "client_credentials");
    let answer = post(sandbox, "/ims/token/v3", &[wrong[0], wrong[1], grant]);
    assert_eq!(answer.refusal(), (400, "invalid_client", description));
}

#[test]
fn a_client_without_certificate_may_not_exchange_jwts() {
    let answer = exchange(&serve(Account::default()), &jwt(&claims()));
    let refusal = (401, "invalid_client", "The client is not allowed to exchange JWTs.");
    assert_eq!(answer.refusal(), refusal);
}

#[test]
fn metascopes_are_a_subset_of_those_granted_and_at_least_one() {
    let sandbox = sandbox();
    let ent_sandbox = &format!("{IMS}/s/ent_sandbox");
    for (name, value) in [
        (&format!("{IMS}/s/ent_other"), json!(true)),
        (&"https://ims-na1-stg1.adobelogin.com/s/ent_sandbox".to_owned(), json!(true)),
        (ent_sandbox, json!(false)),
        (ent_sandbox, json!("true")),
        (ent_sandbox, Value::Null),
    ] {
        let answer = exchange(sandbox, &jwt(&claims_with(name, value.clone())));
        assert_eq!(answer.refusal(), METASCOPES, "{name}: {value}");
    }
}

#[test]
fn scopes_are_a_subset_of_those_granted() {
    let sandbox = sandbox();
    assert_eq!(client_credentials(sandbox, &[("scope", "openid,AdobeID")]).status, 200);
    let answer = client_credentials(sandbox, &[("scope", "openid,other")]);
    let refusal = (400, "invalid_scope", "A requested scope is not granted to the client.");
    assert_eq!(answer.refusal(), refusal);
}

#[test]
fn a_required_jti_is_there_and_never_comes_twice() {
    let mut account = account();
    account.requires_jti = true;
    let sandbox = serve(account);

    let missing = exchange(&sandbox, &jwt(&claims()));
    assert_eq!(missing.refusal(), (400, "invalid_jti", "A jti is required."));

    let first = jwt(&claims_with("jti", json!(7)));
    assert_eq!(exchange(&sandbox, &first).status, 200);
    let used = (400, "invalid_jti", "The jti was used before.");
    assert_eq!(exchange(&sandbox, &first).refusal(), used);
    let mut same_jti = claims_with("jti", json!(7));
    same_jti["exp"] = json!(now() + 400);
    assert_eq!(exchange(&sandbox, &jwt(&same_jti)).refusal(), used);

    assert_eq!(exchange(&sandbox, &jwt(&claims_with("jti", json!(8)))).status, 200);
}

#[test]
fn a_refused_jwt_does_not_use_its_jti_up() {
    let mut account = account();
    account.requires_jti = true;
    let sandbox = serve(account);
    let mut claims = claims_with("jti", json!(7));
    claims["aud"] = json!("elsewhere");
    assert_eq!(exchange(&sandbox, &jwt(&claims)).status, 400);
    assert_eq!(exchange(&sandbox, &jwt(&claims_with("jti", json!(7)))).status, 200);
}

#[test]
fn a_client_without_scopes_may_not_use_client_credentials() {
    let mut account = account();
    account.scopes.clear();
    let answer = client_credentials(&serve(account), &[]);
    let refusal =
        (400, "unauthorized_client", "The client is not provisioned for client_credentials.");
    assert_eq!(answer.refusal(), refusal);
}

#[test]
fn a_sub_iss_exp_or_org_id_of_the_wrong_form_is_a_bad_request() {
    let sandbox = sandbox();
    for (name, value) in [
        ("iss", json!("OTHER@AdobeOrg")),
        ("iss", Value::Null),
        ("sub", json!("other@techacct.adobe.com")),
        ("sub", json!(1)),
        ("exp", Value::Null),
        ("exp", json!((now() + 300) * 1000)),
        ("exp", json!(now() + 86_400 + 60)),
    ] {
        let answer = exchange(sandbox, &jwt(&claims_with(name, value.clone())));
        let description = format!("{name} is missing or wrong.");
        assert_eq!(answer.refusal(), (400, "bad_request", description.as_str()), "{value}");
    }
    let answer = client_credentials(sandbox, &[("org_id", "OTHER@AdobeOrg")]);
    let description = "org_id is missing or wrong.";
    assert_eq!(answer.refusal(), (400, "bad_request", description));
}

#[test]
fn a_credential_that_was_moved_to_oauth_gets_500_at_the_exchange_alone() {
    let mut account = account();
    account.migrated = true;
    let sandbox = serve(account);
    let refusal = (500, "internal_error", "Please try again later");
    assert_eq!(exchange(&sandbox, &jwt(&claims())).refusal(), refusal);
    assert_eq!(client_credentials(&sandbox, &[]).status, 200);
}

#[test]
fn the_bearer_grant_calls_what_is_wrong_with_a_jwt_invalid_grant() {
    let sandbox = sandbox();
    for (name, value) in [
        ("iss", json!("other")),
        ("sub", json!("other")),
        ("aud", json!("api.omniture.com")),
        ("aud", json!(["api.omniture.com"])),
        ("exp", json!(now() - 31)),
        ("exp", json!("soon")),
    ] {
        let mut claims = bearer_claims();
        claims[name] = value.clone();
        let answer = bearer(sandbox, &claims);
        assert_eq!(answer.status, 400, "{name}: {value}");
        assert_eq!(answer.body["error"], "invalid_grant", "{name}: {value}");
    }
    let other = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let jwt = sign(RS256, &bearer_claims(), &other, MessageDigest::sha256());
    let answer = post(sandbox, "/token", &[("grant_type", JWT_BEARER), ("assertion", &jwt)]);
    assert_eq!(answer.refusal(), (400, "invalid_grant", SIGNATURE.2));
}

#[test]
fn a_bearer_grant_that_names_its_client_is_held_to_its_secret_and_issuer() {
    let bearer = |secret, claims: &Value| {
        let (secret, assertion) = (("client_secret", secret), jwt(claims));
        let fields = [("grant_type", JWT_BEARER), CLIENT[0], secret, ("assertion", &assertion)];
        post(sandbox(), "/token", &fields)
    };
    assert_eq!(bearer(CLIENT[1].1, &bearer_claims()).status, 200);
    let refusal = (401, "invalid_client", "invalid client_secret parameter");
    assert_eq!(bearer("wrong", &bearer_claims()).refusal(), refusal);
    let mut claims = bearer_claims();
    claims["iss"] = json!("other");
    let refusal = (400, "invalid_grant", "iss is missing or wrong.");
    assert_eq!(bearer(CLIENT[1].1, &claims).refusal(), refusal);
}

#[test]
fn a_grant_type_at_the_wrong_path_is_unsupported() {
    let sandbox = sandbox();
    for (path, grant_type) in
        [("/ims/token/v3", JWT_BEARER), ("/token", "client_credentials"), ("/token", "")]
    {
        let answer = post(sandbox, path, &[CLIENT[0], CLIENT[1], ("grant_type", grant_type)]);
        assert_eq!(answer.body["error"], "unsupported_grant_type", "{path} {grant_type}");
    }
}

#[test]
fn a_body_that_is_no_form_or_too_large_or_repeats_a_field_is_a_bad_request() {
    let sandbox = sandbox();
    let url = format!("{}/ims/exchange/jwt", sandbox.url());
    let form = "application/x-www-form-urlencoded";
    let large = "x".repeat(300 * 1024).into_bytes();
    for (status, content_type, body) in [
        (400, "application/json", b"{}".as_slice()),
        (400, form, b"client_id=sandbox-client&client_id=other"),
        (400, "multipart/form-data; boundary=limit", b"--limit\r\n"),
        (413, form, &large),
    ] {
        let answer = send(&url, content_type, None, body);
        assert_eq!((answer.status, &answer.body["error"]), (status, &json!("bad_request")));
    }
}

#[test]
fn other_paths_of_ims_answer_404() {
    let sandbox = sandbox();
    assert_eq!(post(sandbox, "/ims/token/v4", &CLIENT).status, 404);
    assert_eq!(get(&format!("{}/ims/exchange/jwt", sandbox.url())).status, 404);
}

#[test]
fn each_answer_has_a_debug_id_of_its_own() {
    let sandbox = sandbox();
    let [first, second] = [(), ()].map(|()| exchange(sandbox, &jwt(&claims())).debug_id);
    assert_eq!(first.len(), 32);
    assert_ne!(first, second);
}
