//! The state that a forked child must not share with its parent: a refresh in progress, and TLS
//! sessions with their locks.

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::backoff::Failure;
use super::cached::Timestamps;
use super::single_flight::SingleFlight;
use crate::cache::StoredToken;
use crate::error::{Error, Status};
use crate::http::{Http, Transport};
use crate::net::trust::Trust;
use crate::regular_file::FileVersion;
use crate::system::{ArcSwap, ArcSwapOption};

/// The outcome of a refresh.
pub(super) type Outcome = Result<StoredToken, Arc<Failure>>;

/// An HTTP client, and the versions of what the CA certificates that it trusts come from.
struct Connection {
    http: Arc<Http>,
    trusted: Vec<Option<FileVersion>>,
}

/// Returns the versions of the files and directories that the trusted CA certificates come from: the
/// system's certificates themselves are too many to read.
fn trusted(transport: &Transport) -> Vec<Option<FileVersion>> {
    let sources = Trust::sources(transport.ca_file.as_deref());
    sources.iter().map(|path| FileVersion::of(path)).collect()
}

/// A client's own part of one process.
pub(super) struct PerProcess {
    pub refreshes: SingleFlight<Outcome>,
    /// The failure of the last refresh, until one succeeds.
    failure: ArcSwapOption<Failure>,
    connection: ArcSwapOption<Connection>,
    forgot_at: ArcSwapOption<Instant>,
}

impl PerProcess {
    fn new() -> Self {
        Self {
            refreshes: SingleFlight::default(),
            failure: ArcSwapOption::empty(),
            connection: ArcSwapOption::empty(),
            forgot_at: ArcSwapOption::empty(),
        }
    }

    /// Stores the failure of the last refresh; `None` after a success.
    pub fn remember(&self, failure: Option<Arc<Failure>>) {
        self.failure.store(failure);
    }

    pub fn last_failure(&self) -> Option<Arc<Failure>> {
        self.failure.load_full()
    }

    /// Returns the error that callers get at `now` without another request.
    pub fn remembered_error(&self, now: Timestamps) -> Option<Error> {
        let failure = self.failure.load();
        failure
            .as_ref()
            .filter(|failure| failure.is_active(now))
            .map(|failure| failure.error_at(now))
    }

    /// Returns whether a token may be forgotten at `now`, a while after the last that `is_cached`.
    pub fn may_forget(&self, now: Instant, between: Duration, is_cached: bool) -> bool {
        let mut may_forget = false;
        self.forgot_at.rcu(|last| {
            may_forget = last.as_ref().is_none_or(|last| now >= **last + between);
            if may_forget && is_cached { Some(Arc::new(now)) } else { last.clone() }
        });
        may_forget
    }

    /// Returns the HTTP client, which the first exchange makes.
    pub fn http(&self, transport: &Transport) -> Result<Arc<Http>, Error> {
        if let Some(connection) = &*self.connection.load() {
            return Ok(Arc::clone(&connection.http));
        }
        // The versions first: what changes meanwhile is then noticed later.
        let trusted = trusted(transport);
        let http = Arc::new(Http::new(transport)?);
        self.connection.store(Some(Arc::new(Connection { http: Arc::clone(&http), trusted })));
        Ok(http)
    }

    /// Returns whether there are other CA certificates than those that the HTTP client trusts.
    pub fn has_new_trust(&self, transport: &Transport) -> bool {
        let connection = self.connection.load();
        connection.as_ref().is_some_and(|connection| connection.trusted != trusted(transport))
    }

    /// Ends the time for which a failure is remembered, by the steady clock.
    #[cfg(test)]
    pub fn end_failure(&self) {
        if let Some(failure) = self.last_failure() {
            let mut failure = (*failure).clone();
            failure.until.steady = Timestamps::now().steady;
            self.remember(Some(Arc::new(failure)));
        }
    }

    /// Drops the token and the failure of an account that is replaced.
    pub fn reset(&self) {
        self.remember(None);
        self.connection.store(None);
    }
}

/// The part of the calling process.
pub(super) struct CurrentProcess(ArcSwap<PerProcess>);

impl CurrentProcess {
    pub fn new() -> Self {
        Self(ArcSwap::from_pointee(PerProcess::new()))
    }

    /// Returns a new one in a forked child.
    pub fn load(&self) -> Arc<PerProcess> {
        let current = self.0.load_full();
        if current.refreshes.is_own() {
            return current;
        }
        self.0.compare_and_swap(&current, Arc::new(PerProcess::new()));
        // Never dropped, because even that could touch a lock of the parent's threads.
        mem::forget(current);
        self.0.load_full()
    }
}

/// Returns the error of a caller whose time ended while another thread was the leader.
pub(super) fn timed_out() -> Error {
    Error::new(Status::Timeout, "timed out waiting for another thread to refresh the token")
        .with_hint("raise the timeout, or see what keeps the thread that refreshes it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_forgotten_once_in_the_time_between_and_one_that_is_not_cached_delays_no_other() {
        let process = PerProcess::new();
        let (now, between) = (Instant::now(), Duration::from_secs(10));
        let may_forget = |seconds, is_cached| {
            process.may_forget(now + Duration::from_secs(seconds), between, is_cached)
        };
        assert!(may_forget(0, false));
        assert!(may_forget(0, true));
        assert!(!may_forget(9, true));
        assert!(may_forget(10, true));
        assert!(!may_forget(19, false));
    }
}
