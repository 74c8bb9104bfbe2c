//! A credentials file with another client secret.

use std::path::Path;

use super::account::Credentials;
use super::formats::parse_file;
use super::options::CredentialsOptions;
use super::setting::bad;
use super::source::{CREDENTIALS_FILE, Files, Source};
use crate::error::Error;
use crate::secret::Secret;
use crate::user_path;

/// A credentials file as it is with a new client secret. Nothing is written.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rewritten {
    /// The content. It differs from the file's in the client secret alone, to the byte.
    pub content: Secret,
    /// The credentials that it holds.
    pub credentials: Credentials,
}

impl Rewritten {
    /// Reads the file at `path`, of any format that [`Credentials::from_file`] reads, and puts
    /// `new_secret` wherever its client secret stands.
    ///
    /// # Errors
    /// Those of [`Credentials::from_file`];
    /// [`Status::Credentials`](crate::Status::Credentials) where the file holds no client secret or
    /// several, where the secret is encoded in another way than its format usually does, and where the
    /// new content would not be the same credentials with the new secret.
    pub fn new(
        path: impl AsRef<Path>,
        options: &CredentialsOptions,
        new_secret: &Secret,
    ) -> Result<Self, Error> {
        let path = &*user_path::resolved(path.as_ref());
        let source = Source::File(path);
        let cannot = |problem: &str| bad(problem).at(source.place());
        let old = Credentials::from_file(path, options)?;
        let old_secret = old.client_secret().map_err(|_| cannot("holds no client secret"))?;
        if !old.others.is_empty() {
            return Err(cannot("holds several client secrets or private keys")
                .with_hint("leave only the secret that works"));
        }
        let files = Files::new(source, options);
        let bytes = files.read(&CREDENTIALS_FILE, path)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| cannot("is not UTF-8 text"))?;
        let content = replaced(text, old_secret.expose(), new_secret.expose());
        let credentials = content.and_then(|content| {
            let settings = parse_file(content.expose().as_bytes(), options).ok()?;
            let credentials = settings.credentials(options, &files).ok()?;
            let is_same = credentials.client_secret().is_ok_and(|secret| secret == new_secret)
                && credentials.identity() == old.identity();
            is_same.then_some(Self { content, credentials })
        });
        credentials.ok_or_else(|| {
            cannot(
                "cannot be rewritten: its client secret is not found in its text, or is a part of \
                    another setting too",
            )
            .with_hint("replace the client secret in it by hand")
        })
    }
}

/// Returns `text` with `new` wherever `old` stands as a whole value; `None` where it does not.
fn replaced(text: &str, old: &str, new: &str) -> Option<Secret> {
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    let (old, new) = match is_json {
        true => (Secret::new(quoted(old)?), Secret::new(quoted(new)?)),
        false => (Secret::from(old), Secret::from(new)),
    };
    let (old, new) = (old.expose().as_str(), new.expose().as_str());
    let begins = |before: &str| {
        is_json
            || before.is_empty()
            || before.ends_with(is_boundary)
            || before.ends_with(['=', ':', '['])
    };
    let ends = |after: &str| {
        is_json || after.is_empty() || after.starts_with(is_boundary) || after.starts_with(']')
    };
    // Allocated at its full size, because growing would leave copies behind.
    let count = text.matches(old).count();
    let mut content = String::with_capacity(text.len() + count * new.len());
    let (mut from, mut is_found) = (0, false);
    for (at, _) in text.match_indices(old) {
        if begins(&text[..at]) && ends(&text[at + old.len()..]) {
            content.push_str(&text[from..at]);
            content.push_str(new);
            (from, is_found) = (at + old.len(), true);
        }
    }
    content.push_str(&text[from..]);
    let content = Secret::new(content);
    is_found.then_some(content)
}

fn is_boundary(c: char) -> bool {
    c.is_whitespace() || ['"', '\'', '`', ','].contains(&c)
}

/// Returns a text as JSON.
fn quoted(text: &str) -> Option<String> {
    serde_json::to_string(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_values_are_replaced_and_all_else_stays_to_the_byte() {
        for (text, expected) in [
            (
                "{\r\n\t\"a\" : \"old\", \"b\":[\"old\"], \"older\":\"older\"}",
                "{\r\n\t\"a\" : \"new\", \"b\":[\"new\"], \"older\":\"older\"}",
            ),
            (
                "export A=old # is it\nB='old'\r\nC=[\"old\"]",
                "export A=new # is it\nB='new'\r\nC=[\"new\"]",
            ),
            ("\u{feff}A=old", "\u{feff}A=new"),
            ("  secret: old\n  key: old.pem", "  secret: new\n  key: old.pem"),
        ] {
            assert_eq!(replaced(text, "old", "new").unwrap().expose(), expected);
        }
        for none in ["A=older", "A=o\\ld", "{\"a\": \"\\u006fld\"}", "{\"a\": \"an old one\"}"] {
            assert!(replaced(none, "old", "new").is_none(), "{none}");
        }
    }
}
