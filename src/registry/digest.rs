//! The SHA-256 of all that an object is made from, and of whom it is made for.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use rustix::process::{getegid, geteuid};

pub(super) type Digest = [u8; SHA256_OUTPUT_LEN];

/// Takes values one by one, each with its length: no two sequences of values are taken for each other.
pub(super) struct Digester(Context);

impl Digester {
    /// Begins with the user that the thread runs as: what one may read, another may not.
    pub fn new(kind: &str) -> Self {
        Self(Context::new(&SHA256))
            .with(&geteuid().as_raw().to_le_bytes())
            .with(&getegid().as_raw().to_le_bytes())
            .with(kind.as_bytes())
    }

    pub fn with(mut self, value: &[u8]) -> Self {
        self.0.update(&(value.len() as u64).to_le_bytes());
        self.0.update(value);
        self
    }

    /// An absent value differs from an empty one.
    pub fn with_optional(mut self, value: Option<&[u8]>) -> Self {
        match value {
            Some(value) => self.with(value),
            None => {
                self.0.update(&u64::MAX.to_le_bytes());
                self
            }
        }
    }

    pub fn with_path(self, path: &Path) -> Self {
        self.with(path.as_os_str().as_bytes())
    }

    pub fn finish(self) -> Digest {
        let digest = self.0.finish();
        let mut bytes = Digest::default();
        bytes.copy_from_slice(digest.as_ref());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_join_to_the_same_text_have_different_digests() {
        let digests = [
            Digester::new("a").with(b"bc").finish(),
            Digester::new("a").with(b"b").with(b"c").finish(),
            Digester::new("ab").with(b"c").finish(),
            Digester::new("abc").finish(),
            Digester::new("abc").with(b"").finish(),
            Digester::new("abc").with_optional(None).finish(),
        ];
        for (position, digest) in digests.iter().enumerate() {
            assert!(!digests[position + 1..].contains(digest), "number {position}");
        }
        assert_eq!(digests[3], Digester::new("abc").finish());
    }
}
