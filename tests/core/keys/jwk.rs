//! JWK and JWK sets as private keys.

use ims::{
    Assertion, Claims, Credentials, CredentialsOptions, KeyOptions, decode_jwt, generate_jwt,
};
use openssl::bn::{BigNumContext, BigNumRef};
use serde_json::{Value, json};
use support::signatures::{ALGORITHMS, key_for, public};

use super::*;

fn number(number: &BigNumRef) -> String {
    base64url(&number.to_vec())
}

fn base64url(bytes: &[u8]) -> String {
    base64::encode_block(bytes).replace('+', "-").replace('/', "_").replace('=', "")
}

/// A private JWK of any key that signs.
fn jwk(key: &PKey<Private>) -> Value {
    if let Ok(rsa) = key.rsa() {
        let part = |part: Option<&BigNumRef>| number(part.unwrap());
        return json!({
            "kty": "RSA", "n": number(rsa.n()), "e": number(rsa.e()), "d": number(rsa.d()),
            "p": part(rsa.p()), "q": part(rsa.q()), "dp": part(rsa.dmp1()), "dq": part(rsa.dmq1()),
            "qi": part(rsa.iqmp()),
        });
    }
    if let Ok(ec) = key.ec_key() {
        let (crv, len) = match ec.group().degree() {
            256 => ("P-256", 32),
            384 => ("P-384", 48),
            _ => ("P-521", 66),
        };
        let mut context = BigNumContext::new().unwrap();
        let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        ec.public_key().affine_coordinates(ec.group(), &mut x, &mut y, &mut context).unwrap();
        let part = |part: &BigNumRef| base64url(&part.to_vec_padded(len).unwrap());
        let d = part(ec.private_key());
        return json!({"kty": "EC", "crv": crv, "x": part(&x), "y": part(&y), "d": d});
    }
    json!({
        "kty": "OKP", "crv": "Ed25519", "x": base64url(&key.raw_public_key().unwrap()),
        "d": base64url(&key.raw_private_key().unwrap()),
    })
}

/// The JWK with a member set.
fn with(mut jwk: Value, name: &str, value: impl Into<Value>) -> Value {
    jwk[name] = value.into();
    jwk
}

fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

fn rsa() -> Value {
    jwk(keys::rsa())
}

fn header(key: &Key) -> Value {
    let assertion = Assertion::from(Claims::new("a", "a", "b"));
    let jwt = generate_jwt(key, &assertion, SystemTime::now()).unwrap();
    serde_json::from_str(&decode_jwt(jwt.expose()).unwrap().header).unwrap()
}

#[test]
fn a_jwk_of_every_kind_signs_by_every_algorithm_of_its_own() {
    for name in ALGORITHMS {
        let key = key_for(name);
        let jwk = jwk(&key);
        for form in [jwk.to_string(), serde_json::to_string_pretty(&jwk).unwrap()] {
            let loaded = Key::from_bytes(form.as_bytes(), None).unwrap();
            let signature = loaded.sign(name.parse().unwrap(), b"message").unwrap();
            assert!(verifies_by(&public(&key), name, b"message", &signature), "{name}");
        }
    }
}

#[test]
fn the_example_of_rfc_7517_appendix_c_and_those_of_rfc_7515_and_8037_load() {
    for (jwk, algorithm) in [
        // RFC 7515 appendix A.3.1.
        (
            r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#,
            Algorithm::ES256,
        ),
        // RFC 8037 appendix A.1.
        (
            r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
                "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            Algorithm::EdDSA,
        ),
    ] {
        let key = Key::from_bytes(jwk.as_bytes(), None).unwrap();
        assert_eq!(key.default_algorithm(), algorithm);
    }
}

#[test]
fn a_jwk_is_read_in_base64_after_a_bom_and_with_escaped_quotes() {
    let jwk = rsa().to_string();
    assert_loads(base64::encode_block(jwk.as_bytes()));
    assert_loads(format!("\u{feff}{jwk}\n"));
    assert_loads(jwk.replace('"', "\\\""));
    assert_loads(serde_json::to_string(&jwk).unwrap());
    assert_loads(serde_json::to_string(&serde_json::to_string_pretty(&rsa()).unwrap()).unwrap());
    assert_loads(jwk.replace('"', "'"));
}

#[test]
fn the_kid_and_alg_of_a_jwk_are_defaults_of_the_header() {
    let jwk = with(with(rsa(), "kid", "k1"), "alg", "PS384");
    let key = Key::from_bytes(jwk.to_string().as_bytes(), None).unwrap();
    assert_eq!(key.kid(), Some("k1"));
    assert_eq!(header(&key), json!({"typ": "JWT", "alg": "PS384", "kid": "k1"}));

    let mut assertion = Assertion::from(Claims::new("a", "a", "b"));
    assertion.header.kid = Some("own".into());
    assertion.header.alg = Some(Algorithm::RS256);
    let jwt = generate_jwt(&key, &assertion, SystemTime::now()).unwrap();
    let own = decode_jwt(jwt.expose()).unwrap().header;
    assert_eq!(own, r#"{"typ":"JWT","alg":"RS256","kid":"own"}"#);
    assertion.header.kid = None;
    assertion.header.header_json = Some(r#"{"kid":"further"}"#.into());
    let jwt = generate_jwt(&key, &assertion, SystemTime::now()).unwrap();
    let further = decode_jwt(jwt.expose()).unwrap().header;
    assert_eq!(further, r#"{"typ":"JWT","alg":"RS256","kid":"further"}"#);
}

#[test]
fn of_a_set_the_key_of_kid_is_taken_or_the_only_private_one() {
    let own = with(rsa(), "kid", "own");
    let mut public = own.clone();
    for secret in ["d", "p", "q", "dp", "dq", "qi"] {
        public.as_object_mut().unwrap().remove(secret);
    }
    let public = with(public, "kid", "public");
    let other = with(jwk(&keys::ec()), "kid", "other");
    let for_encryption = with(with(jwk(&keys::ec()), "kid", "enc"), "use", "enc");
    for only in [
        vec![own.clone()],
        vec![public.clone(), own.clone(), for_encryption.clone()],
        vec![json!({"kty": "oct", "k": "c2VjcmV0"}), own.clone()],
    ] {
        assert_loads(set(&only));
    }
    let several = set(&[other, own, public]);
    let error = Key::from_bytes(several.as_bytes(), None).unwrap_err();
    assert_error(&error, Status::Key, "is a JWK set with several private keys");
    assert!(error.hint().unwrap().contains("other, own"), "{error:?}");
    let of = |kid| {
        let mut options = KeyOptions::default();
        options.kid = Some(kid);
        Key::from_bytes_with(several.as_bytes(), &options)
    };
    assert_eq!(of("own").unwrap().kid(), Some("own"));
    assert_eq!(of("other").unwrap().default_algorithm(), Algorithm::ES256);
    assert_error(&of("none").unwrap_err(), Status::Key, "without a key whose kid is none");
    assert_error(&of("public").unwrap_err(), Status::Key, "is a public JWK");
}

#[test]
fn a_jwk_in_a_list_or_in_an_object_is_read() {
    let public = || {
        let key = with(rsa(), "kid", "a");
        json!({"kty": key["kty"], "kid": key["kid"], "n": key["n"], "e": key["e"]})
    };
    let private = || with(rsa(), "kid", "a");
    for form in [
        json!([private()]),
        json!([public(), private()]),
        // As Okta's console shows a new key.
        json!({"publicKey": public(), "privateKey": private()}),
        json!({"name": "a", "jwk": private()}),
        json!({"keys": {"a": private()}}),
    ] {
        assert_loads(form.to_string());
        let mut options = KeyOptions::default();
        options.kid = Some("a");
        Key::from_bytes_with(form.to_string().as_bytes(), &options).unwrap();
    }
}

#[test]
fn an_rsa_jwk_may_leave_out_what_follows_from_its_private_exponent() {
    let without = |names: &[&str]| {
        let mut jwk = rsa();
        names.iter().for_each(|name| drop(jwk.as_object_mut().unwrap().remove(*name)));
        jwk
    };
    assert_loads(without(&["p", "q", "dp", "dq", "qi"]).to_string());
    assert_loads(without(&["dp", "dq", "qi"]).to_string());
    let other = PKey::from_rsa(Rsa::generate(3072).unwrap()).unwrap();
    let jwk = jwk(&other);
    let few = json!({"kty": "RSA", "n": jwk["n"], "e": jwk["e"], "d": jwk["d"]});
    let key = Key::from_bytes(few.to_string().as_bytes(), None).unwrap();
    let signature = key.sign(Algorithm::RS256, b"message").unwrap();
    assert!(verifies(&other, b"message", &signature));

    let few = without(&["p", "q", "dp", "dq", "qi"]);
    let long = base64url(&[0xff; 20_000]);
    for (name, value) in [
        ("d", jwk["d"].clone()),
        ("n", jwk["n"].clone()),
        ("d", "AQ".into()),
        ("d", "AA".into()),
        ("n", "AA".into()),
        ("n", "Aw".into()),
        ("e", "AAAA".into()),
        ("n", long.clone().into()),
        ("d", long.clone().into()),
        ("e", long.into()),
    ] {
        let error = Key::from_bytes(with(few.clone(), name, value).to_string().as_bytes(), None);
        assert_error(&error.unwrap_err(), Status::Key, "");
    }
}

#[test]
fn a_jwk_that_cannot_sign_is_refused_and_the_text_says_why() {
    let mut public = rsa();
    public.as_object_mut().unwrap().remove("d");
    let ec = || jwk(&keys::ec());
    for (jwk, words) in [
        (json!({"kty": "oct", "k": "c2VjcmV0"}), "is a symmetric JWK"),
        (public, "is a public JWK"),
        (with(rsa(), "use", "enc"), "for encryption alone: its use is enc"),
        (with(rsa(), "key_ops", json!(["decrypt"])), "its key_ops do not hold sign"),
        (with(rsa(), "key_ops", json!(["verify"])), "its key_ops do not hold sign"),
        (with(rsa(), "alg", "RSA-OAEP-256"), "for encryption alone: its alg is RSA-OAEP-256"),
        (with(rsa(), "alg", "ES256"), "whose alg is ES256"),
        (with(rsa(), "oth", json!([])), "two primes"),
        (with(rsa(), "d", "*"), "member d is not base64url"),
        (with(rsa(), "d", ""), "member d is not base64url"),
        (with(rsa(), "d", 5), "a member of another type"),
        (with(rsa(), "q", rsa()["p"].clone()), "parts do not belong together"),
        (with(rsa(), "p", ""), "member p is not base64url"),
        (with(ec(), "crv", "secp256k1"), "an EC key on secp256k1"),
        (with(ec(), "x", ec()["y"].clone()), "parts do not belong together"),
        (with(ec(), "d", rsa()["d"].clone()), "is damaged"),
        (json!({"kty": "OKP", "crv": "X25519", "d": "AA", "x": "AA"}), "the curve X25519"),
        (json!({"kty": "AKP", "d": "AA"}), "the kty AKP"),
        (json!({"keys": []}), "is an empty JWK set"),
        (json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}), "is a symmetric JWK"),
        (json!({"a": 1}), "is JSON, but no JWK"),
        (json!([rsa(), jwk(&keys::ec())]), "several private keys"),
        (json!([1, {"a": rsa()}]), "is JSON, but no JWK"),
        (json!({"client_id": "a", "client_secret": "b"}), "is a credentials file, not a key"),
    ] {
        let error = Key::from_bytes(jwk.to_string().as_bytes(), None).unwrap_err();
        assert_error(&error, Status::Key, words);
        assert!(error.hint().is_some() || words == "two primes", "{error}");
    }
}

#[test]
fn a_jwk_cut_or_altered_anywhere_is_refused_or_signs_the_same_and_never_shows() {
    let jwk = rsa().to_string();
    let signed = Key::from_bytes(jwk.as_bytes(), None).unwrap();
    let signed = signed.sign(Algorithm::RS256, b"message").unwrap();
    let secret = rsa()["d"].as_str().unwrap().to_owned();
    let check = |bytes: &[u8]| match Key::from_bytes(bytes, None) {
        Ok(key) => assert_eq!(key.sign(Algorithm::RS256, b"message").unwrap(), signed),
        Err(error) => {
            assert_eq!(error.status(), Status::Key, "{error}");
            let text = format!("{error:?}");
            assert!(
                !secret
                    .as_bytes()
                    .windows(16)
                    .any(|part| text.contains(str::from_utf8(part).unwrap()))
            );
        }
    };
    for position in (1..jwk.len()).step_by(3) {
        check(&jwk.as_bytes()[..position]);
        let mut altered = jwk.clone().into_bytes();
        altered[position] ^= 1 << (position % 7);
        check(&altered);
    }
}

#[test]
fn credentials_take_a_jwk_as_an_object_a_text_or_a_file() {
    let directory = Directory::new();
    let jwk = with(rsa(), "kid", "k1");
    let other = with(jwk_of_ec(), "kid", "k2");
    let both = set(&[jwk.clone(), other]);
    directory.write("key.json", jwk.to_string());
    directory.write("set.json", &both);
    for (private_key, kid) in [
        (jwk.clone(), None),
        (jwk.to_string().into(), None),
        ("key.json".into(), None),
        ("set.json".into(), Some("k1")),
        (serde_json::from_str(&both).unwrap(), Some("k1")),
    ] {
        let mut json = json!({
            "grant": "jwt_bearer", "token_url": "https://a.example/token", "iss": "a", "sub": "a",
            "aud": "b", "private_key": private_key,
        });
        if let Some(kid) = kid {
            json["kid"] = kid.into();
        }
        let file = directory.write("credentials.json", json.to_string());
        let credentials = Credentials::from_file(file, &CredentialsOptions::default()).unwrap();
        let key = credentials.checked_key(SystemTime::now()).unwrap().unwrap();
        assert_eq!(header(&key), json!({"typ": "JWT", "alg": "RS256", "kid": "k1"}));
    }
}

fn jwk_of_ec() -> Value {
    jwk(&keys::ec())
}
