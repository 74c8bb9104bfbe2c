//! The finding of one check.

use crate::error::{Cause, Error, Status, one_line};

/// One finding.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The part that was checked, such as `certificate`.
    #[serde(rename = "check")]
    pub name: &'static str,
    /// The outcome of the check.
    pub outcome: Outcome,
    /// One line, without secrets.
    pub message: String,
    /// The step that solves the problem, as a sentence for people.
    pub hint: Option<String>,
    /// The cause, where it is a common one.
    pub cause: Option<Cause>,
    /// The status of an error.
    #[serde(skip)]
    pub status: Option<Status>,
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There is nothing to do.
    Ok,
    /// A token may be had, and something is to be done.
    Warning,
    /// The program cannot get a token.
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
    pub(super) fn ok(name: &'static str, message: impl Into<String>) -> Self {
        let message = one_line(message);
        Self { name, outcome: Outcome::Ok, message, hint: None, cause: None, status: None }
    }

    pub(super) fn warning(
        name: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let check = Self::ok(name, message);
        Self { outcome: Outcome::Warning, hint: Some(one_line(hint)), ..check }
    }

    pub(super) fn error(name: &'static str, error: &Error) -> Self {
        Self {
            name,
            outcome: Outcome::Error,
            message: error.message().to_owned(),
            hint: error.hint().map(str::to_owned),
            cause: error.cause(),
            status: Some(error.status()),
        }
    }

    pub(super) fn of(name: &'static str, found: Result<String, Error>) -> Self {
        match found {
            Ok(message) => Self::ok(name, message),
            Err(error) => Self::error(name, &error),
        }
    }

    pub(super) fn with_cause(self, cause: Cause) -> Self {
        Self { cause: Some(cause), ..self }
    }
}
