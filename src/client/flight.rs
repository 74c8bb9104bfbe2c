//! The single flight: one caller gets a token, the others of the process wait for it. No lock: a
//! child that is forked meanwhile, even by a signal handler in one of these callers, goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use rustix::thread::futex;

use super::held::Moment;
use crate::cache::StoredFailure;
use crate::error::{Cause, Error, Status};
use crate::fork::Process;
use crate::token::Token;

/// What the server refuses, it will refuse again for a while.
const REJECTION: Duration = Duration::from_secs(30);
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
/// However long a server asks to wait: a typing error in its `Retry-After` would stop every host for
/// as long. The caller still gets the number itself.
const MAX_RATE_LIMIT: Duration = Duration::from_secs(3600);
const MAX_UNAVAILABLE: Duration = Duration::from_secs(300);
/// Says that the request came too slowly: an affair of the process that sent it.
const REQUEST_TIMEOUT: u16 = 408;
/// A failure this long after the last begins a new streak.
const STREAK_ENDS: Duration = Duration::from_secs(60);
/// No thread wakes a caller in a child that its signal handler forked: it looks by itself.
const MAX_SLEEP: Duration = Duration::from_millis(250);

/// How a flight ended.
#[derive(Clone, Debug)]
pub(super) enum Landing {
    Token(Token),
    Failed(Failure),
    /// Another process is at it, and this flight did not wait for it to the end.
    Elsewhere,
}

/// A failure to be given to the next callers.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub error: Error,
    failed_at: Instant,
    pub until: Instant,
    /// How many came one after the other.
    pub streak: u32,
}

impl Failure {
    /// `streak` failures came before.
    pub fn new(error: Error, streak: u32, now: Instant) -> Self {
        let backoff = FIRST_BACKOFF.saturating_mul(1 << streak.min(16)).min(LONGEST_BACKOFF);
        let least = if error.status() == Status::Rejected { REJECTION } else { backoff };
        let asked = Duration::from_secs(error.retry_after().unwrap_or(0));
        let max = match error.status() {
            Status::RateLimited => MAX_RATE_LIMIT,
            _ => MAX_UNAVAILABLE,
        };
        // A server that asks for no wait at all is in trouble as any other.
        let lasts = least.max(asked.min(max));
        Self { error, failed_at: now, until: now + lasts, streak: streak + 1 }
    }

    pub fn from_stored(stored: &StoredFailure, now: Moment) -> Self {
        let left = stored.until.duration_since(now.wall).unwrap_or_default();
        let ended = now.wall.duration_since(stored.until).unwrap_or_default();
        let until = (now.steady + left).checked_sub(ended).unwrap_or(now.steady);
        let ago = now.wall.duration_since(stored.failed_at).unwrap_or_default();
        let failed_at = now.steady.checked_sub(ago).unwrap_or(now.steady);
        Self { error: stored.error.clone(), failed_at, until, streak: stored.streak }
    }

    pub fn stored(&self, now: Moment) -> StoredFailure {
        let left = self.until.saturating_duration_since(now.steady);
        StoredFailure {
            error: self.error.clone(),
            failed_at: now.wall - now.steady.saturating_duration_since(self.failed_at),
            until: now.wall + left,
            streak: self.streak,
        }
    }

    pub fn is_active(&self, now: Instant) -> bool {
        now < self.until
    }

    /// Whether other processes would meet the same: only what the server itself said, and not of
    /// this machine's clock. How this process reaches the server is its own affair.
    pub fn concerns_all(&self) -> bool {
        use Status::{RateLimited, Rejected, Response, Unavailable};
        matches!(self.error.status(), RateLimited | Rejected | Response | Unavailable)
            && self.error.http_status().is_some_and(|status| status != REQUEST_TIMEOUT)
            && self.error.cause() != Some(Cause::ClockOrExp)
    }

    /// How many failures came before one at `now`.
    pub fn streak_at(&self, now: Instant) -> u32 {
        if now < self.until + STREAK_ENDS { self.streak } else { 0 }
    }

    /// The same error; where it says when to try again, that is nearer now.
    pub fn error_at(&self, now: Instant) -> Error {
        self.error.clone().with_retry_after_since(now.saturating_duration_since(self.failed_at))
    }
}

/// The flights of a process.
#[derive(Debug)]
pub(super) struct Flights {
    process: Process,
    state: ArcSwap<State>,
    /// Counts the flights that have ended; callers sleep until it changes.
    ended: AtomicU32,
}

#[derive(Clone, Debug, Default)]
struct State {
    in_the_air: bool,
    number: u64,
    last: Option<Landing>,
    failure: Option<Failure>,
    forgot_at: Option<Instant>,
}

/// What a caller who needs a token has to do.
pub(super) enum Wait<'a> {
    TakeOff(Turn<'a>),
    Landed(Landing),
    /// The last flight failed not long ago.
    Remembered(Error),
    TimedOut,
    /// This is a child of the process whose flight it is.
    Forked,
}

impl Flights {
    /// Returns the flights of the calling process: none yet.
    pub fn new() -> Self {
        let (state, ended) = (ArcSwap::default(), AtomicU32::new(0));
        Self { process: Process::current(), state, ended }
    }

    /// Returns whether these are the flights of the calling process, and not of one that forked it.
    pub fn are_own(&self) -> bool {
        self.process == Process::current()
    }

    /// The turn to fly, where nobody else does.
    pub fn take_off(&self) -> Option<Turn<'_>> {
        loop {
            let state = self.state.load_full();
            if state.in_the_air {
                return None;
            }
            if let Some(turn) = self.start(&state) {
                return Some(turn);
            }
        }
    }

    /// Waits for the flight in the air, or hands over the turn to fly.
    pub fn join(&self, deadline: Instant) -> Wait<'_> {
        loop {
            let state = self.state.load_full();
            if state.in_the_air {
                return self.wait(state.number, deadline);
            }
            let now = Instant::now();
            match &state.failure {
                Some(failure) if failure.is_active(now) => {
                    return Wait::Remembered(failure.error_at(now));
                }
                _ => {}
            }
            if let Some(turn) = self.start(&state) {
                return Wait::TakeOff(turn);
            }
        }
    }

    fn wait(&self, number: u64, deadline: Instant) -> Wait<'_> {
        loop {
            // Before the state: what ends after it was read ends the sleep too.
            let ended = self.ended.load(Ordering::SeqCst);
            let state = self.state.load();
            if !state.in_the_air || state.number != number {
                // A flight that broke off leaves the turn to one of those who waited.
                return Wait::Landed(state.last.clone().unwrap_or(Landing::Elsewhere));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Wait::TimedOut;
            }
            if !self.are_own() {
                return Wait::Forked;
            }
            let timeout = left.min(MAX_SLEEP).try_into().ok();
            // It ends early where a signal comes, and does not begin where a flight has ended.
            let _ = futex::wait(&self.ended, futex::Flags::PRIVATE, ended, timeout.as_ref());
        }
    }

    pub fn last_failure(&self) -> Option<Failure> {
        self.state.load().failure.clone()
    }

    /// The next caller tries at once.
    pub fn clear_failure(&self) {
        self.change(|state| state.failure = None);
    }

    /// Ends the time for which a failure is remembered.
    #[cfg(test)]
    pub fn end_failure(&self) {
        self.change(|state| {
            if let Some(failure) = &mut state.failure {
                failure.until = Instant::now();
            }
        });
    }

    /// Whether a token may be forgotten at `now`, a while after the last that `is_held`.
    pub fn may_forget(&self, now: Instant, between: Duration, is_held: bool) -> bool {
        let mut may_forget = false;
        self.change(|state| {
            may_forget = state.forgot_at.is_none_or(|last| now >= last + between);
            if may_forget && is_held {
                state.forgot_at = Some(now);
            }
        });
        may_forget
    }

    /// Hands over the turn if nothing has changed since `state`, in which no one flies.
    fn start(&self, state: &Arc<State>) -> Option<Turn<'_>> {
        let mut new = State::clone(state);
        new.in_the_air = true;
        new.number += 1;
        new.last = None;
        let before = self.state.compare_and_swap(state, Arc::new(new));
        Arc::ptr_eq(&before, state).then(|| Turn(self))
    }

    /// Runs `change` again where another thread was first.
    fn change(&self, mut change: impl FnMut(&mut State)) {
        self.state.rcu(|state| {
            let mut state = State::clone(state);
            change(&mut state);
            state
        });
    }
}

/// Whoever has it flies; dropped, however that comes, the next may.
pub(super) struct Turn<'a>(&'a Flights);

impl Turn<'_> {
    pub fn land(self, landing: Landing) {
        self.0.change(|state| {
            match &landing {
                Landing::Token(_) => state.failure = None,
                Landing::Failed(failure) => state.failure = Some(failure.clone()),
                Landing::Elsewhere => {}
            }
            state.last = Some(landing.clone());
        });
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.in_the_air = false);
        self.0.ended.fetch_add(1, Ordering::SeqCst);
        // The number of those who are woken at most. Nothing is to be done where it fails.
        let _ = futex::wake(&self.0.ended, futex::Flags::PRIVATE, i32::MAX.cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ServerAnswer;

    fn error(status: Status, retry_after: Option<u64>) -> Error {
        let answer = ServerAnswer { retry_after, ..ServerAnswer::default() };
        Error::new(status, "no").with_server_answer(answer)
    }

    /// What a server said by an HTTP status.
    fn answered(status: Status, http_status: u16) -> Error {
        let http_status = Some(http_status);
        let answer = ServerAnswer { http_status, ..ServerAnswer::default() };
        Error::new(status, "no").with_server_answer(answer)
    }

    /// Seconds that a failure is remembered, after as many others.
    fn lasts(error: Error, streak: u32) -> u64 {
        let now = Instant::now();
        (Failure::new(error, streak, now).until - now).as_secs()
    }

    #[test]
    fn a_rejection_lasts_30_s_a_rate_limit_as_asked_and_the_rest_backs_off() {
        assert_eq!(lasts(error(Status::Rejected, None), 0), 30);
        assert_eq!(lasts(error(Status::RateLimited, Some(3600)), 4), 3600);
        assert_eq!(lasts(error(Status::Unavailable, Some(0)), 2), 4);
        for status in [Status::Unavailable, Status::Timeout, Status::Tls, Status::RateLimited] {
            let backoff: Vec<u64> =
                (0..7).map(|streak| lasts(error(status, None), streak)).collect();
            assert_eq!(backoff, [1, 2, 4, 8, 16, 30, 30], "{status:?}");
        }
    }

    #[test]
    fn a_server_that_asks_for_a_week_is_asked_again_within_the_hour_and_its_number_is_told() {
        const WEEK: u64 = 604_800;
        assert_eq!(lasts(error(Status::RateLimited, Some(WEEK)), 0), 3600);
        assert_eq!(lasts(error(Status::Unavailable, Some(WEEK)), 0), 300);
        let now = Instant::now();
        let failure = Failure::new(error(Status::Unavailable, Some(WEEK)), 0, now);
        assert_eq!(failure.error.retry_after(), Some(WEEK));
        let later = failure.error_at(now + Duration::from_secs(100));
        assert_eq!(later.retry_after(), Some(WEEK - 100));
    }

    #[test]
    fn only_what_the_server_itself_said_concerns_others() {
        let concerns_all = |error| Failure::new(error, 0, Instant::now()).concerns_all();
        assert!(concerns_all(answered(Status::Rejected, 400)));
        assert!(concerns_all(answered(Status::RateLimited, 429)));
        assert!(concerns_all(answered(Status::Unavailable, 503)));
        assert!(concerns_all(answered(Status::Response, 200)));
        for own in [Status::Connect, Status::Timeout, Status::Tls, Status::Unavailable] {
            assert!(!concerns_all(error(own, None)), "{own:?}: how this process reaches it");
        }
        let slow = answered(Status::Unavailable, REQUEST_TIMEOUT);
        assert!(!concerns_all(slow), "how slow this process is");
        let clock = answered(Status::Rejected, 400).with_cause(Cause::ClockOrExp);
        assert!(!concerns_all(clock), "what this machine's clock says");
    }

    #[test]
    fn a_failure_long_after_the_last_begins_a_new_streak() {
        let now = Instant::now();
        let failure = Failure::new(error(Status::Unavailable, None), 3, now);
        assert_eq!(failure.streak_at(failure.until), 4);
        assert_eq!(failure.streak_at(failure.until + STREAK_ENDS), 0);
    }

    #[test]
    fn a_stored_failure_ends_at_the_same_time_everywhere() {
        let now = Moment::now();
        let failure = Failure::new(error(Status::Unavailable, None), 3, now.steady);
        let later = now + Duration::from_secs(5);
        let read = Failure::from_stored(&failure.stored(now), later);
        assert_eq!((read.until, read.streak), (failure.until, 4));
        assert!(read.is_active(later.steady));
        let ended = now + Duration::from_secs(9);
        assert!(!Failure::from_stored(&failure.stored(now), ended).is_active(ended.steady));
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[test]
    fn a_flight_that_breaks_off_leaves_the_turn_to_the_next() {
        let flights = Flights::new();
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _turn = flights.take_off().unwrap();
            panic!("a bug");
        }));
        assert!(broken.is_err());
        assert!(matches!(flights.join(soon()), Wait::TakeOff(_)));
    }

    #[test]
    fn who_waits_gets_what_lands_and_nobody_waits_beyond_the_deadline() {
        let flights = Flights::new();
        let turn = flights.take_off().unwrap();
        assert!(flights.take_off().is_none());
        assert!(matches!(flights.join(Instant::now()), Wait::TimedOut));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| flights.join(soon()));
            std::thread::sleep(Duration::from_millis(50));
            let failure = Failure::new(error(Status::Rejected, None), 0, Instant::now());
            turn.land(Landing::Failed(failure));
            let landed = waiting.join().unwrap();
            assert!(matches!(landed, Wait::Landed(Landing::Failed(_)) | Wait::Remembered(_)));
        });
        assert!(matches!(flights.join(soon()), Wait::Remembered(_)));
    }
}
