//! Claims for tests that compare what was signed with what others read.

use std::time::Duration;

use ims::{Assertion, Claims, Expiry, from_unix_seconds};
use serde_json::{Map, Value, json};
use support::random::{AWKWARD, Random};

/// Claims of any form that libims signs, valid from `iat` on, and what a verifier must read.
pub fn random(random: &mut Random, iat: i64) -> (Assertion, Value) {
    // The number makes them differ.
    let text = |random: &mut Random| format!("{} {}", random.number(), random.text(AWKWARD));
    let mut claims = Claims::new(text(random), text(random), text(random));
    let lifetime = 3_600 + random.below(80_000);
    let exp = iat + lifetime.cast_signed();
    let time = from_unix_seconds(iat);
    let mut read = json!({
        "iss": claims.iss, "sub": claims.sub, "aud": claims.aud, "exp": exp, "iat": iat,
    });
    claims.iat = Some(time);
    if random.coin() {
        claims.expiry = Expiry::In(Duration::from_secs(lifetime));
    } else {
        claims.expiry = Expiry::At(from_unix_seconds(exp));
    }
    if random.coin() {
        claims.nbf = Some(time);
        read["nbf"] = json!(iat);
    }
    if random.coin() {
        claims.jti = Some(text(random).into());
        read["jti"] = json!(claims.jti);
    }
    let kid = random.coin().then(|| text(random));
    for _ in 0..random.below(4) {
        let metascope = format!("https://ims-na1.adobelogin.com/s/{}", text(random));
        read[&metascope] = json!(true);
        claims.metascopes.push(metascope);
    }
    if random.coin() {
        let further: Map<_, _> =
            (0..random.below(4)).map(|_| (text(random), random_value(random))).collect();
        claims.claims_json = Some(Value::from(further.clone()).to_string());
        read.as_object_mut().unwrap().extend(further);
    }
    let mut assertion = Assertion::from(claims);
    assertion.header.kid = kid;
    (assertion, read)
}

/// JSON that every language reads alike: integers of at most 53 bits.
fn random_value(random: &mut Random) -> Value {
    match random.below(7) {
        0 => json!(null),
        1 => json!(random.coin()),
        2 => json!(random.below(1 << 53)),
        3 => json!(-(random.below(1 << 53) as i64)),
        4 => json!(random.below(1_000_000) as f64 + 0.5),
        5 => json!([random.text(AWKWARD), random_value(random)]),
        _ => json!({ random.text(AWKWARD): random.text("ab\n\t\u{7}\"\\ä😀") }),
    }
}
