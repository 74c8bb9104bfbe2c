//! The sources of credentials, and the files that they consist of.

use std::cell::RefCell;
use std::path::{self, Path, PathBuf};
use std::time::Instant;

use zeroize::Zeroizing;

use super::options::CredentialsOptions;
use crate::error::{Error, File, Place, Status};
use crate::may_read::MayRead;
use crate::regular_file::{Kind, fingerprint_of};
use crate::token_url::TokenUrl;
use crate::user_path;

/// Where relative paths count from, unless a file names them.
const PROCESS: &str = "where the process runs";

/// The length of credentials, as a file and as JSON text, in bytes.
pub(super) const MAX_LEN: usize = 256 * 1024;
pub(super) const CREDENTIALS_FILE: Kind =
    Kind { status: Status::Credentials, noun: "credentials file", max_len: MAX_LEN };

/// The source that credentials are read from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    File(&'a Path),
    Json(&'a [u8]),
    Environment,
}

impl<'a> Source<'a> {
    /// Returns the place that errors name.
    pub fn place(self) -> Place {
        match self {
            Self::File(path) => Place::file(CREDENTIALS_FILE.noun, path),
            Self::Json(_) => Place::Json,
            Self::Environment => Place::Environment,
        }
    }

    /// Returns the directory that relative paths start from.
    fn directory(self) -> &'a Path {
        match self {
            Self::File(file) => file.parent().unwrap_or(Path::new("")),
            Self::Json(_) | Self::Environment => Path::new(""),
        }
    }
}

/// The files of credentials, each of which the program may refuse before it is read.
pub(crate) struct Files<'a> {
    pub directory: &'a Path,
    /// True if a file names them, from whose directory relative paths count.
    is_in_file: bool,
    may_read: Option<&'a MayRead>,
    /// The time until which a key must have been decrypted.
    pub deadline: Option<Instant>,
    seen: RefCell<Vec<(PathBuf, Option<u64>)>>,
    named: RefCell<Vec<PathBuf>>,
}

impl<'a> Files<'a> {
    pub fn new(source: Source<'a>, options: &'a CredentialsOptions) -> Self {
        let may_read = options.may_read.as_ref();
        Self {
            directory: source.directory(),
            is_in_file: matches!(source, Source::File(_)),
            may_read,
            deadline: None,
            seen: RefCell::default(),
            named: RefCell::default(),
        }
    }

    pub fn before(self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self }
    }

    /// Returns the path of a file that a setting names.
    pub fn path(&self, named: &str) -> PathBuf {
        self.directory.join(user_path::resolved(Path::new(named)))
    }

    /// Returns the absolute path of one that may be read.
    pub fn check(&self, kind: &Kind, path: &Path) -> Result<PathBuf, Error> {
        let absolute = path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.allow(&absolute).map_err(|error| error.with_file(File::new(kind.noun, path)))?;
        Ok(absolute)
    }

    /// Checks that a URL may be read.
    pub fn check_url(&self, url: &TokenUrl) -> Result<(), Error> {
        self.allow(Path::new(url.without_query()))
    }

    fn allow(&self, named: &Path) -> Result<(), Error> {
        self.may_read.map_or(Ok(()), |may_read| may_read.check(named))?;
        self.named.borrow_mut().push(named.to_owned());
        Ok(())
    }

    /// Reads the file of credentials itself, if it may be read, and notes its content.
    pub fn read(&self, kind: &Kind, path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.read_of(kind, path, PROCESS)
    }

    /// Reads a file whose path is one of [`Files::path`].
    pub fn read_named(&self, kind: &Kind, path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.read_of(kind, path, self.base())
    }

    /// Returns the place from which the relative paths that settings name count, for a hint.
    pub fn base(&self) -> &'static str {
        if self.is_in_file { "the folder of the credentials file" } else { PROCESS }
    }

    fn read_of(&self, kind: &Kind, path: &Path, base: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let absolute = self.check(kind, path)?;
        let bytes = kind.read_of(path, base)?;
        self.seen.borrow_mut().push((absolute, Some(fingerprint_of(&bytes))));
        Ok(bytes)
    }

    /// Returns the absolute paths and the URLs that may be read.
    pub fn named(&self) -> Vec<PathBuf> {
        self.named.borrow().clone()
    }

    /// Returns the absolute paths of those that were read, with their content.
    pub fn seen(&self) -> Vec<(PathBuf, Option<u64>)> {
        self.seen.borrow().clone()
    }
}
