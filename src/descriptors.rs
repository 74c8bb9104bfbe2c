//! Errors of a process that has no file descriptors left.

use std::fs::File;
use std::io;

use crate::error::{Error, Transient};

/// Says in `error` that descriptors have run out, where `cause` says so.
pub(crate) fn explain(error: Error, cause: &io::Error) -> Error {
    match hint(cause) {
        Some(hint) => error.with_hint(hint).with_transient(Transient::Descriptors),
        None => error,
    }
}

/// Returns what to do, where `error` says that descriptors have run out.
pub(crate) fn hint(error: &io::Error) -> Option<&'static str> {
    match error.raw_os_error()? {
        libc::EMFILE => Some(
            "this process has no file descriptor left: close what it keeps open, or raise its limit \
             (ulimit -n, LimitNOFILE= in systemd)",
        ),
        libc::ENFILE => Some(
            "this machine has no file descriptor left: see which program keeps so many open, or \
             raise fs.file-max",
        ),
        _ => None,
    }
}

/// Returns the error of a process or machine without descriptors. A DNS lookup needs some, and
/// says only that it failed.
pub(crate) fn exhausted() -> Option<io::Error> {
    File::open("/dev/null").err().filter(|error| hint(error).is_some())
}
