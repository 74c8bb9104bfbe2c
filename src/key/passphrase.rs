//! What an encrypted key is read with.

use std::time::Instant;

/// What an encrypted key is read with.
#[derive(Clone, Copy, Default)]
pub(crate) struct Passphrase<'a> {
    pub text: Option<&'a [u8]>,
    /// When it must have been decrypted, where a caller waits for it.
    pub deadline: Option<Instant>,
}

impl<'a> Passphrase<'a> {
    pub fn new(text: Option<&'a [u8]>, deadline: Option<Instant>) -> Self {
        Self { text, deadline }
    }
}
