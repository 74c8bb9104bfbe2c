//! JWTs that no one may take.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::Secret;
use openssl::hash::MessageDigest;
use openssl::pkey::{HasPrivate, PKey, PKeyRef};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use serde_json::{Value, json};
use support::keys;

use super::server::Account;

/// A JWT of claims that libims might refuse to sign.
pub fn signed(claims: &Value) -> String {
    signed_with(r#"{"typ":"JWT","alg":"RS256"}"#, claims, keys::rsa(), MessageDigest::sha256())
}

/// What may be done to a JWT of `account`, and the altered JWT.
pub fn mutations(account: &Account, other: &Account) -> Vec<(String, Secret)> {
    let jwt = account.jwt();
    let (message, signature) = jwt.expose().rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let claims = &account.read;
    let mut mutations = Vec::new();
    let mut add =
        |mutation: &str, jwt: String| mutations.push((mutation.into(), Secret::from(jwt)));

    for bit in (0..2048).step_by(32) {
        let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        signature[bit / 8] ^= 1 << (bit % 8);
        add(&format!("bit {bit} flipped"), format!("{message}.{}", base64url(signature)));
    }
    for length in (1..jwt.expose().len()).step_by(29) {
        add(&format!("cut to {length}"), jwt.expose()[..length].to_owned());
    }
    add("no signature", format!("{message}."));
    add("padding", format!("{}==", jwt.expose()));
    add("a fourth segment", format!("{}.e30", jwt.expose()));

    let none = base64url(r#"{"typ":"JWT","alg":"none"}"#);
    add("alg none", format!("{none}.{payload}."));
    add("alg none, signed", format!("{none}.{payload}.{signature}"));
    let (sha256, sha512) = (MessageDigest::sha256(), MessageDigest::sha512());
    let secret = PKey::hmac(keys::public_key_pem().as_bytes()).unwrap();
    let other_key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    add("HS256 with the public key", signed_with(r#"{"alg":"HS256"}"#, claims, &secret, sha256));
    add("another key", signed_with(r#"{"alg":"RS256"}"#, claims, &other_key, sha256));
    add("RS512", signed_with(r#"{"alg":"RS512"}"#, claims, keys::rsa(), sha512));
    let critical = r#"{"alg":"RS256","crit":["new"],"new":1}"#;
    add("an unknown critical header", signed_with(critical, claims, keys::rsa(), sha256));

    let now = account.read["iat"].as_i64().unwrap();
    for (claim, value) in [
        ("iss", json!("nobody")),
        ("iss", json!(other.assertion.claims.iss)),
        ("sub", json!(other.assertion.claims.sub)),
        ("aud", json!(other.assertion.claims.aud)),
        ("aud", json!(format!("{} ", account.read["aud"].as_str().unwrap()))),
        ("exp", json!(now - 120)),
        ("exp", json!((now + 3600).to_string())),
        ("iat", json!(now + 3600)),
        ("nbf", json!(now + 3600)),
        ("iss", json!(null)),
        ("aud", json!(null)),
        ("exp", json!(null)),
    ] {
        let mut claims = claims.clone();
        claims[claim] = value.clone();
        add(&format!("{claim} {value}"), signed(&claims));
        let payload = base64url(claims.to_string());
        add(&format!("{claim} {value} later"), format!("{header}.{payload}.{signature}"));
    }
    mutations
}

fn signed_with(
    header: &str,
    claims: &Value,
    key: &PKeyRef<impl HasPrivate>,
    hash: MessageDigest,
) -> String {
    let message = format!("{}.{}", base64url(header), base64url(claims.to_string()));
    let mut signer = Signer::new(hash, key).unwrap();
    let signature = signer.sign_oneshot_to_vec(message.as_bytes()).unwrap();
    format!("{message}.{}", base64url(signature))
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
