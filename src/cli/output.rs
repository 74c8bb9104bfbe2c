//! What the command line writes: a token as JSON, and files in one piece.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;
use std::time::SystemTime;

use crate::error::{Error, Status};
use crate::secret::Secret;
use crate::token::{Token, unix_seconds};

/// `{"access_token", "token_type", "scope", "expires_at", "expires_in"}`.
pub(super) fn token_json(token: &Token) -> Result<Secret, Error> {
    #[derive(serde::Serialize)]
    struct Json<'a> {
        access_token: &'a str,
        token_type: &'a str,
        scope: Option<&'a str>,
        expires_at: i64,
        expires_in: u64,
    }
    let json = Json {
        access_token: token.access_token(),
        token_type: token.token_type(),
        scope: token.scope(),
        expires_at: unix_seconds(token.expires_at()),
        expires_in: token.expires_in(SystemTime::now()).as_secs(),
    };
    serde_json::to_string(&json)
        .map(Secret::from)
        .map_err(|_| Error::new(Status::Internal, "the token cannot be written as JSON"))
}

/// Replaces the file that `path` leads to, or makes it. Whoever reads it sees the old one or the
/// new; what stands there keeps its permissions and owner.
pub(super) fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    // Of a link, the file that it leads to.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    // A name that nobody else has: two may write at once.
    let mut beside = path.clone().into_os_string();
    beside.push(format!(".{:08x}.new", getrandom::u32().map_err(io::Error::other)?));
    let write = || {
        let old = fs::metadata(&path).ok();
        // Closed to others until it has the old one's permissions: it may hold secrets.
        let mode = if old.is_some() { 0o600 } else { 0o666 };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
        file.write_all(content)?;
        if let Some(old) = old {
            // Only root can give files away; anyone else's stay theirs.
            let _ = fchown(&file, Some(old.uid()), Some(old.gid()));
            file.set_permissions(old.permissions())?;
        }
        fs::rename(&beside, &path)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })
}
