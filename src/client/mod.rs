//! The client: it takes credentials and returns a token that is always fresh, from memory, from a
//! cache that processes share, or by one exchange for all waiting callers.

// The modules are in the order of use: each uses only those above it.
mod forgotten;
mod lock_wait;
mod cached;
mod backoff;
mod single_flight;
mod process;
mod account;
mod refresh;
mod invalidation;
mod builder;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cache::Cache;
use crate::credentials::{Credentials, Source};
use crate::error::{Error, Status};
use crate::http::Transport;
use crate::system;
use crate::token::Token;
use crate::user_path;
use account::{Account, CurrentAccount};
pub use builder::ClientBuilder;
use cached::{CachedToken, Memory, Timestamps, TokenState};
use invalidation::Invalidation;
use process::{CurrentProcess, Outcome, timed_out};
use refresh::{Refresh, Urgency};
pub use single_flight::Joined;
use single_flight::Leader;
#[cfg(simulation)]
pub use single_flight::SingleFlight;

/// The limit of an advisory refresh, or half of the call's time if that is shorter. A longer one would be felt by
/// the caller who makes it.
const MAX_ADVISORY_REFRESH: Duration = Duration::from_secs(2);
/// The bounds of the time after which the cache is read again for a token that another process
/// refreshes: an eighth of the time for which the old token is still valid.
const MIN_READ_AGAIN: Duration = Duration::from_millis(200);
const MAX_READ_AGAIN: Duration = Duration::from_secs(30);
/// The shortest time between two tokens that are forgotten. Without it, an API that responds with
/// 401 to every token would cost an exchange each time.
const BETWEEN_FORGETS: Duration = Duration::from_secs(10);

/// Credentials and their token. One client can be shared by all threads.
///
/// [`Client::token`] returns the token in memory as long as the token is valid. Before its expiry,
/// one caller refreshes it while the others still get the old one. If there is no valid token, all
/// wait for one exchange. With a shared [`Cache`], this applies to all processes that use it.
///
/// A failure is remembered and returned to the next callers, and to those of all processes if it
/// came from the server itself. A rejection is remembered for 30 s; a rate limit for as long as the
/// server asks, up to an hour; an unavailable server for as long as it asks, up to 5 minutes; any
/// other failure by a backoff from 1 to 30 s. A client made before a fork works in the child.
pub struct Client {
    account: CurrentAccount,
    memory: Memory,
    process: CurrentProcess,
    max_advisory_refresh: Duration,
}

impl ClientBuilder {
    /// Makes a client of a credentials file, see [`Credentials::from_file`].
    ///
    /// # Errors
    /// Those of [`Credentials::from_file`] and of [`Client::new`].
    pub fn from_file(self, path: impl AsRef<Path>) -> Result<Client, Error> {
        self.read(Source::File(&user_path::resolved(path.as_ref())))
    }

    /// Makes a client of the JSON text of such a file.
    ///
    /// # Errors
    /// Those of [`Credentials::from_json`] and of [`Client::new`].
    pub fn from_json(self, json: impl AsRef<[u8]>) -> Result<Client, Error> {
        self.read(Source::Json(json.as_ref()))
    }

    /// Makes a client of the process's environment variables.
    ///
    /// # Errors
    /// Those of [`Credentials::from_env`] and of [`Client::new`].
    pub fn from_env(self) -> Result<Client, Error> {
        self.read(Source::Environment)
    }

    pub(crate) fn read(self, source: Source<'_>) -> Result<Client, Error> {
        Client::new(Credentials::read(source, &self.options)?, &self.cache, self.transport)
    }

    /// Makes a client of credentials that were already read. The builder's options for reading them
    /// are ignored.
    ///
    /// # Errors
    /// Those of [`Client::new`].
    pub fn build(self, credentials: Credentials) -> Result<Client, Error> {
        Client::new(credentials, &self.cache, self.transport)
    }
}

impl Client {
    /// Makes a client of a credentials file of [any known format](Credentials::from_file), with the
    /// token in memory.
    ///
    /// # Errors
    /// Those of [`Credentials::from_file`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::builder().from_file(path)
    }

    /// Returns a builder with the defaults, for a client that needs something else.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Makes a client. Nothing is sent, and no key is checked, before a token is asked for.
    ///
    /// # Errors
    /// [`Status::Argument`] naming a field of `transport`, such as a `ca_file` that cannot be used;
    /// [`Status::Cache`] for a relative directory, or a Redis URL that cannot be one.
    pub fn new(
        credentials: Credentials,
        cache: &Cache,
        transport: Transport,
    ) -> Result<Self, Error> {
        transport.check()?;
        Ok(Self {
            account: CurrentAccount::new(credentials, cache, transport)?,
            memory: Memory::new(!matches!(cache, Cache::None)),
            process: CurrentProcess::new(),
            max_advisory_refresh: MAX_ADVISORY_REFRESH,
        })
    }

    /// Returns a fresh token, with 60 s left or, of a short-lived one, a quarter of its lifetime.
    ///
    /// # Errors
    /// Any status of the key, the network and the server; the same again while it is remembered.
    pub fn token(&self) -> Result<Token, Error> {
        let now = Timestamps::now();
        let cached = self.memory.load();
        let token = match cached.as_ref().map(|cached| (cached, cached.state(now))) {
            Some((cached, TokenState::Fresh)) => return Ok(cached.token().clone()),
            Some((cached, TokenState::Stale)) => self.advisory_refresh(cached, now),
            Some((_, TokenState::Expired)) | None => self.mandatory_refresh(self.deadline(now)),
        };
        token.map_err(|error| self.account.with_note(error))
    }

    /// Returns what [`Client::token`] would return from memory at once; `None` where it would take time.
    // Most calls do this alone, and the compiler alone would make a call of it.
    #[inline(always)]
    pub fn token_in_memory(&self) -> Option<Token> {
        let cached = self.memory.load();
        let cached = cached.as_ref()?;
        (cached.state(Timestamps::now()) == TokenState::Fresh).then(|| cached.token().clone())
    }

    /// Drops `token`, to which an API responded with 401, from memory and from the shared cache, if
    /// they still hold it. This process never returns it again, even if the cache cannot drop it. A
    /// call within 10 s of the last one does nothing.
    pub fn forget(&self, token: &Token) {
        let is_it =
            |cached: &Arc<CachedToken>| cached.token().access_token() == token.access_token();
        let is_cached = self.memory.load().as_ref().is_some_and(is_it);
        if self.process.load().may_forget(system::now(), BETWEEN_FORGETS, is_cached) {
            let account = self.account.load();
            self.invalidation(&account).forget(token.access_token());
        }
    }

    /// Invalidates the token in memory or in the shared cache at IMS, and drops it from both, with
    /// any failure that is remembered. Returns `false` if they hold no token. Waits for an exchange
    /// in progress. Where the server is not IMS, it only drops the token, which stays valid until it
    /// expires.
    ///
    /// # Errors
    /// Those of [`Client::invalidate_token`], and [`Status::Cache`] where the shared cache cannot be
    /// read; a token that was not invalidated stays in memory and cache.
    pub fn invalidate(&self) -> Result<bool, Error> {
        let (account, process) = (self.account.load(), self.process.load());
        let invalidation = self.invalidation(&account);
        // As long as it is held, no refresh takes the old token from the cache.
        let _leader = loop {
            match process.refreshes.join(invalidation.deadline) {
                Joined::Leader(leader) => break leader,
                Joined::Finished(_) | Joined::Abandoned => {}
                Joined::TimedOut | Joined::Forked => return Err(timed_out()),
            }
        };
        process.remember(None);
        let tokens = invalidation.kept_tokens()?;
        for token in &tokens {
            invalidation.drop_token(token.access_token())?;
        }
        Ok(!tokens.is_empty())
    }

    /// Invalidates a token of this account at IMS, and drops it from memory and from the shared
    /// cache if they hold it.
    ///
    /// # Errors
    /// [`Status::Argument`] if the token server is not Adobe IMS; any status of the network and the
    /// server.
    pub fn invalidate_token(&self, access_token: &str) -> Result<(), Error> {
        let account = self.account.load();
        self.invalidation(&account).end(access_token)
    }

    /// Returns what Adobe's APIs expect as `x-api-key`.
    pub fn client_id(&self) -> Option<&str> {
        self.account.names.client_id.as_deref()
    }

    /// Returns what Adobe's APIs expect as `x-gw-ims-org-id`.
    pub fn org_id(&self) -> Option<&str> {
        self.account.names.org_id.as_deref()
    }

    /// Returns what Adobe's APIs expect as `x-sandbox-name`.
    pub fn sandbox_name(&self) -> Option<&str> {
        self.account.names.sandbox_name.as_deref()
    }

    /// Returns the end of a call that begins at `now`.
    fn deadline(&self, now: Timestamps) -> Instant {
        now.steady + self.account.load().transport.timeout
    }

    /// Returns `cached`, or a newer token where this caller is the one to refresh it and succeeds.
    fn advisory_refresh(&self, cached: &Arc<CachedToken>, now: Timestamps) -> Result<Token, Error> {
        // The caller who defers the refresh for the others is the one who makes it.
        let deferred = self.memory.replace(cached, cached.without_advisory_refresh());
        let Some(deferred) = deferred else { return Ok(cached.token().clone()) };
        let process = self.process.load();
        let outcome = match process.refreshes.try_lead() {
            Some(leader) => {
                let (account, memory) = (self.account.load(), &self.memory);
                // Where the token ends meanwhile, the mandatory refresh has the other half.
                let timeout = self.max_advisory_refresh.min(account.transport.timeout / 2);
                let (urgency, deadline) = (Urgency::Advisory(cached), now.steady + timeout);
                let refresh = Refresh { urgency, deadline, account, process: &process, memory };
                self.lead(leader, refresh)
            }
            None => None,
        };
        let wait = match outcome {
            Some(Ok(stored)) => return Ok(stored.token),
            // A refresh that takes this long has more time when it is mandatory and all callers
            // wait. On a busy host, it may also be faster the next time.
            Some(Err(failure)) if failure.error.status() == Status::Timeout => {
                cached.time_left(Timestamps::now()) / 2
            }
            Some(Err(failure)) => Timestamps::now().time_to(failure.until),
            None => (cached.time_left(Timestamps::now()) / 8).clamp(MIN_READ_AGAIN, MAX_READ_AGAIN),
        };
        let deadline = self.deadline(now);
        let now = Timestamps::now();
        self.memory.replace(&deferred, deferred.deferred(now + wait));
        if cached.has_expired(now) {
            return self.mandatory_refresh(deadline);
        }
        Ok(cached.token().clone())
    }

    /// Waits for the refresh in progress, or makes it.
    fn mandatory_refresh(&self, deadline: Instant) -> Result<Token, Error> {
        loop {
            // The account is loaded first: a failure that is remembered then came from this account
            // or an earlier one.
            let (account, process) = (self.account.load(), self.process.load());
            if let Some(error) = process.remembered_error(Timestamps::now()) {
                if self.renew(&account, &error, deadline) {
                    continue;
                }
                return Err(error);
            }
            match process.refreshes.join(deadline) {
                Joined::Leader(leader) => {
                    // A refresh may have finished since this caller checked.
                    if process.remembered_error(Timestamps::now()).is_some() {
                        continue;
                    }
                    match &*self.memory.load() {
                        Some(cached) if !cached.has_expired(Timestamps::now()) => {
                            return Ok(cached.token().clone());
                        }
                        _ => {}
                    }
                    let (urgency, memory) = (Urgency::Mandatory, &self.memory);
                    let account = self.account.load();
                    let refresh = Refresh { urgency, deadline, account, process: &process, memory };
                    return match self.lead(leader, refresh) {
                        Some(Ok(stored)) => Ok(stored.token),
                        Some(Err(failure)) => Err(failure.error.clone()),
                        None => Err(timed_out()),
                    };
                }
                Joined::Finished(Ok(stored)) => {
                    if !forgotten::contains(stored.token.access_token()) {
                        return Ok(stored.token);
                    }
                }
                Joined::Finished(Err(failure)) => return Err(failure.error.clone()),
                Joined::Abandoned | Joined::Forked => {}
                Joined::TimedOut => return Err(timed_out()),
            }
        }
    }

    /// Makes `refresh` for all callers that wait.
    fn lead(&self, leader: Leader<'_, Outcome>, mut refresh: Refresh) -> Option<Outcome> {
        let mut outcome = refresh.run();
        // Tried again each time that the key, secret or CA file was replaced meanwhile.
        while let Some(Err(failure)) = &outcome
            && self.renew(&refresh.account, &failure.error, refresh.deadline)
        {
            refresh.account = self.account.load();
            outcome = refresh.run();
        }
        match &outcome {
            Some(Ok(stored)) => {
                self.account.has_worked();
                refresh.process.remember(None);
                leader.finish(Ok(stored.clone()));
            }
            Some(Err(failure)) if !refresh.is_cut_short(failure) => {
                refresh.process.remember(Some(Arc::clone(failure)));
                leader.finish(Err(Arc::clone(failure)));
            }
            Some(Err(_)) | None => {}
        }
        outcome
    }

    fn invalidation<'a>(&'a self, account: &'a Account) -> Invalidation<'a> {
        let deadline = system::now() + account.transport.timeout;
        Invalidation { account, memory: &self.memory, deadline }
    }

    /// Takes what was rotated since `used` was read, where that may help against `error`.
    fn renew(&self, used: &Arc<Account>, error: &Error, deadline: Instant) -> bool {
        self.account.renew(used, error, deadline, &self.process)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("client_id", &self.client_id()).finish_non_exhaustive()
    }
}
