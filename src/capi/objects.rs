//! Objects and texts that C programs hold.

use std::ffi::{CString, c_char};
use std::ptr;

use super::guard::guard;

/// An accessor: what `get` finds in `object`, or `absent` where that is NULL.
///
/// # Safety
/// `object` is NULL or a live object.
pub(super) unsafe fn read<T, R>(object: *const T, absent: R, get: impl FnOnce(&T) -> R) -> R {
    // SAFETY: the caller's promise.
    match unsafe { object.as_ref() } {
        Some(object) => guard(|| get(object)).unwrap_or(absent),
        None => absent,
    }
}

/// A destructor; NULL is no object.
///
/// # Safety
/// `object` is NULL or came from `Box::into_raw`, and no one uses it from now on.
pub(super) unsafe fn free<T>(object: *mut T) {
    if !object.is_null() {
        // SAFETY: the caller's promise. What a panic would leave behind is leaked, never touched.
        let _ = guard(|| drop(unsafe { Box::from_raw(object) }));
    }
}

/// A text of ours for C. The texts of errors and tokens are checked or cleaned of control
/// characters, so that none holds a NUL; one that did would turn up empty, not cut.
pub(super) fn c_text(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

/// What an accessor of such a text answers.
pub(super) fn c_pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}
