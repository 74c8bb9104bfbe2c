//! Why there is no token: one check after the other, each with what to do.
//!
//! Offline first: the credentials part by part, then this machine. Online, the way to the server, a
//! real exchange, and what the server says of the token.

mod account;
mod cache;
mod machine;
mod online;

use std::path::Path;

use crate::cache::Cache;
use crate::credentials::CredentialsOptions;
use crate::error::{Cause, Error, Status, one_line};
use crate::http::Transport;

/// What is examined.
pub(crate) struct Setup<'a> {
    /// `None`: the environment.
    pub file: Option<&'a Path>,
    pub options: CredentialsOptions,
    /// Why the key that was given beside the credentials is none.
    pub key_error: Option<Error>,
    /// PEM or DER of the certificate that is registered for the account; in place of the
    /// credentials' own.
    pub certificate: Option<Result<Vec<u8>, Error>>,
    pub cache: Result<Cache, Error>,
    pub transport: Transport,
}

/// What one check found.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Check {
    /// Such as `certificate`.
    #[serde(rename = "check")]
    pub name: &'static str,
    pub outcome: Outcome,
    /// One line, without secrets.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    pub cause: Option<Cause>,
    /// Of an error.
    #[serde(skip)]
    pub status: Option<Status>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Ok,
    Warning,
    Error,
}

impl Outcome {
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

/// Runs all checks and gives each to `report` as soon as it is made.
pub(crate) fn examine(setup: &Setup, online: bool, report: &mut dyn FnMut(Check)) {
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
