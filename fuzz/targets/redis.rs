//! Whatever Redis sends is a reply, or a problem of one line without the URL's password.

#![no_main]

use ims::{Secret, fuzzing};
use libfuzzer_sys::fuzz_target;
use libims_fuzz::{SECRET, check_text, within};

fuzz_target!(|input: &[u8]| {
    let url = Secret::new(format!("redis://ada:{SECRET}@redis.example.com"));
    let problems = within(input, 64, 64 * 1024, || fuzzing::redis_problems(&url, input.to_vec()));
    problems.iter().for_each(|problem| check_text(problem, &[SECRET]));
});
