//! Where credentials come from, and the files that they consist of.

use std::cell::RefCell;
use std::path::{self, Path, PathBuf};
use std::time::Instant;

use super::CredentialsOptions;
use super::may_read::MayRead;
use crate::error::Error;
use crate::regular_file::fingerprint;

/// What credentials are read from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    File(&'a Path),
    Json(&'a [u8]),
    Environment,
}

impl<'a> Source<'a> {
    /// From where relative paths count.
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
    may_read: Option<&'a MayRead>,
    /// When a key must have been decrypted.
    pub deadline: Option<Instant>,
    seen: RefCell<Vec<(PathBuf, Option<u64>)>>,
}

impl<'a> Files<'a> {
    pub fn new(source: Source<'a>, options: &'a CredentialsOptions) -> Self {
        let may_read = options.may_read.as_ref();
        Self { directory: source.directory(), may_read, deadline: None, seen: RefCell::default() }
    }

    pub fn before(self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self }
    }

    /// Of one that a setting names.
    pub fn path(&self, named: &str) -> PathBuf {
        self.directory.join(named)
    }

    /// Asks whether it may be read, and notes its content: before it is read, so that no change is
    /// missed.
    pub fn ask(&self, path: &Path) -> Result<(), Error> {
        let absolute = path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.may_read.map_or(Ok(()), |may_read| may_read.check(&absolute))?;
        let content = fingerprint(&absolute);
        self.seen.borrow_mut().push((absolute, content));
        Ok(())
    }

    /// The absolute paths of those that were asked for, with their content.
    pub fn seen(&self) -> Vec<(PathBuf, Option<u64>)> {
        self.seen.borrow().clone()
    }
}
