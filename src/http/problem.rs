//! Errors of HTTP, and how they pass through ureq.

use crate::error::{Error, Status};

/// Hands an error that our own parts of ureq found through it.
pub(super) fn wrapped(error: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}

pub(super) fn unwrapped(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(error) => Error::new(Status::Internal, format!("HTTP: {error}")),
    }
}

pub(super) fn lost(host: &str) -> Error {
    Error::new(
        Status::Unavailable,
        format!("{host} closed the connection before the response was complete"),
    )
}

pub(super) fn bad_response(host: &str, problem: &str) -> Error {
    Error::new(Status::Response, format!("the response of {host} {problem}"))
}
