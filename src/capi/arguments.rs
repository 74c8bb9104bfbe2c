//! What C programs pass: objects, texts, and structs of options.

use std::ffi::{CStr, OsStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::slice;

use crate::error::Error;

/// An object that a call cannot do without.
///
/// # Safety
/// `object` is NULL or lives for all of `'a`.
pub(super) unsafe fn required<'a, T>(name: &str, object: *const T) -> Result<&'a T, Error> {
    // SAFETY: the caller's promise.
    unsafe { object.as_ref() }.ok_or_else(|| Error::argument(name, "is NULL"))
}

/// A text; NULL and "" both mean 'not given'.
///
/// # Safety
/// `text` is NULL or ends in NUL, and lives for all of `'a`.
pub(super) unsafe fn text<'a>(name: &str, text: *const c_char) -> Result<Option<&'a str>, Error> {
    // SAFETY: the caller's promise.
    unsafe { bytes(text) }
        .map(|bytes| str::from_utf8(bytes).map_err(|_| Error::argument(name, "is not UTF-8")))
        .transpose()
}

/// A copy of a text; NULL and "" both mean 'not given'.
///
/// # Safety
/// `value` is NULL or ends in NUL.
pub(super) unsafe fn owned_text(name: &str, value: *const c_char) -> Result<Option<String>, Error> {
    // SAFETY: the caller's promise.
    unsafe { text(name, value) }.map(|text| text.map(str::to_owned))
}

/// A path; NULL and "" both mean 'not given'.
///
/// # Safety
/// `text` is NULL or ends in NUL, and lives for all of `'a`.
pub(super) unsafe fn path<'a>(text: *const c_char) -> Option<&'a Path> {
    // SAFETY: the caller's promise.
    unsafe { bytes(text) }.map(|path| Path::new(OsStr::from_bytes(path)))
}

/// The parameter `path` that a call cannot do without.
///
/// # Safety
/// `text` is NULL or ends in NUL, and lives for all of `'a`.
pub(super) unsafe fn required_path<'a>(text: *const c_char) -> Result<&'a Path, Error> {
    // SAFETY: the caller's promise.
    unsafe { path(text) }.ok_or_else(|| Error::argument("path", "is missing or empty"))
}

/// Bytes that a call cannot do without, and their length, which is the parameter `len_name`.
///
/// # Safety
/// `first` is NULL or points to `len` bytes, which live for all of `'a`.
pub(super) unsafe fn slice<'a>(
    (name, first): (&str, *const c_void),
    (len_name, len): (&str, usize),
) -> Result<&'a [u8], Error> {
    if first.is_null() {
        return Err(Error::argument(name, "is NULL"));
    }
    if isize::try_from(len).is_err() {
        return Err(Error::argument(len_name, "is more than a program's memory"));
    }
    // SAFETY: not NULL, so it points to `len` bytes.
    Ok(unsafe { slice::from_raw_parts(first.cast(), len) })
}

/// A passphrase or other text, in whatever encoding; NULL and "" both mean 'not given'.
///
/// # Safety
/// `text` is NULL or ends in NUL, and lives for all of `'a`.
pub(super) unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL, so it ends in NUL.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    (!bytes.is_empty()).then_some(bytes)
}

/// The limit of an array's length. A longer one is a mistake, such as a negative number.
const MAX_ARRAY: usize = 1000;

/// Returns an array that the caller gives as a pointer and a length.
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument), naming the array.
///
/// # Safety
/// `first` is NULL or points to `len` values, which live for all of `'a`.
pub(super) unsafe fn array<'a, T>(
    name: &str,
    first: *const T,
    len: usize,
) -> Result<&'a [T], Error> {
    match len {
        0 => Ok(&[]),
        _ if first.is_null() => {
            Err(Error::argument(name, format!("is NULL, but {name}_len is not 0")))
        }
        _ if len > MAX_ARRAY => {
            Err(Error::argument(name, format!("holds over {MAX_ARRAY}: check {name}_len")))
        }
        // SAFETY: not NULL, so it points to `len` values.
        _ => Ok(unsafe { slice::from_raw_parts(first, len) }),
    }
}

/// Options in a struct that grows at its end from release to release. Its `size` says up to where
/// the caller's header knows it.
///
/// # Safety
/// The struct is `repr(C)`, begins with `size: usize`, and holds only integers and raw pointers: all
/// of its bytes may be zero.
pub(super) unsafe trait Options: Copy {
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
pub(super) unsafe fn options<T: Options>(given: *const T) -> Result<Option<T>, Error> {
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
    fn an_array_of_an_impossible_length_is_not_read() {
        let texts = [1_u64, 2];
        // SAFETY: two values live here, and the other lengths are refused before any is read.
        let array = |len| unsafe { array("metascopes", texts.as_ptr(), len) };
        assert_eq!(array(2).unwrap(), texts);
        let error = array(usize::MAX).unwrap_err();
        let problem = "metascopes holds over 1000: check metascopes_len";
        assert_eq!((error.status(), error.message()), (Status::Argument, problem));
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
