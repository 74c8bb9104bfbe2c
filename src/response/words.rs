//! The server's own words in a refusal, wherever its body has them.

use serde_json::{Map, Value};

use super::fields::readable_fields;
use crate::http::HttpResponse;

/// The names of the error's code: RFC 6749 section 5.2, then those of other APIs.
const CODES: [&str; 4] = ["error", "error_code", "errorCode", "code"];
/// The names of the error's text: RFC 6749 section 5.2, then those of other APIs and of problem
/// details (RFC 9457).
const DESCRIPTIONS: [&str; 8] = [
    "error_description",
    "message",
    "error_message",
    "errorMessage",
    "errorSummary",
    "detail",
    "reason",
    "title",
];
/// The names of an object, or of a list of objects, that holds the words.
const INNER: [&str; 2] = ["error", "errors"];
/// The number of nested objects and lists that are searched.
const MAX_DEPTH: usize = 4;

/// The words as the server sent them: not to be shown before they are clean.
#[derive(Default)]
pub(super) struct Words {
    /// The code of the error, such as `invalid_grant`.
    pub error: Option<String>,
    pub description: Option<String>,
    /// The web page about the error (RFC 6749 section 5.2).
    pub uri: Option<String>,
}

impl Words {
    /// Reads them from JSON, or from plain text.
    pub fn of(http_response: &HttpResponse) -> Self {
        let body = http_response.body.trim_ascii_start();
        match body.first() {
            Some(b'{') => Self::of_object(&readable_fields(body), MAX_DEPTH),
            Some(b'[' | b'"') => serde_json::from_slice(body)
                .map(|value| Self::of_value(&value, MAX_DEPTH))
                .unwrap_or_default(),
            Some(_) if !is_html(http_response) => {
                Self { description: plain_text(body), ..Self::default() }
            }
            _ => Self::default(),
        }
    }

    fn of_value(value: &Value, depth: usize) -> Self {
        match value {
            Value::String(text) => Self {
                description: Some(text.clone()).filter(|text| is_given(text)),
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
            fields.get(*name)?.as_str().map(str::to_owned).filter(|text| is_given(text))
        };
        let mut words = Self {
            error: CODES.iter().find_map(text),
            description: DESCRIPTIONS.iter().find_map(text),
            uri: text(&"error_uri"),
        };
        let is_nested = |value: &&Value| value.is_object() || value.is_array();
        let inner = INNER.iter().filter_map(|name| fields.get(*name).filter(is_nested));
        for value in inner.take(depth) {
            let inner = Self::of_value(value, depth - 1);
            words.error = words.error.or(inner.error);
            words.description = words.description.or(inner.description);
            words.uri = words.uri.or(inner.uri);
        }
        words
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
    http_response.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
        || begins(b"<!doctype html")
        || begins(b"<html")
}

/// Returns a body that is text. It may be cut inside of a character. A JSON value such as `null` says
/// nothing.
fn plain_text(body: &[u8]) -> Option<String> {
    let text = match str::from_utf8(body) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&body[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_json = serde_json::from_str::<Value>(text).is_ok();
    Some(text.to_owned()).filter(|text| !is_json && is_given(text))
}
