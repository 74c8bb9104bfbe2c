//! A JWT's id.

use crate::error::Error;
use crate::random;

/// A JWT id (RFC 7519 section 4.1.7).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Jti {
    /// Text, as RFC 7519 has it.
    Text(String),
    /// An integer, as Adobe IMS wants it.
    Integer(u64),
}

impl Jti {
    /// Draws an integer of 53 bits, which every JSON parser keeps exactly.
    ///
    /// # Errors
    /// [`Status::Internal`](crate::Status::Internal) where the system gives no random number.
    pub fn random_integer() -> Result<Self, Error> {
        Ok(Self::Integer(u64::from_ne_bytes(random::bytes()?) >> 11))
    }

    /// Draws a UUID (RFC 9562 version 4).
    ///
    /// # Errors
    /// [`Status::Internal`](crate::Status::Internal) where the system gives no random number.
    pub fn random_uuid() -> Result<Self, Error> {
        let uuid = uuid::Builder::from_random_bytes(random::bytes()?).into_uuid();
        Ok(Self::Text(uuid.to_string()))
    }
}

impl From<&str> for Jti {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Jti {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Jti {
    fn from(integer: u64) -> Self {
        Self::Integer(integer)
    }
}
