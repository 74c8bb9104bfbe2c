//! The origin of credentials: the files and variables that they were read from, to notice a change
//! of them. Keys and secrets are replaced while a program runs.

use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::env;
use super::options::CredentialsOptions;
use super::source::{Files, Source};
use crate::regular_file::{fingerprint, hasher};

/// The origin of credentials, with the content of every file as it was when it was read.
pub(crate) struct Origin {
    source: Kept,
    options: CredentialsOptions,
    /// The credentials file, key and certificate, as they were read.
    files: Vec<(PathBuf, Option<u64>)>,
    /// All that the program was asked whether it may be read.
    named: Vec<PathBuf>,
    /// The hash of the environment variables, if they are the source.
    environment: u64,
}

/// A source that outlives the call that named it.
enum Kept {
    File(PathBuf),
    Json(Zeroizing<Vec<u8>>),
    Environment,
}

impl Kept {
    fn source(&self) -> Source<'_> {
        match self {
            Self::File(path) => Source::File(path),
            Self::Json(json) => Source::Json(json),
            Self::Environment => Source::Environment,
        }
    }
}

impl Origin {
    /// Returns `None` where nothing can change: a text that names no file and no URL.
    pub fn new(
        source: Source<'_>,
        options: &CredentialsOptions,
        files: &Files<'_>,
    ) -> Option<Self> {
        let (files, named) = (files.seen(), files.named());
        let source = match source {
            // The file of the credentials is the first that is read.
            Source::File(_) => Kept::File(files.first()?.0.clone()),
            Source::Json(_) if named.is_empty() => return None,
            Source::Json(json) => Kept::Json(Zeroizing::new(json.to_vec())),
            Source::Environment => Kept::Environment,
        };
        let mut options = options.clone();
        options.may_read = options.may_read.map(|may_read| may_read.later(named.clone()));
        let environment = environment(&source);
        Some(Self { source, options, files, named, environment })
    }

    /// Returns a number that differs for any other state of the files and variables.
    pub fn state(&self) -> u64 {
        let files = self.files.iter().map(|(path, _)| fingerprint(path));
        state(environment(&self.source), files)
    }

    /// Returns the number as it was when they were read.
    pub fn state_when_read(&self) -> u64 {
        state(self.environment, self.files.iter().map(|(_, content)| *content))
    }

    /// Returns the source that was read.
    pub(super) fn source(&self) -> Source<'_> {
        self.source.source()
    }

    /// Returns the absolute paths of the files that were read, each with its content's fingerprint.
    pub fn files_as_read(&self) -> &[(PathBuf, Option<u64>)] {
        &self.files
    }

    /// Returns all that the program was asked whether it may be read: absolute paths, and URLs.
    pub fn named(&self) -> &[PathBuf] {
        &self.named
    }

    /// Returns the options that it was read with.
    pub(super) fn options(&self) -> &CredentialsOptions {
        &self.options
    }

    /// Returns the files that were read, as a hint names them.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|(path, _)| path.as_path())
    }
}

fn environment(source: &Kept) -> u64 {
    match source {
        Kept::Environment => env::fingerprint(),
        _ => 0,
    }
}

fn state(environment: u64, files: impl Iterator<Item = Option<u64>>) -> u64 {
    let mut state = hasher();
    environment.hash(&mut state);
    files.for_each(|content| content.hash(&mut state));
    state.finish()
}
