//! What another process, or another version, put into the shared cache is believed or not; what is believed is stored
//! as it was read.

#![no_main]

use ims::fuzzing;
use libfuzzer_sys::fuzz_target;
use libims_fuzz::{now, within};

fuzz_target!(|input: &[u8]| {
    let read = |text: &[u8]| within(text, 32, 256 * 1024, || fuzzing::cache_entry(text, now()));
    if let Some(entry) = read(input) {
        let again = read(&entry).expect("an entry that was believed is believed again");
        assert_eq!(String::from_utf8(again), String::from_utf8(entry));
    }
});
