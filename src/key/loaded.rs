//! A key as one process has it ready to sign.

use std::mem;
use std::sync::Arc;

use openssl::pkey::{PKey, PKeyRef, Private};
use ring::signature::KeyPair;

use super::decryption::has_decrypted;
use super::in_openssl::{OpenSsl, refused};
use super::kind::Kind;
use super::material::Material;
use super::signature::{self, Idle, RingKey};
use super::{curves, rsa};
use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::fork::{Process, may_use_openssl};

/// A checked key. It belongs to one process, because OpenSSL's key has locks that a fork may leave
/// locked for ever.
pub(super) struct LoadedKey {
    pub process: Process,
    signer: Arc<Signer>,
    /// Held while the other fields are freed, which takes OpenSSL's own locks. It is the last
    /// field, so that it is dropped last.
    freeing: Option<OpenSsl>,
}

enum Signer {
    OpenSsl {
        pkey: PKey<Private>,
        kind: Kind,
        idle: Idle,
        is_replaceable: bool,
    },
    /// The key in a process that may not use OpenSSL, or that ends.
    Ring(RingKey),
}

impl LoadedKey {
    /// Loads and checks a key, and adds its public key to `material`.
    pub fn check(material: &mut Material) -> Result<Self, Error> {
        if !may_use_openssl() {
            let key = RingKey::load(material)?;
            if let RingKey::Ed25519(pair) = &key {
                material.public = Some(pair.public_key().as_ref().to_vec());
            }
            return Ok(Self::of(Signer::Ring(key)));
        }
        let _openssl = OpenSsl::enter()?;
        let pkey = match material.kind {
            kind if kind.is_rsa() => rsa::load(&material.private)?,
            _ => {
                let (pkey, public) = curves::load(material)?;
                material.public = Some(public);
                pkey
            }
        };
        let is_replaceable = match material.kind {
            kind if kind.is_rsa() => pkey.rsa().is_ok_and(|key| rsa::is_of_ring(&key)),
            kind => kind != Kind::P521,
        };
        let kind = material.kind;
        Ok(Self::of(Signer::OpenSsl { pkey, kind, idle: Idle::default(), is_replaceable }))
    }

    fn of(signer: Signer) -> Self {
        Self { process: Process::current(), signer: Arc::new(signer), freeing: None }
    }

    /// Returns whether the calling thread may use it.
    pub fn is_usable(&self) -> bool {
        self.process == Process::current() && (self.pkey().is_none() || may_use_openssl())
    }

    /// Returns OpenSSL's key, or `None` if the process may not use OpenSSL.
    pub fn pkey(&self) -> Option<&PKeyRef<Private>> {
        match &*self.signer {
            Signer::OpenSsl { pkey, .. } => Some(pkey),
            Signer::Ring(_) => None,
        }
    }

    /// Signs with an algorithm of the key's kind.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, Error> {
        match &*self.signer {
            Signer::OpenSsl { pkey, kind, idle, is_replaceable } => {
                // If this process has decrypted a key, its children probably do too, and need
                // OpenSSL for that.
                let _openssl = if *is_replaceable && !has_decrypted() {
                    OpenSsl::enter_for_long()?
                } else {
                    OpenSsl::enter()?
                };
                signature::by_openssl(pkey, *kind, idle, algorithm, message)
                    .map_err(|stack| refused(&stack))
            }
            Signer::Ring(key) => key.sign(algorithm, message),
        }
    }
}

impl Drop for LoadedKey {
    fn drop(&mut self) {
        if self.pkey().is_none() {
            return;
        }
        let is_own = self.process == Process::current();
        self.freeing = is_own.then(OpenSsl::enter).and_then(Result::ok);
        if self.freeing.is_none() {
            // Never freed: threads of the parent may have been using it, or OpenSSL itself is being freed.
            mem::forget(Arc::clone(&self.signer));
        }
    }
}
