//! Private keys.

use std::ffi::{c_char, c_void};
use std::path::Path;
use std::sync::Arc;

use super::arguments::{bytes, required_path, slice};
use super::error::{ims_error, ims_status};
use super::guard::guard;
use super::make::make;
use super::objects::free;
use crate::error::Error;
use crate::key::Key;

/// A parsed private key: RSA of 2048 to 8192 bits, EC on P-256, P-384 or P-521, or Ed25519.
pub struct ims_key(pub(super) Arc<Key>);

impl ims_key {
    fn boxed(key: Arc<Key>) -> *mut Self {
        Box::into_raw(Box::new(Self(key)))
    }
}

/// Reads a private key: PEM or DER, PKCS#8, PKCS#1 or SEC 1, encrypted or not; a PKCS#12 store; a JWK, or a
/// JWK set with one private key; at most 64 KiB. A path may begin with "~/" or "file:///".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_key_from_file(
    path: *const c_char,
    passphrase: *const c_char,
    out: *mut *mut ims_key,
    error: *mut *mut ims_error,
) -> ims_status {
    let read =
        |path: &Path, passphrase: Option<&[u8]>| Key::from_file(path, passphrase).map(Arc::new);
    // SAFETY: the caller's promise.
    unsafe { from_file(path, passphrase, out, error, read) }
}

/// Reads a private key from memory, as ims_key_from_file does from a file. The bytes need not end in
/// NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_key_from_bytes(
    bytes: *const c_void,
    len: usize,
    passphrase: *const c_char,
    out: *mut *mut ims_key,
    error: *mut *mut ims_error,
) -> ims_status {
    let read =
        |bytes: &[u8], passphrase: Option<&[u8]>| Key::from_bytes(bytes, passphrase).map(Arc::new);
    // SAFETY: the caller's promise.
    unsafe { from_bytes(bytes, len, passphrase, out, error, read) }
}

/// Reads the key as ims_key_from_file does, the first time and again whenever the file has changed;
/// otherwise returns the key that an earlier call read with the same passphrase. So a program can name
/// its key's file in every call. The process keeps the 64 keys used last, even after ims_key_free. A
/// forked child reads its keys again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_key_shared_from_file(
    path: *const c_char,
    passphrase: *const c_char,
    out: *mut *mut ims_key,
    error: *mut *mut ims_error,
) -> ims_status {
    let read = |path: &Path, passphrase: Option<&[u8]>| Key::shared_from_file(path, passphrase);
    // SAFETY: the caller's promise.
    unsafe { from_file(path, passphrase, out, error, read) }
}

/// Does the same for a key in memory, as ims_key_from_bytes takes it. The process keeps the key and a
/// digest of the bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_key_shared_from_bytes(
    bytes: *const c_void,
    len: usize,
    passphrase: *const c_char,
    out: *mut *mut ims_key,
    error: *mut *mut ims_error,
) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { from_bytes(bytes, len, passphrase, out, error, Key::shared_from_bytes) }
}

/// Returns 1 if what a user gives as a key, or as the path of its file, is a path; 0 if it looks like
/// PEM, DER or base64 of one, or has several lines. The file need not exist. So a program can take both
/// in one parameter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_key_is_path(path_or_key: *const c_void, len: usize) -> i32 {
    // SAFETY: the caller's promise.
    let given = unsafe { slice(("path_or_key", path_or_key), ("len", len)) };
    given.is_ok_and(|given| guard(|| Key::is_path(given)).unwrap_or(false)).into()
}

/// # Safety
/// `path` and `passphrase` are NULL or end in NUL; see [`make`] for the rest.
unsafe fn from_file(
    path: *const c_char,
    passphrase: *const c_char,
    out: *mut *mut ims_key,
    error: *mut *mut ims_error,
    read: impl FnOnce(&Path, Option<&[u8]>) -> Result<Arc<Key>, Error>,
) -> ims_status {
    let load = || {
        // SAFETY: the caller's promise.
        let (path, passphrase) = unsafe { (required_path(path)?, bytes(passphrase)) };
        read(path, passphrase).map(ims_key::boxed)
    };
    // SAFETY: the caller's promise.
    unsafe { make(out, error, load) }
}

/// # Safety
/// `first` is NULL or points to `len` bytes, `passphrase` is NULL or ends in NUL; see [`make`] for the rest.
unsafe fn from_bytes(
    first: *const c_void,
    len: usize,
    passphrase: *const c_char,
    out: *mut *mut ims_key,
    error: *mut *mut ims_error,
    read: impl FnOnce(&[u8], Option<&[u8]>) -> Result<Arc<Key>, Error>,
) -> ims_status {
    let load = || {
        // SAFETY: the caller's promise.
        let (key, passphrase) =
            unsafe { (slice(("bytes", first), ("len", len))?, bytes(passphrase)) };
        read(key, passphrase).map(ims_key::boxed)
    };
    // SAFETY: the caller's promise.
    unsafe { make(out, error, load) }
}

/// Frees the key; overwrites it if it is not shared.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_key_free(key: *mut ims_key) {
    // SAFETY: the caller's promise; it came from `ims_key::boxed`.
    unsafe { free(key) }
}
