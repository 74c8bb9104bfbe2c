//! The operating system.

use std::process;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

pub(crate) use arc_swap::{ArcSwap, ArcSwapOption};
use rustix::thread::{futex, gettid, nanosleep};

/// Files and directories.
pub(crate) mod fs {
    pub use std::fs::*;
    pub use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
}

/// Returns the time by the steady clock, which no one can set.
#[inline]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns the time by the wall clock.
#[inline]
pub(crate) fn system_time() -> SystemTime {
    SystemTime::now()
}

pub(crate) fn sleep(duration: Duration) {
    thread::sleep(duration);
}

/// Sleeps for less than a second, or until a signal comes. It may interrupt a thread at any instruction.
pub(crate) fn pause(duration: Duration) {
    let _ = duration.try_into().map(|duration| nanosleep(&duration));
}

/// Sleeps while `word` is `expected`, until [`wake_all`]; it may end early, and ends after `timeout`.
pub(crate) fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let timeout = timeout.try_into().ok();
    // It ends early at a signal, and does not begin if the word has changed.
    let _ = futex::wait(word, futex::Flags::PRIVATE, expected, timeout.as_ref());
}

/// Ends the sleep of all threads that wait at `word`.
pub(crate) fn wake_all(word: &AtomicU32) {
    // The argument is the greatest number of threads to wake. A failure can be ignored.
    let _ = futex::wake(word, futex::Flags::PRIVATE, i32::MAX.cast_unsigned());
}

/// Fills `bytes` with random ones.
///
/// # Errors
/// Where the system gives none.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), getrandom::Error> {
    getrandom::fill(bytes)
}

/// Returns the number of the calling process.
#[inline]
pub(crate) fn process_id() -> u32 {
    process::id()
}

/// Returns the number of the calling thread, which is not 0.
pub(crate) fn thread_id() -> u32 {
    gettid().as_raw_nonzero().get().cast_unsigned()
}

/// Returns what the calling process has of a `static`.
#[inline]
pub(crate) fn of_process<T>(of_all: &'static T) -> &'static T {
    of_all
}
