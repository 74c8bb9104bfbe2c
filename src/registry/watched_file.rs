//! A file that something was read from, and whether it has changed since.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;

use crate::regular_file::fingerprint;

/// The coarsest unit in which file systems count time, in seconds.
const COARSEST_TIMESTAMP: u64 = 2;

/// A file that is unchanged while its metadata is. Its content is compared where the metadata cannot tell: the first time,
/// and in the first seconds after a change, for another one may have the same time.
pub(super) struct WatchedFile {
    path: PathBuf,
    /// The fingerprint of the content that was read; `None` where it could not be taken.
    content: Option<u64>,
    /// The metadata of a file with this content.
    last_seen: ArcSwapOption<Metadata>,
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

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether the file is as it was when it was read.
    pub fn is_unchanged(&self) -> bool {
        // Before the content is read: a change in between shows the next time.
        let Some(now) = Metadata::read(&self.path) else { return false };
        match &*self.last_seen.load() {
            Some(last_seen) if !last_seen.is_same(&now) => return false,
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

/// The metadata that changes with a regular file. Times are in seconds and nanoseconds.
struct Metadata {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    /// The time of the last change of the metadata (ctime). No program can set it back.
    changed: (i64, i64),
    /// True if the file was changed so long ago that a further change gets a different time.
    is_conclusive: bool,
}

impl Metadata {
    fn read(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        let changed = Duration::from_secs(found.ctime().try_into().unwrap_or_default());
        let age = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH + changed);
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
            is_conclusive: age.is_ok_and(|age| age.as_secs() > COARSEST_TIMESTAMP),
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        let all = |one: &Self| (one.device, one.inode, one.size, one.modified, one.changed);
        all(self) == all(other)
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
        // As on a file system whose clock stands still.
        write(&path, "two");
        watched.last_seen.store(Metadata::read(&path).map(Into::into));
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
