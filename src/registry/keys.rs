//! Keys that a process shares.

use std::path;
use std::path::Path;
use std::sync::Arc;

use super::digest::{Digest, Digester};
use super::table::Table;
use super::watched_file::WatchedFile;
use crate::error::Error;
use crate::key::Key;
use crate::user_path;

/// A process that uses more keys than this in turn reads some of them again.
const MAX_SHARED_KEYS: usize = 64;

static KEYS: Table<SharedKey> = Table::new();

struct SharedKey {
    key: Arc<Key>,
    /// The file of the key, if it was read from one.
    file: Option<WatchedFile>,
}

impl Key {
    /// Returns the key that an earlier call read from the same file with the same passphrase, or reads it as
    /// [`Key::from_file`] does where the file has changed since.
    ///
    /// The process keeps the 64 keys that were used last. A forked child reads its own.
    ///
    /// # Errors
    /// Those of [`Key::from_file`].
    pub fn shared_from_file(
        path: impl AsRef<Path>,
        passphrase: Option<&[u8]>,
    ) -> Result<Arc<Self>, Error> {
        let path = &*user_path::resolved(path.as_ref());
        let read = || Self::from_file(path, passphrase).map(Arc::new);
        // If the current directory has no name, the file must be read to know which one is meant.
        let Ok(absolute) = path::absolute(path) else { return read() };
        let digest = Digester::new("file").with_path(&absolute).with_optional(given(passphrase));
        shared(&digest.finish(), || {
            let file = Some(WatchedFile::new(absolute));
            Ok(SharedKey { key: read()?, file })
        })
    }

    /// Returns the key that an earlier call made from the same bytes with the same passphrase, or makes it as
    /// [`Key::from_bytes`] does.
    ///
    /// The process keeps the 64 keys that were used last. A forked child makes its own.
    ///
    /// # Errors
    /// Those of [`Key::from_bytes`].
    pub fn shared_from_bytes(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<Arc<Self>, Error> {
        let digest = Digester::new("bytes").with(bytes).with_optional(given(passphrase));
        shared(&digest.finish(), || {
            let key = Self::from_bytes(bytes, passphrase).map(Arc::new)?;
            Ok(SharedKey { key, file: None })
        })
    }
}

/// An empty passphrase counts as not given.
fn given(passphrase: Option<&[u8]>) -> Option<&[u8]> {
    passphrase.filter(|passphrase| !passphrase.is_empty())
}

fn shared(
    digest: &Digest,
    read: impl FnOnce() -> Result<SharedKey, Error>,
) -> Result<Arc<Key>, Error> {
    let is_current =
        |shared: &SharedKey| shared.file.as_ref().is_none_or(WatchedFile::is_unchanged);
    let shared = KEYS.get_or_make(digest, MAX_SHARED_KEYS, is_current, read)?;
    Ok(Arc::clone(&shared.key))
}
