//! The response of a token server: the JSON object that was asked for, or a typed error.

mod fields;
mod words;

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::error::{
    Cause, Error, Refusal, Sent, ServerResponse, Status, printable, redact, server_hint,
};
use crate::http::HttpResponse;
use fields::json_object;
pub(crate) use fields::wipe;
use words::{Words, is_html};

/// The headers in which servers name the request, for their support to find it: Adobe's, Entra's,
/// Okta's, Amazon's, and the usual ones.
const REQUEST_IDS: [&str; 6] = [
    "x-debug-id",
    "x-ms-request-id",
    "x-okta-request-id",
    "x-amzn-requestid",
    "x-correlation-id",
    "x-request-id",
];
/// A Retry-After beyond this many seconds is taken for a mistake.
const MAX_RETRY_AFTER: u64 = 7 * 86_400;
/// The difference between the server's clock and this machine's that servers usually tolerate.
const TOLERATED_SKEW: Duration = Duration::from_secs(30);

/// The usual sender of a response.
pub(crate) const TOKEN_SERVER: &str = "the token server";

/// A response, and what its errors need.
pub(crate) struct Response<'a> {
    pub http_response: &'a HttpResponse,
    /// The server as errors call it, such as "the token server".
    pub sender: &'static str,
    /// The expected content, such as "a token response".
    pub expected: &'static str,
    /// The kind of server in the tables of hints; `None`: any.
    pub server: Option<&'static str>,
    /// The proof of the client and the grant that were sent.
    pub sent: [Option<Sent>; 2],
    pub sent_at: SystemTime,
    /// The secrets that are removed from every text of the server in an error.
    pub secrets: &'a [&'a str],
}

impl Response<'_> {
    /// Returns the body of a response that grants the request.
    pub fn object(&self) -> Result<Map<String, Value>, Error> {
        match self.http_response.status {
            200..=299 => {
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
            _ => Err(self.unusable("its HTTP status is not 2xx")),
        }
    }

    /// Returns the error for a response that is neither the expected one nor a refusal.
    pub fn unusable(&self, problem: &str) -> Error {
        let Self { http_response, expected, .. } = self;
        let message =
            format!("the response is not {expected}: {problem} (HTTP {})", http_response.status);
        let error = Error::new(Status::Response, message).with_server_response(ServerResponse {
            http_status: Some(http_response.status),
            debug_id: self.request_id().map(|(_, id)| id),
            ..ServerResponse::default()
        });
        if is_html(http_response) {
            error.with_hint(HTML).with_cause(Cause::NoErrorText)
        } else {
            error
        }
    }

    /// Returns the error for a refusal, whatever its body.
    fn refused(&self, status: Status) -> Error {
        let Self { http_response, sender, secrets, .. } = self;
        let words = Words::of(http_response);
        let clean = |text: Option<Zeroizing<String>>| {
            text.map(|text| redact(&text, secrets)).filter(|text| !text.is_empty())
        };
        let mut request_ids: Vec<(&str, String)> = self.request_id().into_iter().collect();
        let of_body = words.request_ids.into_iter();
        request_ids.extend(of_body.map(|(name, id)| (name, printable(&id, secrets))));
        let server = ServerResponse {
            http_status: Some(http_response.status),
            oauth_error: clean(words.error),
            oauth_description: clean(words.description),
            uri: clean(words.uri),
            debug_id: request_ids.first().map(|(_, id)| id.clone()),
            retry_after: retry_after(http_response),
            clock_offset: clock_offset(http_response, self.sent_at),
        };
        let verb = match status {
            Status::RateLimited => "asks to slow down",
            Status::Unavailable => "is unavailable",
            _ => "refused",
        };
        let mut message = format!("{sender} {verb}: HTTP {}", http_response.status);
        for (before, part) in
            [(" ", &server.oauth_error), (": ", &server.oauth_description), ("; see ", &server.uri)]
        {
            if let Some(part) = part {
                message.push_str(before);
                message.push_str(part);
            }
        }
        for (name, id) in request_ids {
            // Descriptions of Entra hold them too, where they are not cut off.
            if !message.contains(&id) {
                message.push_str(&format!("; {name} {id}"));
            }
        }
        let row = server_hint(&Refusal {
            server: self.server,
            sent: self.sent,
            http_status: http_response.status,
            error: server.oauth_error.as_deref().unwrap_or_default(),
            description: server.oauth_description.as_deref().unwrap_or_default(),
        });
        let has_no_words = status == Status::Rejected
            && server.oauth_error.is_none()
            && server.oauth_description.is_none();
        let (hint, cause) = match row {
            Some(row) => (Some(row.hint), row.cause),
            None if has_no_words && is_html(http_response) => {
                (Some(HTML), Some(Cause::NoErrorText))
            }
            None if has_no_words => (Some(NO_ERROR_TEXT), Some(Cause::NoErrorText)),
            None => (None, None),
        };
        let error = Error::new(status, message).with_server_response(server);
        match clock_skew(http_response, self.sent_at) {
            Some(skew) => error.with_hint(skew).with_cause(cause.or(Some(Cause::ClockOrExp))),
            None => error.with_cause(cause),
        }
        .with_more_hint(hint)
    }

    /// Returns the name that the server gives the request, with the header that holds it.
    fn request_id(&self) -> Option<(&'static str, String)> {
        let header = |name: &'static str| Some((name, self.http_response.header(name)?));
        let (name, id) = REQUEST_IDS.into_iter().find_map(header)?;
        Some((name, printable(id, self.secrets)))
    }
}

const HTML: &str = "the response is an HTML page: check the token URL, and whether a proxy or a login \
    page stands in between";
const NO_ERROR_TEXT: &str = "the response has no error text, unlike a token server's: check the host \
    and path of the token URL";

/// Some servers refuse with HTTP 200. Others send an empty `error` with each token.
fn is_refusal(body: &Map<String, Value>) -> bool {
    let has_token = ["access_token", "id_token"].iter().any(|name| body.contains_key(*name));
    let is_none = |error: &Value| {
        error.is_null() || has_token && (error == false || error.as_str() == Some(""))
    };
    body.get("error").is_some_and(|error| !is_none(error))
        || body.get("success") == Some(&Value::Bool(false))
}

/// Returns a text about the error of this machine's clock, if there is one.
pub(crate) fn clock_skew(http_response: &HttpResponse, sent_at: SystemTime) -> Option<String> {
    let offset = clock_offset(http_response, sent_at)?;
    let direction = if offset < 0 { "ahead of" } else { "behind" };
    Some(format!("this machine's clock is {} s {direction} the server's: set it", offset.abs()))
}

/// Returns by how many seconds the server's clock is ahead of this machine's, if they differ by more
/// than servers tolerate. The server's time was taken between the request and the response.
fn clock_offset(http_response: &HttpResponse, sent_at: SystemTime) -> Option<i64> {
    let date = http_response.date()?;
    let seconds = |skew: Duration| i64::try_from(skew.as_secs()).unwrap_or(i64::MAX);
    let behind = sent_at.duration_since(date).map(|skew| (skew, -seconds(skew)));
    let ahead = date.duration_since(http_response.received_at).map(|skew| (skew, seconds(skew)));
    let (skew, offset) = behind.or(ahead).ok()?;
    (skew > TOLERATED_SKEW).then_some(offset)
}

/// Returns Retry-After in seconds, given as such or as a date (RFC 9110 section 10.2.3).
pub(crate) fn retry_after(http_response: &HttpResponse) -> Option<u64> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ADOBE;

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
                sender: TOKEN_SERVER,
                expected: "a token response",
                server: Some(ADOBE),
                sent: [Some(Sent::ClientSecret), Some(Sent::Assertion)],
                sent_at,
                secrets: &[],
            };
            let hint = response.object().unwrap_err().hint().unwrap().to_owned();
            assert_eq!(hint.contains("this machine's clock is"), !told.is_empty(), "{hint}");
            assert!(hint.contains(told) && hint.contains("sign a new one"), "{hint}");
        }
    }
}
