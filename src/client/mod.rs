//! Credentials in, a token that is always fresh out: from memory, from a cache that processes
//! share, or by one exchange that everyone waiting shares.

mod account;
mod flight;
mod forgotten;
mod held;
mod patience;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::cache::{Cache, Entry, LockRank, Locking, Owner, SharedCache, StoredToken, Visit};
use crate::credentials::Credentials;
use crate::error::{Error, Status};
use crate::exchange::attempts;
use crate::http::{Http, Transport};
use crate::retry::random;
use crate::token::Token;
use crate::validation::invalidate_token;
use account::{Account, LastLook, Names};
use flight::{Failure, Flights, Landing, Turn, Wait};
use held::{Held, Moment};
use patience::Patience;

/// A refresh that takes longer than this would be felt by the caller who makes it.
const MAX_REFRESH: Duration = Duration::from_secs(2);
/// When to look again whether another process has refreshed the token: after an eighth of the time
/// for which the old one serves, within these bounds.
const MIN_LOOK_AGAIN: Duration = Duration::from_millis(200);
const MAX_LOOK_AGAIN: Duration = Duration::from_secs(30);
/// An API that answers 401 to every token must not cost an exchange each time.
const BETWEEN_FORGETS: Duration = Duration::from_secs(10);
/// How much longer than its deadline a call may take to store what it got.
const STORING: Duration = Duration::from_millis(150);

/// Credentials and their token: share one between all threads.
///
/// [`Client::token`] answers from memory as long as the token lives. Before it ends, one caller
/// refreshes it while the others go on with it; where there is none, all wait for one exchange.
/// With a shared [`Cache`] the same holds for all processes that use it. A failure is remembered
/// and given to the next callers: a rejection for 30 s, a rate limit as long as the server asked
/// for (but no longer than an hour, where it is unavailable than 5 minutes), the rest by backoff from 1
/// to 30 s. What the server said is remembered for all processes. A client made before a fork works in the child.
pub struct Client {
    names: Names,
    account: ArcSwap<Account>,
    transport: Transport,
    cache: Cache,
    has_worked: AtomicBool,
    last_look: LastLook,
    held: ArcSwapOption<Held>,
    max_refresh: Duration,
    process: ArcSwap<PerProcess>,
}

/// What a forked child may not use of its parent's: exchanges in progress there, TLS sessions and their locks.
struct PerProcess {
    flights: Flights,
    http: ArcSwapOption<Http>,
}

/// Why a flight is made.
enum Purpose<'a> {
    /// There is no token that may be handed out.
    Need,
    /// This one nears its end, and serves until then.
    Refresh(&'a Held),
}

impl Purpose<'_> {
    /// Whether the failure says only that a refresh has little time: nothing to be remembered.
    fn cut_short(&self, failure: &Failure) -> bool {
        matches!(self, Self::Refresh(_)) && failure.error.status() == Status::Timeout
    }
}

/// The entry of `credentials` in `cache`, where that is one that is shared.
///
/// # Errors
/// [`Status::Cache`] where this build has no such cache.
pub(crate) fn shared_cache(
    credentials: &Credentials,
    cache: &Cache,
    transport: &Transport,
) -> Result<Option<SharedCache>, Error> {
    let owner = Owner {
        secret: credentials.secret(),
        client_id: credentials.client_id().unwrap_or_default(),
        identity: &credentials.identity(),
    };
    SharedCache::new(cache, &owner, transport.ca_file.as_deref())
}

impl Client {
    /// Nothing is sent, and no key is checked, before a token is asked for.
    ///
    /// # Errors
    /// [`Status::Argument`] naming a field of `transport`, such as a `ca_file` that cannot be used;
    /// [`Status::Cache`] where this build has no such cache.
    pub fn new(
        credentials: Credentials,
        cache: &Cache,
        transport: Transport,
    ) -> Result<Self, Error> {
        transport.check()?;
        let names = Names::new(&credentials);
        let account = Account::new(credentials, cache, &transport)?;
        Ok(Self {
            names,
            account: ArcSwap::from_pointee(account),
            transport,
            cache: cache.clone(),
            has_worked: AtomicBool::new(false),
            last_look: LastLook::default(),
            held: ArcSwapOption::empty(),
            max_refresh: MAX_REFRESH,
            process: ArcSwap::from_pointee(PerProcess::new()),
        })
    }

    /// A fresh token, with 60 s left or, of a short-lived one, a quarter of its lifetime.
    ///
    /// # Errors
    /// Any status of the key, the network and the server; the same again while it is remembered.
    pub fn token(&self) -> Result<Token, Error> {
        let now = Moment::now();
        let held = self.held.load();
        let token = match &*held {
            Some(held) if now.is_before(held.refresh_at) => return Ok(held.token().clone()),
            Some(held) if now.is_before(held.floor_at) => self.refreshed(held, now),
            _ => self.waited_for(now),
        };
        token.map_err(|error| self.with_last_look(error))
    }

    /// What [`Client::token`] would answer from memory at once; `None` where it would look elsewhere,
    /// which takes time.
    pub fn token_in_memory(&self) -> Option<Token> {
        let held = self.held.load();
        let held = held.as_ref()?;
        Moment::now().is_before(held.refresh_at).then(|| held.token().clone())
    }

    /// An API answered 401 to `token`: drops it from memory and from the shared cache, where they
    /// still hold it. This process never hands it out again, even if the cache cannot drop it.
    /// Ignored within 10 s of the last.
    pub fn forget(&self, token: &Token) {
        let is_it = |held: &Arc<Held>| held.token().access_token() == token.access_token();
        let is_held = self.held.load().as_ref().is_some_and(is_it);
        if !self.process().flights.may_forget(Instant::now(), BETWEEN_FORGETS, is_held) {
            return;
        }
        self.drop_token(token.access_token());
    }

    /// Has IMS end the token that memory or the shared cache holds, and drops it from both, with any
    /// failure that is remembered; `false` where they hold no token. Waits for an exchange in progress.
    ///
    /// # Errors
    /// Those of [`Client::invalidate_token`], and [`Status::Cache`] where the shared cache cannot be
    /// read; what was not ended is still held.
    pub fn invalidate(&self) -> Result<bool, Error> {
        let deadline = Instant::now() + self.transport.timeout;
        let process = self.process();
        // Until it is dropped, no flight takes the old token from the cache.
        let _turn = loop {
            match process.flights.join(deadline) {
                Wait::TakeOff(turn) => break Some(turn),
                Wait::Remembered(_) => break None,
                Wait::Landed(_) => {}
                Wait::TimedOut | Wait::Forked => return Err(timed_out()),
            }
        };
        process.flights.clear_failure();
        let tokens = self.kept_tokens(deadline)?;
        tokens.iter().try_for_each(|token| self.end_token(token.access_token(), deadline))?;
        Ok(!tokens.is_empty())
    }

    /// Has IMS end a token of this account, and drops it from memory and from the shared cache where
    /// they hold it.
    ///
    /// # Errors
    /// [`Status::Argument`] with the JWT bearer grant, whose servers end no tokens; any status of
    /// the network and the server.
    pub fn invalidate_token(&self, access_token: &str) -> Result<(), Error> {
        self.end_token(access_token, Instant::now() + self.transport.timeout)
    }

    fn end_token(&self, access_token: &str, deadline: Instant) -> Result<(), Error> {
        let account = self.account.load();
        let (host, client_id) = account.credentials.ims_and_client_id()?;
        let secret = account.credentials.client_secret()?;
        let timeout = deadline.saturating_duration_since(Instant::now());
        if timeout.is_zero() {
            return Err(timed_out());
        }
        let transport = Transport { timeout, ..self.transport.clone() };
        match invalidate_token(&host, client_id, secret, access_token, &transport) {
            // One that the server does not know is as good as ended.
            Err(error) if error.oauth_error() != Some("invalid_token") => Err(error),
            _ => {
                self.drop_token(access_token);
                Ok(())
            }
        }
    }

    /// What memory and the shared cache hold, which may be two, however near its end.
    fn kept_tokens(&self, deadline: Instant) -> Result<Vec<Token>, Error> {
        let held = self.held.load().as_ref().map(|held| held.token().clone());
        let cached = match &self.account.load().shared {
            Some(shared) => {
                let mut visit = shared.visit(deadline);
                let entry = visit.try_read()?;
                visit.clear_failure();
                entry.and_then(|entry| entry.token)
            }
            None => None,
        };
        let now = SystemTime::now();
        let mut tokens: Vec<Token> =
            held.into_iter().chain(cached.map(|stored| stored.token)).collect();
        tokens.dedup_by(|one, other| one.access_token() == other.access_token());
        tokens.retain(|token| !token.expires_in(now).is_zero());
        Ok(tokens)
    }

    fn drop_token(&self, access_token: &str) {
        // First: from now on, nothing takes it from the cache.
        forgotten::add(access_token);
        self.drop_held(access_token);
        if let Some(shared) = &self.account.load().shared {
            shared.visit(Instant::now() + self.transport.timeout).forget(access_token);
        }
    }

    /// What Adobe's APIs ask for as `x-api-key`.
    pub fn client_id(&self) -> Option<&str> {
        self.names.client_id.as_deref()
    }

    /// What Adobe's APIs ask for as `x-gw-ims-org-id`.
    pub fn org_id(&self) -> Option<&str> {
        self.names.org_id.as_deref()
    }

    /// What Adobe's APIs ask for as `x-sandbox-name`.
    pub fn sandbox_name(&self) -> Option<&str> {
        self.names.sandbox_name.as_deref()
    }

    /// `held`, or a newer one where this caller is the one to refresh it and that goes well.
    fn refreshed(&self, held: &Arc<Held>, now: Moment) -> Result<Token, Error> {
        // Who puts the refresh off for the others is the one who makes it.
        let mut put_off = Arc::new(held.put_off(None));
        let before = self.held.compare_and_swap(held, Some(Arc::clone(&put_off)));
        if !before.as_ref().is_some_and(|before| Arc::ptr_eq(before, held)) {
            return Ok(held.token().clone());
        }
        let process = self.process();
        let wait = match process.flights.take_off() {
            Some(turn) => {
                let deadline = now.steady + self.max_refresh.min(self.transport.timeout);
                match self.fly(&process, turn, deadline, &Purpose::Refresh(held)) {
                    Landing::Token(token) => return Ok(token),
                    // What takes so long has more time at the floor, where all wait for it; on a busy
                    // host it may take less the next time.
                    Landing::Failed(failure) if failure.error.status() == Status::Timeout => {
                        held.time_left(Moment::now()) / 2
                    }
                    Landing::Failed(failure) => {
                        failure.until.saturating_duration_since(Instant::now())
                    }
                    Landing::Elsewhere => look_again(held),
                }
            }
            None => look_again(held),
        };
        let next = put_off.put_off(Some(Moment::now() + wait));
        let expected = mem::replace(&mut put_off, Arc::new(next));
        self.held.compare_and_swap(&expected, Some(put_off));
        let now = Moment::now();
        if now.is_before(held.floor_at) { Ok(held.token().clone()) } else { self.waited_for(now) }
    }

    /// Waits for the flight that someone makes, or makes it.
    fn waited_for(&self, now: Moment) -> Result<Token, Error> {
        let deadline = now.steady + self.transport.timeout;
        loop {
            let process = self.process();
            let account = self.account.load_full();
            match process.flights.join(deadline) {
                Wait::Landed(Landing::Token(token)) => {
                    if !forgotten::contains(token.access_token()) {
                        return Ok(token);
                    }
                }
                Wait::Landed(Landing::Failed(failure)) => return Err(failure.error),
                Wait::Landed(Landing::Elsewhere) | Wait::Forked => {}
                Wait::Remembered(error) if self.renew(&account, &error, deadline) => {}
                Wait::Remembered(error) => return Err(error),
                Wait::TimedOut => return Err(timed_out()),
                Wait::TakeOff(turn) => {
                    // Someone may have landed since this caller looked.
                    let held = self.held.load();
                    match &*held {
                        Some(held) if Moment::now().is_before(held.floor_at) => {
                            return Ok(held.token().clone());
                        }
                        _ => {}
                    }
                    match self.fly(&process, turn, deadline, &Purpose::Need) {
                        Landing::Token(token) => return Ok(token),
                        Landing::Failed(failure) => return Err(failure.error),
                        Landing::Elsewhere => return Err(timed_out()),
                    }
                }
            }
        }
    }

    /// Gets a token for everyone who waits.
    fn fly(
        &self,
        process: &PerProcess,
        turn: Turn<'_>,
        deadline: Instant,
        purpose: &Purpose,
    ) -> Landing {
        let mut account = self.account.load_full();
        let mut landing = self.fly_for(&account, process, deadline, purpose);
        // Again, each time that key, secret or trust were replaced meanwhile.
        while let Landing::Failed(failure) = &landing
            && self.renew(&account, &failure.error, deadline)
        {
            account = self.account.load_full();
            landing = self.fly_for(&account, process, deadline, purpose);
        }
        turn.land(match &landing {
            Landing::Failed(failure) if purpose.cut_short(failure) => Landing::Elsewhere,
            landing => landing.clone(),
        });
        landing
    }

    fn fly_for(
        &self,
        account: &Account,
        process: &PerProcess,
        deadline: Instant,
        purpose: &Purpose,
    ) -> Landing {
        match &account.shared {
            Some(shared) => {
                // A refresh has little time for the server. A busy host's cache has all of a call's.
                let until = match purpose {
                    Purpose::Need => deadline,
                    Purpose::Refresh(_) => Instant::now() + self.transport.timeout,
                };
                let visit = shared.visit(until + STORING);
                self.fetch(account, process, visit, deadline, purpose)
            }
            None => self.exchange(account, process, deadline, purpose, None).0,
        }
    }

    /// A token that another process has stored, or else an exchange that others wait for.
    fn fetch(
        &self,
        account: &Account,
        process: &PerProcess,
        mut visit: Visit,
        deadline: Instant,
        purpose: &Purpose,
    ) -> Landing {
        let timeout = deadline.saturating_duration_since(Instant::now());
        let mut patience = Patience::new(timeout, random());
        let mut is_locked = false;
        loop {
            let entry = visit.read().unwrap_or_default();
            if let Some(landing) = self.found(&entry, purpose) {
                return landing;
            }
            // Read again once it is locked: the last holder of the lock has just written.
            if is_locked {
                return self.exchange_and_store(account, process, visit, deadline, purpose, entry);
            }
            let now = Moment::now();
            let left = deadline.saturating_duration_since(now.steady);
            let rank = match purpose {
                Purpose::Need => patience.rank(left),
                Purpose::Refresh(held) if held.is_left_to_others(now) => Some(LockRank::First),
                Purpose::Refresh(_) => Some(LockRank::Second),
            };
            // The cache only saves exchanges: it never keeps a caller from a token.
            let locking = rank.map_or(Locking::Unavailable, |rank| visit.try_lock(rank));
            match (locking, purpose) {
                (Locking::Held, _) => is_locked = true,
                (Locking::Busy, Purpose::Need) => thread::sleep(patience.pause(random()).min(left)),
                (Locking::Busy, Purpose::Refresh(_)) => return Landing::Elsewhere,
                // The old token serves. A cache that is back by the next look saves an exchange.
                (Locking::Unavailable, Purpose::Refresh(held)) if held.is_left_to_others(now) => {
                    return Landing::Elsewhere;
                }
                (Locking::Unavailable, _) => {
                    return self.exchange(account, process, deadline, purpose, None).0;
                }
            }
        }
    }

    /// What of a stored entry serves the purpose.
    fn found(&self, entry: &Entry, purpose: &Purpose) -> Option<Landing> {
        let now = Moment::now();
        let stored = entry.token.as_ref();
        let stored = stored.filter(|stored| !forgotten::contains(stored.token.access_token()));
        if let Some(StoredToken { token, obtained_at }) = stored {
            let held = Held::new(token, *obtained_at, now, random());
            let serves = match purpose {
                Purpose::Need => now.is_before(held.floor_at),
                Purpose::Refresh(old) => token.expires_at() > old.token().expires_at(),
            };
            if serves {
                self.hold(held);
                // It may have been forgotten between the two.
                if !forgotten::contains(token.access_token()) {
                    return Some(Landing::Token(token.clone()));
                }
                self.drop_held(token.access_token());
            }
        }
        let failure = Failure::from_stored(entry.failure.as_ref()?, now);
        failure.is_active(now.steady).then_some(Landing::Failed(failure))
    }

    fn exchange_and_store(
        &self,
        account: &Account,
        process: &PerProcess,
        mut visit: Visit,
        deadline: Instant,
        purpose: &Purpose,
        entry: Entry,
    ) -> Landing {
        let now = Moment::now();
        let last = entry.failure.as_ref().map(|failure| Failure::from_stored(failure, now));
        let (landing, obtained_at) = self.exchange(account, process, deadline, purpose, last);
        let (refused, token) = match entry.token {
            Some(stored) if forgotten::contains(stored.token.access_token()) => {
                (Some(stored.token), None)
            }
            token => (None, token),
        };
        let entry = match &landing {
            Landing::Token(token) => Entry {
                token: Some(StoredToken { token: token.clone(), obtained_at }),
                failure: None,
            },
            Landing::Failed(failure) if failure.concerns_all() && !purpose.cut_short(failure) => {
                Entry { token, failure: Some(failure.stored(Moment::now())) }
            }
            _ => return landing,
        };
        if let Some(refused) = refused {
            visit.forget(refused.access_token());
        }
        visit.write(&entry);
        landing
    }

    fn hold(&self, held: Held) {
        self.held.store(Some(Arc::new(held)));
    }

    fn drop_held(&self, access_token: &str) {
        let is_it = |held: &Arc<Held>| held.token().access_token() == access_token;
        // Whatever becomes of it meanwhile: a refresh may be deferred, or a newer token be there.
        self.held.rcu(|held| held.clone().filter(|held| !is_it(held)));
    }

    /// Signs and exchanges; answers when that began, too. `last` is the failure that other
    /// processes remember.
    fn exchange(
        &self,
        account: &Account,
        process: &PerProcess,
        deadline: Instant,
        purpose: &Purpose,
        last: Option<Failure>,
    ) -> (Landing, SystemTime) {
        let now = Moment::now();
        let last = last.or_else(|| process.flights.last_failure());
        let streak = last.map_or(0, |last| last.streak_at(now.steady));
        // Backoff between calls takes the place of attempts within one.
        let max_attempts = match purpose {
            Purpose::Need if streak == 0 => self.transport.max_attempts,
            _ => 1,
        };
        let landing = match self.attempt(account, process, max_attempts, deadline, now.wall) {
            Ok(token) => {
                forgotten::remove(token.access_token());
                self.has_worked.store(true, Ordering::Relaxed);
                if !matches!(self.cache, Cache::None) {
                    self.hold(Held::new(&token, now.wall, now, random()));
                }
                Landing::Token(token)
            }
            Err(error) => {
                let error = account.credentials.explain(error);
                Landing::Failed(Failure::new(error, streak, Instant::now()))
            }
        };
        (landing, now.wall)
    }

    fn attempt(
        &self,
        account: &Account,
        process: &PerProcess,
        max_attempts: u32,
        deadline: Instant,
        now: SystemTime,
    ) -> Result<Token, Error> {
        let key = account.credentials.checked_key(now)?;
        let http = process.http(&self.transport)?;
        let sign = |now| account.credentials.grant(key.as_ref(), now).map(Cow::Owned);
        attempts(&http, account.credentials.token_url(), max_attempts, deadline, sign)
    }

    /// This process's own part; in a forked child, a new one.
    fn process(&self) -> Arc<PerProcess> {
        let current = self.process.load_full();
        if current.flights.are_own() {
            return current;
        }
        self.process.compare_and_swap(&current, Arc::new(PerProcess::new()));
        // Never dropped: even that could touch what the parent's threads had locked.
        mem::forget(current);
        self.process.load_full()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("client_id", &self.client_id()).finish_non_exhaustive()
    }
}

impl PerProcess {
    fn new() -> Self {
        Self { flights: Flights::new(), http: ArcSwapOption::empty() }
    }

    fn http(&self, transport: &Transport) -> Result<Arc<Http>, Error> {
        if let Some(http) = self.http.load_full() {
            return Ok(http);
        }
        let http = Arc::new(Http::new(transport)?);
        self.http.store(Some(Arc::clone(&http)));
        Ok(http)
    }
}

/// How long the next caller goes on with `held` while another process refreshes it.
fn look_again(held: &Held) -> Duration {
    (held.time_left(Moment::now()) / 8).clamp(MIN_LOOK_AGAIN, MAX_LOOK_AGAIN)
}

fn timed_out() -> Error {
    Error::new(Status::Timeout, "timed out waiting for another thread to refresh the token")
        .with_hint("raise the timeout, or see what keeps the thread that refreshes it")
}
