//! The files and URLs that a program allows credentials to name.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Status, io_reason};
use crate::user_path;

/// Decides what may be read: the credentials file, the key, the certificate and the file with a JWT that it names, and
/// the URL that a JWT comes from.
///
/// Credentials from a stranger are code: they name files and URLs of their choice, and a server that gets
/// what is signed with them or read there.
#[derive(Clone)]
pub struct MayRead {
    decide: Arc<dyn Fn(&Path) -> bool + Send + Sync>,
    /// The allowed directories, without symbolic links; empty if a function of the program decides.
    directories: Arc<[PathBuf]>,
}

impl MayRead {
    /// Calls `decide` with the absolute path of each file before the file is accessed, and with each URL, without its
    /// query. Symbolic links in the path are not resolved.
    pub fn new(decide: impl Fn(&Path) -> bool + Send + Sync + 'static) -> Self {
        Self { decide: Arc::new(decide), directories: Arc::default() }
    }

    /// Allows the files in or below one of the `directories`, with symbolic links resolved on both
    /// sides, and no URL.
    ///
    /// # Errors
    /// [`Status::Argument`] if one is not a directory.
    pub fn below<P: AsRef<Path>>(directories: &[P]) -> Result<Self, Error> {
        let resolve = |directory: &P| {
            let shown = directory.as_ref().display();
            match fs::canonicalize(user_path::resolved(directory.as_ref())) {
                Ok(resolved) if resolved.is_dir() => Ok(resolved),
                Ok(_) => Err(Error::argument("directory", format!("{shown} is a file"))),
                Err(error) => Err(Error::argument(
                    "directory",
                    format!("{shown} cannot be read: {}", io_reason(&error)),
                )),
            }
        };
        let directories: Arc<[PathBuf]> =
            directories.iter().map(resolve).collect::<Result<_, _>>()?;
        let allowed = Arc::clone(&directories);
        let is_below = Self::new(move |path| {
            resolved(path).is_some_and(|path| allowed.iter().any(|one| path.starts_with(one)))
        });
        Ok(Self { directories, ..is_below })
    }

    /// Returns the rule for a client that reads its files again later. A function of the program is
    /// not called again, because it belongs to the first call: the files that it allowed then are
    /// the `allowed` ones. Directories are checked again, because a symbolic link may lead out of
    /// them by then.
    pub(crate) fn later(self, allowed: Vec<PathBuf>) -> Self {
        if self.directories.is_empty() {
            Self::new(move |path| allowed.iter().any(|one| one == path))
        } else {
            self
        }
    }

    /// Returns the directories that decide, without symbolic links; none where a function of the program's does.
    pub(crate) fn directories(&self) -> &[PathBuf] {
        &self.directories
    }

    /// Checks the absolute `path` of a file, or a URL.
    ///
    /// # Errors
    /// [`Status::Credentials`] where it is refused.
    pub(crate) fn check(&self, path: &Path) -> Result<(), Error> {
        if (self.decide)(path) {
            return Ok(());
        }
        let problem = "is refused: this program may not read it";
        Err(Error::new(Status::Credentials, problem).with_hint(
            "may_read, --allow-read DIR, or open_basedir of PHP, says which files may be read",
        ))
    }
}

impl fmt::Debug for MayRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MayRead").finish_non_exhaustive()
    }
}

/// Resolves the symbolic links of a path. A missing file gets the path that it would have in its
/// directory, so that the error says that it is missing.
pub(crate) fn resolved(path: &Path) -> Option<PathBuf> {
    match fs::canonicalize(path) {
        Ok(resolved) => Some(resolved),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Some(fs::canonicalize(path.parent()?).ok()?.join(path.file_name()?))
        }
        Err(_) => None,
    }
}
