//! A file that something was read from, and whether it has changed since.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;

use crate::regular_file::fingerprint;

/// The coarsest unit in which file systems count time.
const COARSEST_TIMESTAMP: Duration = Duration::from_secs(2);

/// A file whose content is compared, unless its metadata says already that it is unchanged.
pub(super) struct WatchedFile {
    path: PathBuf,
    /// The fingerprint of the content that was read; `None` where it could not be taken.
    content: Option<u64>,
    /// The metadata of a file with this content, where it was old enough that a change would show.
    metadata: ArcSwapOption<Metadata>,
}

impl WatchedFile {
    /// To be called before the file is read, so that no change is missed.
    pub fn new(path: PathBuf) -> Self {
        let content = fingerprint(&path);
        Self::with_content(path, content)
    }

    /// `content` is the [`fingerprint`] from before the file was read.
    pub fn with_content(path: PathBuf, content: Option<u64>) -> Self {
        Self { path, content, metadata: ArcSwapOption::empty() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn is_unchanged(&self) -> bool {
        // Before the content is read: a change in between shows the next time.
        let metadata = Metadata::read(&self.path);
        if metadata.is_some() && metadata.as_ref() == self.metadata.load().as_deref() {
            return true;
        }
        let is_unchanged = self.content.is_some() && self.content == fingerprint(&self.path);
        if is_unchanged {
            self.metadata.store(metadata.filter(Metadata::is_conclusive).map(Into::into));
        }
        is_unchanged
    }
}

/// What changes with a regular file. Times are in seconds and nanoseconds.
#[derive(PartialEq)]
struct Metadata {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    /// No program can set this time back.
    changed: (i64, i64),
}

impl Metadata {
    fn read(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }

    /// Whether the file was changed so long ago that another change would get another time.
    fn is_conclusive(&self) -> bool {
        let seconds = u64::try_from(self.changed.0).unwrap_or_default();
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        SystemTime::now()
            .duration_since(changed)
            .is_ok_and(|age| age.as_secs() > COARSEST_TIMESTAMP.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use support::directory::Directory;

    use super::*;

    fn set_modified(path: &Path) {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }

    #[test]
    fn a_file_is_changed_where_its_content_is_and_not_where_it_was_only_written_again() {
        let directory = Directory::new();
        let path = directory.write("key", "one");
        set_modified(&path);
        let watched = WatchedFile::new(path.clone());
        assert!(watched.is_unchanged() && watched.is_unchanged());
        fs::write(&path, "one").unwrap();
        assert!(watched.is_unchanged());
        // As large and, by the time that programs set, as old.
        fs::write(&path, "two").unwrap();
        set_modified(&path);
        assert!(!watched.is_unchanged());
        fs::remove_file(&path).unwrap();
        assert!(!watched.is_unchanged());
    }
}
