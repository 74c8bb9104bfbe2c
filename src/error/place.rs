//! The place of a problem: a file, the environment, or JSON text.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::text::is_path;
use crate::secret::REDACTED;

/// The place of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// A file.
    File(File),
    /// The variables of the process.
    Environment,
    /// JSON text that the program passed.
    Json,
    /// A part of a file, such as `account 2`.
    Part(String),
}

impl Place {
    /// Makes a file's place: see [`File::new`].
    pub fn file(noun: &'static str, path: &Path) -> Self {
        Self::File(File::new(noun, path))
    }

    /// Returns true if an error that names a setting also names the place. There is only one
    /// environment and one JSON text, so the setting is enough for these.
    pub(super) fn is_named_with_field(&self) -> bool {
        !matches!(self, Self::Environment | Self::Json)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.fmt(f),
            Self::Environment => f.write_str("the environment"),
            Self::Json => f.write_str("the credentials' JSON text"),
            Self::Part(name) => f.write_str(name),
        }
    }
}

/// A file as errors name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Such as `key file`.
    noun: Cow<'static, str>,
    name: String,
}

impl File {
    /// Names the file at `path`. A text that a user gave instead of a path is not shown where it
    /// looks like a key or like credentials, nor is the password of a URL.
    pub fn new(noun: &'static str, path: &Path) -> Self {
        let mut name = path.display().to_string();
        if name.trim_start().starts_with('{') || name.contains("{\"") || !is_path(name.as_bytes()) {
            name = "(its name is not shown, it looks like a secret)".to_owned();
        }
        Self { noun: noun.into(), name: without_password(name) }
    }

    /// Returns the name as it may be shown.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Changes the name, for example to remove secrets.
    pub(super) fn map_name(&mut self, change: impl Fn(&str) -> String) {
        self.name = change(&self.name);
    }
}

/// Returns the text of a URL without the user and password that it may hold (RFC 3986 section 3.2.1).
fn without_password(name: String) -> String {
    let Some((scheme, rest)) = name.split_once("://") else { return name };
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rsplit_once('@') {
        Some((user, _)) => format!("{scheme}://{REDACTED}{}", &rest[user.len()..]),
        None => name,
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.noun, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_url_that_stands_for_a_path_is_not_shown() {
        for (path, shown) in [
            ("https://me:p@ss@host/key.pem", "https://[redacted]@host/key.pem"),
            ("/etc/app/s3://me@bucket", "/etc/app/s3://[redacted]@bucket"),
            ("https://host/a@b", "https://host/a@b"),
            ("/home/a@b/key.pem", "/home/a@b/key.pem"),
        ] {
            assert_eq!(File::new("key file", Path::new(path)).name(), shown);
        }
    }
}
