//! What is given back to be wiped is zero before its memory is anyone's.

#![expect(unsafe_code, reason = "an allocator that looks at what is freed, and the C ABI")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::{CString, c_char};
use std::{ptr, slice};

use ims::Secret;

unsafe extern "C" {
    fn ims_string_free(string: *mut c_char);
}

struct Watching;

#[global_allocator]
static ALLOCATOR: Watching = Watching;

thread_local! {
    static WATCHED: Cell<*const u8> = const { Cell::new(ptr::null()) };
    /// Whether what was watched was zero when it was freed.
    static WAS_ZERO: Cell<Option<bool>> = const { Cell::new(None) };
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if place.cast_const() == WATCHED.get() {
            // SAFETY: not freed yet, and these tests fill what they watch.
            let bytes = unsafe { slice::from_raw_parts(place, layout.size()) };
            WAS_ZERO.set(Some(bytes.iter().all(|byte| *byte == 0)));
        }
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }
}

fn assert_wiped(place: *const u8, give_back: impl FnOnce()) {
    WATCHED.set(place);
    give_back();
    WATCHED.set(ptr::null());
    assert_eq!(WAS_ZERO.take(), Some(true));
}

#[test]
fn a_jwt_that_c_gives_back_is_wiped() {
    let jwt = CString::new("e30.e30.c2ln").unwrap().into_raw();
    // SAFETY: made as the library makes it, and given back once.
    assert_wiped(jwt.cast(), || unsafe { ims_string_free(jwt) });
}

#[test]
fn a_secret_that_is_dropped_is_wiped() {
    let secret = Secret::from("s3cret");
    assert_wiped(secret.expose().as_ptr(), || drop(secret));
}
