//! The entry of one account in a shared cache: its token, its last failure, its issuer's
//! endpoint, and the secret that worked.

use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::token::Token;
use crate::token_url::TokenUrl;

/// The limit of an entry in bytes: the longest token and all other fields.
pub(super) const MAX_ENTRY: usize = 64 * 1024;
/// The time for which an endpoint is used without another look at the issuer's metadata. Where it has
/// moved, no token server responds there any more, and the metadata is read at once: this limit is for
/// an old endpoint that goes on responding.
pub(crate) const MAX_ENDPOINT_AGE: Duration = Duration::from_secs(86_400);

/// The time for which the secret that worked last is tried first.
pub(super) const MAX_WORKED_AGE: Duration = Duration::from_secs(7 * 86_400);

/// Each part may be there or not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub token: Option<StoredToken>,
    pub failure: Option<StoredFailure>,
    pub endpoint: Option<FoundEndpoint>,
    pub worked: Option<WorkedSecret>,
}

#[derive(Clone, Debug)]
pub(crate) struct StoredToken {
    pub token: Token,
    pub obtained_at: SystemTime,
}

#[derive(Clone, Debug)]
pub(crate) struct StoredFailure {
    pub error: Error,
    pub failed_at: SystemTime,
    /// The end of the backoff: no process tries again before it.
    pub until: SystemTime,
    /// The number of failures in a row.
    pub streak: u32,
    /// The digest of the keys and secrets that were tried (see [`digest`](crate::cache::digest)). An
    /// account with others may be accepted where this one was refused.
    pub proof: String,
}

/// The token endpoint that an issuer's metadata named.
#[derive(Clone, Debug)]
pub(crate) struct FoundEndpoint {
    pub url: TokenUrl,
    pub found_at: SystemTime,
}

/// The secret and key, of several, by which the last token was issued.
#[derive(Clone, Debug)]
pub(crate) struct WorkedSecret {
    /// Their digest (see [`digest`](crate::cache::digest)): their place in the list may change.
    pub proof: String,
    pub worked_at: SystemTime,
}

impl WorkedSecret {
    pub fn is_recent(&self, now: SystemTime) -> bool {
        now < self.worked_at + MAX_WORKED_AGE
    }
}

impl FoundEndpoint {
    pub fn is_recent(&self, now: SystemTime) -> bool {
        now < self.found_at + MAX_ENDPOINT_AGE
    }
}

impl Entry {
    /// Returns when nothing in it is of use any more; `None` where nothing is in it.
    pub(super) fn expiry(&self) -> Option<SystemTime> {
        let token = self.token.as_ref().map(|stored| stored.token.expires_at());
        let failure = self.failure.as_ref().map(|failure| failure.until);
        let endpoint = self.endpoint.as_ref().map(|found| found.found_at + MAX_ENDPOINT_AGE);
        let worked = self.worked.as_ref().map(|worked| worked.worked_at + MAX_WORKED_AGE);
        token.max(failure).max(endpoint).max(worked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::examples::{endpoint, entry, failure};

    #[test]
    fn an_endpoint_is_used_for_a_day_and_a_secret_tried_first_for_a_week_and_no_moment_longer() {
        let now = SystemTime::now();
        let moment = Duration::from_nanos(1);
        assert!(endpoint(now - MAX_ENDPOINT_AGE + moment).is_recent(now));
        assert!(!endpoint(now - MAX_ENDPOINT_AGE).is_recent(now));
        let worked = |worked_at| WorkedSecret { proof: String::new(), worked_at };
        assert!(worked(now - MAX_WORKED_AGE + moment).is_recent(now));
        assert!(!worked(now - MAX_WORKED_AGE).is_recent(now));
    }

    #[test]
    fn an_entry_is_kept_while_any_part_of_it_is_of_use() {
        let now = SystemTime::now();
        let hour = Duration::from_secs(3600);
        let mut all = entry("t0ken", 0);
        all.failure = Some(failure(now, now + hour));
        assert_eq!(all.expiry(), Some(now + hour));
        all.endpoint = Some(endpoint(now));
        assert_eq!(all.expiry(), Some(now + MAX_ENDPOINT_AGE));
        all.worked = Some(WorkedSecret { proof: String::new(), worked_at: now });
        assert_eq!(all.expiry(), Some(now + MAX_WORKED_AGE));
        assert_eq!(Entry::default().expiry(), None);
    }
}
