//! Seed 002's function and the drop-in for it make the same JWTs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use support::keys;
use support::processes::{faketime, output};
use support::random::{AWKWARD, AWKWARD_ASCII, Random};

use super::account::Host;
use super::extension::EXTENSION;

/// Of random claims of these characters, what both functions answer, at the same frozen time.
fn both(count: usize, characters: &str) -> Vec<[String; 2]> {
    const NOW: u64 = 1_795_608_000;
    let host = Host::new();
    let pem = String::from_utf8(keys::pkcs8_pem()).unwrap();
    let random = &mut Random::seeded(5);
    let mut arguments = String::new();
    for _ in 0..count {
        let text = |random: &mut Random| random.text(characters);
        let line = json!({
            // A path or a text.
            "privateKey": if random.coin() { pem.clone() } else { host.path("private.key").display().to_string() },
            "iss": text(random), "sub": text(random), "aud": text(random),
            "exp": random.coin().then(|| NOW + 1 + random.below(86_400)),
            "nbf": random.coin().then_some(NOW),
            "jti": match random.below(4) {
                0 => json!(text(random)),
                1 => json!(random.below(1 << 53)),
                2 => json!(""),
                _ => json!(null),
            },
        });
        arguments.push_str(&format!("{line}\n"));
    }
    let library = EXTENSION.library_path().join("libims.so.0");
    let mut php = EXTENSION.php();
    php.arg("tests/peers/seed_and_drop_in.php")
        // PHP would bind a library that it loads itself to the real clock.
        .env("LD_PRELOAD", format!("{}:{}", faketime().display(), library.display()))
        // The time of NOW.
        .env("FAKETIME", "2026-11-25 12:00:00")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("TZ", "UTC");
    let answers = output(&mut php, &arguments);
    let answers: Vec<_> = answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), count);
    answers
}

#[test]
fn with_the_same_key_and_clock_the_drop_in_makes_the_same_jwts_as_the_seeds_function() {
    for [seeds, ours] in both(1000, AWKWARD_ASCII) {
        assert_eq!(seeds, ours);
    }
}

#[test]
fn with_slashes_and_letters_of_any_kind_the_claims_are_the_same() {
    let decode = |jwt: &str| -> Value {
        let json = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice(&json).unwrap()
    };
    let mut differ = 0;
    for [seeds, ours] in both(200, AWKWARD) {
        assert_eq!(decode(&seeds), decode(&ours));
        differ += usize::from(seeds != ours);
    }
    assert!(differ > 100, "the characters make no difference: {differ}");
}
