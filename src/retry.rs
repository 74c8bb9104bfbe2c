//! When a call that failed is tried again: all attempts inside one deadline.

use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Status};
pub(crate) use crate::random::fraction as random;

/// The first wait between attempts is random below this, the next below twice this, and so on.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// A server that is still starting is found this soon after it has started.
const MAX_WAIT_UNREACHED: Duration = Duration::from_millis(500);
/// For a server that is still starting, this part of the deadline is waited: long enough for what
/// comes up with the program (a sidecar, the network of a container), and no longer than a wrong
/// port is worth.
const PATIENCE: u32 = 3;

/// Makes at most `max_attempts` before `deadline`. Those that reached no server (see
/// [`Error::is_unreached`]) do not count for a third of the time: they cost no one anything.
pub(crate) fn retry<T>(
    max_attempts: u32,
    deadline: Instant,
    attempt: impl FnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let retry = Retry {
        max_attempts,
        left: &|| deadline.saturating_duration_since(Instant::now()),
        random: &random,
        sleep: &thread::sleep,
    };
    retry.run(attempt)
}

/// Time and chance are given, so that tests are exact.
struct Retry<'a> {
    max_attempts: u32,
    /// What is left until the deadline.
    left: &'a dyn Fn() -> Duration,
    /// A number from 0 to 1.
    random: &'a dyn Fn() -> f64,
    sleep: &'a dyn Fn(Duration),
}

impl Retry<'_> {
    /// Runs `attempt` until it succeeds, cannot succeed, or the next one would come too late.
    fn run<T>(&self, mut attempt: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        let whole = (self.left)();
        let (mut reached, mut unreached) = (0, 0);
        loop {
            let error = match attempt() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let left = (self.left)();
            let (wait, may_wait) = if error.is_unreached() {
                unreached += 1;
                let wait = self.wait_unreached(unreached);
                let patient = whole.saturating_sub(left) + wait <= whole / PATIENCE;
                (wait, patient && self.max_attempts > 1)
            } else {
                reached += 1;
                (self.wait(reached, &error), reached < self.max_attempts)
            };
            let again = error.is_retryable()
                && error.status() != Status::Timeout
                && may_wait
                && wait < left;
            if !again {
                return Err(error);
            }
            let tried = reached + unreached;
            log::debug!(target: "ims", "attempt {tried} failed, the next one is in {wait:.1?}: {error}");
            (self.sleep)(wait);
        }
    }

    /// Half of it random: never at once, and never so long that a server which has started is not
    /// noticed.
    fn wait_unreached(&self, tried: u32) -> Duration {
        let longest = FIRST_WAIT.saturating_mul(1 << (tried - 1).min(16)).min(MAX_WAIT_UNREACHED);
        longest.mul_f64(0.5 + (self.random)() / 2.0)
    }

    /// What the server asks for, or else full jitter: spread over the whole of a growing time, so
    /// that callers who failed together do not come back together.
    fn wait(&self, tried: u32, error: &Error) -> Duration {
        let longest = FIRST_WAIT.saturating_mul(1 << (tried - 1).min(16)).min(LONGEST_WAIT);
        let jitter = longest.mul_f64((self.random)());
        error.retry_after().map_or(jitter, |seconds| Duration::from_secs(seconds) + jitter)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::error::{ServerAnswer, Transient};

    /// Runs attempts that all end in `error` and returns the waits between them.
    fn waits(max_attempts: u32, left: Duration, random: f64, error: &Error) -> Vec<Duration> {
        let waits = RefCell::new(Vec::new());
        let retry = Retry {
            max_attempts,
            left: &|| left.saturating_sub(waits.borrow().iter().sum()),
            random: &|| random,
            sleep: &|wait| waits.borrow_mut().push(wait),
        };
        let result: Result<(), Error> = retry.run(|| Err(error.clone()));
        assert_eq!(result.unwrap_err().status(), error.status());
        waits.into_inner()
    }

    fn unavailable(retry_after: Option<u64>) -> Error {
        Error::new(Status::Unavailable, "the token server is unavailable: HTTP 503")
            .with_server_answer(ServerAnswer { retry_after, ..ServerAnswer::default() })
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
        // The jitter comes on top: a wait is never shorter than asked for.
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
        let (slept, tried) = (RefCell::new(Duration::ZERO), RefCell::new(0));
        let retry = Retry {
            max_attempts: 3,
            left: &|| MINUTE.saturating_sub(*slept.borrow()),
            random: &|| 1.0,
            sleep: &|wait| *slept.borrow_mut() += wait,
        };
        let result: Result<(), Error> = retry.run(|| {
            *tried.borrow_mut() += 1;
            Err(if *tried.borrow() <= 7 { unreached() } else { unavailable(None) })
        });
        assert_eq!(result.unwrap_err().status(), Status::Unavailable);
        assert_eq!(tried.into_inner(), 7 + 3);
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
