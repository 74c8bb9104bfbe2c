//! Random numbers from the system, each time: forked children would share a generator's state.

use crate::error::{Error, Status};
use crate::system;

/// Returns random bytes.
///
/// # Errors
/// [`Status::Internal`] where the system gives none.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    system::fill(&mut bytes).map_err(|error| {
        Error::new(Status::Internal, format!("the system gives no random number: {error}"))
    })?;
    Ok(bytes)
}

/// Returns a number from 0 to 1, for jitter; the middle where the system gives no random number.
pub(crate) fn fraction() -> f64 {
    bytes().map_or(0.5, |bytes| f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_from_0_to_1_and_differ() {
        let fractions: Vec<f64> = (0..10).map(|_| fraction()).collect();
        assert!(fractions.iter().all(|fraction| (0.0..=1.0).contains(fraction)));
        assert!(fractions.iter().any(|fraction| *fraction != fractions[0]));
    }
}
