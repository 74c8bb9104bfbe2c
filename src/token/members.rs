//! The further members of a token response, such as `instance_url`, by name.

use std::mem;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::error::printable;
use crate::secret::Secret;

/// The most members that are kept, and their length in bytes, counted as JSON.
const MAX_MEMBERS: usize = 64;
const MAX_LENGTH: usize = 16 * 1024;
/// The members that [`Token`](super::Token) has in another way.
const KNOWN: [&str; 4] = ["access_token", "accessToken", "expires_in", "scope"];

/// A further member of a token response. It may be a secret.
#[derive(Clone, Copy)]
pub enum Member<'a> {
    /// A text.
    Text(&'a str),
    /// The JSON of a number, a list or another value that is no text.
    Json(&'a str),
}

impl<'a> Member<'a> {
    /// Returns the text, or the JSON.
    pub fn as_str(self) -> &'a str {
        let (Self::Text(text) | Self::Json(text)) = self;
        text
    }
}

/// Members by name. Each text ends in a NUL, so that C reads it where it is, and may be a secret, such
/// as an ID token.
#[derive(Debug, Default)]
pub(super) struct Members(Vec<Kept>);

#[derive(Debug)]
struct Kept {
    name: String,
    text: Secret,
    is_json: bool,
}

impl Members {
    /// Takes the members of a response within the limits. The order of their names decides, so that
    /// equal responses have equal members.
    pub fn from_response(body: &Map<String, Value>) -> Self {
        let mut members = Self::default();
        let mut left = MAX_LENGTH;
        for (name, value) in body {
            let is_json = !value.is_string();
            let text = match value {
                Value::Null => continue,
                // Any other type than this one says something of the token.
                Value::String(kind) if name == "token_type" && !is_not_applicable(kind) => continue,
                _ if KNOWN.contains(&name.as_str()) => continue,
                Value::String(text) => Zeroizing::new(text.clone()),
                value => json(value),
            };
            let length = json_length(name) + json_length(&text);
            // C would take a NUL for the end of the text.
            let is_text = !name.contains('\0') && !text.contains('\0');
            if !is_text || length > left || members.0.len() == MAX_MEMBERS {
                let name = printable(name, &[]);
                log::debug!(target: "ims", "the response's member {name} is too long to be kept");
                continue;
            }
            left -= length;
            members.push(name, if is_json { Member::Json(&text) } else { Member::Text(&text) });
        }
        members
    }

    /// Adds a member that was checked before.
    pub fn push(&mut self, name: &str, member: Member) {
        let text = Secret::new([member.as_str(), "\0"].concat());
        let is_json = matches!(member, Member::Json(_));
        self.0.push(Kept { name: name.to_owned(), text, is_json });
    }

    /// Returns the text of a member, with the NUL at its end.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|kept| kept.name == name).map(|kept| kept.text.expose().as_str())
    }

    /// Returns the names and members, these without the NUL.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Member<'_>)> {
        self.0.iter().map(|Kept { name, text, is_json }| {
            let text = text.expose().trim_end_matches('\0');
            (name.as_str(), if *is_json { Member::Json(text) } else { Member::Text(text) })
        })
    }
}

/// Returns whether a token type says that the token is no access token (RFC 8693 section 2.2.1).
pub(super) fn is_not_applicable(token_type: &str) -> bool {
    token_type.trim().eq_ignore_ascii_case("N_A")
}

/// Writes a value as JSON. Allocated at the size of the longest body, because growing would leave
/// copies behind that are not wiped.
fn json(value: &Value) -> Zeroizing<String> {
    let mut json = Zeroizing::new(Vec::with_capacity(64 * 1024));
    // Neither can fail: a value is written to a vector as UTF-8.
    let written = serde_json::to_writer(&mut *json, value);
    debug_assert!(written.is_ok());
    Zeroizing::new(String::from_utf8(mem::take(&mut *json)).unwrap_or_default())
}

/// Returns the length in bytes of a text as JSON.
fn json_length(text: &str) -> usize {
    let length = |c: char| match c {
        '"' | '\\' => 2,
        c if c.is_ascii_control() => 6,
        c => c.len_utf8(),
    };
    text.chars().map(length).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &serde_json::Value) -> Members {
        Members::from_response(json.as_object().unwrap())
    }

    #[test]
    fn no_more_members_are_kept_than_fit_into_a_cache() {
        let many: Map<String, Value> =
            (0..1000).map(|number| (format!("m{number:03}"), "x".into())).collect();
        assert_eq!(Members::from_response(&many).0.len(), MAX_MEMBERS);
        let long = members(&serde_json::json!({
            "a": "x".repeat(MAX_LENGTH), "b": "\u{1}".repeat(MAX_LENGTH / 6 + 1), "c": "short", "d": "a\0b"
        }));
        assert_eq!(long.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["c"]);
    }

    #[test]
    fn no_debug_shows_a_members_text() {
        let shown = format!("{:?}", members(&serde_json::json!({"refresh_token": "s3cret"})));
        assert!(shown.contains("refresh_token") && !shown.contains("s3cret"), "{shown}");
    }
}
