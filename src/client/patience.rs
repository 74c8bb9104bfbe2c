//! How long a call waits for another process that holds a lock of the shared cache. Pure: time and
//! chance are given.

use std::time::Duration;

use crate::cache::LockRank;

/// Shares of a call's time after which it tries the next lock: the holder of the one before may be
/// stopped, or wait for a server that it alone cannot reach.
const TRY_SECOND: f64 = 0.5;
const TRY_THIRD: f64 = 0.75;
/// Calls that wait for the same holder lose their patience one after the other, over this share.
const SPREAD: f64 = 0.1;
/// What is left for an exchange, however little of the waiting was done by then.
const KEPT_FOR_EXCHANGE: f64 = 0.15;
/// Bounds of a pause between looks at the cache.
const MIN_PAUSE: Duration = Duration::from_millis(1);
const MAX_PAUSE: Duration = Duration::from_millis(250);

/// One call's waiting, counted in pauses and not by the clock: where a busy host does not run the
/// process that holds the lock, it does not run this one either.
pub(super) struct Patience {
    timeout: Duration,
    waited: Duration,
    spread: f64,
}

impl Patience {
    /// For a call that has `timeout` left; `chance` is from 0 to 1.
    pub fn new(timeout: Duration, chance: f64) -> Self {
        Self { timeout, waited: Duration::ZERO, spread: chance * SPREAD }
    }

    /// Which lock to try with `left` until the deadline. Where the third is taken too, the caller
    /// goes on alone.
    pub fn rank(&self, left: Duration) -> LockRank {
        let share = |part: f64| self.timeout.mul_f64(part);
        if self.waited >= share(TRY_THIRD + self.spread) || left <= share(KEPT_FOR_EXCHANGE) {
            LockRank::Third
        } else if self.waited >= share(TRY_SECOND + self.spread) {
            LockRank::Second
        } else {
            LockRank::First
        }
    }

    /// The next pause. It grows with what was waited: an exchange that takes long is not found out
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

    /// The seconds of waiting after which each lock is tried, and the number of pauses.
    fn changes(chance: f64) -> (Vec<(LockRank, u64)>, u32) {
        let mut patience = Patience::new(TIMEOUT, chance);
        let (mut changes, mut pauses) = (vec![(LockRank::First, 0)], 0);
        while changes.len() < 3 {
            patience.pause(1.0);
            pauses += 1;
            let rank = patience.rank(TIMEOUT - patience.waited);
            if changes.last().is_some_and(|(last, _)| *last != rank) {
                changes.push((rank, patience.waited.as_secs()));
            }
        }
        (changes, pauses)
    }

    #[test]
    fn a_holder_has_half_of_the_time_the_next_a_quarter_and_then_callers_go_on_one_by_one() {
        use LockRank::{First, Second, Third};
        assert_eq!(changes(0.0).0, [(First, 0), (Second, 5), (Third, 7)]);
        assert_eq!(changes(1.0).0, [(First, 0), (Second, 6), (Third, 8)]);
    }

    #[test]
    fn pauses_grow_from_a_millisecond_to_a_quarter_of_a_second() {
        let (_, pauses) = changes(0.0);
        assert!(pauses < 60, "{pauses} looks in 7.5 s");
        let mut patience = Patience::new(TIMEOUT, 0.0);
        assert_eq!(patience.pause(1.0), MIN_PAUSE);
        patience.waited = TIMEOUT;
        assert_eq!(patience.pause(1.0), MAX_PAUSE);
        assert_eq!(patience.pause(0.0), MAX_PAUSE / 2);
    }

    #[test]
    fn a_caller_that_was_not_run_for_long_has_not_waited_but_keeps_time_for_an_exchange() {
        let patience = Patience::new(TIMEOUT, 0.0);
        assert_eq!(patience.rank(Duration::from_secs(2)), LockRank::First);
        assert_eq!(patience.rank(Duration::from_millis(1500)), LockRank::Third);
    }
}
