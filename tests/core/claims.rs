//! Claims become a JWT unchanged, and claims that no server could take are refused by name.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::{Assertion, Claims, Error, Expiry, Key, Status, from_unix_seconds, generate_jwt};
use openssl::hash::MessageDigest;
use openssl::sign::Verifier;
use serde_json::{Value, json};
use support::keys;

const NOW: i64 = 1_800_000_000;

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs())
}

fn claims() -> Claims {
    Claims::new("ORG@AdobeOrg", "ID@techacct.adobe.com", "https://ims-na1.adobelogin.com/c/client")
}

fn sign(claims: &Claims) -> Result<String, Error> {
    sign_assertion(&claims.clone().into())
}

fn sign_assertion(assertion: &Assertion) -> Result<String, Error> {
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    generate_jwt(&key, assertion, now()).map(|jwt| jwt.expose().clone())
}

/// Returns the refusal of a header's `kid`.
fn refusal_of_kid(kid: &str) -> Error {
    let mut assertion = Assertion::from(claims());
    assertion.header.kid = Some(kid.to_owned());
    let error = sign_assertion(&assertion).unwrap_err();
    assert_eq!(error.status(), Status::Argument, "{error}");
    error
}

fn at(seconds: i64) -> Expiry {
    Expiry::At(from_unix_seconds(seconds))
}

fn lives(seconds: u64) -> Expiry {
    Expiry::In(Duration::from_secs(seconds))
}

fn segment(jwt: &str, index: usize) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(jwt.split('.').nth(index).unwrap()).unwrap()
}

fn payload(jwt: &str) -> Value {
    serde_json::from_slice(&segment(jwt, 1)).unwrap()
}

/// Signs the usual claims after a change that must be refused, and returns the refusal.
fn refusal(change: impl FnOnce(&mut Claims)) -> Error {
    let mut claims = claims();
    change(&mut claims);
    let error = sign(&claims).unwrap_err();
    assert_eq!(error.status(), Status::Argument, "{error}");
    error
}

#[test]
fn a_jwt_is_rs256_over_unpadded_base64url() {
    let jwt = sign(&claims()).unwrap();
    assert_eq!(segment(&jwt, 0), br#"{"typ":"JWT","alg":"RS256"}"#);
    assert!(!jwt.contains('='));
    let signed = jwt.rsplit_once('.').unwrap().0;
    let mut verifier = Verifier::new(MessageDigest::sha256(), keys::rsa()).unwrap();
    assert!(verifier.verify_oneshot(&segment(&jwt, 2), signed.as_bytes()).unwrap());
}

#[test]
fn a_jwt_lives_300_seconds_unless_told_otherwise() {
    let jwt = sign(&claims()).unwrap();
    assert_eq!(payload(&jwt)["iat"], json!(NOW));
    assert_eq!(payload(&jwt)["exp"], json!(NOW + 300));

    let mut longest = claims();
    longest.expiry = lives(86_400);
    assert_eq!(payload(&sign(&longest).unwrap())["exp"], json!(NOW + 86_400));
}

#[test]
fn kid_goes_into_the_header() {
    let mut assertion = Assertion::from(claims());
    assertion.header.kid = Some("key-1".into());
    assert_eq!(
        segment(&sign_assertion(&assertion).unwrap(), 0),
        br#"{"typ":"JWT","alg":"RS256","kid":"key-1"}"#
    );
}

#[test]
fn quotes_backslashes_and_non_ascii_arrive_unchanged() {
    let odd = r#"a"b\c/d & e = f + g % h é 漢 🔑 <>'"#;
    let mut claims = Claims::new(odd, odd, odd);
    claims.jti = Some(odd.into());
    claims.metascopes = vec![odd.into()];
    claims.claims_json = Some(json!({ "further": odd }).to_string());
    let payload = payload(&sign(&claims).unwrap());
    for name in ["iss", "sub", "aud", "jti", "further"] {
        assert_eq!(payload[name], json!(odd), "{name}");
    }
    assert_eq!(payload[odd], json!(true));
}

#[test]
fn an_integer_jti_goes_into_further_claims() {
    let mut claims = claims();
    claims.claims_json = Some(r#"{"jti":1395327936}"#.into());
    assert_eq!(payload(&sign(&claims).unwrap())["jti"], json!(1_395_327_936));
}

#[test]
fn an_empty_or_missing_claim_is_named() {
    assert_eq!(refusal(|claims| claims.iss.clear()).message(), "iss is missing or empty");
    assert_eq!(
        refusal(|claims| claims.sub = Some(String::new())).message(),
        "sub is missing or empty"
    );
    assert_eq!(
        refusal(|claims| claims.aud = Some(String::new())).message(),
        "aud is missing or empty"
    );
    for (name, error) in [
        ("jti", refusal(|claims| claims.jti = Some("".into()))),
        ("kid", refusal_of_kid("")),
        ("metascopes", refusal(|claims| claims.metascopes.push(String::new()))),
        ("claims_json", refusal(|claims| claims.claims_json = Some("".into()))),
    ] {
        assert!(error.message().starts_with(name), "{error}");
    }
}

#[test]
fn control_characters_and_overlong_texts_are_refused_by_name() {
    for bad in ["a\nb".to_owned(), "a\0b".into(), "a\u{7f}b".into(), "a".repeat(4097)] {
        for (name, error) in [
            ("iss", refusal(|claims| claims.iss.clone_from(&bad))),
            ("sub", refusal(|claims| claims.sub = Some(bad.clone()))),
            ("aud", refusal(|claims| claims.aud = Some(bad.clone()))),
            ("jti", refusal(|claims| claims.jti = Some(bad.as_str().into()))),
            ("kid", refusal_of_kid(&bad)),
            ("metascopes", refusal(|claims| claims.metascopes.push(bad.clone()))),
        ] {
            assert!(error.message().starts_with(name), "{error}");
            assert!(error.message().len() < 200, "{error}");
        }
    }
    for bad in [r"a\nb".to_owned(), r"\u0000".into(), String::new(), "a".repeat(4097)] {
        let json = format!(r#"{{"{bad}":1}}"#);
        let error = refusal(|claims| claims.claims_json = Some(json));
        assert!(
            error.message().starts_with("claims_json holds a name of a claim that "),
            "{error}"
        );
    }
    let big = format!(r#"{{"a":"{}"}}"#, "b".repeat(64 * 1024));
    let error = refusal(|claims| claims.claims_json = Some(big));
    assert_eq!(error.message(), "claims_json is over 64 KiB");
}

#[test]
fn a_metascope_or_further_claim_may_not_repeat_another() {
    for name in ["iss", "sub", "aud", "exp", "iat", "nbf", "jti"] {
        let error = refusal(|claims| claims.metascopes.push(name.into()));
        assert_eq!(error.message(), format!("metascopes repeats the claim {name}"));
    }
    for name in ["iss", "sub", "aud", "exp", "iat"] {
        let error = refusal(|claims| claims.claims_json = Some(format!(r#"{{"{name}":1}}"#)));
        assert_eq!(error.message(), format!("claims_json repeats the claim {name}"));
    }
    let error = refusal(|claims| {
        claims.nbf = Some(from_unix_seconds(1));
        claims.claims_json = Some(r#"{"nbf":1}"#.into());
    });
    assert_eq!(error.message(), "claims_json repeats the claim nbf");
    let error = refusal(|claims| {
        claims.jti = Some("a".into());
        claims.claims_json = Some(r#"{"jti":1}"#.into());
    });
    assert_eq!(error.message(), "claims_json repeats the claim jti");
    let error = refusal(|claims| claims.metascopes = vec!["s".into(), "s".into()]);
    assert_eq!(error.message(), "metascopes repeats the claim s");
    let error = refusal(|claims| claims.claims_json = Some(r#"{"a":1,"a":2}"#.into()));
    assert_eq!(error.message(), "claims_json repeats the claim a");
}

#[test]
fn further_claims_that_are_no_json_object_are_refused_without_quoting_them() {
    for json in ["[]", "null", "1", "\"hunter2\"", "{", "{\"a\":hunter2}", "{} {}", "{\"a\":1,}"] {
        let error = refusal(|claims| claims.claims_json = Some(json.into()));
        assert!(error.message().starts_with("claims_json is not a JSON object"), "{error}");
        assert!(!error.message().contains("hunter2"), "{error}");
    }
}

#[test]
fn times_that_no_server_would_take_are_refused() {
    for (message, error) in [
        ("iat is negative", refusal(|claims| claims.iat = Some(from_unix_seconds(-1)))),
        ("exp is negative", refusal(|claims| claims.expiry = at(-1))),
        ("nbf is negative", refusal(|claims| claims.nbf = Some(from_unix_seconds(-1)))),
        ("exp is not after iat", refusal(|claims| claims.expiry = at(NOW))),
        ("exp is over 86400 seconds", refusal(|claims| claims.expiry = at(NOW + 86_401))),
        ("lifetime is not 1 to 86400", refusal(|claims| claims.expiry = lives(0))),
        ("lifetime is not 1 to 86400", Expiry::from_options(Some(-5), None).unwrap_err()),
        ("lifetime is not 1 to 86400", refusal(|claims| claims.expiry = lives(86_401))),
        ("lifetime is not 1 to 86400", refusal(|claims| claims.expiry = lives(u64::MAX))),
        (
            "iat is after the year 9999",
            refusal(|claims| claims.iat = Some(from_unix_seconds(i64::MAX))),
        ),
        ("exp is after the year 9999", refusal(|claims| claims.expiry = at(i64::MAX))),
        (
            "nbf is not before exp",
            refusal(|claims| claims.nbf = Some(from_unix_seconds(NOW + 300))),
        ),
        (
            "lifetime and exp are both given",
            Expiry::from_options(Some(60), Some(from_unix_seconds(NOW + 60))).unwrap_err(),
        ),
    ] {
        assert!(error.message().starts_with(message), "{error}");
    }
}

#[test]
fn a_time_of_13_digits_is_told_to_be_milliseconds() {
    for (name, error) in [
        ("exp", refusal(|claims| claims.expiry = at((NOW + 300) * 1000))),
        ("iat", refusal(|claims| claims.iat = Some(from_unix_seconds(NOW * 1000)))),
        ("nbf", refusal(|claims| claims.nbf = Some(from_unix_seconds(NOW * 1000)))),
    ] {
        assert!(error.message().starts_with(name), "{error}");
        assert!(error.hint().unwrap().contains("milliseconds"), "{error:?}");
    }
}

#[test]
fn a_clock_before_1970_or_after_9999_is_said_not_signed() {
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    let before = UNIX_EPOCH - Duration::from_secs(1);
    let [after, last] =
        [253_402_300_800, i64::MAX as u64].map(|now| UNIX_EPOCH + Duration::from_secs(now));
    for now in [before, after, last] {
        let error = generate_jwt(&key, &claims().into(), now).unwrap_err();
        assert_eq!(error.status(), Status::Argument);
        assert!(error.message().starts_with("iat "), "{error}");
        assert!(error.message().contains("clock"), "{error}");
    }
}
