//! A server's answer in, an access token or a typed error out. Every limit on what is believed.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Deserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Cause, Error, ServerAnswer, Status, server_hint};
use crate::grant::GrantType;
use crate::http::Answer;
use crate::jwt;
use crate::secret::{Secret, printable, redact};

const LONGEST_ACCESS_TOKEN: usize = 16 * 1024;
/// Seconds, where the server names no lifetime.
const DEFAULT_LIFETIME: i64 = 300;
/// A Retry-After beyond this many seconds is taken for a mistake.
const LONGEST_RETRY_AFTER: u64 = 7 * 86_400;
/// Servers tolerate about this much between their clock and ours.
const TOLERATED_SKEW: Duration = Duration::from_secs(30);
/// A hundred years: no token lives longer, and no time overflows.
const LONGEST_BELIEVED: i64 = 100 * 366 * 86_400;

/// An access token and what the server said of it. A clone is the same token and costs nothing.
#[derive(Clone, Debug)]
pub struct Token(Arc<Parts>);

/// Texts end in a NUL, so that C reads them where they are. Aligned, so that two tokens' counts of
/// references are never in one line of a processor's cache.
#[derive(Clone, Debug)]
#[repr(align(128))]
struct Parts {
    access_token: Secret,
    scope: Option<String>,
    expires_at: SystemTime,
}

impl Token {
    /// The token, for an `Authorization: Bearer` header: printable ASCII, at most 16 KiB.
    pub fn access_token(&self) -> &str {
        without_nul(self.0.access_token.expose())
    }

    /// Always `bearer` (RFC 6750).
    pub fn token_type(&self) -> &'static str {
        "bearer"
    }

    /// What the token may be used for, where the server said so.
    pub fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref().map(without_nul)
    }

    /// When the server stops taking it, whatever unit it used.
    pub fn expires_at(&self) -> SystemTime {
        self.0.expires_at
    }

    /// What is left of it at `now`; zero once expired.
    pub fn expires_in(&self, now: SystemTime) -> Duration {
        self.0.expires_at.duration_since(now).unwrap_or_default()
    }

    /// Of texts that were checked before: they hold no NUL.
    pub(crate) fn new(access_token: &str, scope: Option<&str>, expires_at: SystemTime) -> Self {
        let with_nul = |text: &str| [text, "\0"].concat();
        Self(Arc::new(Parts {
            access_token: Secret::new(with_nul(access_token)),
            scope: scope.map(with_nul),
            expires_at,
        }))
    }

    /// The same token in memory of its own.
    pub(crate) fn apart(&self) -> Self {
        Self(Arc::new(Parts::clone(&self.0)))
    }

    /// Reads the answer to a request of `grant_type` that was sent at `sent_at`. `secrets` are
    /// removed from every text of the server's that ends in an error.
    pub(crate) fn from_answer(
        answer: &Answer,
        grant_type: GrantType,
        sent_at: SystemTime,
        secrets: &[&str],
    ) -> Result<Self, Error> {
        let refusal = |status| refused(status, answer, sent_at, secrets);
        let not_a_token = |problem: &str| not_a_token_answer(answer, problem, secrets);
        match answer.status {
            200 => {
                let body = json_object(&answer.body).map_err(not_a_token)?;
                if is_refusal(&body) {
                    return Err(refusal(Status::Rejected));
                }
                read_token(&body, answer, grant_type, sent_at)
                    .map_err(|problem| not_a_token(&problem))
            }
            429 => Err(refusal(Status::RateLimited)),
            408 | 500..=599 => Err(refusal(Status::Unavailable)),
            400..=499 => Err(refusal(Status::Rejected)),
            300..=399 => Err(not_a_token("it is a redirect, which is never followed")
                .with_hint("check the host and path of the token URL")),
            _ => Err(not_a_token("its HTTP status is not 200")),
        }
    }
}

/// Some servers refuse with HTTP 200.
fn is_refusal(body: &Map<String, Value>) -> bool {
    body.get("error").is_some_and(|error| !error.is_null())
        || body.get("success") == Some(&Value::Bool(false))
}

fn read_token(
    body: &Map<String, Value>,
    answer: &Answer,
    grant_type: GrantType,
    sent_at: SystemTime,
) -> Result<Token, String> {
    let access_token = match body.get("access_token") {
        Some(Value::String(token)) => token,
        Some(_) => return Err("its access_token is not a string".into()),
        None => return Err("it has no access_token".into()),
    };
    if access_token.is_empty() || access_token.len() > LONGEST_ACCESS_TOKEN {
        return Err("its access_token is empty or over 16 KiB".into());
    }
    if !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("its access_token does not fit into a header".into());
    }
    match body.get("token_type") {
        None | Some(Value::Null) => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(_) => return Err("its token_type is not bearer".into()),
    }
    let scope = match body.get("scope") {
        Some(Value::String(scope)) if scope.chars().any(char::is_control) => {
            return Err("its scope holds a control character".into());
        }
        Some(Value::String(scope)) if !scope.is_empty() => Some(scope.as_str()),
        _ => None,
    };
    // By the server's clock, where it tells: ours may be wrong.
    let now = answer.date().unwrap_or(sent_at);
    let mut lifetime = lifetime(body, grant_type, now)?;
    match ims_lifetime(access_token, now) {
        Some(left) if left > 0 => lifetime = lifetime.min(left),
        // By our own clock alone, it may be the clock that is wrong.
        Some(_) if answer.date().is_some() => return Err("its token has expired already".into()),
        _ => {}
    }
    let expires_at = sent_at + Duration::from_secs(lifetime.unsigned_abs());
    Ok(Token::new(access_token, scope, expires_at))
}

fn without_nul(text: &str) -> &str {
    text.strip_suffix('\0').unwrap_or(text)
}

/// Seconds that the answer gives the token at `now`; always over 0.
fn lifetime(
    body: &Map<String, Value>,
    grant_type: GrantType,
    now: SystemTime,
) -> Result<i64, String> {
    let given = |name| body.get(name).filter(|value| !value.is_null());
    let lifetime = if let Some(value) = given("expires_in") {
        let expires_in = integer(value).ok_or("its expires_in is not a whole number")?;
        expires_in / grant_type.expires_in_per_second()
    } else if let Some(value) = given("expires") {
        integer(value).ok_or("its expires is not a whole number")? - unix_seconds(now)
    } else {
        DEFAULT_LIFETIME
    };
    if !(1..=LONGEST_BELIEVED).contains(&lifetime) {
        return Err("its token is expired already or would live over 100 years".into());
    }
    Ok(lifetime.min(grant_type.longest_lifetime().unwrap_or(lifetime)))
}

/// Seconds that an IMS access token, itself a JWT, still gives itself at `now`: `created_at` and
/// `expires_in`, milliseconds in strings. `None` where it says nothing, or nothing that can be.
fn ims_lifetime(access_token: &str, now: SystemTime) -> Option<i64> {
    let claims: Value = serde_json::from_str(&jwt::decode(access_token)?.claims).ok()?;
    let created_at = integer(claims.get("created_at")?)? / 1000;
    let expires_in = integer(claims.get("expires_in")?)? / 1000;
    let age = unix_seconds(now).saturating_sub(created_at).max(0);
    Some(expires_in - age)
}

/// A positive whole number, bare or in a string.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
    .filter(|number| *number > 0)
}

/// Whole seconds since 1970; 0 before it.
pub(crate) fn unix_seconds(time: SystemTime) -> i64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}

/// The error for an answer that is none: neither a token nor a refusal.
fn not_a_token_answer(answer: &Answer, problem: &str, secrets: &[&str]) -> Error {
    let message = format!("the answer is not a token answer: {problem} (HTTP {})", answer.status);
    let error = Error::new(Status::Response, message).with_server_answer(ServerAnswer {
        http_status: Some(answer.status),
        debug_id: answer.header("x-debug-id").map(|id| printable(id, secrets)),
        ..ServerAnswer::default()
    });
    if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        error.with_hint(
            "the answer is an HTML page: check the token URL, and whether a proxy or a login page \
             stands in between",
        )
        .with_cause(Cause::NoErrorText)
    } else {
        error
    }
}

/// The error for an answer that refuses, whatever its body.
fn refused(status: Status, answer: &Answer, sent_at: SystemTime, secrets: &[&str]) -> Error {
    let fields = refusal_fields(&answer.body);
    let text = |name| {
        let text = redact(fields.get(name)?.as_str()?, secrets);
        (!text.is_empty()).then_some(text)
    };
    let server = ServerAnswer {
        http_status: Some(answer.status),
        oauth_error: text("error"),
        oauth_description: text("error_description"),
        debug_id: answer.header("x-debug-id").map(|id| printable(id, secrets)),
        retry_after: retry_after(answer),
    };
    let verb = match status {
        Status::RateLimited => "asks to slow down",
        Status::Unavailable => "is unavailable",
        _ => "refused",
    };
    let mut message = format!("the token server {verb}: HTTP {}", answer.status);
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
    let row = server_hint(
        answer.status,
        server.oauth_error.as_deref().unwrap_or_default(),
        server.oauth_description.as_deref().unwrap_or_default(),
    );
    let gives_no_reason = status == Status::Rejected && server.oauth_error.is_none();
    let (hint, cause) = match row {
        Some(row) => (Some(row.hint), row.cause),
        None if gives_no_reason => (Some(NO_ERROR_TEXT), Some(Cause::NoErrorText)),
        None => (None, None),
    };
    let error = Error::new(status, message).with_server_answer(server);
    match clock_skew(answer, sent_at) {
        Some(skew) => error.with_hint(skew).with_cause(cause.or(Some(Cause::ClockOrExp))),
        None => error.with_cause(cause),
    }
    .with_more_hint(hint)
}

const NO_ERROR_TEXT: &str = "the answer names no error, as a token server's does: check the host \
    and path of the token URL, and whether a proxy or a login page stands in between";

/// Says how far this machine's clock is off, where it is: the server's is read at some time between
/// request and answer.
fn clock_skew(answer: &Answer, sent_at: SystemTime) -> Option<String> {
    let date = answer.date()?;
    let ahead = sent_at.duration_since(date).map(|ahead| (ahead, "ahead of"));
    let behind = date.duration_since(answer.received_at).map(|behind| (behind, "behind"));
    let (skew, direction) = ahead.or(behind).ok()?;
    (skew > TOLERATED_SKEW).then(|| {
        format!("this machine's clock is {} s {direction} the server's: set it", skew.as_secs())
    })
}

/// Retry-After in seconds, given as such or as a date (RFC 9110 section 10.2.3).
fn retry_after(answer: &Answer) -> Option<u64> {
    let text = answer.header("retry-after")?.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let date = httpdate::parse_http_date(text).ok()?;
            let now = answer.date().unwrap_or(answer.received_at);
            let wait = date.duration_since(now).ok()?;
            // Rounded up, or the next attempt would come before the date.
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        }
    };
    (seconds <= LONGEST_RETRY_AFTER).then_some(seconds)
}

/// A body as a JSON object in which no name stands twice. The error says what it is instead,
/// without quoting it.
fn json_object(body: &[u8]) -> Result<Map<String, Value>, &'static str> {
    if body.is_empty() {
        return Err("it is empty");
    }
    let mut fields = Map::new();
    read_fields(body, &mut fields)
        .map(|()| fields)
        .map_err(|_| "it is not a JSON object with unique names")
}

/// What can be read of a refusal: `error` tells which hint fits, whatever is wrong with the rest.
/// A body that was cut at the limit ends inside its longest text, which is closed here.
fn refusal_fields(body: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    if read_fields(body, &mut fields).is_err_and(|error| error.is_eof()) {
        fields.clear();
        // Whatever fails now, the fields before it are read.
        let _ = read_fields(&[body, b"\"}"].concat(), &mut fields);
    }
    fields
}

/// Reads a JSON object into `fields`; on an error, what stands before it.
fn read_fields(json: &[u8], fields: &mut Map<String, Value>) -> serde_json::Result<()> {
    let mut parser = serde_json::Deserializer::from_slice(json);
    parser.deserialize_map(Fields(fields))?;
    parser.end()
}

/// Which of two fields of one name counts is anyone's guess: that is an error.
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
            let answer = Answer { status: 400, headers, body, received_at };
            let error = Token::from_answer(&answer, GrantType::JwtExchange, sent_at, &[]);
            let hint = error.unwrap_err().hint().unwrap().to_owned();
            assert_eq!(hint.contains("this machine's clock is"), !told.is_empty(), "{hint}");
            assert!(hint.contains(told) && hint.contains("sign a new one"), "{hint}");
        }
    }
}
