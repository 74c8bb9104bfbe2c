//! Other people's verifiers accept our JWTs and read the claims that were signed.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use ims::{Key, generate_jwt};
use openssl::pkey::{PKey, Private};
use serde_json::{Value, json};
use support::processes::{node, output, python};
use support::random::Random;
use support::signatures::{ALGORITHMS, key_for};

#[test]
fn pyjwt_verifies_our_jwts_and_reads_the_claims_that_were_signed() {
    verifies(&mut python("verify_pyjwt.py"), "Signature verification failed");
}

#[test]
fn jose_verifies_our_jwts_and_reads_the_claims_that_were_signed() {
    verifies(&mut node("verify_jose.js"), "signature verification failed");
}

/// One process verifies 20 JWTs of each algorithm; a last one with another's signature shows that it looks.
fn verifies(verifier: &mut Command, refused: &str) {
    let keys: Vec<(PKey<Private>, Key)> = ALGORITHMS
        .map(|algorithm| {
            let key = key_for(algorithm);
            let ours = Key::from_bytes(&key.private_key_to_pem_pkcs8().unwrap(), None).unwrap();
            (key, ours)
        })
        .into();
    let now = SystemTime::now();
    let iat = now.duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed();
    let random = &mut Random::seeded(4);
    let mut questions = String::new();
    let mut expected = Vec::new();
    let mut ask = |jwt: &str, claims: &Value, place: usize| {
        let public_key = keys[place].0.public_key_to_pem().unwrap();
        let question = json!({
            "public_key": String::from_utf8(public_key).unwrap(), "alg": ALGORITHMS[place],
            "jwt": jwt, "iss": claims["iss"], "aud": claims["aud"],
        });
        questions.push_str(&format!("{question}\n"));
    };
    let mut jwts = Vec::new();
    for number in 0..20 * ALGORITHMS.len() {
        let place = number % ALGORITHMS.len();
        let (mut assertion, read) = crate::claim_sets::random(random, iat);
        assertion.header.alg = Some(ALGORITHMS[place].parse().unwrap());
        let jwt = generate_jwt(&keys[place].1, &assertion, now).unwrap().expose().clone();
        ask(&jwt, &read, place);
        jwts.push(jwt);
        expected.push(read);
    }
    for place in 0..ALGORITHMS.len() {
        let signature = jwts[place].rsplit_once('.').unwrap().1;
        let signed = jwts[place + ALGORITHMS.len()].rsplit_once('.').unwrap().0;
        let read = expected[place + ALGORITHMS.len()].clone();
        ask(&format!("{signed}.{signature}"), &read, place);
        expected.push(json!({ "refused": refused }));
    }

    let answers = output(verifier, &questions);

    let answers: Vec<Value> =
        answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers, expected);
}
