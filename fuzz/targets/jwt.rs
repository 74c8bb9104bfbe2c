//! A JWT is taken apart or is none; claims are signed to the letter or refused.

#![no_main]

use std::sync::OnceLock;

use ims::{Algorithm, Assertion, Claims, Key, decode_jwt, generate_jwt, ims_times, json_members};
use libfuzzer_sys::fuzz_target;
use libims_fuzz::{check_error, now, within};

fn key() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| Key::generate(Algorithm::ES256).unwrap())
}

fuzz_target!(|input: &str| {
    if let Some(decoded) = decode_jwt(input) {
        if let Ok(claims) = serde_json::from_str(&decoded.claims) {
            ims_times(&claims);
        }
    }
    let mut claims = Claims::new("issuer", "subject", "audience");
    claims.claims_json = Some(input.to_owned());
    let key = key();
    // 500 claims have a fixed cost.
    match within(input.as_bytes(), 16, 128 * 1024, || {
        generate_jwt(key, &Assertion::from(claims), now())
    }) {
        Ok(jwt) => {
            let decoded = decode_jwt(jwt.expose()).unwrap();
            let (given, signed) =
                (json_members(input).unwrap(), json_members(&decoded.claims).unwrap());
            let signed = &signed[signed.len() - given.len()..];
            for (given, signed) in given.iter().zip(signed) {
                assert_eq!((&given.0, given.1.get()), (&signed.0, signed.1.get()));
            }
        }
        Err(error) => check_error(&error, &[]),
    }
});
