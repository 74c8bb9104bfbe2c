//! The time that is left.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use crate::error::{Error, Status};

/// Time until the deadline; an error, and never zero, once it has passed.
pub(super) fn left(deadline: Instant) -> io::Result<Duration> {
    deadline
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
        .ok_or_else(|| ErrorKind::TimedOut.into())
}

/// The error where it has passed.
pub(crate) fn timed_out(problem: &str) -> Error {
    Error::new(Status::Timeout, format!("{problem} before the deadline"))
        .with_hint("raise the timeout, or see whether a firewall or a proxy stands in between")
}
