//! The reason why a call failed, and the exception for it.

use std::panic::{self, AssertUnwindSafe};

use ims::{Error, Status};
use pyo3::prelude::*;

/// A failure that is raised as an exception of the package `ims`.
pub enum Failure {
    /// The core's.
    Core(Error),
    /// A bad value of an argument: the problem continues a sentence that begins with its name.
    Argument { name: String, problem: String },
    /// This argument is a path where a key's text is expected.
    PathAsText(String),
    /// The call was its parent's, which a signal's handler forked this process from.
    Forked,
    /// A panic.
    Bug,
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        Python::attach(|py| {
            let details = match failure {
                Failure::Core(error) => Details::from_core(&error),
                Failure::Argument { name, problem } => Details {
                    field: Some(name.clone()),
                    ..Details::new(Status::Argument, format!("{name} {problem}"))
                },
                Failure::PathAsText(name) => Details {
                    hint: Some(
                        "a path is given as pathlib.Path, or to ims.Key.from_file".to_owned(),
                    ),
                    field: Some(name.clone()),
                    ..Details::new(
                        Status::Key,
                        format!("{name} is neither PEM nor DER, nor base64 of one"),
                    )
                },
                Failure::Forked => Details {
                    hint: Some("call again: the child makes its own connection".to_owned()),
                    retryable: true,
                    ..Details::new(
                        Status::Unavailable,
                        "the process was forked while the call waited: the connection is the parent's",
                    )
                },
                Failure::Bug => Details {
                    hint: Some("report it, with this message and the version of libims".to_owned()),
                    ..Details::new(Status::Internal, "a bug in libims: it panicked")
                },
            };
            details.exception(py).unwrap_or_else(|error| error)
        })
    }
}

/// Makes a call of the core; a panic ends the call, and not the program.
pub fn guarded<T>(call: impl FnOnce() -> Result<T, Error>) -> Result<T, Failure> {
    match panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(Failure::Core),
        Err(_) => Err(Failure::Bug),
    }
}

/// The content of an exception.
struct Details {
    status: Status,
    message: String,
    hint: Option<String>,
    oauth_error: Option<String>,
    oauth_description: Option<String>,
    debug_id: Option<String>,
    http_status: Option<u16>,
    retryable: bool,
    retry_after: Option<u64>,
    field: Option<String>,
    uri: Option<String>,
}

impl Details {
    fn new(status: Status, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            hint: None,
            oauth_error: None,
            oauth_description: None,
            debug_id: None,
            http_status: None,
            retryable: false,
            retry_after: None,
            field: None,
            uri: None,
        }
    }

    /// Takes the core's error, with the parameter's name in Python: claims and header are passed as
    /// mappings, and not as JSON.
    fn from_core(error: &Error) -> Self {
        let message = match error.field() {
            Some(field @ ("claims_json" | "header_json")) if error.status() == Status::Argument => {
                let argument = field.trim_end_matches("_json");
                format!("{argument} {}", error.problem())
            }
            _ => error.message().to_owned(),
        };
        Self {
            hint: error.hint().map(str::to_owned),
            oauth_error: error.oauth_error().map(str::to_owned),
            oauth_description: error.oauth_description().map(str::to_owned),
            debug_id: error.debug_id().map(str::to_owned),
            http_status: error.http_status(),
            retryable: error.is_retryable(),
            retry_after: error.retry_after().map(|wait| wait.as_secs()),
            field: error.field().map(str::to_owned),
            uri: error.uri().map(str::to_owned),
            ..Self::new(error.status(), message)
        }
    }

    /// Calls `ims._errors.exception`, which chooses the class.
    fn exception(self, py: Python<'_>) -> PyResult<PyErr> {
        // Imported each time: a lock that guards a stored one could stay locked in a forked child.
        let factory = py.import("ims._errors")?.getattr("exception")?;
        let made = factory.call1((
            self.status as i32,
            self.message,
            self.hint,
            self.oauth_error,
            self.oauth_description,
            self.debug_id,
            self.http_status,
            self.retryable,
            self.retry_after,
            self.field,
            self.uri,
        ))?;
        Ok(PyErr::from_value(made))
    }
}
