//! Backoff: the time for which a failure is remembered and no further request is sent. Time is an
//! argument, so that tests decide it.

use std::time::{Duration, SystemTime};

use super::cached::Timestamps;
use crate::cache::{MAX_FAILURE, StoredFailure};
use crate::error::{Cause, Error, Status};

/// A server that refuses will refuse again for a while.
const REJECTION: Duration = Duration::from_secs(30);
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(30);
/// The longest wait that a server's `Retry-After` can cause. Without it, a typing error there would
/// stop every host for that time. The caller still gets the server's number.
const MAX_RATE_LIMIT: Duration = MAX_FAILURE;
const MAX_UNAVAILABLE: Duration = Duration::from_secs(300);
/// The HTTP status of a request that was sent too slowly. The cause lies in the process that sent
/// it.
const REQUEST_TIMEOUT: u16 = 408;
/// A failure this long after the last begins a new streak.
const STREAK_ENDS: Duration = Duration::from_secs(60);

/// A failure to be given to the next callers.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub error: Error,
    failed_at: Timestamps,
    /// The end of the backoff: all callers before it get this failure.
    pub until: Timestamps,
    /// The number of failures in a row.
    pub streak: u32,
}

impl Failure {
    /// Makes a failure that comes after `streak` others.
    pub fn new(error: Error, streak: u32, now: Timestamps) -> Self {
        let backoff = FIRST_BACKOFF.saturating_mul(1 << streak.min(16)).min(MAX_BACKOFF);
        let least = if error.status() == Status::Rejected { REJECTION } else { backoff };
        let asked = error.retry_after().unwrap_or_default();
        let max = match error.status() {
            Status::RateLimited => MAX_RATE_LIMIT,
            _ => MAX_UNAVAILABLE,
        };
        // A server that asks for no wait still gets the usual backoff as a minimum.
        let lasts = least.max(asked.min(max));
        Self { error, failed_at: now, until: now + lasts, streak: streak + 1 }
    }

    pub fn from_stored(stored: &StoredFailure, now: Timestamps) -> Self {
        let (failed_at, until) = (now.at(stored.failed_at), now.at(stored.until));
        Self { error: stored.error.clone(), failed_at, until, streak: stored.streak }
    }

    /// Returns it as other processes find it; `proof` is the digest of what was tried.
    pub fn stored(&self, proof: String) -> StoredFailure {
        StoredFailure {
            error: self.error.clone(),
            failed_at: self.failed_at.wall,
            until: self.until.wall,
            streak: self.streak,
            proof,
        }
    }

    /// Returns whether a cache holds this very failure. Then its end is known by the steady clock, too: the wall
    /// clock may have been set back since.
    pub fn is_stored_as(&self, stored: &StoredFailure) -> bool {
        is_same(self.failed_at.wall, stored.failed_at) && is_same(self.until.wall, stored.until)
    }

    pub fn is_active(&self, now: Timestamps) -> bool {
        now.is_before(self.until)
    }

    /// Returns whether other processes would meet the same: only what the server itself said, and not of
    /// this machine's clock. How this process reaches the server is its own affair.
    pub fn concerns_all(&self) -> bool {
        use Status::{RateLimited, Rejected, Response, Unavailable};
        matches!(self.error.status(), RateLimited | Rejected | Response | Unavailable)
            && self.error.http_status().is_some_and(|status| status != REQUEST_TIMEOUT)
            && self.error.cause() != Some(Cause::ClockOrExp)
    }

    /// Returns the number of failures in a row before one at `now`.
    pub fn streak_at(&self, now: Timestamps) -> u32 {
        if now.is_before(self.until + STREAK_ENDS) { self.streak } else { 0 }
    }

    /// Returns the same error, with the time that is left until the next attempt.
    pub fn error_at(&self, now: Timestamps) -> Error {
        self.error.clone().with_retry_after_since(now.time_since(self.failed_at))
    }
}

/// Returns whether both are one time: a cache counts milliseconds.
fn is_same(one: SystemTime, other: SystemTime) -> bool {
    let difference = one.duration_since(other).unwrap_or_else(|error| error.duration());
    difference < Duration::from_millis(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ServerResponse;

    fn error(status: Status, retry_after: Option<u64>) -> Error {
        let response = ServerResponse { retry_after, ..ServerResponse::default() };
        Error::new(status, "no").with_server_response(response)
    }

    /// Returns the error of a response with this HTTP status.
    fn answered(status: Status, http_status: u16) -> Error {
        let http_status = Some(http_status);
        let response = ServerResponse { http_status, ..ServerResponse::default() };
        Error::new(status, "no").with_server_response(response)
    }

    /// Returns the seconds that a failure is remembered after `streak` others.
    fn lasts(error: Error, streak: u32) -> u64 {
        let now = Timestamps::now();
        now.time_to(Failure::new(error, streak, now).until).as_secs()
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
        let now = Timestamps::now();
        let failure = Failure::new(error(Status::Unavailable, Some(WEEK)), 0, now);
        assert_eq!(failure.error.retry_after(), Some(Duration::from_secs(WEEK)));
        let later = failure.error_at(now + Duration::from_secs(100));
        assert_eq!(later.retry_after(), Some(Duration::from_secs(WEEK - 100)));
    }

    #[test]
    fn only_what_the_server_itself_said_concerns_others() {
        let concerns_all = |error| Failure::new(error, 0, Timestamps::now()).concerns_all();
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
        let now = Timestamps::now();
        let failure = Failure::new(error(Status::Unavailable, None), 3, now);
        assert_eq!(failure.streak_at(failure.until), 4);
        assert_eq!(failure.streak_at(failure.until + STREAK_ENDS), 0);
    }

    #[test]
    fn other_processes_tell_what_is_left_of_a_servers_wait() {
        let now = Timestamps::now();
        let seconds = Duration::from_secs;
        let failure = Failure::new(error(Status::RateLimited, Some(100)), 0, now);
        let stored = failure.stored(String::new());
        assert_eq!(stored.failed_at, now.wall);
        let read = Failure::from_stored(&stored, now + seconds(30));
        let told = read.error_at(now + seconds(30)).retry_after();
        assert_eq!(told, Some(seconds(70)));
    }

    #[test]
    fn a_stored_failure_ends_at_the_same_time_everywhere() {
        let now = Timestamps::now();
        let failure = Failure::new(error(Status::Unavailable, None), 3, now);
        let stored = failure.stored(String::new());
        let later = now + Duration::from_secs(5);
        let read = Failure::from_stored(&stored, later);
        assert_eq!((read.until, read.streak), (failure.until, 4));
        assert!(read.is_active(later));
        assert!(!read.is_active(read.until), "no moment longer");
        let ended = now + Duration::from_secs(9);
        assert!(!Failure::from_stored(&stored, ended).is_active(ended));
    }

    #[test]
    fn a_failure_has_ended_as_soon_as_one_clock_says_so() {
        let now = Timestamps::now();
        let failure = Failure::new(error(Status::Unavailable, None), 3, now);
        let minute = Duration::from_secs(60);
        assert!(failure.is_active(now));
        // While the machine is suspended, only the wall clock advances.
        let suspended = Timestamps { wall: now.wall + minute, ..now };
        assert!(!failure.is_active(suspended));
        let limited = Failure::new(error(Status::RateLimited, Some(100)), 0, now);
        assert_eq!(limited.error_at(suspended).retry_after(), Some(Duration::from_secs(40)));
        let set_back = Timestamps { wall: now.wall - minute, steady: now.steady + minute };
        assert!(!failure.is_active(set_back));
    }

    #[test]
    fn a_failure_is_known_in_a_cache_that_counts_milliseconds_and_no_other_is_taken_for_it() {
        let now = Timestamps::now();
        let failure = Failure::new(error(Status::Unavailable, None), 3, now);
        let mut stored = failure.stored(String::new());
        assert!(failure.is_stored_as(&stored));
        stored.until -= Duration::from_micros(999);
        assert!(failure.is_stored_as(&stored));
        let next = Failure::new(error(Status::Unavailable, None), 3, now + Duration::from_secs(9));
        assert!(!failure.is_stored_as(&next.stored(String::new())));
    }
}
