//! Why there is no token: one check after the other, each with what to do.
//!
//! Offline first: the credentials part by part, then this machine. Online, the way to the server, a
//! real exchange, and what the server says of the token.
//!
//! ```
//! use std::path::Path;
//!
//! use ims::doctor::{Outcome, Setup, examine};
//!
//! let setup = Setup::new(Some(Path::new("service_token.json")));
//! let mut checks = Vec::new();
//! examine(&setup, false, &mut |check| checks.push(check));
//! let first_error = checks.iter().find(|check| check.outcome == Outcome::Error).unwrap();
//! assert_eq!(first_error.name, "credentials");
//! ```
//!
//! The `ims doctor` command is the same as a program.

mod account;
mod cache;
mod machine;
mod online;

use std::path::Path;

use crate::cache::Cache;
use crate::credentials::CredentialsOptions;
use crate::error::{Cause, Error, Status};
use crate::http::Transport;
use crate::secret::one_line;

/// What is examined: a program's credentials, and all that it uses them with.
#[non_exhaustive]
pub struct Setup<'a> {
    /// The credentials file; `None`: the environment.
    pub file: Option<&'a Path>,
    /// How the credentials are read.
    pub options: CredentialsOptions,
    /// Why the key that was given beside the credentials cannot be used.
    pub key_error: Option<Error>,
    /// PEM or DER of the certificate that is registered for the account; in place of the
    /// credentials' own.
    pub certificate: Option<Result<Vec<u8>, Error>>,
    /// Where tokens are kept, or why that is not known.
    pub cache: Result<Cache, Error>,
    /// How the server is reached.
    pub transport: Transport,
}

impl<'a> Setup<'a> {
    /// Sets up the credentials of `file`, or of the environment, with every setting's default and a
    /// cache in memory.
    pub fn new(file: Option<&'a Path>) -> Self {
        Self {
            file,
            options: CredentialsOptions::default(),
            key_error: None,
            certificate: None,
            cache: Ok(Cache::Memory),
            transport: Transport::default(),
        }
    }
}

/// One finding.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The part that was checked, such as `certificate`.
    #[serde(rename = "check")]
    pub name: &'static str,
    /// Whether it is well.
    pub outcome: Outcome,
    /// One line, without secrets.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The cause, where it is a common one.
    pub cause: Option<Cause>,
    /// The status of an error.
    #[serde(skip)]
    pub status: Option<Status>,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing is to be done.
    Ok,
    /// A token may be had, and something is to be done.
    Warning,
    /// This keeps the program from a token.
    Error,
}

impl Outcome {
    /// Returns its name, such as `warning`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Check {
    fn ok(name: &'static str, message: impl Into<String>) -> Self {
        let message = one_line(message);
        Self { name, outcome: Outcome::Ok, message, hint: None, cause: None, status: None }
    }

    fn warning(name: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let check = Self::ok(name, message);
        Self { outcome: Outcome::Warning, hint: Some(one_line(hint)), ..check }
    }

    fn error(name: &'static str, error: &Error) -> Self {
        Self {
            name,
            outcome: Outcome::Error,
            message: error.message().to_owned(),
            hint: error.hint().map(str::to_owned),
            cause: error.cause(),
            status: Some(error.status()),
        }
    }

    fn of(name: &'static str, found: Result<String, Error>) -> Self {
        match found {
            Ok(message) => Self::ok(name, message),
            Err(error) => Self::error(name, &error),
        }
    }

    fn with_cause(self, cause: Cause) -> Self {
        Self { cause: Some(cause), ..self }
    }
}

/// Runs all checks and gives each to `report` as soon as it is made; only with `online` does it
/// send anything. Takes at most as long as the exchange, the validation and the cache may, each as
/// [`Transport`] says.
pub fn examine(setup: &Setup, online: bool, report: &mut dyn FnMut(Check)) {
    let credentials = account::examine(setup, report);
    machine::examine(&setup.transport, credentials.as_ref(), report);
    let Some(credentials) = credentials else {
        if online {
            let hint = "fix the credentials first, then try again";
            report(Check::warning("server", "skipped: the credentials cannot be used", hint));
        }
        return;
    };
    let cache = cache::examine(setup, &credentials, online, report);
    if online {
        online::examine(&setup.transport, &credentials, cache, report);
    }
}
