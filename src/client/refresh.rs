//! One refresh of the token: read the shared cache, lock it, exchange, store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::account::Account;
use super::backoff::Failure;
use super::cached::{CachedToken, Memory, Timestamps};
use super::forgotten;
use super::lock_wait::LockWait;
use super::process::{Outcome, PerProcess};
use crate::cache::{Entry, LockRank, Locking, Session, StoredFailure, StoredToken};
use crate::error::Status;
use crate::random;
use crate::retry::Call;
use crate::system;
use crate::token::Token;

/// The time after its deadline that a call may take to store the token in the shared cache.
const STORING: Duration = Duration::from_millis(150);

/// The reason why a token is refreshed.
pub(super) enum Urgency<'a> {
    /// No valid token is cached.
    Mandatory,
    /// This token is near its expiry, and is still returned to callers.
    Advisory(&'a CachedToken),
}

/// A refresh that one thread makes for all.
pub(super) struct Refresh<'a> {
    pub urgency: Urgency<'a>,
    pub deadline: Instant,
    pub account: Arc<Account>,
    pub process: &'a PerProcess,
    pub memory: &'a Memory,
}

/// The work that the shared cache leaves to do.
enum Access {
    /// There is nothing to do: another process has just done it.
    Done(Outcome),
    /// There is nothing to do yet: another process is refreshing the token.
    OthersRefresh,
    /// The entry is locked: the token must be exchanged and stored.
    Locked(Box<Entry>),
    /// The cache is unavailable: the token must be exchanged, and is not stored.
    Unavailable,
}

impl Refresh<'_> {
    /// Returns the outcome, or `None` if another process is refreshing the token and the old one is
    /// still valid.
    pub fn run(&self) -> Option<Outcome> {
        let Some(shared) = &self.account.shared else {
            return Some(self.exchange(&Entry::default()));
        };
        let mut session = shared.session(self.cache_deadline() + STORING);
        match self.read_and_lock(&mut session) {
            Access::Done(outcome) => Some(outcome),
            Access::OthersRefresh => None,
            // The cache only saves exchanges: it never keeps a caller from a token.
            Access::Unavailable => Some(self.exchange(&Entry::default())),
            Access::Locked(entry) => {
                let outcome = self.exchange(&entry);
                self.store(&mut session, *entry, &outcome);
                Some(outcome)
            }
        }
    }

    /// An advisory refresh has little time for the server. A busy host's cache has all of a call's.
    fn cache_deadline(&self) -> Instant {
        match self.urgency {
            Urgency::Mandatory => self.deadline,
            Urgency::Advisory(_) => system::now() + self.account.transport.timeout,
        }
    }

    /// Reads until the entry is of use, or is locked and still of no use.
    fn read_and_lock(&self, session: &mut Session) -> Access {
        let timeout = self.deadline.saturating_duration_since(system::now());
        let mut lock_wait = LockWait::new(timeout, random::fraction());
        let mut advisory_rank = LockRank::First;
        let mut is_locked = false;
        loop {
            let entry = session.read().unwrap_or_default();
            if let Some(outcome) = self.usable(&entry) {
                return Access::Done(outcome);
            }
            // Read again after locking, because the last holder of the lock has just written.
            if is_locked {
                return Access::Locked(Box::new(entry));
            }
            let now = Timestamps::now();
            let left = self.deadline.saturating_duration_since(now.steady);
            let rank = match self.urgency {
                Urgency::Mandatory => lock_wait.rank(left),
                Urgency::Advisory(_) => Some(advisory_rank),
            };
            let locking = rank.map_or(Locking::Unavailable, |rank| session.try_lock(rank));
            match (locking, &self.urgency) {
                (Locking::Held, _) => is_locked = true,
                (Locking::Busy, Urgency::Mandatory) => {
                    system::sleep(lock_wait.pause(random::fraction()).min(left));
                }
                (Locking::Busy, Urgency::Advisory(cached))
                    if advisory_rank == LockRank::First && !cached.is_left_to_others(now) =>
                {
                    advisory_rank = LockRank::Second;
                }
                (Locking::Busy, Urgency::Advisory(_)) => return Access::OthersRefresh,
                // A cache that works again at the next call saves an exchange.
                (Locking::Unavailable, Urgency::Advisory(cached))
                    if cached.is_left_to_others(now) =>
                {
                    return Access::OthersRefresh;
                }
                (Locking::Unavailable, _) => return Access::Unavailable,
            }
        }
    }

    /// Returns what of a stored entry is of use, and takes its token into memory.
    fn usable(&self, entry: &Entry) -> Option<Outcome> {
        let now = Timestamps::now();
        let stored = entry.token.as_ref();
        let stored = stored.filter(|stored| !forgotten::contains(stored.token.access_token()));
        if let Some(StoredToken { token, obtained_at }) = stored {
            // Of a token that it has had, the process knows the end by the steady clock, too. The wall clock
            // may have been set back since.
            let believed = CachedToken::new(token, *obtained_at, now, random::fraction());
            let seems_valid = !believed.has_expired(now);
            let end_of_replaced = self.memory.end_of_replaced(token);
            // A server may issue a token again, with a later expiry.
            let is_it = |known: &Token| {
                known.access_token() == token.access_token()
                    && token.expires_at() <= known.expires_at()
            };
            let cached = match (&*self.memory.load(), end_of_replaced) {
                (Some(known), _) if is_it(known.token()) => CachedToken::clone(known),
                (_, Some(end)) => believed.until(end),
                (_, None) => believed,
            };
            if seems_valid && cached.has_expired(now) {
                // It would seem to live longer than the next one, and stay in the cache.
                forgotten::add(token.access_token());
            }
            let is_usable = match self.urgency {
                Urgency::Mandatory => !cached.has_expired(now),
                Urgency::Advisory(old) => {
                    end_of_replaced.is_none() && token.expires_at() > old.token().expires_at()
                }
            };
            if is_usable {
                self.memory.store(cached);
                // The token may have been forgotten between the two.
                if !forgotten::contains(token.access_token()) {
                    return stored.cloned().map(Ok);
                }
                self.memory.remove(token.access_token());
            }
        }
        let stored = self.failure_of_all(entry)?;
        let own = self.process.last_failure().filter(|own| own.is_stored_as(stored));
        let failure = own.unwrap_or_else(|| Arc::new(Failure::from_stored(stored, now)));
        failure.is_active(now).then_some(Err(failure))
    }

    /// Returns the failure that other processes remember, if it concerns this one: a refusal of other keys
    /// and secrets says nothing about ours.
    fn failure_of_all<'a>(&self, entry: &'a Entry) -> Option<&'a StoredFailure> {
        let failure = entry.failure.as_ref()?;
        let is_refusal = failure.error.status() == Status::Rejected;
        (!is_refusal || failure.proof == self.account.proof()).then_some(failure)
    }

    /// Signs and exchanges; `entry` is what other processes know.
    fn exchange(&self, entry: &Entry) -> Outcome {
        let Account { credentials, transport, .. } = &*self.account;
        if let Some(found) = &entry.endpoint {
            self.account.take_endpoint(found);
        }
        if let Some(worked) = &entry.worked {
            self.account.take_worked(worked);
        }
        let now = Timestamps::now();
        // That of others may seem long past, by a wall clock that is wrong.
        let of_all = self.failure_of_all(entry).map(|last| Failure::from_stored(last, now));
        let own = self.process.last_failure();
        let streak = of_all
            .map_or(0, |last| last.streak_at(now))
            .max(own.map_or(0, |last| last.streak_at(now)));
        // Backoff between calls replaces attempts within one.
        let max_attempts = match self.urgency {
            Urgency::Mandatory if streak == 0 => transport.max_attempts,
            _ => 1,
        };
        let token = self.account.with_each_secret(|credentials| {
            let key = credentials.checked_key(now.wall)?;
            let http = self.process.http(transport)?;
            let key = key.as_ref();
            let call = Call { http: &http, max_attempts, deadline: self.deadline };
            self.account.at_endpoint(call, |url| credentials.token(key, call, url, |_, _| ()))
        });
        match token {
            Ok(token) => {
                // The server may issue the same token again: then it is valid again.
                forgotten::remove(token.access_token());
                self.memory.store(CachedToken::new(&token, now.wall, now, random::fraction()));
                Ok(StoredToken { token, obtained_at: now.wall })
            }
            Err(error) => {
                let error = credentials.explain(error);
                Err(Arc::new(Failure::new(error, streak, Timestamps::now())))
            }
        }
    }

    /// Stores what other processes need of `outcome`; `entry` is what was there before.
    fn store(&self, session: &mut Session, entry: Entry, outcome: &Outcome) {
        let is_refused = |stored: &StoredToken| forgotten::contains(stored.token.access_token());
        // Where the wall clock was set back, the token that is replaced seems to live longer than the new one.
        let is_replaced = |stored: &StoredToken| match (&self.urgency, outcome) {
            (Urgency::Advisory(old), Ok(new)) => {
                old.token().access_token() == stored.token.access_token()
                    && new.token.expires_at() < stored.token.expires_at()
            }
            _ => false,
        };
        let (refused, token) = match entry.token {
            Some(stored) if is_refused(&stored) || is_replaced(&stored) => (Some(stored), None),
            token => (None, token),
        };
        let endpoint = self.account.endpoint().map(|found| (*found).clone());
        let worked = self.account.worked();
        let entry = match outcome {
            Ok(stored) => Entry { token: Some(stored.clone()), failure: None, endpoint, worked },
            Err(failure) if failure.concerns_all() && !self.is_cut_short(failure) => {
                let failure = failure.stored(self.account.proof());
                Entry { token, failure: Some(failure), endpoint, worked }
            }
            Err(_) => return,
        };
        if let Some(refused) = refused {
            session.forget(refused.token.access_token());
        }
        session.write(&entry);
    }

    /// Returns true if `failure` only says that an advisory refresh has little time. Then no other
    /// caller gets it.
    pub fn is_cut_short(&self, failure: &Failure) -> bool {
        matches!(self.urgency, Urgency::Advisory(_)) && failure.error.status() == Status::Timeout
    }
}
