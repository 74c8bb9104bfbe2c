//! When a call that failed is tried again: all attempts inside one deadline.

use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Status};

/// The first wait between attempts is random below this, the next below twice this, and so on.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Makes at most `max_attempts` before `deadline`.
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
        let mut tried = 0;
        loop {
            let error = match attempt() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            tried += 1;
            let wait = self.wait(tried, &error);
            let again = error.is_retryable()
                && error.status() != Status::Timeout
                && tried < self.max_attempts
                && wait < (self.left)();
            if !again {
                return Err(error);
            }
            log::debug!(target: "ims", "attempt {tried} failed, the next one is in {wait:.1?}: {error}");
            (self.sleep)(wait);
        }
    }

    /// What the server asks for, or else full jitter: spread over the whole of a growing time, so
    /// that callers who failed together do not come back together.
    fn wait(&self, tried: u32, error: &Error) -> Duration {
        let longest = FIRST_WAIT.saturating_mul(1 << (tried - 1).min(16)).min(LONGEST_WAIT);
        let jitter = longest.mul_f64((self.random)());
        error.retry_after().map_or(jitter, |seconds| Duration::from_secs(seconds) + jitter)
    }
}

/// From the system each time: forked children would share a generator's state, and so its waits.
pub(crate) fn random() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::error::ServerAnswer;

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

    #[test]
    fn what_would_fail_again_is_not_tried_again() {
        for status in [Status::Rejected, Status::Response, Status::Tls, Status::Timeout] {
            assert!(waits(3, MINUTE, 1.0, &Error::new(status, "no")).is_empty(), "{status:?}");
        }
    }

    #[test]
    fn chance_is_from_0_to_1_and_differs() {
        let chances: Vec<f64> = (0..10).map(|_| random()).collect();
        assert!(chances.iter().all(|chance| (0.0..=1.0).contains(chance)));
        assert!(chances.iter().any(|chance| *chance != chances[0]));
    }
}
