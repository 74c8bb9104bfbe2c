//! The last requests, for the page: what was decided, and the JWTs in them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::{Map, Value};

use super::form::Form;
use super::log::LogEntry;
use super::verify::Jwt;
use ims::error::redact;
use ims::unix_seconds;

/// The number of requests that are kept.
const MAX_REQUESTS: usize = 30;
/// The length in characters of a header's or of claims' text that is kept.
const MAX_TEXT: usize = 4000;
/// The form's fields that hold a JWT.
const FIELDS: [&str; 4] = ["client_assertion", "assertion", "jwt_token", "subject_token"];

/// The last requests, the latest first.
#[derive(Default)]
pub(super) struct Recent(Mutex<VecDeque<Seen>>);

/// A request that was answered.
#[derive(Clone)]
pub(super) struct Seen {
    pub at: SystemTime,
    pub entry: LogEntry,
    pub jwts: Vec<SeenJwt>,
}

/// A JWT without its signature.
#[derive(Clone)]
pub(super) struct SeenJwt {
    pub field: &'static str,
    /// Header and claims as indented JSON, or `None` if it cannot be decoded.
    pub parts: Option<[String; 2]>,
    /// The times in it, in words.
    pub times: Vec<String>,
}

impl Recent {
    pub fn add(&self, seen: Seen) {
        self.with(|requests| {
            requests.truncate(MAX_REQUESTS - 1);
            requests.push_front(seen);
        });
    }

    pub fn list(&self) -> Vec<Seen> {
        self.with(|requests| requests.iter().cloned().collect())
    }

    fn with<T>(&self, act: impl FnOnce(&mut VecDeque<Seen>) -> T) -> T {
        // No panic can leave the list half changed, so a poisoned lock is used.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Returns the JWTs in a form, without their signatures and `secrets`.
pub(super) fn jwts(form: &Form, secrets: &[&str], now: SystemTime) -> Vec<SeenJwt> {
    let field = |field: &&'static str| Some((*field, form.get(field)?));
    FIELDS
        .iter()
        .filter_map(field)
        .map(|(field, text)| match Jwt::parse(text) {
            Err(_) => SeenJwt { field, parts: None, times: Vec::new() },
            Ok(jwt) => SeenJwt {
                field,
                parts: Some([&jwt.header, &jwt.claims].map(|part| shown(part, secrets))),
                times: times(&jwt.claims, unix_seconds(now)),
            },
        })
        .collect()
}

/// Returns the times of a JWT, relative to `now`, in seconds.
fn times(claims: &Map<String, Value>, now: i64) -> Vec<String> {
    let in_words = |name: &&str| {
        let from_now = claims.get(*name)?.as_i64()?.saturating_sub(now);
        Some(match from_now {
            ..0 => format!("{name} was {} s before the request", from_now.unsigned_abs()),
            _ => format!("{name} is {from_now} s after the request"),
        })
    };
    ["iat", "nbf", "exp"].iter().filter_map(in_words).collect()
}

fn shown(part: &Map<String, Value>, secrets: &[&str]) -> String {
    let clean = part
        .iter()
        .map(|(name, value)| (redact(name, secrets), without_secrets(value, secrets)))
        .collect::<Map<_, _>>();
    let text = serde_json::to_string_pretty(&clean).unwrap_or_default();
    text.chars().take(MAX_TEXT).collect()
}

fn without_secrets(value: &Value, secrets: &[&str]) -> Value {
    match value {
        Value::String(text) => redact(text, secrets).into(),
        Value::Array(values) => {
            values.iter().map(|value| without_secrets(value, secrets)).collect()
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (redact(name, secrets), without_secrets(value, secrets)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}
