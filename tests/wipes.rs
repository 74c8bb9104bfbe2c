//! What is given back to be wiped is zero before its memory is anyone's.

#![expect(unsafe_code, reason = "an allocator that looks at what is freed, and the C ABI")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::{CString, c_char};
use std::sync::Arc;
use std::{ptr, slice};

use ims::{Cache, Client, Credentials, CredentialsOptions, Key, Secret, Transport};
use support::directory::Directory;
use support::hostile::Hostile;
use support::keys;

unsafe extern "C" {
    fn ims_string_free(string: *mut c_char);
}

/// In bytes: from here on it is the HTTP client's buffers, which the library does not wipe.
const BUFFER: usize = 128 * 1024;

struct Watching;

#[global_allocator]
static ALLOCATOR: Watching = Watching;

thread_local! {
    static WATCHED: Cell<*const u8> = const { Cell::new(ptr::null()) };
    /// Whether what was watched was zero when it was freed.
    static WAS_ZERO: Cell<Option<bool>> = const { Cell::new(None) };
    /// No memory is freed with this in it.
    static SECRET: Cell<&'static [u8]> = const { Cell::new(&[]) };
    static LEFT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // What a test itself has freed must not be seen again in memory that nothing was written to.
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if place.cast_const() == WATCHED.get() {
            // SAFETY: not freed yet, and these tests fill what they watch.
            let bytes = unsafe { slice::from_raw_parts(place, layout.size()) };
            WAS_ZERO.set(Some(bytes.iter().all(|byte| *byte == 0)));
        }
        let secret = SECRET.get();
        if !secret.is_empty() && (secret.len()..BUFFER).contains(&layout.size()) {
            // SAFETY: not freed yet.
            let bytes = unsafe { slice::from_raw_parts(place, layout.size()) };
            if bytes.windows(secret.len()).any(|window| window == secret) {
                SECRET.set(&[]);
                LEFT.set(LEFT.get() + 1);
                eprintln!("{} bytes {}", layout.size(), std::backtrace::Backtrace::force_capture());
                SECRET.set(secret);
            }
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

const TOKEN: &str = "an-access-token-that-stands-nowhere-else";

fn assert_no_copy_is_left(cache: &Cache) {
    let body = format!(
        r#"{{"access_token":"{TOKEN}","expires_in":3600,"refresh_token":"{TOKEN}","list":["{TOKEN}"]}}"#
    );
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let server = Hostile::answering([answer]);
    let file = format!(
        r#"{{"client_id":"c","client_secret":"s","scope":"openid","token_url":"{}"}}"#,
        server.url()
    );
    let options = CredentialsOptions::default();
    let credentials = Credentials::from_json(file.as_bytes(), &options).unwrap();
    SECRET.set(TOKEN.as_bytes());
    for _ in 0..2 {
        let client = Client::new(credentials.clone(), cache, Transport::default()).unwrap();
        for _ in 0..2 {
            assert_eq!(client.token().unwrap().access_token(), TOKEN);
        }
    }
    SECRET.set(&[]);
    assert_eq!(LEFT.take(), 0);
}

#[test]
fn no_copy_of_a_client_s_token_is_left_in_freed_memory() {
    assert_no_copy_is_left(&Cache::Memory);
}

#[test]
fn no_copy_of_a_token_from_a_file_is_left_in_freed_memory() {
    let directory = Directory::new();
    assert_no_copy_is_left(&Cache::File(Some(directory.path().join("cache"))));
}

#[test]
fn a_client_that_is_found_again_leaves_no_copy_of_its_secrets_in_freed_memory() {
    let json = format!(r#"{{"client_id":"c","client_secret":"{TOKEN}","scope":"openid"}}"#);
    let find = || {
        Client::builder().passphrase(TOKEN.as_bytes().to_vec()).shared_from_json(json.as_bytes())
    };
    let first = find().unwrap();
    SECRET.set(TOKEN.as_bytes());
    let second = find().unwrap();
    SECRET.set(&[]);
    assert_eq!(LEFT.take(), 0);
    assert!(Arc::ptr_eq(&first, &second));
}

#[test]
fn a_key_that_is_found_again_leaves_no_copy_of_its_text_in_freed_memory() {
    let pem = keys::pkcs8_pem();
    let find = || Key::shared_from_bytes(&pem, Some(TOKEN.as_bytes())).unwrap();
    let first = find();
    for secret in [&pem[100..140], TOKEN.as_bytes()] {
        SECRET.set(Box::leak(secret.to_vec().into()));
        let second = find();
        SECRET.set(&[]);
        assert_eq!(LEFT.take(), 0);
        assert!(Arc::ptr_eq(&first, &second));
    }
}

#[test]
fn credentials_in_any_encoding_leave_no_copy_of_their_secret_in_freed_memory() {
    let plain = format!(r#"{{"client_id":"c","client_secret":"{TOKEN}","scope":"openid"}}"#);
    let base64 = openssl::base64::encode_block(plain.as_bytes());
    for (encoding, bytes) in [
        ("none", plain.clone().into_bytes()),
        ("UTF-16", plain.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("base64 of base64", openssl::base64::encode_block(base64.as_bytes()).into_bytes()),
        ("base64", base64.into_bytes()),
        ("a JSON string", serde_json::to_vec(&plain).unwrap()),
        ("single quotes", plain.replace('"', "'").into_bytes()),
        ("a list", format!("[{plain}]").into_bytes()),
        (
            "variables",
            format!("IMS_CLIENT_ID=c\\nIMS_CLIENT_SECRET={TOKEN}\\nIMS_SCOPES=openid").into_bytes(),
        ),
    ] {
        let directory = Directory::new();
        let file = directory.write("credentials", bytes);
        SECRET.set(TOKEN.as_bytes());
        let credentials = Credentials::from_file(file, &CredentialsOptions::default());
        drop(credentials.unwrap());
        SECRET.set(&[]);
        assert_eq!(LEFT.take(), 0, "{encoding}");
    }
}
