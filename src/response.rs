//! The response of a token server: the JSON object that was asked for, or a typed error.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::Deserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Cause, Error, ServerHint, ServerResponse, Status, printable, redact};
use crate::http::HttpResponse;

/// A Retry-After beyond this many seconds is taken for a mistake.
const MAX_RETRY_AFTER: u64 = 7 * 86_400;
/// The difference between the server's clock and this machine's that servers usually tolerate.
const TOLERATED_SKEW: Duration = Duration::from_secs(30);

/// A response, and what its errors need.
pub(crate) struct Response<'a> {
    pub http_response: &'a HttpResponse,
    /// The expected content, such as "a token response".
    pub expected: &'static str,
    /// The kind of server in the tables of hints; `None`: any.
    pub server: Option<&'static str>,
    /// Tells what to do about a refusal by this server, of this HTTP status, `error` and
    /// `error_description`.
    pub hint: fn(Option<&str>, u16, &str, &str) -> Option<&'static ServerHint>,
    pub sent_at: SystemTime,
    /// The secrets that are removed from every text of the server in an error.
    pub secrets: &'a [&'a str],
}

impl Response<'_> {
    /// Returns the body of a response that grants the request.
    pub fn object(&self) -> Result<Map<String, Value>, Error> {
        match self.http_response.status {
            200 => {
                let body = json_object(&self.http_response.body)
                    .map_err(|problem| self.unusable(problem))?;
                if is_refusal(&body) { Err(self.refused(Status::Rejected)) } else { Ok(body) }
            }
            429 => Err(self.refused(Status::RateLimited)),
            408 | 500..=599 => Err(self.refused(Status::Unavailable)),
            400..=499 => Err(self.refused(Status::Rejected)),
            300..=399 => Err(self
                .unusable("it is a redirect, which is never followed")
                .with_hint("check the host and path of the token URL")),
            _ => Err(self.unusable("its HTTP status is not 200")),
        }
    }

    /// Returns the error for a response that is neither the expected one nor a refusal.
    pub fn unusable(&self, problem: &str) -> Error {
        let Self { http_response, expected, secrets, .. } = self;
        let message =
            format!("the response is not {expected}: {problem} (HTTP {})", http_response.status);
        let error = Error::new(Status::Response, message).with_server_response(ServerResponse {
            http_status: Some(http_response.status),
            debug_id: http_response.header("x-debug-id").map(|id| printable(id, secrets)),
            ..ServerResponse::default()
        });
        if http_response.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            error.with_hint(
                "the response is an HTML page: check the token URL, and whether a proxy or a login \
                 page stands in between",
            )
            .with_cause(Cause::NoErrorText)
        } else {
            error
        }
    }

    /// Returns the error for a refusal, whatever its body.
    fn refused(&self, status: Status) -> Error {
        let Self { http_response, secrets, .. } = self;
        let fields = refusal_fields(&http_response.body);
        let text = |name| {
            let text = redact(fields.get(name)?.as_str()?, secrets);
            (!text.is_empty()).then_some(text)
        };
        let server = ServerResponse {
            http_status: Some(http_response.status),
            oauth_error: text("error"),
            oauth_description: text("error_description"),
            debug_id: http_response.header("x-debug-id").map(|id| printable(id, secrets)),
            retry_after: retry_after(http_response),
        };
        let verb = match status {
            Status::RateLimited => "asks to slow down",
            Status::Unavailable => "is unavailable",
            _ => "refused",
        };
        let mut message = format!("the token server {verb}: HTTP {}", http_response.status);
        for (before, part) in [
            (" ", &server.oauth_error),
            (": ", &server.oauth_description),
            ("; x-debug-id ", &server.debug_id),
        ] {
            if let Some(part) = part {
                message.push_str(before);
                message.push_str(part);
            }
        }
        let row = (self.hint)(
            self.server,
            http_response.status,
            server.oauth_error.as_deref().unwrap_or_default(),
            server.oauth_description.as_deref().unwrap_or_default(),
        );
        let gives_no_reason = status == Status::Rejected && server.oauth_error.is_none();
        let (hint, cause) = match row {
            Some(row) => (Some(row.hint), row.cause),
            None if gives_no_reason => (Some(NO_ERROR_TEXT), Some(Cause::NoErrorText)),
            None => (None, None),
        };
        let error = Error::new(status, message).with_server_response(server);
        match clock_skew(http_response, self.sent_at) {
            Some(skew) => error.with_hint(skew).with_cause(cause.or(Some(Cause::ClockOrExp))),
            None => error.with_cause(cause),
        }
        .with_more_hint(hint)
    }
}

const NO_ERROR_TEXT: &str = "the response has no error text, unlike a token server's: check the host \
    and path of the token URL, and whether a proxy or a login page stands in between";

/// Some servers refuse with HTTP 200.
fn is_refusal(body: &Map<String, Value>) -> bool {
    body.get("error").is_some_and(|error| !error.is_null())
        || body.get("success") == Some(&Value::Bool(false))
}

/// Returns a text about the error of this machine's clock, if there is one. The server's time was
/// taken between the request and the response.
pub(crate) fn clock_skew(http_response: &HttpResponse, sent_at: SystemTime) -> Option<String> {
    let date = http_response.date()?;
    let ahead = sent_at.duration_since(date).map(|ahead| (ahead, "ahead of"));
    let behind = date.duration_since(http_response.received_at).map(|behind| (behind, "behind"));
    let (skew, direction) = ahead.or(behind).ok()?;
    (skew > TOLERATED_SKEW).then(|| {
        format!("this machine's clock is {} s {direction} the server's: set it", skew.as_secs())
    })
}

/// Retry-After in seconds, given as such or as a date (RFC 9110 section 10.2.3).
fn retry_after(http_response: &HttpResponse) -> Option<u64> {
    let text = http_response.header("retry-after")?.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let date = httpdate::parse_http_date(text).ok()?;
            let now = http_response.date().unwrap_or(http_response.received_at);
            let wait = date.duration_since(now).ok()?;
            // Rounded up, so that the next attempt does not come before the date.
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        }
    };
    (seconds <= MAX_RETRY_AFTER).then_some(seconds)
}

/// Parses a body as a JSON object with unique names. The error is the problem, without a quotation
/// of the body.
fn json_object(body: &[u8]) -> Result<Map<String, Value>, &'static str> {
    if body.is_empty() {
        return Err("it is empty");
    }
    let mut fields = Map::new();
    read_fields(body, &mut fields)
        .map(|()| fields)
        .map_err(|_| "it is not a JSON object with unique names")
}

/// Returns the fields of a refusal that can be read. Its `error` selects the hint, even if the rest
/// is damaged. A body that was cut at the limit ends inside its longest text, which is closed here.
fn refusal_fields(body: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    if read_fields(body, &mut fields).is_err_and(|error| error.is_eof()) {
        fields.clear();
        // An error is ignored, because the fields before it have been read.
        let _ = read_fields(&[body, b"\"}"].concat(), &mut fields);
    }
    fields
}

/// Reads a JSON object into `fields`. On an error, `fields` has those before it.
fn read_fields(json: &[u8], fields: &mut Map<String, Value>) -> serde_json::Result<()> {
    let mut parser = serde_json::Deserializer::from_slice(json);
    parser.deserialize_map(Fields(fields))?;
    parser.end()
}

/// Collects the fields of an object. Two fields of one name are an error, because servers and
/// clients differ in which of them counts.
struct Fields<'a>(&'a mut Map<String, Value>);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry()? {
            if self.0.contains_key::<String>(&name) {
                return Err(A::Error::custom("a name stands twice"));
            }
            self.0.insert(name, value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ADOBE, server_hint};

    #[test]
    fn a_wrong_clock_is_told_and_a_slow_answer_is_none() {
        let clock_of_server = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let date = httpdate::fmt_http_date(clock_of_server).parse().unwrap();
        let minute = Duration::from_secs(60);
        for (sent_at, received_at, told) in [
            (clock_of_server + minute, clock_of_server + 2 * minute, "60 s ahead of the server's"),
            (clock_of_server - 2 * minute, clock_of_server - minute, "60 s behind the server's"),
            (clock_of_server - minute, clock_of_server + minute, ""),
            (clock_of_server - minute, clock_of_server, ""),
        ] {
            let headers = [(http::header::DATE, http::HeaderValue::clone(&date))];
            let headers = headers.into_iter().collect();
            let body = br#"{"error":"invalid_token","error_description":"expired"}"#.to_vec();
            let http_response = HttpResponse { status: 400, headers, body, received_at };
            let response = Response {
                http_response: &http_response,
                expected: "a token response",
                server: Some(ADOBE),
                hint: server_hint,
                sent_at,
                secrets: &[],
            };
            let hint = response.object().unwrap_err().hint().unwrap().to_owned();
            assert_eq!(hint.contains("this machine's clock is"), !told.is_empty(), "{hint}");
            assert!(hint.contains(told) && hint.contains("sign a new one"), "{hint}");
        }
    }
}
