//! Other people's verifiers accept our JWTs and read the claims that were signed.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use ims::{Key, generate_jwt};
use serde_json::{Value, json};
use support::keys;
use support::processes::{node, output, python};
use support::random::Random;

#[test]
fn pyjwt_verifies_our_jwts_and_reads_the_claims_that_were_signed() {
    verifies(&mut python("verify_pyjwt.py"), "Signature verification failed");
}

#[test]
fn jose_verifies_our_jwts_and_reads_the_claims_that_were_signed() {
    verifies(&mut node("verify_jose.js"), "signature verification failed");
}

/// One process verifies 200 JWTs; a last one with another's signature shows that it looks.
fn verifies(verifier: &mut Command, refused: &str) {
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    let public_key = keys::public_key_pem();
    let now = SystemTime::now();
    let iat = now.duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed();
    let random = &mut Random::seeded(4);
    let mut questions = String::new();
    let mut expected = Vec::new();
    let mut ask = |jwt: &str, claims: &Value| {
        let question = json!({
            "public_key": public_key, "jwt": jwt, "iss": claims["iss"], "aud": claims["aud"],
        });
        questions.push_str(&format!("{question}\n"));
    };
    let mut jwts = Vec::new();
    for _ in 0..200 {
        let (assertion, read) = crate::claim_sets::random(random, iat);
        let jwt = generate_jwt(&key, &assertion, now).unwrap().expose().clone();
        ask(&jwt, &read);
        jwts.push(jwt);
        expected.push(read);
    }
    let signature = jwts[0].rsplit_once('.').unwrap().1;
    let signed = jwts[1].rsplit_once('.').unwrap().0;
    ask(&format!("{signed}.{signature}"), &expected[1]);
    expected.push(json!({ "refused": refused }));

    let answers = output(verifier, &questions);

    let answers: Vec<Value> =
        answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers, expected);
}
