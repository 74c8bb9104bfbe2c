//! A thread's work in OpenSSL, and what OpenSSL refuses.

use openssl::error::ErrorStack;

use super::problem::bad;
use super::providers;
use crate::error::Error;
use crate::fork::{Stay, may_use_openssl};
use crate::signals::Blocked;

/// A thread's work in OpenSSL. It leaves the error queue as it was, and runs no signal handler: a
/// child that one forks would be another thread to OpenSSL's locks, and could not give them back.
pub(super) struct OpenSsl {
    // In the order in which they end.
    _queue: ErrorQueue,
    _stay: Stay,
    _signals: Blocked,
}

impl OpenSsl {
    /// Enters OpenSSL for a moment. Forks wait until it is left.
    ///
    /// # Errors
    /// [`Status::Key`] where this process may not use OpenSSL.
    pub(super) fn enter() -> Result<Self, Error> {
        Self::enter_by(Stay::begin)
    }

    /// Enters OpenSSL for a longer time. Forks do not wait, and a child that is forked meanwhile
    /// does not use OpenSSL.
    pub(super) fn enter_for_long() -> Result<Self, Error> {
        Self::enter_by(Stay::begin_long)
    }

    fn enter_by(begin: fn() -> Stay) -> Result<Self, Error> {
        if !may_use_openssl() {
            return Err(openssl_is_lost("cannot be read"));
        }
        let signals = Blocked::asynchronous();
        let stay = begin();
        Ok(Self { _queue: ErrorQueue::keep(), _stay: stay, _signals: signals })
    }
}

/// The calling thread's OpenSSL error queue: taken off, and put back at the end of the scope in
/// place of what OpenSSL left there meanwhile.
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

/// Returns the error of a process that may not use OpenSSL.
pub(super) fn openssl_is_lost(problem: &str) -> Error {
    bad(format!(
        "{problem} in this process: it was forked while another thread of its parent was in OpenSSL"
    ))
    .with_hint("fork it again; where this comes often, fork before threads sign or load keys")
}
