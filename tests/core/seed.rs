//! Seed 002's PHP function and libims make the same JWTs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ims::{Claims, Expiry, Key, from_unix_seconds, generate_jwt};
use serde_json::json;
use support::keys;
use support::processes::{output, php};
use support::random::{AWKWARD_ASCII, Random};

#[test]
fn the_printed_claims_and_times_give_the_printed_header_and_payload() {
    let vector = include_str!("../vectors/seed_002.txt");
    let value =
        |name| vector.lines().find_map(|line| line.split_once('=').filter(|(n, _)| *n == name));
    let value = |name| value(name).unwrap().1;
    let mut claims = Claims::new(value("iss"), value("sub"), value("aud"));
    let time = |name| from_unix_seconds(value(name).parse().unwrap());
    claims.expiry = Expiry::At(time("exp"));
    claims.iat = Some(time("iat"));

    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    let jwt = generate_jwt(&key, &claims.into(), SystemTime::now()).unwrap();

    let without_signature = |jwt: &str| jwt.rsplit_once('.').unwrap().0.to_owned();
    assert_eq!(without_signature(jwt.expose()), without_signature(value("jwt")));
}

#[test]
fn with_the_same_key_and_clock_the_php_function_makes_the_same_jwt() {
    let pem = String::from_utf8(keys::pkcs8_pem()).unwrap();
    let key = Key::from_bytes(pem.as_bytes(), None).unwrap();
    let random = &mut Random::seeded(2);
    let mut arguments = String::new();
    let mut ours = Vec::new();
    for _ in 0..200 {
        let now = 1_395_327_936 + random.below(1 << 30);
        let text = |random: &mut Random| random.text(AWKWARD_ASCII);
        let mut claims = Claims::new(text(random), text(random), text(random));
        let after = |seconds| UNIX_EPOCH + Duration::from_secs(now + seconds);
        let exp = (!random.coin()).then(|| 1 + random.below(86_400));
        claims.expiry = match exp {
            // PHP's default.
            None => Expiry::In(Duration::from_secs(1000)),
            Some(exp) => Expiry::At(after(exp)),
        };
        let nbf = random.coin().then_some(now);
        claims.nbf = nbf.map(|_| after(0));
        // PHP takes "0" for none.
        claims.jti = random.coin().then(|| format!("jti {}", text(random)).into());
        let line = json!({
            "now": now, "key": pem, "iss": claims.iss, "sub": claims.sub, "aud": claims.aud,
            "exp": exp.map(|exp| now + exp), "nbf": nbf, "jti": claims.jti,
        });
        arguments.push_str(&format!("{line}\n"));
        let now = UNIX_EPOCH + Duration::from_secs(now);
        ours.push(generate_jwt(&key, &claims.into(), now).unwrap().expose().clone());
    }

    let theirs = output(&mut php("seed_driver.php"), &arguments);

    assert_eq!(ours, theirs.lines().collect::<Vec<_>>());
}
