//! The passphrase of an encrypted key.

use std::time::Instant;

/// The passphrase of an encrypted key, and the time that is left for the decryption.
#[derive(Clone, Copy, Default)]
pub(crate) struct Passphrase<'a> {
    pub text: Option<&'a [u8]>,
    /// The deadline of the decryption, if a caller waits for it.
    pub deadline: Option<Instant>,
}

impl<'a> Passphrase<'a> {
    pub fn new(text: Option<&'a [u8]>, deadline: Option<Instant>) -> Self {
        Self { text, deadline }
    }
}
