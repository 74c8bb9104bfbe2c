//! The C ABI: the functions of `include/ims.h`, which is made from these files. A door without
//! decisions: each function reads its arguments and calls the core, inside [`guard()`].
//!
//! All of the library's `unsafe` is here. It rests on what a C caller owes every library: a pointer
//! is NULL or points to what its type says for the whole call, a text ends in NUL, and an object
//! was made by this library and has not been freed.

// The names are C's.
#![allow(non_camel_case_types)]

mod guard;
#[cfg(all(target_os = "linux", not(feature = "vendored")))]
mod openssl_init;

// In the header's order, which cbindgen takes from here.
mod error;
mod key;
mod jwt;
mod exchange;
mod client;
mod version;

use std::ffi::{CStr, CString, c_char};
use std::mem::MaybeUninit;
use std::ptr;

use crate::error::Error;
use error::{IMS_OK, code, ims_error, ims_status};
use guard::{guard, uncancelled};

/// Every object is immutable or locked inside: C programs share them between threads.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<ims_error>();
    shared::<key::ims_key>();
    shared::<exchange::ims_token>();
    shared::<client::ims_client>();
};

/// A function that can fail: stores what `body` makes through `out`, or else NULL there and the
/// error through `error`.
///
/// # Safety
/// `out` and `error` are NULL or can be written to.
unsafe fn make<T>(
    out: *mut *mut T,
    error: *mut *mut ims_error,
    body: impl FnOnce() -> Result<*mut T, Error>,
) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { make_cancellable(out, error, || uncancelled(body)) }
}

/// The same for a `body` that is [`uncancelled`] itself where it may wait.
///
/// # Safety
/// That of [`make`].
unsafe fn make_cancellable<T>(
    out: *mut *mut T,
    error: *mut *mut ims_error,
    body: impl FnOnce() -> Result<*mut T, Error>,
) -> ims_status {
    let result = if out.is_null() {
        Err(Error::argument("out", "is NULL"))
    } else {
        guard(body).and_then(|result| result)
    };
    let (status, made, failure) = match result {
        Ok(made) => (IMS_OK, made, ptr::null_mut()),
        Err(failure) => (code(failure.status()), ptr::null_mut(), ims_error::boxed(&failure)),
    };
    if !out.is_null() {
        // SAFETY: not NULL, so it can be written to.
        unsafe { out.write(made) };
    }
    if error.is_null() {
        // SAFETY: NULL, or just boxed and given to nobody.
        unsafe { free(failure) };
    } else {
        // SAFETY: not NULL, so it can be written to.
        unsafe { error.write(failure) };
    }
    status
}

/// An accessor: what `get` finds in `object`, or `absent` where that is NULL.
///
/// # Safety
/// `object` is NULL or a live object.
unsafe fn read<T, R>(object: *const T, absent: R, get: impl FnOnce(&T) -> R) -> R {
    // SAFETY: the caller's promise.
    match unsafe { object.as_ref() } {
        Some(object) => guard(|| get(object)).unwrap_or(absent),
        None => absent,
    }
}

/// A destructor; NULL is no object.
///
/// # Safety
/// `object` is NULL or came from `Box::into_raw`, and nobody uses it from now on.
unsafe fn free<T>(object: *mut T) {
    if !object.is_null() {
        // SAFETY: the caller's promise. What a panic would leave behind is leaked, never touched.
        let _ = guard(|| drop(unsafe { Box::from_raw(object) }));
    }
}

/// An object that a call cannot do without.
///
/// # Safety
/// `object` is NULL or lives for all of `'a`.
unsafe fn required<'a, T>(name: &str, object: *const T) -> Result<&'a T, Error> {
    // SAFETY: the caller's promise.
    unsafe { object.as_ref() }.ok_or_else(|| Error::argument(name, "is NULL"))
}

/// A text; NULL and "" both mean 'not given'.
///
/// # Safety
/// `text` is NULL or ends in NUL, and lives for all of `'a`.
unsafe fn text<'a>(name: &str, text: *const c_char) -> Result<Option<&'a str>, Error> {
    // SAFETY: the caller's promise.
    unsafe { bytes(text) }
        .map(|bytes| str::from_utf8(bytes).map_err(|_| Error::argument(name, "is not UTF-8")))
        .transpose()
}

/// A path or a passphrase, in whatever encoding; NULL and "" both mean 'not given'.
///
/// # Safety
/// `text` is NULL or ends in NUL, and lives for all of `'a`.
unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL, so it ends in NUL.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    (!bytes.is_empty()).then_some(bytes)
}

/// A text of ours for C. The texts of errors and tokens are checked or cleaned of control
/// characters, so that none holds a NUL; one that did would turn up empty, not cut.
fn c_text(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

/// What an accessor of such a text answers.
fn c_pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}

/// Options in a struct that grows at its end from release to release. Its `size` says up to where
/// the caller's header knows it.
///
/// # Safety
/// The struct is `repr(C)`, begins with `size: usize`, and holds only integers and raw pointers: all
/// of its bytes may be zero.
unsafe trait Options: Copy {
    /// As C calls it.
    const NAME: &str;
    /// The size in the first release that had it.
    const FIRST_SIZE: usize;
}

/// No struct of options will ever be larger; a larger `size` was never set.
const LARGEST_OPTIONS: usize = 4096;

/// Reads a struct made for an older or newer header: fields that the caller does not know are zero,
/// fields that we do not know must be.
///
/// # Safety
/// `given` is NULL or points to as many bytes as its first field says.
unsafe fn options<T: Options>(given: *const T) -> Result<Option<T>, Error> {
    if given.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and the size comes first.
    let size = unsafe { given.cast::<usize>().read() };
    if !(T::FIRST_SIZE..=LARGEST_OPTIONS).contains(&size) {
        let problem = format!("of {0} is {size}, not sizeof({0})", T::NAME);
        return Err(Error::argument("size", problem)
            .with_hint("begin with the struct's INIT macro, which sets its size"));
    }
    let given = given.cast::<u8>();
    for place in size_of::<T>()..size {
        // SAFETY: within `size`.
        if unsafe { given.add(place).read() } != 0 {
            let problem = format!("of {} covers fields that this libims does not know", T::NAME);
            return Err(Error::argument("size", problem)
                .with_hint("leave the newer fields zero, or install the libims of that header"));
        }
    }
    let mut options = MaybeUninit::<T>::zeroed();
    // SAFETY: within `size`, and within T; any bytes are a T, by the trait's promise.
    unsafe {
        options.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(given, size.min(size_of::<T>()));
        Ok(Some(options.assume_init()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Grown {
        size: usize,
        old: u64,
        new: u64,
    }

    // SAFETY: integers alone, the size first.
    unsafe impl Options for Grown {
        const NAME: &str = "grown";
        const FIRST_SIZE: usize = 16;
    }

    #[test]
    fn no_function_lets_a_panic_through() {
        let (mut out, mut error) = (ptr::dangling_mut::<u8>(), ptr::null_mut());
        // SAFETY: both can be written to, and what is made is freed once.
        unsafe {
            assert_eq!(make(&mut out, &mut error, || panic!()), error::IMS_ERR_INTERNAL);
            assert!(out.is_null());
            assert_eq!(error::ims_error_status(error), error::IMS_ERR_INTERNAL);
            assert_eq!(read(error, 7, |_| panic!()), 7);
            error::ims_error_free(error);
        }
    }

    #[test]
    fn a_field_that_an_older_caller_does_not_know_is_zero() {
        let older = Grown { size: 16, old: 7, new: 8 };
        // SAFETY: a live struct, larger than its size says.
        let options = unsafe { options(&older) }.unwrap().unwrap();
        assert_eq!((options.old, options.new), (7, 0));
    }

    #[test]
    fn a_caller_who_knows_all_fields_is_taken_at_their_word() {
        let current = Grown { size: 24, old: 7, new: 8 };
        // SAFETY: a live struct of its size.
        let options = unsafe { options(&current) }.unwrap().unwrap();
        assert_eq!((options.old, options.new), (7, 8));
    }

    #[test]
    fn a_struct_smaller_than_the_first_is_refused() {
        let cut = Grown { size: 15, old: 7, new: 8 };
        // SAFETY: a live struct, larger than its size says.
        let error = unsafe { options(&cut) }.err().unwrap();
        assert_eq!(error.status(), Status::Argument);
        assert_eq!(error.message(), "size of grown is 15, not sizeof(grown)");
    }
}
