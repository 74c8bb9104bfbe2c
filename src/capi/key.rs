//! Private keys.

use std::ffi::{OsStr, c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::slice;

use super::error::{ims_error, ims_status};
use super::{bytes, free, make};
use crate::error::Error;
use crate::key::Key;

/// A parsed RSA private key, 2048 to 8192 bits.
pub struct ims_key(pub(super) Key);

impl ims_key {
    fn boxed(key: Key) -> *mut Self {
        Box::into_raw(Box::new(Self(key)))
    }
}

/// PEM or DER, PKCS#8 or PKCS#1, encrypted or not; at most 64 KiB.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_key_from_file(
    path: *const c_char,
    passphrase: *const c_char,
    out: *mut *mut ims_key,
    error: *mut *mut ims_error,
) -> ims_status {
    let load = || {
        // SAFETY: the caller's promise.
        let (path, passphrase) = unsafe { (bytes(path), bytes(passphrase)) };
        let path = path.ok_or_else(|| Error::argument("path", "is missing or empty"))?;
        Key::from_file(OsStr::from_bytes(path), passphrase).map(ims_key::boxed)
    };
    // SAFETY: the caller's promise.
    unsafe { make(out, error, load) }
}

/// The same from memory; the bytes need no NUL at their end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_key_from_bytes(
    bytes: *const c_void,
    len: usize,
    passphrase: *const c_char,
    out: *mut *mut ims_key,
    error: *mut *mut ims_error,
) -> ims_status {
    let load = || {
        if bytes.is_null() {
            return Err(Error::argument("bytes", "is NULL"));
        }
        if isize::try_from(len).is_err() {
            return Err(Error::argument("len", "is more than a program's memory"));
        }
        // SAFETY: not NULL, so it points to `len` bytes; the passphrase is the caller's promise.
        let (bytes, passphrase) =
            unsafe { (slice::from_raw_parts(bytes.cast(), len), super::bytes(passphrase)) };
        Key::from_bytes(bytes, passphrase).map(ims_key::boxed)
    };
    // SAFETY: the caller's promise.
    unsafe { make(out, error, load) }
}

/// Wipes and frees the key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_key_free(key: *mut ims_key) {
    // SAFETY: the caller's promise; it came from `ims_key::boxed`.
    unsafe { free(key) }
}
