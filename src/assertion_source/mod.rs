//! JWTs that come from elsewhere: the platform of a workload hands them out in a file, by a command or at a URL
//! (workload identity). Each is asked for again for each request, and never kept.

mod content;
mod command;
mod url;

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use crate::error::{Error, Field, File, Status};
use crate::http::Http;
use crate::regular_file;
use crate::secret::Secret;

pub(crate) use command::Command;
pub(crate) use content::Content;
use content::MAX_LEN;
pub(crate) use url::Url;

pub(crate) const ASSERTION_FILE: regular_file::Kind =
    regular_file::Kind { status: Status::Credentials, noun: "assertion file", max_len: MAX_LEN };

/// Where a JWT comes from, with the setting that says so.
#[derive(Clone, Debug)]
pub(crate) struct AssertionSource {
    pub place: AssertionPlace,
    pub content: Content,
    pub field: Field,
}

/// A place that JWTs come from.
#[derive(Clone, Debug)]
pub(crate) enum AssertionPlace {
    /// A regular file of at most 64 KiB; a symbolic link is followed, for Kubernetes replaces that.
    File(PathBuf),
    Command(Command),
    Url(Url),
}

impl AssertionSource {
    /// Returns what tells it from others.
    pub fn identity(&self) -> String {
        match &self.place {
            AssertionPlace::File(path) => format!("file {}", path.display()),
            AssertionPlace::Command(command) => {
                format!("command {:?} {:?}", command.program, command.arguments)
            }
            AssertionPlace::Url(url) => format!("url {}", url.url),
        }
    }

    /// Returns a JWT that has not expired at `now`.
    ///
    /// # Errors
    /// [`Status::Credentials`] where there is no good one, [`Status::Timeout`] at the `deadline`, and any status
    /// of the network. Each names the setting.
    pub fn assertion(
        &self,
        http: &Http,
        now: SystemTime,
        deadline: Instant,
    ) -> Result<Secret, Error> {
        let read = || {
            let bytes = match &self.place {
                AssertionPlace::File(path) => return self.in_file(path, now),
                AssertionPlace::Command(command) => command.output(deadline)?,
                AssertionPlace::Url(url) => url.body(http, deadline)?,
            };
            self.content.assertion(&bytes, now)
        };
        read().map_err(|error| error.with_field(self.field.clone()))
    }

    /// Returns the JWT of a file, for which nothing is sent or run; `None` where it is in no file.
    pub fn assertion_in_file(&self, now: SystemTime) -> Option<Result<Secret, Error>> {
        let AssertionPlace::File(path) = &self.place else { return None };
        Some(self.in_file(path, now).map_err(|error| error.with_field(self.field.clone())))
    }

    fn in_file(&self, path: &Path, now: SystemTime) -> Result<Secret, Error> {
        let bytes = ASSERTION_FILE.read(path)?;
        let in_file = |error: Error| error.with_file(File::new(ASSERTION_FILE.noun, path));
        self.content.assertion(&bytes, now).map_err(in_file)
    }
}
