//! JWTs that come from elsewhere: the platform of a workload hands them out in a file, by a command or at a URL
//! (workload identity). Each is asked for again for each request, and never kept.

mod content;
mod command;
mod url;

use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use crate::error::{Error, Field, File, Status};
use crate::http::Http;
use crate::may_read::MayRead;
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
    File(AssertionFile),
    Command(Command),
    Url(Url),
}

/// A regular file of at most 64 KiB. A symbolic link is followed, because Kubernetes replaces that.
#[derive(Clone, Debug)]
pub(crate) struct AssertionFile {
    /// The absolute path.
    pub path: PathBuf,
    /// The place from which a relative path counted, for a hint.
    pub base: &'static str,
    /// The rule by which each read is allowed: a link may lead to another file by then.
    pub may_read: Option<MayRead>,
}

impl AssertionSource {
    /// Returns what tells it from others.
    pub fn identity(&self) -> String {
        match &self.place {
            AssertionPlace::File(file) => format!("file {}", file.path.display()),
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
                AssertionPlace::File(file) => return self.in_file(file, now),
                AssertionPlace::Command(command) => command.output(deadline)?,
                AssertionPlace::Url(url) => url.body(http, deadline)?,
            };
            self.content.assertion(&bytes, now)
        };
        read().map_err(|error| error.with_field(self.field.clone()))
    }

    /// Returns the JWT of a file, for which nothing is sent or run; `None` where it is in no file.
    pub fn assertion_in_file(&self, now: SystemTime) -> Option<Result<Secret, Error>> {
        let AssertionPlace::File(file) = &self.place else { return None };
        Some(self.in_file(file, now).map_err(|error| error.with_field(self.field.clone())))
    }

    fn in_file(&self, file: &AssertionFile, now: SystemTime) -> Result<Secret, Error> {
        let AssertionFile { path, base, may_read } = file;
        let in_file = |error: Error| error.with_file(File::new(ASSERTION_FILE.noun, path));
        may_read.as_ref().map_or(Ok(()), |may_read| may_read.check(path)).map_err(in_file)?;
        let bytes = ASSERTION_FILE.read_of(path, base)?;
        self.content.assertion(&bytes, now).map_err(in_file)
    }
}
