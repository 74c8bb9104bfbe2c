//! The circuit breaker of a cache: after repeated failures the cache is not used for some time.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::system;

/// The number of failures in a row that opens the breaker.
const MAX_FAILURES: u32 = 3;
const MIN_REST: Duration = Duration::from_secs(5);
const MAX_REST: Duration = Duration::from_secs(30);

/// Atomics and no lock: a child may be forked while another thread is in here.
pub(super) struct Breaker {
    since: Instant,
    failures: AtomicU32,
    /// Milliseconds after `since`.
    rest_until: AtomicU64,
}

impl Breaker {
    pub fn new() -> Self {
        Self { since: system::now(), failures: AtomicU32::new(0), rest_until: AtomicU64::new(0) }
    }

    /// Returns whether it is to be left alone.
    pub fn rests(&self, now: Instant) -> bool {
        self.milliseconds(now) < self.rest_until.load(Relaxed)
    }

    pub fn succeeded(&self) {
        self.failures.store(0, Relaxed);
    }

    pub fn failed(&self, now: Instant) {
        let before = self.failures.fetch_add(1, Relaxed);
        if let Some(doublings) = (before.saturating_add(1)).checked_sub(MAX_FAILURES) {
            let rest = MIN_REST * 2_u32.pow(doublings.min(8));
            self.rest_until.store(self.milliseconds(now + rest.min(MAX_REST)), Relaxed);
        }
    }

    fn milliseconds(&self, time: Instant) -> u64 {
        time.saturating_duration_since(self.since).as_millis().try_into().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_in_a_row_bring_a_rest_of_5_s_and_more_of_them_one_of_30_s_at_most() {
        let (breaker, now) = (Breaker::new(), Instant::now());
        breaker.failed(now);
        breaker.failed(now);
        breaker.succeeded();
        breaker.failed(now);
        breaker.failed(now);
        assert!(!breaker.rests(now));
        for rest in [5, 10, 20, 30, 30, 30] {
            breaker.failed(now);
            assert!(breaker.rests(now + Duration::from_secs(rest) - Duration::from_millis(10)));
            assert!(!breaker.rests(now + Duration::from_secs(rest) + Duration::from_millis(10)));
        }
        breaker.succeeded();
        breaker.failed(now + Duration::from_secs(31));
        assert!(!breaker.rests(now + Duration::from_secs(31)));
    }
}
