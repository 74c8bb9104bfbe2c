//! The key of an assertion: a private key, or a client secret.

use std::fmt;

use crate::algorithm::Algorithm;
use crate::key::Key;
use crate::secret::Secret;

/// A private key, or the client secret that two sides share.
#[derive(Clone)]
#[non_exhaustive]
pub enum SigningKey {
    /// A private key: any algorithm of its own.
    Key(Key),
    /// A client secret: HS256, HS384 or HS512.
    Secret(Secret),
}

impl SigningKey {
    /// Returns the algorithm that it signs with where none is chosen.
    pub fn default_algorithm(&self) -> Algorithm {
        match self {
            Self::Key(key) => key.default_algorithm(),
            Self::Secret(_) => Algorithm::HS256,
        }
    }
}

impl From<Key> for SigningKey {
    fn from(key: Key) -> Self {
        Self::Key(key)
    }
}

/// The kind alone.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "Key { .. }",
            Self::Secret(_) => "Secret { .. }",
        })
    }
}
