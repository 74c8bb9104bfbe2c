//! A file that something was read from, and whether it has changed since.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;

use crate::regular_file::{FileVersion, fingerprint};

/// The coarsest unit in which file systems count time, in seconds.
const COARSEST_TIMESTAMP: u64 = 2;

/// A file that is unchanged while its metadata is. Its content is compared where the metadata cannot tell: the first time,
/// and in the first seconds after a change, for another one may have the same time.
pub(super) struct WatchedFile {
    path: PathBuf,
    /// The fingerprint of the content that was read; `None` where it could not be taken.
    content: Option<u64>,
    /// The version of a file with this content.
    last_seen: ArcSwapOption<Seen>,
}

impl WatchedFile {
    /// Takes the fingerprint of the content; to be called before the file is read, so that no change is missed.
    pub fn new(path: PathBuf) -> Self {
        let content = fingerprint(&path);
        Self::with_content(path, content)
    }

    /// Takes the [`fingerprint`] of what was read.
    pub fn with_content(path: PathBuf, content: Option<u64>) -> Self {
        Self { path, content, last_seen: ArcSwapOption::empty() }
    }

    /// Returns whether the file is as it was when it was read.
    pub fn is_unchanged(&self) -> bool {
        // Read before the content, so that a change in between is seen the next time.
        let Some(now) = Seen::now(&self.path) else { return false };
        match &*self.last_seen.load() {
            Some(last_seen) if last_seen.version != now.version => return false,
            Some(last_seen) if last_seen.is_conclusive => return true,
            _ => {}
        }
        let is_unchanged = self.content.is_some() && self.content == fingerprint(&self.path);
        if is_unchanged {
            self.last_seen.store(Some(now.into()));
        }
        is_unchanged
    }
}

/// A version of a regular file.
struct Seen {
    version: FileVersion,
    /// True if the file was changed so long ago that a further change gets a different time.
    is_conclusive: bool,
}

impl Seen {
    fn now(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        let version = FileVersion::from(&found);
        let changed = Duration::from_secs(version.changed_at().try_into().unwrap_or_default());
        let age = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH + changed);
        let is_conclusive = age.is_ok_and(|age| age.as_secs() > COARSEST_TIMESTAMP);
        Some(Self { version, is_conclusive })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use support::directory::Directory;

    use super::*;

    /// Writes content of one size, as old by the time that programs can set as any other.
    fn write(path: &Path, content: &str) {
        fs::write(path, content).unwrap();
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }

    #[test]
    fn another_content_is_noticed_however_like_the_last_the_file_looks() {
        let directory = Directory::new();
        let path = directory.path().join("file");
        write(&path, "one");
        let watched = WatchedFile::new(path.clone());
        write(&path, "two");
        assert!(!watched.is_unchanged());
        write(&path, "one");
        assert!(watched.is_unchanged() && watched.is_unchanged());
        // Simulates a file system whose clock does not advance.
        write(&path, "two");
        watched.last_seen.store(Seen::now(&path).map(Into::into));
        assert!(!watched.is_unchanged());
        fs::remove_file(&path).unwrap();
        assert!(!watched.is_unchanged());
    }

    #[test]
    fn a_file_that_was_touched_has_changed() {
        let directory = Directory::new();
        let path = directory.write("file", "content");
        let watched = WatchedFile::new(path.clone());
        assert!(watched.is_unchanged());
        write(&path, "content");
        assert!(!watched.is_unchanged());
    }
}
