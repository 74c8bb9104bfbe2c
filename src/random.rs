//! Random numbers from the system, each time: forked children would share a generator's state.

use crate::error::{Error, Status};

/// Returns random bytes.
///
/// # Errors
/// [`Status::Internal`] where the system gives none.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(Status::Internal, format!("the system gives no random number: {error}"))
    })?;
    Ok(bytes)
}
