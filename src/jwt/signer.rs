//! A key together with what it signs.

use super::Assertion;
use crate::key::Key;

/// A key, and what it signs.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The private key.
    pub key: Key,
    /// What each JWT says. Its claims have no `exp`, `iat` and `jti` of their own.
    pub assertion: Assertion,
}
