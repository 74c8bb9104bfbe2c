//! The entry of one account in a shared cache: its token, its last failure, and the
//! token endpoint of its issuer.

use std::time::SystemTime;

use crate::error::Error;
use crate::metadata::FoundEndpoint;
use crate::token::Token;

/// The limit of an entry in bytes: the longest token and all other fields.
pub(super) const MAX_ENTRY: usize = 64 * 1024;

/// A token, a remembered failure, and a token endpoint. Each may be missing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub token: Option<StoredToken>,
    pub failure: Option<StoredFailure>,
    pub endpoint: Option<FoundEndpoint>,
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
}

impl Entry {
    /// Returns when nothing in it is of use any more; `None` where nothing is in it.
    pub(super) fn expiry(&self) -> Option<SystemTime> {
        let token = self.token.as_ref().map(|stored| stored.token.expires_at());
        let failure = self.failure.as_ref().map(|failure| failure.until);
        let endpoint = self.endpoint.as_ref().map(FoundEndpoint::expires_at);
        token.max(failure).max(endpoint)
    }
}
