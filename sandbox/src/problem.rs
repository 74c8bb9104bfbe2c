//! The errors that stop the sandbox from running.

use ims::{Error, Status};

pub(super) fn internal(task: &str, error: impl std::fmt::Display) -> Error {
    Error::new(Status::Internal, format!("the sandbox cannot {task}: {error}"))
}
