//! The choice of a cache, and its text.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::str::FromStr;

use super::problem::misconfigured;
use super::redis;
use crate::error::Error;
use crate::secret::Secret;

/// The place where a client keeps its token.
///
/// A shared entry is sealed with a key that comes from the account's own private key or client
/// secret: a thief learns the client id and when it expires, and nothing else.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Cache {
    /// This process.
    #[default]
    Memory,
    /// Stores nothing: every call is an exchange.
    None,
    /// A file, for all processes of this user. The directory is absolute; `None` stands for
    /// `ims` in `XDG_RUNTIME_DIR` or else in the user's cache directory.
    File(Option<PathBuf>),
    /// Redis, for all machines: `redis://[user:password@]host[:port][/database]`, or `rediss://`
    /// for TLS; with Sentinel `redis+sentinel://[user:password@]host,host/service[/database]`, as a
    /// cluster `redis+cluster://[user:password@]host,host`.
    Redis(Secret),
}

impl Cache {
    /// Reads `memory`, `none`, `file:`, `file:/DIRECTORY`, `redis://...` or `rediss://...`.
    ///
    /// # Errors
    /// [`Status::Cache`](crate::Status::Cache) for anything else; the text never repeats it, for it may hold a password.
    pub fn parse(text: &OsStr) -> Result<Self, Error> {
        let cache = match text.to_str() {
            Some("memory") => Self::Memory,
            Some("none") => Self::None,
            Some("file:") => Self::File(None),
            Some(url) if is_redis(url) => Self::Redis(url.into()),
            _ => Self::File(Some(directory(text).ok_or_else(unknown)?)),
        };
        cache.check()?;
        Ok(cache)
    }

    /// # Errors
    /// [`Status::Cache`](crate::Status::Cache) for a relative directory, and for a Redis URL that cannot be one.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self {
            Self::Memory | Self::None | Self::File(None) => Ok(()),
            Self::File(Some(directory)) if directory.is_absolute() => Ok(()),
            Self::File(Some(_)) => Err(misconfigured("is a directory that is not absolute")
                .with_hint("write the whole path, as in file:/var/lib/app/tokens")),
            Self::Redis(url) => redis::Address::parse(url).map(|_| ()),
        }
    }
}

impl FromStr for Cache {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text.as_ref())
    }
}

/// Returns whether the scheme of `text` is one of Redis's; the rest is checked later.
fn is_redis(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| matches!(scheme.split('+').next(), Some("redis" | "rediss")))
}

/// Returns what follows `file:`; a path is any bytes.
fn directory(text: &OsStr) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let path = text.as_bytes().strip_prefix(b"file:")?;
    Some(PathBuf::from(OsStr::from_bytes(path)))
}

fn unknown() -> Error {
    misconfigured("is of an unknown kind").with_hint(
        "write memory, none, file:, file:/DIRECTORY, redis://HOST:PORT/DATABASE, \
         redis+sentinel://... or redis+cluster://..., over TLS rediss...",
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::Status;

    #[test]
    fn every_kind_of_cache_has_a_text() {
        let parse = |text: &str| text.parse::<Cache>().unwrap();
        assert!(matches!(parse("memory"), Cache::Memory));
        assert!(matches!(parse("none"), Cache::None));
        assert!(matches!(parse("file:"), Cache::File(None)));
        let directory = Path::new("/var/lib/a b");
        assert!(matches!(parse("file:/var/lib/a b"), Cache::File(Some(path)) if path == directory));
    }
    #[test]
    fn redis_has_a_text_that_no_debug_shows() {
        for text in ["redis://host", "rediss://user:s3cret@[::1]:7000/3", "redis://:s3cret@host"] {
            let cache: Cache = text.parse().unwrap();
            assert_eq!(format!("{cache:?}"), "Redis([redacted])");
        }
    }

    #[test]
    fn any_other_text_is_an_error_that_repeats_none_of_it() {
        for text in [
            "",
            "disk",
            "Memory",
            "file",
            "file:s3cret",
            "file://s3cret/x",
            "redis:s3cret",
            "redis://",
            "redis://:s3cret@host:port",
            "redis://:s3cret@host/database",
            "rediss://:s3cret@host#insecure",
            "http://s3cret@host",
        ] {
            let Err(error) = text.parse::<Cache>() else {
                assert_eq!(text, "file://s3cret/x", "a path may begin with two slashes");
                continue;
            };
            assert_eq!(error.status(), Status::Cache, "{text}");
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
            assert!(error.hint().is_some());
        }
    }
}
