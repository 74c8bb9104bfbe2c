//! A key of any kind loads, and then signs, or is refused.

#![no_main]

use ims::Key;
use libfuzzer_sys::fuzz_target;
use libims_fuzz::{check_error, check_repeats_no_digits, within};

const PASSPHRASE: &str = "passphrase";

fuzz_target!(|input: &[u8]| {
    match within(input, 4, 64 * 1024, || Key::from_bytes(input, Some(PASSPHRASE.as_bytes()))) {
        Ok(key) => {
            assert!(!key.sign(key.default_algorithm(), b"message").unwrap().is_empty());
            let again = Key::from_bytes(key.private_pem().unwrap().expose().as_bytes(), None);
            assert_eq!(again.unwrap().public_jwk(), key.public_jwk());
        }
        Err(error) => {
            check_error(&error, &[]);
            check_repeats_no_digits(error.message(), input);
        }
    }
});
