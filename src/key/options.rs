//! What a caller knows of a key that is read.

use std::time::Instant;

/// What a caller knows of a key that is read.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct KeyOptions<'a> {
    /// The passphrase of an encrypted key or of a PKCS#12 store; an empty one counts as not given.
    pub passphrase: Option<&'a [u8]>,
    /// The `kid` of the key, for a JWK set (RFC 7517 section 5) that holds several private keys.
    pub kid: Option<&'a str>,
    /// The deadline of the decryption, if a caller waits for it.
    pub(crate) deadline: Option<Instant>,
}

impl<'a> KeyOptions<'a> {
    /// Makes options with a passphrase alone.
    pub fn with_passphrase(passphrase: Option<&'a [u8]>) -> Self {
        Self { passphrase, ..Self::default() }
    }

    /// Returns the passphrase, unless it is empty.
    pub(super) fn given_passphrase(&self) -> Option<&'a [u8]> {
        self.passphrase.filter(|passphrase| !passphrase.is_empty())
    }
}
