//! A key as one process has it ready to sign.

use std::mem;
use std::sync::{Arc, Mutex};

use openssl::bn::BigNumRef;
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::{PKey, PKeyRef, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::{Padding, Rsa, RsaRef};
use openssl::sha::sha256;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use super::encrypted;
use super::in_openssl::{OpenSsl, openssl_is_lost, refused};
use super::problem::bad;
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
        /// A context that is ready to sign, because making one takes most of the time of a call
        /// apart from the signature. No thread waits for it: a second thread makes its own.
        idle: Mutex<Option<PkeyCtx<Private>>>,
        is_replaceable: bool,
    },
    /// The key in a process that may not use OpenSSL, or that ends. ring takes no lock, and frees
    /// nothing when a process exits.
    Ring(Box<RsaKeyPair>),
}

impl LoadedKey {
    pub fn new(rsa: Rsa<Private>) -> Result<Self, ErrorStack> {
        let is_replaceable = is_of_ring(&rsa);
        let pkey = PKey::from_rsa(rsa)?;
        Ok(Self::of(Signer::OpenSsl { pkey, idle: Mutex::default(), is_replaceable }))
    }

    /// Loads a key, without OpenSSL and all that it takes more than ring does: over 4096 bits, primes of unlike size.
    pub fn without_openssl(pkcs1: &[u8]) -> Result<Self, Error> {
        let key = RsaKeyPair::from_der(pkcs1).map_err(|problem| match problem.to_string() {
            problem if problem.contains("TooLarge") || problem.contains("Multiple") => {
                openssl_is_lost("cannot sign")
            }
            problem => bad(format!("is damaged: {problem}")),
        })?;
        Ok(Self::of(Signer::Ring(Box::new(key))))
    }

    /// Loads a key that was checked before, as this process can.
    pub fn again(pkcs1: &[u8]) -> Result<Self, Error> {
        if !may_use_openssl() {
            return Self::without_openssl(pkcs1);
        }
        let _openssl = OpenSsl::enter()?;
        Rsa::private_key_from_der(pkcs1).and_then(Self::new).map_err(|stack| refused(&stack))
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

    pub fn rs256(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match &*self.signer {
            Signer::OpenSsl { pkey, idle, is_replaceable } => {
                // If this process has decrypted a key, its children probably do too, and need
                // OpenSSL for that.
                let _openssl = if *is_replaceable && !encrypted::has_decrypted() {
                    OpenSsl::enter_for_long()?
                } else {
                    OpenSsl::enter()?
                };
                rs256(pkey, idle, message).map_err(|stack| refused(&stack))
            }
            Signer::Ring(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| bad("is damaged: its parts do not belong together"))?;
                Ok(signature)
            }
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

fn rs256(
    pkey: &PKeyRef<Private>,
    idle: &Mutex<Option<PkeyCtx<Private>>>,
    message: &[u8],
) -> Result<Vec<u8>, ErrorStack> {
    let taken = idle.try_lock().ok().and_then(|mut idle| idle.take());
    let mut context = match taken {
        Some(context) => context,
        None => {
            let mut context = PkeyCtx::new(pkey)?;
            context.sign_init()?;
            context.set_rsa_padding(Padding::PKCS1)?;
            context.set_signature_md(Md::sha256())?;
            context
        }
    };
    let mut signature = vec![0; pkey.size()];
    context.sign(&sha256(message), Some(&mut signature))?;
    if let Ok(mut idle) = idle.try_lock() {
        *idle = Some(context);
    }
    Ok(signature)
}

/// Returns true if ring can sign with the key. A child needs ring if it was forked while another
/// thread signed.
fn is_of_ring(rsa: &RsaRef<Private>) -> bool {
    let bits = rsa.n().num_bits();
    let is_half = |prime: &BigNumRef| 2 * prime.num_bits() == bits;
    bits % 1024 == 0
        && bits <= 4096
        && rsa.e().num_bits() <= 33
        && rsa.p().is_some_and(is_half)
        && rsa.q().is_some_and(is_half)
}
