//! Client: credentials -> a token that is always fresh.

use std::ffi::{CString, OsStr, c_char, c_void};
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::Arc;

use super::arguments::{Options, bytes, options, required, required_path, slice, text};
use super::error::{ims_error, ims_status};
use super::exchange::{ims_grant, ims_token, ims_transport, read_grant, read_transport};
use super::guard::uncancelled;
use super::jwt::{assertion, ims_jwt_options};
use super::key::ims_key;
use super::make::{make, make_cancellable};
use super::objects::{c_pointer, c_text, free, read};
use crate::cache::Cache;
use crate::client::{Client, ClientBuilder};
use crate::credentials::{Credentials, Source};
use crate::error::Error;
use crate::jwt::Assertion;
use crate::key::Key;
use crate::may_read::MayRead;
use crate::secret::Secret;
use crate::user_path;

/// Credentials and their cached token.
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

/// How a client is made, and where its token is cached. A NULL pointer to it means the default for
/// every field.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ims_client_options {
    /// sizeof(ims_client_options): IMS_CLIENT_OPTIONS_INIT sets it.
    pub size: usize,
    /// Which credential, if the file has several: its name, id or client id.
    pub name: *const c_char,
    /// The passphrase of the credentials' private key.
    pub passphrase: *const c_char,
    /// The key, if the credentials have none.
    pub key: *const ims_key,
    /// Where the token is cached: "memory", the default, in this client only; "none"; "file:" or
    /// "file:/DIR"; "redis://...", "redis+sentinel://..." or "redis+cluster://...", and with "rediss"
    /// over TLS. Anything else is IMS_ERR_CACHE.
    pub cache: *const c_char,
    /// How to reach the server. Its CA file and proxy are checked when the client is made.
    pub transport: *const ims_transport,
    /// Decides what may be read. It is called with the absolute path of the credentials file, and of
    /// the key, the certificate and the file with a JWT that the credentials name, and with the URL
    /// that a JWT comes from, without its query, before each is read. If it returns 0, that is not
    /// read, and the error is IMS_ERR_CREDENTIALS. It runs in the calling thread, only while the client
    /// is made or ims_doctor runs, and must return. The client may read its files again later, but only
    /// those that were allowed. NULL: anything may be read.
    pub may_read: Option<unsafe extern "C" fn(path: *const c_char, context: *mut c_void) -> i32>,
    /// Passed to may_read.
    pub may_read_context: *mut c_void,
    /// How many shared clients the process keeps after a call of ims_client_shared_*, those used last.
    /// 0: 32. Other functions ignore it.
    pub max_shared_clients: usize,
    /// The scope to ask for instead of the one of the credentials; sent as given. NULL: theirs.
    pub scope: *const c_char,
    /// The user to act for, the claim sub, instead of the one of the credentials. NULL: theirs.
    pub subject: *const c_char,
    /// The service that the token is for, instead of the one of the credentials. NULL: theirs.
    pub audience: *const c_char,
    /// Not 0: the credentials may name a command, which is run for a JWT (assertion_command). Allow it only for
    /// credentials whose author you trust. 0: credentials that name one are IMS_ERR_CREDENTIALS.
    pub allow_command: i32,
}

// SAFETY: `repr(C)`, the size first, integers and raw pointers alone; a function that is zero is none.
unsafe impl Options for ims_client_options {
    const NAME: &str = "ims_client_options";
    const FIRST_SIZE: usize = offset_of!(Self, transport) + size_of::<*const ims_transport>();
}

/// Makes a client from values, and copies them all. Do not set grant->jwt, claims->exp, claims->iat
/// and claims->jti, because the client signs a new JWT for each exchange. With client credentials,
/// claims and key are NULL, unless the key authenticates the client: then claims may say more of its JWT.
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
        let options = &builder.options;
        if options.name.is_some() {
            return Err(Error::argument("name", "is given, but values hold only one credential"));
        }
        for (name, given) in [
            ("scope", &options.scope),
            ("subject", &options.subject),
            ("audience", &options.audience),
        ] {
            if given.is_some() {
                return Err(Error::argument(name, "is given, but grant and claims say it"));
            }
        }
        let key = key.map(|key| Key::clone(&key.0)).or_else(|| builder.options.key.clone());
        let (endpoint, grant) = grant.signing_grant(claims, key)?;
        builder.build(Credentials::new(endpoint, grant)?)
    };
    // SAFETY: the caller's promise.
    unsafe { make_client(options, out, error, |builder| make(builder).map(Arc::new)) }
}

/// Makes a client from a credentials file of any known format (see the manual's list).
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

/// Makes a client from the text of a credentials file in JSON. It need not end in NUL. Relative paths
/// in it start at the process's current directory.
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

/// Makes a client from environment variables (see the manual's list).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_from_env(
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { make_client(options, out, error, |builder| own_client(builder, Source::Environment)) }
}

/// Makes the client as ims_client_from_file does, the first time and again whenever something that it
/// depends on has changed: the credentials file, the key or certificate that it names, the CA file, or
/// a variable for the proxy, the CA certificates or the cache directory. Otherwise returns the client,
/// with its token, that an earlier call made from the same file and options. So a program can name its
/// credentials in every call. Every call asks may_read about all that the client was made from, even
/// if the client exists. The process keeps the max_shared_clients used last, even after
/// ims_client_free. A forked child makes its own.
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

/// Does the same for JSON text, as ims_client_from_json takes it. A change of the current directory
/// makes another client.
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

/// Does the same for the environment, as ims_client_from_env reads it: also makes a new client when one
/// of its variables has changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_shared_from_env(
    options: *const ims_client_options,
    out: *mut *mut ims_client,
    error: *mut *mut ims_error,
) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { make_client(options, out, error, ClientBuilder::shared_from_env) }
}

/// Gets a token that is valid for at least 60 s more or, if its lifetime is short, for a quarter of it:
/// from the cache or by an exchange. Calls at the same time share one exchange.
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

/// Removes the token from every cache that holds it; call this when an API has responded 401 to the
/// token. Ignored within 10 s of the last such call.
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

/// Returns the value for the header x-api-key; or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_client_id(client: *const ims_client) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(client, ptr::null(), |client| c_pointer(client.client_id.as_ref())) }
}

/// Returns the value for the header x-gw-ims-org-id; or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_org_id(client: *const ims_client) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(client, ptr::null(), |client| c_pointer(client.org_id.as_ref())) }
}

/// Returns the value for the header x-sandbox-name; or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_client_sandbox_name(client: *const ims_client) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(client, ptr::null(), |client| c_pointer(client.sandbox_name.as_ref())) }
}

/// Frees the client; overwrites its secrets if it is not shared. Its tokens stay valid.
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
        let path = unsafe { required_path(path) }?;
        client(builder, Source::File(&user_path::resolved(path)))
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
        // SAFETY: the caller's promise.
        let json = unsafe { slice(("json", json.cast()), ("json_len", json_len)) }?;
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
        let mut builder = unsafe { read_options(given.as_ref()) }?;
        // SAFETY: the caller's promise.
        builder.cache = unsafe { read_cache(given.as_ref()) }?;
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

// SAFETY: it is only handed back, by the thread that calls the library, during the call.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

/// Reads all but the cache.
///
/// # Safety
/// Its fields are NULL or point to what the header says.
pub(super) unsafe fn read_options(
    given: Option<&ims_client_options>,
) -> Result<ClientBuilder, Error> {
    let mut read = Client::builder();
    let Some(given) = given else { return Ok(read) };
    // SAFETY: the caller's promise.
    let (name, passphrase, key, transport) = unsafe {
        (
            text("name", given.name)?,
            bytes(given.passphrase),
            given.key.as_ref(),
            read_transport(given.transport)?,
        )
    };
    read.options.name = name.map(str::to_owned);
    for (name, value, option) in [
        ("scope", given.scope, &mut read.options.scope),
        ("subject", given.subject, &mut read.options.subject),
        ("audience", given.audience, &mut read.options.audience),
    ] {
        // SAFETY: the caller's promise.
        *option = unsafe { text(name, value) }?.map(str::to_owned);
    }
    read.options.allow_command = given.allow_command != 0;
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
    read.transport = transport;
    read.max_shared_clients = Some(given.max_shared_clients).filter(|count| *count != 0);
    Ok(read)
}

/// # Safety
/// Its fields are NULL or point to what the header says.
pub(super) unsafe fn read_cache(given: Option<&ims_client_options>) -> Result<Cache, Error> {
    // SAFETY: the caller's promise.
    match given.and_then(|given| unsafe { bytes(given.cache) }) {
        Some(cache) => Cache::parse(OsStr::from_bytes(cache)),
        None => Ok(Cache::default()),
    }
}

/// # Safety
/// `given` and its fields are NULL or point to what the header says.
unsafe fn read_claims(given: *const ims_jwt_options) -> Result<Option<Assertion>, Error> {
    // SAFETY: the caller's promise.
    (!given.is_null()).then(|| unsafe { assertion(given) }).transpose()
}
