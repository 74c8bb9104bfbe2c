//! A thread's work in OpenSSL, and what OpenSSL refuses.

use openssl::error::ErrorStack;

use super::problem::bad;
use super::providers;
use crate::error::Error;
use crate::fork::{Stay, is_ending, may_use_openssl};
use crate::signals::Blocked;

/// A thread's work in OpenSSL. It leaves the error queue as it was, and runs no signal handler: a
/// child that one forks would be another thread to OpenSSL's locks, and could not give them back.
pub(super) struct OpenSsl {
    // The fields are in the order in which they must be dropped.
    _queue: ErrorQueue,
    _stay: Stay,
    _signals: Blocked,
}

impl OpenSsl {
    /// Enters OpenSSL for a moment. Forks wait until it is left.
    ///
    /// # Errors
    /// [`Status::Key`] where this thread may not use OpenSSL.
    pub(super) fn enter() -> Result<Self, Error> {
        Self::enter_by(Stay::begin)
    }

    /// Enters OpenSSL for a longer time. Forks do not wait, and a child that is forked meanwhile
    /// does not use OpenSSL.
    pub(super) fn enter_for_long() -> Result<Self, Error> {
        Self::enter_by(Stay::begin_long)
    }

    fn enter_by(begin: fn() -> Stay) -> Result<Self, Error> {
        let signals = Blocked::asynchronous();
        let stay = begin();
        // In this order: either this thread sees the end of the process, or that sees this thread.
        if !may_use_openssl() {
            return Err(openssl_is_lost("cannot be read"));
        }
        Ok(Self { _queue: ErrorQueue::keep(), _stay: stay, _signals: signals })
    }
}

/// The calling thread's OpenSSL error queue: saved, and restored at the end of the scope, so that
/// OpenSSL's errors of this time are gone.
struct ErrorQueue(ErrorStack);

impl ErrorQueue {
    fn keep() -> Self {
        Self(ErrorStack::get())
    }
}

impl Drop for ErrorQueue {
    fn drop(&mut self) {
        drop(ErrorStack::get());
        self.0.put();
    }
}

/// Returns the error with OpenSSL's reason, which is one of OpenSSL's fixed texts and quotes no
/// input.
pub(super) fn refused(stack: &ErrorStack) -> Error {
    if let Some(error) = providers::missing() {
        return error;
    }
    let reason = stack.errors().last().and_then(openssl::error::Error::reason);
    bad(format!("is refused by OpenSSL: {}", reason.unwrap_or("no reason given")))
        .with_hint(providers::hint())
}

/// Returns the error of a thread that may not use OpenSSL.
pub(super) fn openssl_is_lost(problem: &str) -> Error {
    if is_ending() {
        return bad(format!("{problem} any more: the program is ending"))
            .with_hint("wait for the threads that need keys before the program ends");
    }
    bad(format!(
        "{problem} in this process: it was forked while another thread of its parent was in OpenSSL"
    ))
    .with_hint("fork it again; where this comes often, fork before threads sign or load keys")
}
