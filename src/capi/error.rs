//! Statuses and error objects.

use std::ffi::{CString, c_char};
use std::ptr;

use super::objects::{c_pointer, c_text, free, read};
use crate::error::{Error, Status};

/// IMS_OK or one of IMS_ERR_...; treat any other code as a failure.
pub type ims_status = i32;

/// Success.
pub const IMS_OK: i32 = 0;
/// A parameter is missing, malformed or contradicts another; the message names it.
pub const IMS_ERR_ARGUMENT: i32 = 1;
/// The private key cannot be read, is of a kind that is not supported, or is too weak.
pub const IMS_ERR_KEY: i32 = 2;
/// The key is encrypted, and the passphrase is missing or wrong.
pub const IMS_ERR_PASSPHRASE: i32 = 3;
/// The credentials cannot be read, are of no known format or incomplete, or their parts do not
/// belong together or have expired.
pub const IMS_ERR_CREDENTIALS: i32 = 4;
/// No connection: the DNS lookup failed, the connection was refused, or the proxy failed.
pub const IMS_ERR_CONNECT: i32 = 5;
/// The server's certificate or the TLS handshake failed.
pub const IMS_ERR_TLS: i32 = 6;
/// The deadline of the whole call passed.
pub const IMS_ERR_TIMEOUT: i32 = 7;
/// The server refused: with any 4xx but 408 and 429, or in a response with 2xx.
pub const IMS_ERR_REJECTED: i32 = 8;
/// The server asks to slow down: 429.
pub const IMS_ERR_RATE_LIMITED: i32 = 9;
/// The server responded with 5xx or 408, or the connection was lost before the response was
/// complete.
pub const IMS_ERR_UNAVAILABLE: i32 = 10;
/// The response is not a token response: HTML, a redirect, not JSON, or too large.
pub const IMS_ERR_RESPONSE: i32 = 11;
/// The token cache is misconfigured; one that fails at run time fails no call.
pub const IMS_ERR_CACHE: i32 = 12;
/// A bug in libims.
pub const IMS_ERR_INTERNAL: i32 = 13;

/// `status` as the header calls it.
pub(super) fn code(status: Status) -> ims_status {
    match status {
        Status::Argument => IMS_ERR_ARGUMENT,
        Status::Key => IMS_ERR_KEY,
        Status::Passphrase => IMS_ERR_PASSPHRASE,
        Status::Credentials => IMS_ERR_CREDENTIALS,
        Status::Connect => IMS_ERR_CONNECT,
        Status::Tls => IMS_ERR_TLS,
        Status::Timeout => IMS_ERR_TIMEOUT,
        Status::Rejected => IMS_ERR_REJECTED,
        Status::RateLimited => IMS_ERR_RATE_LIMITED,
        Status::Unavailable => IMS_ERR_UNAVAILABLE,
        Status::Response => IMS_ERR_RESPONSE,
        Status::Cache => IMS_ERR_CACHE,
        Status::Internal => IMS_ERR_INTERNAL,
    }
}

/// An error: texts for people, numbers for programs.
pub struct ims_error {
    status: ims_status,
    message: CString,
    problem: CString,
    field: Option<CString>,
    hint: Option<CString>,
    oauth_error: Option<CString>,
    oauth_description: Option<CString>,
    uri: Option<CString>,
    debug_id: Option<CString>,
    http_status: i32,
    retryable: bool,
    retry_after: i64,
}

impl ims_error {
    /// `error` as an object for C, which owns it.
    pub(super) fn boxed(error: &Error) -> *mut Self {
        Box::into_raw(Box::new(Self {
            status: code(error.status()),
            message: c_text(error.message()),
            problem: c_text(&error.problem()),
            field: error.field().map(c_text),
            hint: error.hint().map(c_text),
            oauth_error: error.oauth_error().map(c_text),
            oauth_description: error.oauth_description().map(c_text),
            uri: error.uri().map(c_text),
            debug_id: error.debug_id().map(c_text),
            http_status: error.http_status().map_or(0, i32::from),
            retryable: error.is_retryable(),
            retry_after: error.retry_after().map_or(-1, |wait| wait.as_secs().cast_signed()),
        }))
    }
}

/// Returns the kind of error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_status(error: *const ims_error) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { read(error, IMS_OK, |error| error.status) }
}

/// Returns the message: one line, fit for a log; never NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_message(error: *const ims_error) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(error, c"".as_ptr(), |error| error.message.as_ptr()) }
}

/// Returns the name of the parameter or setting at fault, as this header calls it, such as
/// "client_secret" or "ca_file", or as libims's own credentials file does, such as "private_key";
/// NULL if no parameter or setting is at fault. The error owns the text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_field(error: *const ims_error) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(error, ptr::null(), |error| c_pointer(error.field.as_ref())) }
}

/// Returns the message without the field and the place that it begins with, such as "is over
/// 64 KiB", so that a program can name the parameter in its own words. Returns the whole message if
/// ims_error_field returns NULL; never NULL. The error owns the text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_problem(error: *const ims_error) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(error, c"".as_ptr(), |error| error.problem.as_ptr()) }
}

/// Returns what the user can do about the error; NULL if that is not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_hint(error: *const ims_error) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(error, ptr::null(), |error| c_pointer(error.hint.as_ref())) }
}

/// Returns the "error" of the server's response, such as invalid_token, or its own code for it; NULL if
/// it has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_oauth_error(error: *const ims_error) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(error, ptr::null(), |error| c_pointer(error.oauth_error.as_ref())) }
}

/// Returns the "error_description" of the server's response, or its other words such as a "message" or
/// plain text: at most 1,000 characters, without secrets and control characters; NULL if it has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_oauth_description(error: *const ims_error) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(error, ptr::null(), |error| c_pointer(error.oauth_description.as_ref())) }
}

/// Returns the "error_uri" of the server's response, the address of a page about the error, without
/// secrets; NULL if it has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_uri(error: *const ims_error) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(error, ptr::null(), |error| c_pointer(error.uri.as_ref())) }
}

/// Returns the server's name for the request, which its support asks for: the header x-debug-id at
/// Adobe, else x-ms-request-id, x-okta-request-id, x-request-id or the like; NULL if it has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_debug_id(error: *const ims_error) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(error, ptr::null(), |error| c_pointer(error.debug_id.as_ref())) }
}

/// Returns the HTTP status; 0 if there was no HTTP response.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_http_status(error: *const ims_error) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { read(error, 0, |error| error.http_status) }
}

/// Returns 1 if the same call may succeed later: for CONNECT, TIMEOUT, RATE_LIMITED and
/// UNAVAILABLE, and if no file descriptor was left; otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_retryable(error: *const ims_error) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { read(error, 0, |error| error.retryable.into()) }
}

/// Returns how many seconds the server asks to wait before the next call; -1 if it does not say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_retry_after(error: *const ims_error) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { read(error, -1, |error| error.retry_after) }
}

/// Frees the error and its texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_error_free(error: *mut ims_error) {
    // SAFETY: the caller's promise; it came from `ims_error::boxed`.
    unsafe { free(error) }
}
