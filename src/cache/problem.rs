//! The reason why a cache is unavailable, with a hint.

use std::fmt;
use std::io;
use std::path::Path;

use crate::descriptors;
use crate::error::{Error, Field, Status, io_reason, one_line};

/// Returns the error of a setting `cache` that cannot be used; `problem` follows its name.
pub(super) fn misconfigured(problem: &str) -> Error {
    Error::new(Status::Cache, problem).with_field(Field::new("cache"))
}

/// A problem of the cache. Its text is one line, because it goes into a log and may repeat a server
/// or a path.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub problem: String,
    /// The step that solves it, as a sentence for people.
    pub hint: Option<String>,
}

impl Problem {
    pub fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), hint: None }
    }

    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Tells that the file system did not do something with `path`, such as `cannot be read`.
    pub fn of_file(path: &Path, what: &str, error: &io::Error) -> Self {
        let problem = format!("{} {what}: {}", path.display(), io_reason(error));
        Self { problem, hint: hint(error).map(str::to_owned) }
    }
}

/// Returns what to do about an error of the file system.
pub(super) fn hint(error: &io::Error) -> Option<&'static str> {
    Some(match error.raw_os_error()? {
        // A network file system may have no locks, or ask a service for them that does not run.
        libc::ENOLCK | libc::EOPNOTSUPP | libc::ENOSYS => {
            "its file system has no locks (flock), as some network file systems: name a directory \
             on a local one, file:/DIR"
        }
        libc::EROFS => "name a directory that can be written to: file:/DIR",
        libc::ENOSPC | libc::EDQUOT => {
            "its file system or this user's quota is full: make room, or name a directory on \
             another, file:/DIR"
        }
        libc::EACCES | libc::EPERM => {
            "see its owner, its mode and the directories above it, or name another directory: \
             file:/DIR"
        }
        libc::EISDIR | libc::ELOOP | libc::ENXIO => {
            "what is there was not made by libims: remove it, or name another directory: file:/DIR"
        }
        _ => return descriptors::hint(error),
    })
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hint {
            Some(hint) => write!(f, "{}; {}", one_line(&*self.problem), one_line(&**hint)),
            None => f.write_str(&one_line(&*self.problem)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_file_system_says_what_to_do() {
        for (errno, hint) in [
            (libc::ENOLCK, "a directory on a local one"),
            (libc::EOPNOTSUPP, "a directory on a local one"),
            (libc::EROFS, "can be written to"),
            (libc::ENOSPC, "make room"),
            (libc::EDQUOT, "quota is full"),
            (libc::EACCES, "its owner"),
            (libc::EISDIR, "remove it"),
            (libc::EMFILE, "no file descriptor left"),
        ] {
            let error = io::Error::from_raw_os_error(errno);
            let line = Problem::of_file(Path::new("/x"), "cannot be locked", &error).to_string();
            assert!(line.starts_with("/x cannot be locked: ") && line.contains(hint), "{line}");
        }
    }
}
