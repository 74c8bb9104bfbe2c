//! A token server's response is a token that fits into a header, or a typed error without the client's secret.

#![no_main]

use std::time::Duration;

use ims::fuzzing;
use libfuzzer_sys::fuzz_target;
use libims_fuzz::{Response, SECRET, check_error, check_log_lines, log_lines, now, within};

fuzz_target!(|input: &[u8]| {
    let Some(response) = Response::of(input) else { return };
    log_lines();
    let parts = (response.status, &*response.headers, response.body);
    match within(input, 64, 256 * 1024, || fuzzing::token(parts, now(), &[SECRET])) {
        Ok(token) => {
            let text = token.access_token();
            assert!(!text.is_empty() && text.len() <= 16 * 1024);
            assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
            assert!(token.expires_at() > now());
            assert!(token.expires_in(now()) <= Duration::from_secs(i64::MAX as u64));
            token.members().for_each(|(name, _)| assert!(token.get(name).is_some()));
        }
        Err(error) => check_error(&error, &[SECRET]),
    }
    check_log_lines(&[SECRET]);
});
