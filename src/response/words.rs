//! The server's own words in a refusal, wherever its body has them.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::fields::{readable_fields, wipe};
use crate::http::HttpResponse;

/// The names of the error's code: RFC 6749 section 5.2, then those of other APIs.
const CODES: [&str; 5] = ["error", "error_code", "errorCode", "ErrorCode", "code"];
/// The names of the error's text: RFC 6749 section 5.2, then those of other APIs and of problem
/// details (RFC 9457).
const DESCRIPTIONS: [&str; 11] = [
    "error_description",
    "message",
    "error_message",
    "errorMessage",
    "errorSummary",
    "faultstring",
    "Error",
    "msg",
    "detail",
    "reason",
    "title",
];
/// The names of an object, or of a list of objects, that holds the words.
const INNER: [&str; 4] = ["error", "errors", "fault", "detail"];
/// The names of the request's name, which the server's support asks for: Entra's and Okta's.
const REQUEST_IDS: [&str; 3] = ["trace_id", "correlation_id", "errorId"];
/// The number of nested objects and lists that are searched.
const MAX_DEPTH: usize = 4;

/// The words as the server sent them: not to be shown before they are clean.
#[derive(Default)]
pub(super) struct Words {
    /// The code of the error, such as `invalid_grant`.
    pub error: Option<Zeroizing<String>>,
    pub description: Option<Zeroizing<String>>,
    /// The web page about the error (RFC 6749 section 5.2).
    pub uri: Option<Zeroizing<String>>,
    /// The server's names for the request, each with the name of its member.
    pub request_ids: Vec<(&'static str, Zeroizing<String>)>,
}

impl Words {
    /// Reads them from JSON, or from plain text.
    pub fn of(http_response: &HttpResponse) -> Self {
        let body = http_response.body.trim_ascii_start();
        match body.first() {
            Some(b'{') => Self::of_wiped(Value::Object(readable_fields(body))),
            Some(b'[' | b'"') => {
                serde_json::from_slice(body).map(Self::of_wiped).unwrap_or_default()
            }
            Some(_) if !is_html(http_response) => {
                Self { description: plain_text(body), ..Self::default() }
            }
            _ => Self::default(),
        }
    }

    fn of_wiped(mut value: Value) -> Self {
        let words = Self::of_value(&value, MAX_DEPTH);
        wipe(&mut value);
        words
    }

    fn of_value(value: &Value, depth: usize) -> Self {
        match value {
            Value::String(text) => Self {
                description: Some(text.clone().into())
                    .filter(|text: &Zeroizing<String>| is_given(text)),
                ..Self::default()
            },
            Value::Object(fields) => Self::of_object(fields, depth),
            Value::Array(values) if depth > 0 => {
                values.first().map(|first| Self::of_value(first, depth - 1)).unwrap_or_default()
            }
            _ => Self::default(),
        }
    }

    fn of_object(fields: &Map<String, Value>, depth: usize) -> Self {
        let text = |name: &&str| {
            let text = fields.get(*name)?.as_str().filter(|text| is_given(text))?;
            Some(Zeroizing::new(text.to_owned()))
        };
        let number = |name: &&str| {
            // A lower one is an HTTP status, which is told already, or says nothing.
            let is_own = |value: &&Value| value.as_u64().is_some_and(|code| code >= 600);
            fields.get(*name).filter(is_own).map(|value| value.to_string().into())
        };
        let request_id = |name: &&'static str| Some((*name, text(name)?));
        let mut words = Self {
            error: CODES.iter().find_map(text).or_else(|| CODES[1..].iter().find_map(number)),
            description: DESCRIPTIONS.iter().find_map(text),
            uri: text(&"error_uri"),
            request_ids: REQUEST_IDS.iter().filter_map(request_id).collect(),
        };
        let is_nested = |value: &&Value| value.is_object() || value.is_array();
        let inner = INNER.iter().filter_map(|name| fields.get(*name).filter(is_nested));
        for value in inner.filter(|_| depth > 0) {
            let inner = match Self::of_value(value, depth - 1) {
                Self { error: None, description: None, .. } => Self::of_named(value, depth - 1),
                words => words,
            };
            words.error = words.error.or(inner.error);
            words.description = words.description.or(inner.description);
            words.uri = words.uri.or(inner.uri);
            words.request_ids.extend(inner.request_ids);
        }
        words
    }

    /// Reads an object whose members are named after what is wrong, such as
    /// `{"client_id":["is unknown"]}`.
    fn of_named(value: &Value, depth: usize) -> Self {
        let named = value.as_object().into_iter().flatten().filter(|_| depth > 0);
        let mut described = named.filter_map(|(name, value)| {
            let description = Self::of_value(value, depth - 1).description?;
            let description = Zeroizing::new(format!("{name}: {}", *description));
            Some(Self { description: Some(description), ..Self::default() })
        });
        described.next().unwrap_or_default()
    }
}

fn is_given(text: &str) -> bool {
    !text.trim().is_empty()
}

/// Returns whether a response is a page for people.
pub(super) fn is_html(http_response: &HttpResponse) -> bool {
    let body = http_response.body.trim_ascii_start();
    let begins = |start: &[u8]| {
        body.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    let is_called_html = |kind: &str| {
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
    };
    http_response.header("content-type").is_some_and(is_called_html)
        || [&b"<!doctype html"[..], b"<html", b"<!--"].into_iter().any(begins)
}

/// Returns a body that is text. It may be cut inside of a character. A JSON value such as `null` says
/// nothing.
fn plain_text(body: &[u8]) -> Option<Zeroizing<String>> {
    let text = match str::from_utf8(body) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&body[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_json = serde_json::from_str::<Value>(text).is_ok();
    (!is_json && is_given(text)).then(|| text.to_owned().into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_looked_for_four_levels_deep() {
        let mut value = json!("no such scope");
        for _ in 0..4 {
            value = json!([value]);
        }
        assert_eq!(Words::of_wiped(value.clone()).description.unwrap().as_str(), "no such scope");
        assert!(Words::of_wiped(json!([value])).description.is_none());
    }
}
