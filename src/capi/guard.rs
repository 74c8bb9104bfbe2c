//! The wall that no panic passes: one that left an `extern "C"` function would end the process.

use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Status};
use crate::fork::{Stay, after_fork_in_child, after_fork_in_parent, before_fork, may_use_openssl};
use crate::signals::Blocked;

thread_local! {
    /// True inside a guarded call. It has no destructor: a thread that is ending may call us, too.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
    /// The place of the panic that ends a guarded call.
    static PANICKED_AT: RefCell<String> = const { RefCell::new(String::new()) };
    /// Of a thread that may have used OpenSSL.
    static THREAD_END: ThreadEnd = const { ThreadEnd };
}

/// Calls `body`; a panic becomes an error that says where it came from.
pub(super) fn guard<R>(body: impl FnOnce() -> R) -> Result<R, Error> {
    static IS_SET_UP: AtomicBool = AtomicBool::new(false);
    // No lock: a fork in the middle of it would leave that locked in the child. Threads that come at
    // once may each register the hooks, which does no harm: none goes on without them.
    if !IS_SET_UP.load(Ordering::Acquire) {
        at_forks();
        if !IS_SET_UP.swap(true, Ordering::AcqRel) {
            silence();
        }
    }
    // One access for both: in a shared library each is a call of a function.
    let result = IS_GUARDED.with(|is_guarded| {
        let was_guarded = is_guarded.replace(true);
        // Objects are immutable or locked inside: none is left half changed.
        let result = panic::catch_unwind(AssertUnwindSafe(body));
        is_guarded.set(was_guarded);
        result
    });
    result.map_err(|_| {
        let place = PANICKED_AT.try_with(RefCell::take).unwrap_or_default();
        Error::new(Status::Internal, format!("a bug in libims: it panicked at {place}"))
            .with_hint("report it, with this message and the version of libims")
    })
}

/// Calls `body`, which may wait or use OpenSSL, in a thread that is not cancelled meanwhile and tells
/// OpenSSL of its end. What only reads or frees memory does without: it takes half as long.
pub(super) fn uncancelled<R>(body: impl FnOnce() -> R) -> R {
    let _ = THREAD_END.try_with(|_| ());
    let _uncancelled = Uncancelled::begin();
    body()
}

/// Has the C library call what a fork needs.
fn at_forks() {
    extern "C" fn before() {
        before_fork(|wait| wait());
    }
    extern "C" fn in_parent() {
        after_fork_in_parent();
    }
    extern "C" fn in_child() {
        after_fork_in_child();
    }
    // A handler that forks in the middle of it would wait for the C library's own lock.
    let _blocked = Blocked::all();
    // SAFETY: the code stays where it is for as long as the process lives (build.rs), and none of the three unwinds.
    unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
}

unsafe extern "C" {
    fn OPENSSL_thread_stop();
}

/// Has OpenSSL free what it has of an ending thread while no fork is made. It would do so by itself a moment later, with
/// a lock that a child needs for its first signature.
struct ThreadEnd;

impl Drop for ThreadEnd {
    fn drop(&mut self) {
        if !may_use_openssl() {
            return;
        }
        let _stay = Stay::begin();
        // SAFETY: any thread may call it at any time, and goes on to use OpenSSL if it likes.
        unsafe { OPENSSL_thread_stop() };
    }
}

// Of the C library; the crate libc leaves them out. The values are those of Linux.
const PTHREAD_CANCEL_DISABLE: c_int = 1;
unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int;
}

/// Holds off the cancellation of the calling thread, which would unwind through Rust and end the process.
struct Uncancelled(c_int);

impl Uncancelled {
    fn begin() -> Self {
        let mut before = PTHREAD_CANCEL_DISABLE;
        // SAFETY: a known state, and a place for the one before.
        unsafe { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &mut before) };
        Self(before)
    }
}

impl Drop for Uncancelled {
    fn drop(&mut self) {
        let mut ours = 0;
        // SAFETY: the state that the C library gave, and a place for ours.
        unsafe { pthread_setcancelstate(self.0, &mut ours) };
    }
}

/// Rust's own hook writes a panic's text to stderr, which is the program's, not ours; and such a
/// text may quote what was being worked on. Inside a call only the place is kept.
fn silence() {
    let elsewhere = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !IS_GUARDED.get() {
            return elsewhere(info);
        }
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let _ = PANICKED_AT.try_with(|kept| kept.replace(place));
    }));
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::thread;

    use super::*;

    /// Keeps the tests apart: all threads have one hook.
    fn alone() -> MutexGuard<'static, ()> {
        static ALONE: Mutex<()> = Mutex::new(());
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[test]
    fn a_panic_becomes_an_error_that_names_its_place_but_not_its_text() {
        let _alone = alone();
        let error = guard(|| panic!("s3cret")).unwrap_err();
        assert_eq!(error.status(), Status::Internal);
        assert!(error.message().starts_with("a bug in libims: it panicked at src/capi/guard.rs:"));
        assert!(!format!("{error:?}").contains("s3cret"));
    }

    #[test]
    fn a_panic_outside_of_a_call_is_left_to_the_programs_own_hook() {
        let _alone = alone();
        static SEEN: AtomicUsize = AtomicUsize::new(0);
        // Tests of other files may panic meanwhile.
        let this = thread::current().id();
        panic::set_hook(Box::new(move |_| {
            if thread::current().id() == this {
                SEEN.fetch_add(1, Ordering::Relaxed);
            }
        }));
        silence();
        guard(|| panic!("inside")).unwrap_err();
        assert_eq!(SEEN.load(Ordering::Relaxed), 0);
        panic::catch_unwind(|| panic!("outside")).unwrap_err();
        assert_eq!(SEEN.load(Ordering::Relaxed), 1);
        drop(panic::take_hook());
        silence();
    }

    #[test]
    fn after_a_panic_the_next_call_works() {
        let _alone = alone();
        guard(|| panic!("once")).unwrap_err();
        assert_eq!(guard(|| 7).unwrap(), 7);
    }
}
