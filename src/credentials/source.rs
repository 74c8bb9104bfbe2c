//! Where credentials come from, and the files that they consist of.

use std::path::{self, Path, PathBuf};

use super::bad;
use crate::error::Error;

/// What credentials are read from.
pub(crate) enum Source<'a> {
    File(&'a Path),
    Json(&'a [u8]),
    Environment,
}

/// The files of credentials, each of which the program may refuse before it is read.
#[derive(Clone, Copy)]
pub(crate) struct Files<'a> {
    /// From where relative paths count.
    directory: &'a Path,
    may_read: &'a dyn Fn(&Path) -> bool,
}

/// Of a program that asks for nothing.
pub(crate) fn any(_: &Path) -> bool {
    true
}

impl<'a> Files<'a> {
    pub fn new(directory: &'a Path, may_read: &'a dyn Fn(&Path) -> bool) -> Self {
        Self { directory, may_read }
    }

    /// Of one that a setting names.
    pub fn path(&self, named: &str) -> PathBuf {
        self.directory.join(named)
    }

    /// Asks by the absolute path.
    pub fn ask(&self, path: &Path) -> Result<(), Error> {
        let asked = path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if (self.may_read)(&asked) {
            return Ok(());
        }
        Err(bad("is refused: this program may not read it"))
    }
}
