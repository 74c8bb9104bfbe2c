//! The time that a call waits for another process that holds a lock of the shared cache. Time and
//! chance are arguments, so that tests decide them.

use std::time::Duration;

use crate::cache::LockRank;

/// The time for which each lock is tried, in parts of a call's time: until the first part has
/// passed or only the second is left, whichever comes first. The holder may be stopped, or wait for
/// a server that only it cannot reach. After the last lock, the caller continues without one, with
/// the rest of its time.
const LOCKS: [(LockRank, f64, f64); 3] =
    [(LockRank::First, 0.5, 0.4), (LockRank::Second, 0.75, 0.25), (LockRank::Third, 0.875, 0.125)];
/// Calls that wait for the same holder give up waiting one after the other, over this part.
const SPREAD: f64 = 0.05;
/// The bounds of a pause between two reads of the cache.
const MIN_PAUSE: Duration = Duration::from_millis(1);
const MAX_PAUSE: Duration = Duration::from_millis(250);

/// The waiting of one call. It is counted in pauses and not by the clock: if a busy host does not
/// run the process that holds the lock, it does not run this one either.
pub(super) struct LockWait {
    timeout: Duration,
    waited: Duration,
    spread: f64,
}

impl LockWait {
    /// Starts the waiting of a call that has `timeout` left; `chance` is from 0 to 1.
    pub fn new(timeout: Duration, chance: f64) -> Self {
        Self { timeout, waited: Duration::ZERO, spread: chance * SPREAD }
    }

    /// Returns the lock to try with `left` until the deadline. Returns `None` if the caller should
    /// continue without one.
    pub fn rank(&self, left: Duration) -> Option<LockRank> {
        let part = |part: f64| self.timeout.mul_f64(part + self.spread);
        LOCKS
            .into_iter()
            .find(|(_, waited, kept)| self.waited < part(*waited) && left > part(*kept))
            .map(|(rank, ..)| rank)
    }

    /// Returns the next pause. It grows with what was waited: an exchange that takes long is not found out
    /// sooner by many processes that look often, which would keep the host from making it.
    pub fn pause(&mut self, chance: f64) -> Duration {
        let pause = (self.waited / 4).clamp(MIN_PAUSE, MAX_PAUSE).mul_f64(0.5 + chance / 2.0);
        self.waited += pause;
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    /// The tenths of seconds of waiting after which each lock is tried, or none any more.
    fn changes(chance: f64) -> Vec<(Option<LockRank>, u128)> {
        let mut lock_wait = LockWait::new(TIMEOUT, chance);
        let mut changes = vec![(Some(LockRank::First), 0)];
        while changes.len() < 4 {
            lock_wait.waited += Duration::from_millis(1);
            let rank = lock_wait.rank(TIMEOUT);
            if changes.last().is_some_and(|(last, _)| *last != rank) {
                changes.push((rank, lock_wait.waited.as_millis() / 100));
            }
        }
        changes
    }

    #[test]
    fn a_holder_has_half_of_the_time_and_each_next_one_half_of_that() {
        use LockRank::{First, Second, Third};
        let changed = |at: [u128; 3]| {
            vec![(Some(First), 0), (Some(Second), at[0]), (Some(Third), at[1]), (None, at[2])]
        };
        assert_eq!(changes(0.0), changed([50, 75, 87]));
        assert_eq!(changes(1.0), changed([55, 80, 92]));
        let mut lock_wait = LockWait::new(TIMEOUT, 0.0);
        lock_wait.waited = TIMEOUT / 2;
        assert_eq!(lock_wait.rank(TIMEOUT), Some(Second), "exactly half");
    }

    #[test]
    fn pauses_grow_from_a_millisecond_to_a_quarter_of_a_second() {
        let mut lock_wait = LockWait::new(TIMEOUT, 0.0);
        assert_eq!(lock_wait.pause(1.0), MIN_PAUSE);
        let mut looks = 1;
        while lock_wait.rank(TIMEOUT).is_some() {
            lock_wait.pause(1.0);
            looks += 1;
        }
        assert!(looks < 100, "{looks} looks");
        assert_eq!(lock_wait.pause(1.0), MAX_PAUSE);
        assert_eq!(lock_wait.pause(0.0), MAX_PAUSE / 2);
    }

    #[test]
    fn a_pause_is_a_quarter_of_what_was_waited() {
        let mut lock_wait = LockWait::new(TIMEOUT, 0.0);
        lock_wait.waited = Duration::from_millis(400);
        assert_eq!(lock_wait.pause(1.0), Duration::from_millis(100));
        assert_eq!(lock_wait.waited, Duration::from_millis(500));
    }

    #[test]
    fn a_caller_that_was_not_run_for_long_has_not_waited_but_keeps_time_for_an_exchange() {
        let lock_wait = LockWait::new(TIMEOUT, 0.0);
        let rank_with = |left| lock_wait.rank(Duration::from_millis(left));
        assert_eq!(rank_with(4001), Some(LockRank::First));
        assert_eq!(rank_with(4000), Some(LockRank::Second));
        assert_eq!(rank_with(2500), Some(LockRank::Third));
        assert_eq!(rank_with(1250), None);
    }
}
