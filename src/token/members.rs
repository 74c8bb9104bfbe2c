//! The further members of a token response, such as `instance_url`, by name.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::error::printable;
use crate::secret::Secret;

/// The most members that are kept, and their length in bytes, counted as JSON.
const MAX_MEMBERS: usize = 64;
const MAX_LENGTH: usize = 16 * 1024;
/// The members that [`Token`](super::Token) has in another way.
const KNOWN: [&str; 3] = ["access_token", "expires_in", "scope"];

/// Members with their texts, or their JSON where they are no texts. Each text ends in a NUL, so that
/// C reads it where it is, and may be a secret, such as an ID token.
#[derive(Debug, Default)]
pub(super) struct Members(Vec<(String, Secret)>);

impl Members {
    /// Takes the members of a response within the limits. The order of their names decides, so that
    /// equal responses have equal members.
    pub fn from_response(body: &Map<String, Value>) -> Self {
        let mut members = Self::default();
        let mut left = MAX_LENGTH;
        for (name, value) in body {
            let text = match value {
                Value::Null => continue,
                // Any other type than this one says something of the token.
                Value::String(kind) if name == "token_type" && !is_not_applicable(kind) => continue,
                _ if KNOWN.contains(&name.as_str()) => continue,
                Value::String(text) => Zeroizing::new(text.clone()),
                value => Zeroizing::new(value.to_string()),
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
            members.push(name.clone(), &text);
        }
        members
    }

    /// Adds a member that was checked before.
    pub fn push(&mut self, name: String, text: &str) {
        self.0.push((name, Secret::new([text, "\0"].concat())));
    }

    /// Returns the text of a member, with the NUL at its end.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.expose().as_str())
    }

    /// Returns the names and texts, each with the NUL at its end.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.expose().as_str()))
    }
}

/// Returns whether a token type says that the token is no access token (RFC 8693 section 2.2.1).
pub(super) fn is_not_applicable(token_type: &str) -> bool {
    token_type.trim().eq_ignore_ascii_case("N_A")
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
