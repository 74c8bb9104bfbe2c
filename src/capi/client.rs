//! Client: credentials -> a token that is always fresh.

use std::ffi::{CString, OsStr, c_char, c_void};
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::{ptr, slice};

use super::arguments::{Options, bytes, options, required, text};
use super::error::{ims_error, ims_status};
use super::exchange::{ims_grant, ims_token, ims_transport, read_grant, read_transport};
use super::guard::uncancelled;
use super::jwt::{assertion, ims_jwt_options};
use super::key::ims_key;
use super::make::{make, make_cancellable};
use super::objects::{c_pointer, c_text, free, read};
use crate::cache::Cache;
use crate::client::{Client, ClientBuilder};
use crate::credentials::{Credentials, MayRead, Source};
use crate::error::Error;
use crate::jwt::Assertion;
use crate::key::Key;
use crate::secret::Secret;

/// Credentials and cached token.
pub struct ims_client {
    client: Arc<Client>,
    client_id: Option<CString>,
    org_id: Option<CString>,
    sandbox_name: Option<CString>,
}

impl ims_client {
    /// `client` as an object for C, which owns it.
    fn boxed(client: Arc<Client>) -> *mut Self {
        Box::into_raw(Box::new(Self {
            client_id: client.client_id().map(c_text),
            org_id: client.org_id().map(c_text),
            sandbox_name: client.sandbox_name().map(c_text),
            client,
        }))
    }
}

/// How a client is made and where it keeps its token; NULL in place of one means every default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ims_client_options {
    /// sizeof(ims_client_options): IMS_CLIENT_OPTIONS_INIT sets it.
    pub size: usize,
    /// Which credential, where a file holds several.
    pub name: *const c_char,
    /// Of the key that the credentials hold or name.
    pub passphrase: *const c_char,
    /// Where the credentials hold none.
    pub key: *const ims_key,
    /// NULL: "memory", this client's own; "none"; "file:" or "file:/DIR"; "redis://...",
    /// "redis+sentinel://..." or "redis+cluster://...", over TLS "rediss..."; another scheme is
    /// IMS_ERR_CACHE.
    pub cache: *const c_char,
    /// Its CA file and proxy are checked when the client is made.
    pub transport: *const ims_transport,
    /// Asked before each file is read, by its absolute path: the credentials file, and the key and
    /// certificate that credentials name. 0 refuses it: IMS_ERR_CREDENTIALS. Called by the calling
    /// thread while it makes the client, to which it must return, and never afterwards: a client
    /// reads its files again where a server refuses them, but none that was not allowed then. NULL:
    /// any may be read.
    pub may_read: Option<unsafe extern "C" fn(path: *const c_char, context: *mut c_void) -> i32>,
    /// What `may_read` is called with.
    pub may_read_context: *mut c_void,
    /// How many clients the process keeps after a call of ims_client_shared_*, those that were used last;
    /// 0: 32. The other functions ignore it.
    pub max_shared_clients: usize,
}

// SAFETY: `repr(C)`, the size first, integers and raw pointers alone; a function that is zero is none.
unsafe impl Options for ims_client_options {
    const NAME: &str = "ims_client_options";
    const FIRST_SIZE: usize = offset_of!(Self, transport) + size_of::<*const ims_transport>();
}

/// From values. All is copied; grant->jwt, claims->exp, iat and jti are not given, for the client
/// signs anew each time; claims and key are NULL with client credentials.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_new(
    grant: *const ims_grant,
    claims: *const ims_jwt_options,
    key: *const ims_key,
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
) -> ims_status {
    let make = |builder: ClientBuilder| {
        // SAFETY: the caller's promise.
        let (grant, claims, key) =
            unsafe { (read_grant(grant)?, read_claims(claims)?, key.as_ref()) };
        if builder.options.name.is_some() {
            return Err(Error::argument("name", "is given, but values hold one credential alone"));
        }
        let key = key.map(|key| Key::clone(&key.0)).or_else(|| builder.options.key.clone());
        let (url, grant) = grant.signing_grant(claims, key)?;
        builder.build(Credentials::new(url, grant)?)
    };
    // SAFETY: the caller's promise.
    unsafe { make_client(options, out, error, |builder| make(builder).map(Arc::new)) }
}

/// From a credentials file of any known form (see the manual's list).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_from_file(
    path: *const c_char,
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { from_file(path, options, out, error, own_client) }
}

/// The same as JSON text, which needs no NUL at its end; paths in it count from where the process
/// runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_from_json(
    json: *const c_char,
    json_len: usize,
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { from_json(json, json_len, options, out, error, own_client) }
}

/// From the environment (see the manual's list of variables).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_from_env(
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { make_client(options, out, error, |builder| own_client(builder, Source::Environment)) }
}

/// Returns the client that an earlier call made from the same file and options, with its token, so that a
/// program may name its credentials in every call. Makes it, as ims_client_from_file does, the first time, and
/// again once something has changed that it was made from: the credentials file, the key or certificate that
/// it names, the CA file, a variable that says which proxy, CA certificates or cache directory to use. Calls
/// may_read for each credentials file, key and certificate every time, also where the client exists. The
/// process keeps the max_shared_clients that were used last, though they were freed; a forked child makes its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_shared_from_file(
    path: *const c_char,
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { from_file(path, options, out, error, ClientBuilder::shared) }
}

/// The same for JSON text, as ims_client_from_json takes it, and the directory where the process runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_shared_from_json(
    json: *const c_char,
    json_len: usize,
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { from_json(json, json_len, options, out, error, ClientBuilder::shared) }
}

/// The same for the environment, as ims_client_from_env reads it, whose variables may change, too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_shared_from_env(
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { make_client(options, out, error, ClientBuilder::shared_from_env) }
}

/// A fresh token, with 60 s left or, of a short-lived one, a quarter: from the cache, or by one
/// exchange that callers share.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_token(
    client: *mut ims_client,
    out: *mut *mut ims_token,
    error: *mut *mut ims_error,
) -> ims_status {
    let token = || {
        // SAFETY: the caller's promise.
        let client = &unsafe { required("client", client) }?.client;
        // Most calls end here: they neither wait nor use OpenSSL.
        let token = match client.token_in_memory() {
            Some(token) => token,
            None => uncancelled(|| client.token())?,
        };
        Ok(ims_token::boxed(token))
    };
    // SAFETY: the caller's promise.
    unsafe { make_cancellable(out, error, token) }
}

/// An API answered 401 to this token: drop it from every cache that still holds it. Ignored within
/// 10 s of the last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_forget(client: *mut ims_client, token: *const ims_token) {
    let forget = |client: &ims_client| {
        // SAFETY: the caller's promise.
        if let Some(token) = unsafe { token.as_ref() } {
            uncancelled(|| client.client.forget(&token.0));
        }
    };
    // SAFETY: the caller's promise.
    unsafe { read(client, (), forget) }
}

/// x-api-key; or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_client_id(client: *const ims_client) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(client, ptr::null(), |client| c_pointer(client.client_id.as_ref())) }
}

/// x-gw-ims-org-id; or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_org_id(client: *const ims_client) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(client, ptr::null(), |client| c_pointer(client.org_id.as_ref())) }
}

/// x-sandbox-name; or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_sandbox_name(client: *const ims_client) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(client, ptr::null(), |client| c_pointer(client.sandbox_name.as_ref())) }
}

/// Frees the client, and wipes it where it is not shared; its tokens live on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_free(client: *mut ims_client) {
    // SAFETY: the caller's promise; it came from `ims_client::boxed`.
    unsafe { free(client) }
}

fn own_client(builder: ClientBuilder, source: Source<'_>) -> Result<Arc<Client>, Error> {
    builder.read(source).map(Arc::new)
}

/// # Safety
/// `path` is NULL or ends in NUL; see [`make_client`] for the rest.
unsafe fn from_file(
    path: *const c_char,
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
    client: impl FnOnce(ClientBuilder, Source<'_>) -> Result<Arc<Client>, Error>,
) -> ims_status {
    let client = |builder| {
        // SAFETY: the caller's promise.
        let path = unsafe { bytes(path) };
        let path = path.ok_or_else(|| Error::argument("path", "is missing or empty"))?;
        client(builder, Source::File(Path::new(OsStr::from_bytes(path))))
    };
    // SAFETY: the caller's promise.
    unsafe { make_client(options, out, error, client) }
}

/// # Safety
/// `json` is NULL or points to `json_len` bytes; see [`make_client`] for the rest.
unsafe fn from_json(
    json: *const c_char,
    json_len: usize,
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
    client: impl FnOnce(ClientBuilder, Source<'_>) -> Result<Arc<Client>, Error>,
) -> ims_status {
    let client = |builder| {
        if json.is_null() {
            return Err(Error::argument("json", "is NULL"));
        }
        if isize::try_from(json_len).is_err() {
            return Err(Error::argument("json_len", "is more than a program's memory"));
        }
        // SAFETY: not NULL, so it points to `json_len` bytes.
        let json = unsafe { slice::from_raw_parts(json.cast(), json_len) };
        client(builder, Source::Json(json))
    };
    // SAFETY: the caller's promise.
    unsafe { make_client(options, out, error, client) }
}

/// Stores the client that `client` makes with the options, or returns why there is none.
///
/// # Safety
/// `given` and its fields are NULL or point to what the header says; see [`make`] for the rest.
unsafe fn make_client(
    given: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
    client: impl FnOnce(ClientBuilder) -> Result<Arc<Client>, Error>,
) -> ims_status {
    let make_client = || {
        // SAFETY: the caller's promise.
        let given = unsafe { options(given) }?;
        // SAFETY: the caller's promise.
        let builder = unsafe { read_options(given.as_ref()) }?;
        client(builder).map(ims_client::boxed)
    };
    // SAFETY: the caller's promise.
    unsafe { make(out, error, make_client) }
}

/// What `may_read` is called with.
#[derive(Clone, Copy)]
struct Context(*mut c_void);

impl Context {
    fn pointer(self) -> *mut c_void {
        self.0
    }
}

// SAFETY: it is only handed back, by the thread that makes the client, while it makes it.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

/// # Safety
/// Its fields are NULL or point to what the header says.
unsafe fn read_options(given: Option<&ims_client_options>) -> Result<ClientBuilder, Error> {
    let mut read = Client::builder();
    let Some(given) = given else { return Ok(read) };
    // SAFETY: the caller's promise.
    let (name, passphrase, key, cache, transport) = unsafe {
        (
            text("name", given.name)?,
            bytes(given.passphrase),
            given.key.as_ref(),
            bytes(given.cache),
            read_transport(given.transport)?,
        )
    };
    read.options.name = name.map(str::to_owned);
    read.options.passphrase = passphrase.map(Secret::new);
    read.options.key = key.map(|key| Key::clone(&key.0));
    let (asked, context) = (given.may_read, Context(given.may_read_context));
    read.options.may_read = asked.map(|asked| {
        MayRead::new(move |path| {
            let path = CString::new(path.as_os_str().as_bytes());
            // SAFETY: the caller's function, called as the header says. No file's name has a NUL.
            path.is_ok_and(|path| unsafe { asked(path.as_ptr(), context.pointer()) } != 0)
        })
    });
    if let Some(cache) = cache {
        read.cache = Cache::parse(OsStr::from_bytes(cache))?;
    }
    read.transport = transport;
    read.max_shared_clients = Some(given.max_shared_clients).filter(|count| *count != 0);
    Ok(read)
}

/// # Safety
/// `given` and its fields are NULL or point to what the header says.
unsafe fn read_claims(given: *const ims_jwt_options) -> Result<Option<Assertion>, Error> {
    // SAFETY: the caller's promise.
    (!given.is_null()).then(|| unsafe { assertion(given) }).transpose()
}
