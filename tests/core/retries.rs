//! What is tried again, when, and that one deadline holds over all attempts.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::exchanges::{assert_status, exchange, http, impatient, token_answer, transport};
use ims::{Error, Status, Transport};
use support::hostile::Hostile;

fn attempts(most: u32) -> Transport {
    let mut transport = transport();
    transport.max_attempts = most;
    transport
}

fn answer(status: &str, headers: &str) -> Vec<u8> {
    http(status, headers, "")
}

/// The error of one exchange with a server that always gives this answer, and the count of its
/// requests.
fn failure(transport: &Transport, status: &str, headers: &str) -> (Error, usize) {
    let server = Hostile::answering([answer(status, headers)]);
    let error = exchange(&server.url(), transport).unwrap_err();
    (error, server.requests().len())
}

/// That far ahead, as an HTTP date.
fn date_in(seconds: u64) -> String {
    httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(seconds))
}

#[test]
fn a_500_is_mended_by_the_next_attempt_with_the_same_request() {
    let server = Hostile::answering([answer("500 Oops", ""), token_answer()]);
    exchange(&server.url(), &attempts(3)).unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0], requests[1]);
}

#[test]
fn status_408_and_5xx_are_retried_and_then_unavailable() {
    for status in ["408 Request Timeout", "500 Oops", "502 Oops", "503 Oops", "504 Oops", "599 Odd"]
    {
        let (error, requests) = failure(&attempts(2), status, "");
        assert_status(&error, Status::Unavailable);
        assert!(error.is_retryable());
        assert_eq!(requests, 2);
    }
}

#[test]
fn status_429_is_retried_and_then_rate_limited() {
    let (error, requests) = failure(&attempts(2), "429 Too Many Requests", "");
    assert_status(&error, Status::RateLimited);
    assert!(error.is_retryable());
    assert_eq!(requests, 2);
    assert_eq!(error.retry_after(), None);
}

#[test]
fn one_attempt_means_no_retry() {
    let (_, requests) = failure(&attempts(1), "503 Oops", "");
    assert_eq!(requests, 1);
}

#[test]
fn retry_after_within_the_deadline_is_waited_for() {
    for is_date in [false, true] {
        let retry_after = if is_date { date_in(2) } else { "1".into() };
        let limited = answer("429 Slow down", &format!("Retry-After: {retry_after}\r\n"));
        let server = Hostile::answering([limited, token_answer()]);
        let start = Instant::now();
        exchange(&server.url(), &attempts(2)).unwrap();
        // A date has whole seconds, and one of the two may be nearly over.
        assert!(start.elapsed() >= Duration::from_secs(1), "{retry_after}");
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn retry_after_beyond_the_deadline_is_not_waited_for_but_reported() {
    for status in ["429 Slow down", "503 Later"] {
        let start = Instant::now();
        let (error, requests) = failure(&attempts(3), status, "Retry-After: 60\r\n");
        assert!(start.elapsed() < transport().timeout / 2);
        assert_eq!(requests, 1);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
        assert!(error.message().ends_with("; retry after 60 s"), "{error}");
    }
}

#[test]
fn retry_after_may_be_a_date_counted_by_the_servers_clock() {
    // A clock that is an hour behind.
    let headers =
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:51:07 GMT\r\n";
    let (error, requests) = failure(&attempts(3), "429 Slow down", headers);
    assert_eq!(requests, 1);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
}

#[test]
fn an_absurd_retry_after_is_as_if_not_given() {
    for retry_after in [
        "-1",
        "",
        "soon",
        "1.5",
        "1e3",
        "9999999999",
        "99999999999999999999999",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 9994 08:49:37 GMT",
        "Sun, 99 Nov 2099",
        "60, 60",
    ] {
        let headers = format!("Retry-After: {retry_after}\r\n");
        let (error, requests) = failure(&attempts(2), "429 Slow down", &headers);
        assert_status(&error, Status::RateLimited);
        assert_eq!(requests, 2, "{retry_after}");
        assert_eq!(error.retry_after(), None, "{retry_after}");
    }
}

#[test]
fn slow_attempts_end_at_the_one_deadline() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        thread::sleep(Duration::from_millis(120));
        connection.send(answer("503 Later", ""))
    });
    let mut transport = impatient();
    transport.max_attempts = 10;
    // That it ended in time is checked with every exchange.
    let error = exchange(&server.url(), &transport).unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    assert!(server.requests().len() <= 3, "{}", server.requests().len());
}

#[test]
fn a_second_attempt_that_hangs_ends_at_the_one_deadline() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        if connection.number > 0 {
            return connection.hang();
        }
        connection.send(answer("503 Later", "Retry-After: 0\r\n"))
    });
    let mut transport = impatient();
    // Time enough for the first attempt.
    transport.timeout = Duration::from_secs(2);
    transport.max_attempts = 3;
    assert_status(&exchange(&server.url(), &transport).unwrap_err(), Status::Timeout);
    assert_eq!(server.requests().len(), 2);
}
