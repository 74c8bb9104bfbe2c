//! The further attempts of a call after a failure, all within one deadline.

use std::time::{Duration, Instant};

use crate::error::{Error, Status};
use crate::http::Http;
use crate::{random, system};

/// The first wait between attempts is random below this, the next below twice this, and so on.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const MAX_WAIT: Duration = Duration::from_secs(5);
/// A server that is still starting is found this soon after it has started.
const MAX_WAIT_UNREACHED: Duration = Duration::from_millis(500);
/// A server that is still starting is waited for during this part of the time: long enough for what
/// comes up with the program (a sidecar, the network of a container), and no longer than a wrong
/// port is worth.
const PATIENCE: u32 = 3;

/// One call over the network: all that it asks for ends before its deadline.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub http: &'a Http,
    /// The number of attempts for each thing that it asks for.
    pub max_attempts: u32,
    pub deadline: Instant,
}

impl Call<'_> {
    /// Repeats `attempt` until it succeeds, or no other may follow (see [`Retry`]).
    pub fn retry<T>(&self, mut attempt: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        let mut retry = Retry::new(self.max_attempts, self.deadline);
        loop {
            match attempt() {
                Ok(value) => return Ok(value),
                Err(error) => retry.wait_after(error)?,
            }
        }
    }
}

/// The attempts of one call. Those that reached no server (see [`Error::is_unreached`]) do not count
/// for a third of the time: they cost no one anything.
pub(crate) struct Retry {
    max_attempts: u32,
    deadline: Instant,
    /// The time from the first attempt to the deadline.
    whole: Duration,
    reached: u32,
    unreached: u32,
}

impl Retry {
    /// Allows `max_attempts` before `deadline`.
    pub fn new(max_attempts: u32, deadline: Instant) -> Self {
        let whole = deadline.saturating_duration_since(system::now());
        Self { max_attempts, deadline, whole, reached: 0, unreached: 0 }
    }

    /// Sleeps until the next attempt is due, now that one ended in `error`.
    ///
    /// # Errors
    /// Returns `error` where another attempt cannot help, is not allowed, or would come too late.
    pub fn wait_after(&mut self, error: Error) -> Result<(), Error> {
        let left = self.deadline.saturating_duration_since(system::now());
        let Some(wait) = self.next_wait(&error, left, random::fraction()) else {
            return Err(error);
        };
        let tried = self.reached + self.unreached;
        log::debug!(target: "ims", "attempt {tried} failed, the next one is in {wait:.1?}: {error}");
        system::sleep(wait);
        Ok(())
    }

    /// Returns the wait before the next attempt with `left` until the deadline; `chance` is from 0 to 1.
    fn next_wait(&mut self, error: &Error, left: Duration, chance: f64) -> Option<Duration> {
        let (wait, is_allowed) = if error.is_unreached() {
            self.unreached += 1;
            let wait = wait_unreached(self.unreached, chance);
            let is_patient = self.whole.saturating_sub(left) + wait <= self.whole / PATIENCE;
            (wait, is_patient && self.max_attempts > 1)
        } else {
            self.reached += 1;
            (wait(self.reached, error, chance), self.reached < self.max_attempts)
        };
        let may_help = error.is_retryable() && error.status() != Status::Timeout;
        (may_help && is_allowed && wait < left).then_some(wait)
    }
}

/// Returns the wait before the next attempt. Half of it is random, so that it is never zero. It is
/// short enough to notice soon that the server has started.
fn wait_unreached(tried: u32, chance: f64) -> Duration {
    doubled(tried).min(MAX_WAIT_UNREACHED).mul_f64(0.5 + chance / 2.0)
}

/// Returns the wait that the server asks for. Otherwise it is random, up to a limit that grows with
/// each attempt (full jitter), so that callers who failed together do not try again together.
fn wait(tried: u32, error: &Error, chance: f64) -> Duration {
    let jitter = doubled(tried).min(MAX_WAIT).mul_f64(chance);
    error.retry_after().map_or(jitter, |wait| wait + jitter)
}

fn doubled(tried: u32) -> Duration {
    FIRST_WAIT.saturating_mul(1 << (tried - 1).min(16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ServerResponse, Transient};

    /// Returns the waits between attempts that all end in `error`.
    fn waits(max_attempts: u32, whole: Duration, chance: f64, error: &Error) -> Vec<Duration> {
        let (mut retry, mut waits) = (attempts(max_attempts, whole), Vec::new());
        let mut left = whole;
        while let Some(wait) = retry.next_wait(error, left, chance) {
            waits.push(wait);
            left = left.saturating_sub(wait);
        }
        waits
    }

    fn attempts(max_attempts: u32, whole: Duration) -> Retry {
        Retry { whole, ..Retry::new(max_attempts, Instant::now()) }
    }

    fn unavailable(retry_after: Option<u64>) -> Error {
        Error::new(Status::Unavailable, "the token server is unavailable: HTTP 503")
            .with_server_response(ServerResponse { retry_after, ..ServerResponse::default() })
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn waits_are_spread_over_a_time_that_doubles_up_to_a_bound() {
        let millis = |random| -> Vec<u128> {
            waits(9, MINUTE, random, &unavailable(None)).iter().map(Duration::as_millis).collect()
        };
        assert_eq!(millis(1.0), [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(millis(0.5), [50, 100, 200, 400, 800, 1600, 2500, 2500]);
        assert_eq!(millis(0.0), [0; 8]);
    }

    #[test]
    fn one_attempt_means_no_retry() {
        assert!(waits(1, MINUTE, 1.0, &unavailable(None)).is_empty());
    }

    #[test]
    fn a_retry_after_within_the_deadline_is_waited_for() {
        // The jitter is added: a wait is never shorter than the server asked for.
        for (random, jitter) in [(0.0, 0), (1.0, 100)] {
            let waits = waits(2, MINUTE, random, &unavailable(Some(7)));
            assert_eq!(waits, [Duration::from_millis(7_000 + jitter)]);
        }
    }

    #[test]
    fn a_wait_beyond_the_deadline_is_not_begun() {
        assert!(waits(3, MINUTE, 0.0, &unavailable(Some(60))).is_empty());
        assert!(waits(3, Duration::from_millis(50), 1.0, &unavailable(None)).is_empty());
    }

    fn unreached() -> Error {
        Error::new(Status::Connect, "refused").with_transient(Transient::Unreached)
    }

    #[test]
    fn a_server_that_starts_within_two_seconds_is_reached_by_the_default_deadline() {
        for random in [0.0, 0.3, 1.0] {
            let waits = waits(3, Duration::from_secs(10), random, &unreached());
            let total: Duration = waits.iter().sum();
            assert!(total > Duration::from_millis(2500), "{waits:?}");
            assert!(waits.iter().all(|wait| *wait <= MAX_WAIT_UNREACHED), "{waits:?}");
            // A port where nothing will ever listen costs a third of the deadline at most.
            assert!(total <= Duration::from_secs(10) / 3, "{waits:?}");
        }
        assert_eq!(
            waits(2, MINUTE, 1.0, &unreached())[..4],
            [100, 200, 400, 500].map(Duration::from_millis)
        );
    }

    #[test]
    fn attempts_that_reached_no_server_take_none_from_those_that_do() {
        let mut retry = attempts(3, MINUTE);
        for _ in 0..7 {
            assert!(retry.next_wait(&unreached(), MINUTE, 1.0).is_some());
        }
        for is_allowed in [true, true, false] {
            let wait = retry.next_wait(&unavailable(None), MINUTE, 1.0);
            assert_eq!(wait.is_some(), is_allowed);
        }
    }

    #[test]
    fn one_attempt_means_that_no_server_is_waited_for() {
        assert!(waits(1, MINUTE, 1.0, &unreached()).is_empty());
    }

    #[test]
    fn what_would_fail_again_is_not_tried_again() {
        for status in [Status::Rejected, Status::Response, Status::Tls, Status::Timeout] {
            assert!(waits(3, MINUTE, 1.0, &Error::new(status, "no")).is_empty(), "{status:?}");
        }
    }
}
