//! The time at which a JWT is issued, and its expiry.

use std::time::{Duration, SystemTime};

use crate::error::{Cause, Error};
use crate::unix_time::{self, LAST_SECOND};

/// The expiry of a JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// A time after it is issued, from 1 second to 24 hours. Fractions of a second are cut off.
    In(Duration),
    /// An absolute time, at most 24 hours after it is issued.
    At(SystemTime),
}

/// 5 minutes after it is issued.
impl Default for Expiry {
    fn default() -> Self {
        Self::In(Duration::from_secs(300))
    }
}

impl Expiry {
    /// The longest life of a JWT: Adobe takes none that lives longer.
    pub const MAX_LIFETIME: Duration = Duration::from_secs(86_400);

    /// Reads the options of a caller who may give `lifetime` in seconds or `exp`.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument) where both are given, and where `lifetime` is negative.
    pub fn from_options(lifetime: Option<i64>, exp: Option<SystemTime>) -> Result<Self, Error> {
        match (lifetime, exp) {
            (Some(_), Some(_)) => {
                Err(Error::argument("lifetime", "and exp are both given: give one")
                    .with_cause(Cause::ClockOrExp))
            }
            (None, Some(exp)) => Ok(Self::At(exp)),
            (Some(seconds), None) => u64::try_from(seconds)
                .map(|seconds| Self::In(Duration::from_secs(seconds)))
                .map_err(|_| bad_lifetime()),
            (None, None) => Ok(Self::default()),
        }
    }

    /// Returns `exp` in Unix seconds for a JWT that is issued at `iat`.
    pub(super) fn seconds(self, iat: i64) -> Result<i64, Error> {
        match self {
            Self::At(exp) => {
                let exp = checked_seconds("exp", exp)?;
                if exp <= iat {
                    Err(Error::argument("exp", "is not after iat: the JWT would be expired"))
                } else if exp - iat > Self::MAX_LIFETIME.as_secs().cast_signed() {
                    Err(Error::argument("exp", "is over 86400 seconds (24 h) after iat"))
                } else {
                    Ok(exp)
                }
            }
            Self::In(lifetime) if lifetime.as_secs() == 0 || lifetime > Self::MAX_LIFETIME => {
                Err(bad_lifetime())
            }
            Self::In(lifetime) => Ok(iat + lifetime.as_secs().cast_signed()),
        }
        .map_err(|error| error.with_cause(Cause::ClockOrExp))
    }
}

fn bad_lifetime() -> Error {
    Error::argument("lifetime", "is not 1 to 86400 seconds")
        .with_hint("a few minutes are best: 300 seconds, not 300000 milliseconds")
        .with_cause(Cause::ClockOrExp)
}

/// Returns the Unix seconds of the claim `name`.
pub(super) fn checked_seconds(name: &str, time: SystemTime) -> Result<i64, Error> {
    let error = match unix_time::checked_seconds(time) {
        None => Error::argument(name, "is negative; it counts seconds since 1970"),
        Some(seconds) if seconds <= LAST_SECOND => return Ok(seconds),
        Some(seconds) => {
            let error =
                Error::argument(name, "is after the year 9999; it counts seconds since 1970");
            match (1_000_000_000_000..10_000_000_000_000).contains(&seconds) {
                true => {
                    error.with_hint(format!("{name} looks like milliseconds: divide it by 1000"))
                }
                false => error,
            }
        }
    };
    Err(error.with_cause(Cause::ClockOrExp))
}
