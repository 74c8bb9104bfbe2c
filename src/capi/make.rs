//! Functions that make an object, or fail.

use std::ptr;

use super::error::{IMS_OK, code, ims_error, ims_status};
use super::guard::{guard, uncancelled};
use super::objects::free;
use crate::error::Error;

/// A function that can fail: stores what `body` makes through `out`, or else NULL there and the
/// error through `error`.
///
/// # Safety
/// `out` and `error` are NULL or can be written to.
pub(super) unsafe fn make<T>(
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
pub(super) unsafe fn make_cancellable<T>(
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
        // SAFETY: NULL, or just boxed and given to no one.
        unsafe { free(failure) };
    } else {
        // SAFETY: not NULL, so it can be written to.
        unsafe { error.write(failure) };
    }
    status
}

#[cfg(test)]
mod tests {
    use super::super::error::{IMS_ERR_INTERNAL, ims_error_free, ims_error_status};
    use super::super::objects::read;
    use super::*;

    #[test]
    fn no_function_lets_a_panic_through() {
        let (mut out, mut error) = (ptr::dangling_mut::<u8>(), ptr::null_mut());
        // SAFETY: both can be written to, and what is made is freed once.
        unsafe {
            assert_eq!(make(&mut out, &mut error, || panic!()), IMS_ERR_INTERNAL);
            assert!(out.is_null());
            assert_eq!(ims_error_status(error), IMS_ERR_INTERNAL);
            assert_eq!(read(error, 7, |_| panic!()), 7);
            ims_error_free(error);
        }
    }
}
