//! An issuer's metadata names a token endpoint where secrets may be sent, or none.

#![no_main]

use ims::fuzzing;
use libfuzzer_sys::fuzz_target;
use libims_fuzz::{Response, check_error, check_text, now, within};

fuzz_target!(|input: &[u8]| {
    let Some(response) = Response::of(input) else { return };
    let issuer = "https://as.example.com".parse().unwrap();
    let parts = (response.status, &*response.headers, response.body);
    match within(input, 64, 128 * 1024, || fuzzing::token_endpoint(&issuer, parts, now())) {
        Ok(Ok(url)) => {
            // Neither a scheme nor a host has a case (RFC 3986 sections 3.1 and 3.2.2).
            let url = url.to_string().to_ascii_lowercase();
            let is_safe = url.starts_with("https://") || url.starts_with("http://127.");
            assert!(
                is_safe || url.starts_with("http://[::1]") || url.starts_with("http://localhost"),
                "{url}"
            );
        }
        Ok(Err(reason)) => check_text(&reason, &[]),
        Err(error) => check_error(&error, &[]),
    }
});
