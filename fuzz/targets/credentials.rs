//! Credentials of any format are read, or refused with a line that shows no secret.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use ims::{Credentials, CredentialsOptions, MayRead};
use libfuzzer_sys::fuzz_target;
use libims_fuzz::{SECRET, check_error, check_log_lines, holds_one_secret, log_lines, within};
use support::directory::Directory;

/// The only file that may be read: what is fuzzed names any.
fn file() -> &'static PathBuf {
    static FILE: OnceLock<(Directory, PathBuf)> = OnceLock::new();
    let make = || {
        let directory = Directory::new();
        let file = directory.path().join("credentials");
        (directory, file)
    };
    &FILE.get_or_init(make).1
}

fuzz_target!(|input: &[u8]| {
    fs::write(file(), input).unwrap();
    let mut options = CredentialsOptions::default();
    options.may_read = Some(MayRead::new(|path| path == file()));
    let secrets: &[&str] = if holds_one_secret(input) { &[SECRET] } else { &[] };
    log_lines();
    match within(input, 4, 128 * 1024, || Credentials::from_file(file(), &options)) {
        Ok(credentials) => {
            let shown = format!("{credentials:?}");
            assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{shown}");
        }
        Err(error) => check_error(&error, secrets),
    }
    check_log_lines(secrets);
});
