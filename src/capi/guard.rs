//! The wall that no panic passes: one that left an `extern "C"` function would end the process.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::error::{Error, Status};
use crate::key::{after_fork, before_fork};

thread_local! {
    /// Inside a guarded call: where it panicked, empty so far. Outside: `None`.
    static PANICKED_AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Calls `body`; a panic becomes an error that says where it came from.
pub(super) fn guard<R>(body: impl FnOnce() -> R) -> Result<R, Error> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        silence();
        at_forks();
    });
    let began = Some(String::new());
    // `try_with`: a thread that is ending may call us when its thread-locals are gone already.
    let _ = PANICKED_AT.try_with(|place| place.replace(began));
    // Objects are immutable or locked inside: none is left half changed.
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    let place = PANICKED_AT.try_with(RefCell::take);
    result.map_err(|_| {
        let place = place.ok().flatten().unwrap_or_default();
        Error::new(Status::Internal, format!("a bug in libims: it panicked at {place}"))
            .with_hint("report it, with this message and the version of libims")
    })
}

/// Keeps forks out of OpenSSL, whose locks a child would find held.
fn at_forks() {
    extern "C" fn before() {
        before_fork();
    }
    extern "C" fn after() {
        after_fork();
    }
    // SAFETY: the code stays where it is for as long as the process lives (build.rs), and none of the three unwinds.
    unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after)) };
}

/// Rust's own hook writes a panic's text to stderr, which is the program's, not ours; and such a
/// text may quote what was being worked on. Inside a call only the place is kept.
fn silence() {
    let elsewhere = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let kept =
            PANICKED_AT.try_with(|place| match (&mut *place.borrow_mut(), info.location()) {
                (Some(place), Some(location)) => *place = location.to_string(),
                (Some(_), None) => {}
                (None, _) => elsewhere(info),
            });
        if kept.is_err() {
            elsewhere(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_that_names_its_place_but_not_its_text() {
        let error = guard(|| panic!("s3cret")).unwrap_err();
        assert_eq!(error.status(), Status::Internal);
        assert!(error.message().starts_with("a bug in libims: it panicked at src/capi/guard.rs:"));
        assert!(!format!("{error:?}").contains("s3cret"));
    }

    #[test]
    fn after_a_panic_the_next_call_works() {
        guard(|| panic!("once")).unwrap_err();
        assert_eq!(guard(|| 7).unwrap(), 7);
    }
}
