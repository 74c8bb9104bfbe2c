//! The whole content of a regular file. Anything else, such as a FIFO or a device, is refused
//! without waiting for it.

use std::borrow::Cow;
use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use zeroize::Zeroizing;

use crate::descriptors;
use crate::error::{Error, File as NamedFile, Status, io_reason};
use crate::user_path;

/// What changes with a file or a directory, by its metadata. Times are in seconds and nanoseconds.
#[derive(PartialEq, Eq)]
pub(crate) struct FileVersion {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    /// The time of the last change of the metadata (ctime). No program can set it back.
    changed: (i64, i64),
}

impl FileVersion {
    /// Returns the version of what is at `path`; `None` if nothing can be read there.
    pub fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|found| Self::from(&found))
    }

    /// Returns the seconds since 1970 of the last change.
    pub fn changed_at(&self) -> i64 {
        self.changed.0
    }
}

impl From<&Metadata> for FileVersion {
    fn from(found: &Metadata) -> Self {
        Self {
            device: found.dev(),
            inode: found.ino(),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }
}

/// A kind of file that is read whole, without waiting: no FIFO, device or directory, and with a limit.
pub struct Kind {
    /// The status of an error about the file.
    pub status: Status,
    /// The noun in errors, such as `key file`.
    pub noun: &'static str,
    /// The limit of its size in bytes, a multiple of 1024.
    pub max_len: usize,
}

impl Kind {
    /// Returns the bytes of the regular file at `path`.
    ///
    /// # Errors
    /// Those of the kind's status, naming the file.
    pub fn read(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.read_of(path, "where the process runs")
    }

    /// Reads the file at `path`. `base` is the place from which a relative path counts, for the hint.
    pub(crate) fn read_of(&self, path: &Path, base: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let missing = || match user_path::hint(path) {
            Some(hint) => hint.to_owned(),
            None => format!("check the path; a relative one counts from {base}"),
        };
        self.bytes(path, missing).map_err(|error| error.with_file(NamedFile::new(self.noun, path)))
    }

    /// `missing` makes the hint for a file that does not exist.
    fn bytes(
        &self,
        path: &Path,
        missing: impl Fn() -> String,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let unreadable = |error| self.unreadable(&error, &missing);
        // Checked before the file is opened, because opening a device may have effects, and again
        // after, because it may have changed.
        self.len(&fs::metadata(path).map_err(unreadable)?)?;
        let file = open(path).map_err(unreadable)?;
        let len = self.len(&file.metadata().map_err(unreadable)?)?;
        let mut bytes = Zeroizing::new(vec![0; len]);
        // Read by offset and not from the descriptor's position: a child that a signal handler
        // forks meanwhile shares that position.
        file.read_exact_at(&mut bytes, 0).map_err(unreadable)?;
        Ok(bytes)
    }

    /// The length of a regular file that is not too long.
    fn len(&self, file: &Metadata) -> Result<usize, Error> {
        if file.is_dir() {
            return Err(self.error("is a directory").with_hint("name the file in it"));
        }
        if !file.is_file() {
            let hint = "a pipe or device is not read: store it in a file that only this process \
                        may read";
            return Err(self.error("is not a regular file").with_hint(hint));
        }
        match usize::try_from(file.len()) {
            Ok(len) if len <= self.max_len => Ok(len),
            _ => Err(self
                .error(format!("is over {} KiB", self.max_len / 1024))
                .with_hint(format!("no {} is that long: check the path", self.noun))),
        }
    }

    fn unreadable(&self, error: &io::Error, missing: impl Fn() -> String) -> Error {
        let hint: Cow<'static, str> = match error.kind() {
            ErrorKind::NotFound => missing().into(),
            ErrorKind::PermissionDenied => {
                "let the user that runs this process own the file (chown USER FILE; chmod 600 FILE) \
                 and enter the directories above it"
                    .into()
            }
            _ => "check the path and the file system".into(),
        };
        descriptors::explain(
            self.error(format!("cannot be read: {}", io_reason(error))).with_hint(hint),
            error,
        )
    }

    fn error(&self, problem: impl Into<String>) -> Error {
        Error::new(self.status, problem)
    }
}

/// The size in bytes of the pieces in which content is hashed.
const CHUNK: usize = 4096;

/// Returns a number that differs for any other content of the regular file at `path`, as long as
/// this process lives. Returns `None` if the file cannot be read.
pub(crate) fn fingerprint(path: &Path) -> Option<u64> {
    const MAX_LEN: u64 = 1024 * 1024;
    let is_small_file = |file: &Metadata| file.is_file() && file.len() <= MAX_LEN;
    fs::metadata(path).ok().filter(is_small_file)?;
    let file = open(path).ok()?;
    file.metadata().ok().filter(is_small_file)?;
    let mut content = hasher();
    let mut chunk = Zeroizing::new([0; CHUNK]);
    let mut position = 0;
    while position < MAX_LEN {
        // See `Kind::read`.
        match file.read_at(&mut *chunk, position) {
            Ok(0) => break,
            Ok(len) => {
                content.write(&chunk[..len]);
                position += len as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(content.finish())
}

/// Returns the [`fingerprint`] of a file whose content was read.
pub(crate) fn fingerprint_of(content: &[u8]) -> u64 {
    let mut hasher = hasher();
    content.chunks(CHUNK).for_each(|chunk| hasher.write(chunk));
    hasher.finish()
}

/// Returns a hasher with random keys of this process, so that its numbers tell no one else
/// anything.
pub(crate) fn hasher() -> impl Hasher {
    // Set without a lock: a fork in another thread could leave it locked in the child.
    static KEYS: ArcSwapOption<RandomState> = ArcSwapOption::const_empty();
    loop {
        if let Some(keys) = &*KEYS.load() {
            return keys.build_hasher();
        }
        KEYS.compare_and_swap(&None::<Arc<_>>, Some(Arc::new(RandomState::new())));
    }
}

fn open(path: &Path) -> io::Result<File> {
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}
