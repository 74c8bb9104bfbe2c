//! Where credentials come from, and the files that they consist of.

use std::path::{Path, PathBuf};

use super::CredentialsOptions;
use super::may_read::MayRead;
use crate::error::Error;

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
#[derive(Clone, Copy)]
pub(crate) struct Files<'a> {
    pub directory: &'a Path,
    may_read: Option<&'a MayRead>,
}

impl<'a> Files<'a> {
    pub fn new(source: Source<'a>, options: &'a CredentialsOptions) -> Self {
        Self { directory: source.directory(), may_read: options.may_read.as_ref() }
    }

    /// Of one that a setting names.
    pub fn path(&self, named: &str) -> PathBuf {
        self.directory.join(named)
    }

    /// Asks whether it may be read.
    pub fn ask(&self, path: &Path) -> Result<(), Error> {
        self.may_read.map_or(Ok(()), |may_read| may_read.check(path))
    }
}
