//! Why a call failed, and the exception that says so.

use std::borrow::Cow;
use std::panic::{self, AssertUnwindSafe};

use ims::{Error, Status};
use pyo3::prelude::*;

/// What ends in an exception of the package `ims`.
pub enum Failure {
    /// The core's.
    Core(Error),
    /// A bad value: the text begins with the argument's name.
    Argument(String),
    /// This argument is a path where a key's text was to be.
    PathAsText(String),
    /// The call was its parent's, which a signal's handler forked this process from.
    Forked,
    /// A panic.
    Bug,
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        Python::attach(|py| match failure {
            Failure::Core(error) => exception(py, &error),
            Failure::Argument(message) => plain(py, Status::Argument, &message, None),
            Failure::PathAsText(name) => plain(
                py,
                Status::Key,
                &format!("{name} is neither PEM nor DER, nor base64 of one"),
                Some("a path is given as pathlib.Path, or to ims.Key.from_file"),
            ),
            Failure::Forked => retryable(
                py,
                Status::Unavailable,
                "the process was forked while the call waited: the connection is the parent's",
                "call again: the child makes a connection of its own",
            ),
            Failure::Bug => {
                plain(py, Status::Internal, "this is a bug in libims: please report it", None)
            }
        })
    }
}

/// The core's answer; a panic ends the call, and not the program.
pub fn guarded<T>(call: impl FnOnce() -> Result<T, Error>) -> Result<T, Failure> {
    match panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(answer) => answer.map_err(Failure::Core),
        Err(_) => Err(Failure::Bug),
    }
}

/// `ims._errors.exception`, which chooses the class.
fn factory(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    // Not kept: a lock that makes it once could be left locked in a forked child.
    py.import("ims._errors")?.getattr("exception")
}

fn plain(py: Python<'_>, status: Status, message: &str, hint: Option<&str>) -> PyErr {
    let made = factory(py).and_then(|factory| factory.call1((status as i32, message, hint)));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// The same of a failure after which another call may go well.
fn retryable(py: Python<'_>, status: Status, message: &str, hint: &str) -> PyErr {
    let nothing = py.None();
    let made = factory(py).and_then(|factory| {
        let [error, description, id, http] = [&nothing; 4];
        factory.call1((status as i32, message, hint, error, description, id, http, true))
    });
    made.map_or_else(|error| error, PyErr::from_value)
}

/// Python's callers give claims as a mapping, and no JSON.
fn as_python_calls_it(message: &str) -> Cow<'_, str> {
    let Some(problem) = message.strip_prefix("claims_json") else { return message.into() };
    match problem.strip_prefix("'s") {
        Some(problem) => format!("claims:{problem}").into(),
        None => format!("claims{problem}").into(),
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let message = as_python_calls_it(error.message());
    let made = factory(py).and_then(|factory| {
        factory.call1((
            error.status() as i32,
            message,
            error.hint(),
            error.oauth_error(),
            error.oauth_description(),
            error.debug_id(),
            error.http_status(),
            error.is_retryable(),
            error.retry_after(),
        ))
    });
    made.map_or_else(|error| error, PyErr::from_value)
}
