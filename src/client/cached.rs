//! A token in memory, and when it is refreshed: the advisory refresh comes while it still serves, the
//! mandatory one once it has expired. Time and chance are given.

use std::array;
use std::fmt;
use std::ops::Add;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::Guard;

use super::forgotten;
use crate::system::{self, ArcSwapOption, AtomicU32};
use crate::token::Token;

/// The remaining time at which a refresh is mandatory, or a quarter of the lifetime if that is
/// shorter: the token counts as expired.
const MANDATORY: Duration = Duration::from_secs(60);
/// The remaining time at which a refresh is advisory, or a tenth of the lifetime if that is longer.
/// It is never over half of the lifetime.
const ADVISORY: Duration = Duration::from_secs(300);
/// The shortest time that other processes have to refresh a token. Usually they have half of the
/// time between the advisory and the mandatory refresh.
const MIN_TIME_OF_OTHERS: Duration = Duration::from_secs(10);

/// A time by both clocks: the wall clock, which may be set, and the steady clock, which stops while
/// a machine is suspended. A time has passed as soon as one of the clocks has passed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timestamps {
    pub wall: SystemTime,
    pub steady: Instant,
}

impl Timestamps {
    pub fn now() -> Self {
        Self { wall: system::system_time(), steady: system::now() }
    }

    #[inline]
    pub fn is_before(&self, end: Self) -> bool {
        self.wall < end.wall && self.steady < end.steady
    }

    /// Returns the time for which the wall clock shows `wall`, if no clock is set until then.
    pub fn at(&self, wall: SystemTime) -> Self {
        let steady = match wall.duration_since(self.wall) {
            Ok(left) => self.steady.checked_add(left),
            Err(error) => self.steady.checked_sub(error.duration()),
        };
        Self { wall, steady: steady.unwrap_or(self.steady) }
    }

    /// Returns how long it is until `end`; nothing once it has passed.
    pub fn time_to(&self, end: Self) -> Duration {
        let wall = end.wall.duration_since(self.wall).unwrap_or_default();
        wall.min(end.steady.saturating_duration_since(self.steady))
    }

    /// Returns how long ago `start` was; nothing before it.
    pub fn time_since(&self, start: Self) -> Duration {
        let wall = self.wall.duration_since(start.wall).unwrap_or_default();
        wall.max(self.steady.saturating_duration_since(start.steady))
    }

    /// Returns what comes first, by each of the clocks.
    fn min(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), steady: self.steady.min(other.steady) }
    }
}

impl Add<Duration> for Timestamps {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self { wall: self.wall + wait, steady: self.steady + wait }
    }
}

/// Threads that count references to one token in one place would wait for each other.
const COPIES: usize = 8;

/// The use of a token in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenState {
    /// Callers get the token.
    Fresh,
    /// Callers get the token, and one of them refreshes it.
    Stale,
    /// Callers do not get the token any more.
    Expired,
}

/// A token and when it has to be replaced.
#[derive(Clone, Debug)]
pub(super) struct CachedToken {
    copies: [Token; COPIES],
    /// The advisory refresh: from here on one caller makes it.
    refresh_after: Timestamps,
    /// The end of the time that another process is given to refresh the token.
    others_until: Timestamps,
    /// The mandatory refresh: from here on all callers wait for it.
    expires_after: Timestamps,
    checked: Checked,
}

/// The count of forgotten tokens (see [`forgotten::count`]) of which none is this one. It is a part of the token: one
/// that is stored while it is forgotten would otherwise be taken for checked.
struct Checked(AtomicU32);

impl Checked {
    const NEVER: u32 = u32::MAX;
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.load(Ordering::Relaxed).fmt(f)
    }
}

impl Clone for Checked {
    fn clone(&self) -> Self {
        Self(AtomicU32::new(self.0.load(Ordering::Acquire)))
    }
}

impl CachedToken {
    /// `chance` from 0 to 1 spreads the refreshes of many processes over a fifth of the time.
    pub fn new(token: &Token, obtained_at: SystemTime, now: Timestamps, chance: f64) -> Self {
        let lifetime = token.expires_at().duration_since(obtained_at).unwrap_or_default();
        let left = token.expires_in(now.wall);
        let mandatory = MANDATORY.min(lifetime / 4);
        let advisory = ADVISORY.max(lifetime / 10).min(lifetime / 2).mul_f64(1.0 - chance / 5.0);
        let refresh_in = left.saturating_sub(advisory);
        let expires_in = left.saturating_sub(mandatory);
        let window = expires_in.saturating_sub(refresh_in);
        Self {
            copies: array::from_fn(|_| token.apart()),
            refresh_after: now + refresh_in,
            others_until: now + refresh_in + (window / 2).max(MIN_TIME_OF_OTHERS),
            expires_after: now + expires_in,
            checked: Checked(AtomicU32::new(Checked::NEVER)),
        }
    }

    pub fn token(&self) -> &Token {
        // Each thread has its own stack. A product spreads their addresses (Fibonacci hashing).
        let stack = ptr::from_ref(&self).addr() as u64 >> 20;
        let spread = stack.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        &self.copies[spread as usize % COPIES]
    }

    // For speed: it is a part of each call.
    #[inline]
    pub fn state(&self, now: Timestamps) -> TokenState {
        if now.is_before(self.refresh_after) {
            TokenState::Fresh
        } else if now.is_before(self.expires_after) {
            TokenState::Stale
        } else {
            TokenState::Expired
        }
    }

    pub fn has_expired(&self, now: Timestamps) -> bool {
        self.state(now) == TokenState::Expired
    }

    /// Returns whether the process that holds the lock is still given time to refresh it: it may be
    /// stopped, or wait for a server that it alone cannot reach.
    pub fn is_left_to_others(&self, now: Timestamps) -> bool {
        now.is_before(self.others_until)
    }

    /// Returns for how long it may still be handed out.
    pub fn time_left(&self, now: Timestamps) -> Duration {
        now.time_to(self.expires_after)
    }

    /// Returns the same token with its advisory refresh deferred, until the mandatory one at the latest.
    pub fn deferred(&self, until: Timestamps) -> Self {
        Self { refresh_after: until.min(self.expires_after), ..self.clone() }
    }

    /// Returns the same token, which is not used after `end`.
    pub fn until(self, end: Timestamps) -> Self {
        Self {
            refresh_after: self.refresh_after.min(end),
            others_until: self.others_until.min(end),
            expires_after: self.expires_after.min(end),
            ..self
        }
    }

    /// Returns the same token without an advisory refresh.
    pub fn without_advisory_refresh(&self) -> Self {
        self.deferred(self.expires_after)
    }
}

/// The token that was in memory before, without its text.
struct Replaced {
    hash: u64,
    expires_at: SystemTime,
    expires_after: Timestamps,
}

/// The place of a token in memory, and what is known of the one before. No lock: each change replaces a whole, and
/// only the leader of a single flight stores another token.
pub(super) struct Memory {
    cached: ArcSwapOption<CachedToken>,
    replaced: ArcSwapOption<Replaced>,
    is_used: bool,
}

impl Memory {
    /// Returns one that is empty, and stays so where it is not used.
    pub fn new(is_used: bool) -> Self {
        let (cached, replaced) = (ArcSwapOption::empty(), ArcSwapOption::empty());
        Self { cached, replaced, is_used }
    }

    /// Returns the token, unless it was forgotten, by this client or by another one of the process.
    // Each call does this, and the compiler alone would make a call of it.
    #[inline(always)]
    pub fn load(&self) -> Guard<Option<Arc<CachedToken>>> {
        let count = forgotten::count();
        loop {
            let cached = self.cached.load();
            let Some(known) = &*cached else { return cached };
            if known.checked.0.load(Ordering::Acquire) == count {
                return cached;
            }
            if !forgotten::contains(known.token().access_token()) {
                known.checked.0.store(count, Ordering::Release);
                return cached;
            }
            self.remove(known.token().access_token());
        }
    }

    pub fn store(&self, token: CachedToken) {
        if !self.is_used {
            return;
        }
        let name = forgotten::hash(token.token().access_token());
        if let Some(old) = self.cached.swap(Some(Arc::new(token))) {
            let hash = forgotten::hash(old.token().access_token());
            if hash != name {
                let (expires_at, expires_after) = (old.token().expires_at(), old.expires_after);
                let replaced = Replaced { hash, expires_at, expires_after };
                self.replaced.store(Some(Arc::new(replaced)));
            }
        }
    }

    /// Returns the end of a token's use if it is the one that was here before. A shared cache may still hold it,
    /// and where the wall clock was set back, it seems to live longer than it does. One that a server has issued
    /// again, with a later expiry, is another one.
    pub fn end_of_replaced(&self, token: &Token) -> Option<Timestamps> {
        let replaced = self.replaced.load();
        let replaced = replaced.as_ref()?;
        let is_it = replaced.hash == forgotten::hash(token.access_token())
            && token.expires_at() <= replaced.expires_at;
        is_it.then_some(replaced.expires_after)
    }

    /// Replaces `old` by `new` and returns the new one. Returns `None` if another token was there.
    pub fn replace(&self, old: &Arc<CachedToken>, new: CachedToken) -> Option<Arc<CachedToken>> {
        let new = Arc::new(new);
        let before = self.cached.compare_and_swap(old, Some(Arc::clone(&new)));
        before.as_ref().is_some_and(|before| Arc::ptr_eq(before, old)).then_some(new)
    }

    /// Removes the token where it is this one.
    pub fn remove(&self, access_token: &str) {
        self.remove_if(|cached| cached.token().access_token() == access_token);
    }

    fn remove_if(&self, is_it: impl Fn(&CachedToken) -> bool) {
        // Compared again after a change in between: the refresh may be deferred, or a newer token
        // may be there.
        self.cached.rcu(|cached| cached.clone().filter(|cached| !is_it(cached)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds until advisory and mandatory refresh of a token that lives this long, at a chance.
    fn times(lifetime: u64, chance: f64) -> (u64, u64) {
        let now = Timestamps::now();
        let token = Token::new("t", None, now.wall + Duration::from_secs(lifetime));
        let cached = CachedToken::new(&token, now.wall, now, chance);
        let seconds = |end: Timestamps| end.steady.duration_since(now.steady).as_secs();
        (seconds(cached.refresh_after), seconds(cached.expires_after))
    }

    #[test]
    fn a_refresh_begins_with_a_tenth_or_5_minutes_left_and_never_over_half() {
        assert_eq!(times(86_400, 0.0), (86_400 - 8_640, 86_400 - 60));
        assert_eq!(times(1_000, 0.0), (700, 940));
        assert_eq!(times(400, 0.0), (200, 340));
        assert_eq!(times(40, 0.0), (20, 30));
    }

    #[test]
    fn chance_defers_an_advisory_refresh_but_never_to_the_mandatory_one() {
        assert_eq!(times(86_400, 1.0), (86_400 - 6_912, 86_400 - 60));
        for lifetime in [4, 40, 400, 4_000] {
            let (advisory, mandatory) = times(lifetime, 1.0);
            assert!(advisory < mandatory, "{lifetime}");
        }
    }

    #[test]
    fn an_advisory_refresh_is_never_deferred_beyond_the_mandatory_one() {
        let now = Timestamps::now();
        let hour = Duration::from_secs(3600);
        let cached = CachedToken::new(&Token::new("t", None, now.wall + hour), now.wall, now, 0.0);
        let late = now + 100 * hour;
        let deferred = cached.deferred(late).refresh_after;
        assert!(!late.is_before(deferred));
        assert_eq!(deferred, cached.expires_after);
    }

    #[test]
    fn a_refresh_is_left_to_others_for_half_of_its_time_and_10_s_at_least() {
        let now = Timestamps::now();
        let seconds = Duration::from_secs;
        let others_until = |lifetime| {
            let cached = CachedToken::new(
                &Token::new("t", None, now.wall + seconds(lifetime)),
                now.wall,
                now,
                0.0,
            );
            (0..)
                .find(|after| !cached.is_left_to_others(cached.refresh_after + seconds(*after)))
                .unwrap()
        };
        assert_eq!(others_until(86_400), (8_640 - 60) / 2);
        assert_eq!(others_until(8), 10);
    }

    #[test]
    fn the_end_of_a_token_is_known_after_another_one_replaced_it() {
        let (memory, now) = (Memory::new(true), Timestamps::now());
        let cached = |name: &str, seconds| {
            let end = now.wall + Duration::from_secs(seconds);
            CachedToken::new(&Token::new(name, None, end), now.wall, now, 0.0)
        };
        memory.store(cached("old", 400));
        memory.store(cached("old", 400));
        assert!(memory.end_of_replaced(cached("old", 400).token()).is_none());
        memory.store(cached("new", 800));
        let end = memory.end_of_replaced(cached("old", 400).token()).unwrap();
        assert_eq!(end.steady, now.steady + Duration::from_secs(340));
        assert!(memory.end_of_replaced(cached("new", 800).token()).is_none());
        // The server has issued it again.
        assert!(memory.end_of_replaced(cached("old", 900).token()).is_none());
        // As a wall clock that was set back would make it seem.
        assert!(cached("old", 4000).until(end).has_expired(now + Duration::from_secs(340)));
    }

    #[test]
    fn a_clock_that_is_set_makes_no_expired_token_fresh() {
        let now = Timestamps::now();
        let hour = Duration::from_secs(3600);
        let end = now + hour;
        // The wall clock is set back by a day, but an hour still passes.
        let set_back = Timestamps { wall: now.wall - 24 * hour, steady: now.steady + hour };
        assert!(now.is_before(end) && !set_back.is_before(end));
        // While the machine is suspended, only the wall clock advances.
        let suspended = Timestamps { wall: now.wall + hour, steady: now.steady };
        assert!(!suspended.is_before(end));
    }
}
