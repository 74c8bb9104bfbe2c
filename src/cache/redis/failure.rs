//! Why Redis cannot be used.

use std::io::{self, ErrorKind};

use rustix::io::Errno;

/// What went wrong, in words that follow `Redis at HOST:PORT`.
pub(super) struct Failure {
    pub text: String,
    /// Whether it tells of a server that is gone or broken, and not of one that refuses, of a call
    /// that has no time left, or of this process.
    pub is_away: bool,
}

impl Failure {
    pub fn away(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_away: true }
    }

    pub fn refused(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_away: false }
    }

    /// An `error` of the network. How long was waited, the patience knows.
    pub fn network(does_what: &str, error: &io::Error) -> Self {
        let lacking = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
        let is_ours =
            lacking.map(|errno| Some(errno.raw_os_error())).contains(&error.raw_os_error());
        let is_away = !is_ours && error.kind() != ErrorKind::TimedOut;
        Self { text: format!("{does_what}: {error}"), is_away }
    }
}
