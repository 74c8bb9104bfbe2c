//! The end of a token before its time, at the server and wherever it is kept.

use std::time::Instant;

use super::account::Account;
use super::cached::Memory;
use super::forgotten;
use super::process::timed_out;
use crate::error::Error;
use crate::http::Transport;
use crate::system;
use crate::token::Token;
use crate::validation::invalidate_token;

/// One call that ends tokens, before `deadline`.
pub(super) struct Invalidation<'a> {
    pub account: &'a Account,
    pub memory: &'a Memory,
    pub deadline: Instant,
}

impl Invalidation<'_> {
    /// Returns what memory and the shared cache hold, which may be two, however near their end, and
    /// clears the failure that the cache remembers.
    ///
    /// # Errors
    /// [`Status::Cache`](crate::Status::Cache) where the cache cannot be read.
    pub fn kept_tokens(&self) -> Result<Vec<Token>, Error> {
        let cached = self.memory.load().as_ref().map(|cached| cached.token().clone());
        let stored = match &self.account.shared {
            Some(shared) => {
                let mut session = shared.session(self.deadline);
                let entry = session.try_read()?;
                session.clear_failure();
                entry.and_then(|entry| entry.token)
            }
            None => None,
        };
        let now = system::system_time();
        let stored = stored.map(|stored| stored.token);
        let mut tokens: Vec<Token> = cached.into_iter().chain(stored).collect();
        tokens.dedup_by(|one, other| one.access_token() == other.access_token());
        tokens.retain(|token| !token.expires_in(now).is_zero());
        Ok(tokens)
    }

    /// Drops a token, and invalidates it first if the server is IMS.
    ///
    /// # Errors
    /// Those of [`Invalidation::end`].
    pub fn drop_token(&self, access_token: &str) -> Result<(), Error> {
        match self.account.credentials.are_of_ims() {
            true => self.end(access_token),
            false => {
                self.forget(access_token);
                Ok(())
            }
        }
    }

    /// Invalidates a token at IMS, and forgets it.
    ///
    /// # Errors
    /// Those of [`invalidate_token`].
    pub fn end(&self, access_token: &str) -> Result<(), Error> {
        let Account { credentials, transport, .. } = self.account;
        let (host, client_id) = credentials.ims_and_client_id()?;
        let invalidated = self.account.with_each_secret(|one| {
            let timeout = self.deadline.saturating_duration_since(system::now());
            if timeout.is_zero() {
                return Err(timed_out());
            }
            let transport = Transport { timeout, ..transport.clone() };
            invalidate_token(&host, client_id, one.client_secret()?, access_token, &transport)
        });
        match invalidated {
            // A token that the server does not know cannot be used either.
            Err(error) if error.oauth_error() != Some("invalid_token") => Err(error),
            _ => {
                self.forget(access_token);
                Ok(())
            }
        }
    }

    /// Drops a token from memory and from the shared cache, for good.
    pub fn forget(&self, access_token: &str) {
        // Added first: from now on, no refresh takes the token from the cache.
        forgotten::add(access_token);
        self.memory.remove(access_token);
        if let Some(shared) = &self.account.shared {
            let timeout = self.account.transport.timeout;
            shared.session(system::now() + timeout).forget(access_token);
        }
    }
}
