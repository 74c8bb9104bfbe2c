//! JSON that people write, and its errors.

use serde::de::DeserializeOwned;
use serde_json::Value;

use ims::error::redact;
use ims::{Error, Status};

/// # Errors
/// [`Status::Argument`]; the message names the setting or the place.
pub(super) fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| malformed(&error))
}

/// # Errors
/// [`Status::Argument`]; the message names the setting.
pub(super) fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| malformed(&error))
}

/// Never shows a value: it may be a secret.
fn malformed(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let place = match error.line() {
        0 => String::new(),
        line => format!(" at line {line} column {}", error.column()),
    };
    let text = text.strip_suffix(&place).unwrap_or(&text);
    let bad =
        |problem: &str| Error::new(Status::Argument, format!("{}{place}", redact(problem, &[])));
    match text.split_once(", expected ") {
        Some((problem, known)) if problem.starts_with("unknown ") => {
            bad(problem).with_hint(format!("known are {}", known.trim_start_matches("one of ")))
        }
        Some((_, expected)) => bad(&format!("expected {expected}")),
        None => bad(text),
    }
}
