//! Exchange: JWT -> access token.

use std::ffi::c_char;
use std::mem::offset_of;
use std::path::Path;
use std::ptr;
use std::time::{Duration, SystemTime};

use super::arguments::{Options, array, options, owned_text, path, text};
use super::error::{ims_error, ims_status};
use super::make::make;
use super::objects::{free, read};
use crate::error::{Error, Field};
use crate::grant::{BodyFormat, ClientAuthMethod, GrantOptions, GrantType, Parameters};
use crate::http::{Proxy, Transport};
use crate::secret::Secret;
use crate::token::Token;
use crate::unix_time::unix_seconds;

/// Adobe IMS exchanges a JWT: sends client_id, client_secret and jwt_token.
pub const IMS_GRANT_JWT_EXCHANGE: i32 = 0;
/// RFC 7523 section 2.1: sends grant_type and assertion.
pub const IMS_GRANT_JWT_BEARER: i32 = 1;
/// OAuth Server-to-Server, RFC 6749 section 4.4: sends grant_type and scope. client_auth says how the client
/// authenticates.
pub const IMS_GRANT_CLIENT_CREDENTIALS: i32 = 2;
/// Token exchange, RFC 8693: sends grant_type, subject_token and subject_token_type.
pub const IMS_GRANT_TOKEN_EXCHANGE: i32 = 3;
/// Any other grant: sends ims_grant.grant_type and the parameters.
pub const IMS_GRANT_OTHER: i32 = 4;

/// client_id and client_secret as form fields, as Adobe IMS requires.
pub const IMS_CLIENT_AUTH_BODY: i32 = 0;
/// client_id and client_secret in an Authorization: Basic header (RFC 6749 section 2.3.1).
pub const IMS_CLIENT_AUTH_BASIC: i32 = 1;
/// A JWT that the client's private key signs (RFC 7523 section 2.2): client_id, client_assertion_type
/// and client_assertion.
pub const IMS_CLIENT_AUTH_PRIVATE_KEY_JWT: i32 = 2;
/// The same, where the client secret signs.
pub const IMS_CLIENT_AUTH_CLIENT_SECRET_JWT: i32 = 3;
/// client_id alone.
pub const IMS_CLIENT_AUTH_NONE: i32 = 4;

/// The maximum of ims_transport.timeout_ms: 1 hour.
pub const IMS_MAX_TIMEOUT_MS: u32 = 3_600_000;
const _: () = assert!(IMS_MAX_TIMEOUT_MS as u128 == Transport::MAX_TIMEOUT.as_millis());

/// A further field of a request.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ims_parameter {
    /// Such as resource or audience; no name that a field of ims_grant is for.
    pub name: *const c_char,
    pub value: *const c_char,
}

/// A request for an access token: which grant, from which server, with which credentials.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ims_grant {
    /// sizeof(ims_grant): IMS_GRANT_INIT sets it.
    pub size: usize,
    /// One of IMS_GRANT_...
    pub r#type: i32,
    /// One of IMS_CLIENT_AUTH_...
    pub client_auth: i32,
    /// NULL: the token endpoint that the issuer's metadata names (RFC 8414) or, without issuer, Adobe's
    /// production URL of this grant. IMS_GRANT_JWT_BEARER and those after it require one of the two.
    pub token_url: *const c_char,
    pub client_id: *const c_char,
    pub client_secret: *const c_char,
    /// The signed JWT, or the subject token of a token exchange; not given with client credentials and
    /// other grants.
    pub jwt: *const c_char,
    /// Optional; sent as given.
    pub scope: *const c_char,
    /// Optional; only with client credentials.
    pub org_id: *const c_char,
    /// The grant_type of IMS_GRANT_OTHER, in full; or the name of a grant above, such as jwt_bearer.
    pub grant_type: *const c_char,
    /// The signed JWT that authenticates the client, for ims_exchange, which then makes one attempt: servers
    /// accept each such JWT once. A client signs a new one for each attempt.
    pub client_assertion: *const c_char,
    /// Further fields of the request, in their order. A name may be repeated.
    pub parameters: *const ims_parameter,
    pub parameters_len: usize,
    /// The server's issuer identifier, which a JWT that a client signs names as aud; NULL: it names the
    /// token URL. Without token_url, the server's metadata is read within the deadline of the call.
    pub issuer: *const c_char,
    /// The type of a token exchange's subject token: jwt (NULL too), id_token, access_token,
    /// refresh_token, saml1, saml2 or a URI.
    pub subject_token_type: *const c_char,
    /// Optional, in the same form; only with a token exchange.
    pub requested_token_type: *const c_char,
    /// The format of the request: form (NULL too) or json, where a repeated parameter is a list.
    pub body: *const c_char,
}

// SAFETY: `repr(C)`, the size first, integers and raw pointers alone.
unsafe impl Options for ims_grant {
    const NAME: &str = "ims_grant";
    const FIRST_SIZE: usize = offset_of!(Self, org_id) + size_of::<*const c_char>();
}

/// How to reach the server. A NULL pointer to it means the default for every field.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ims_transport {
    /// sizeof(ims_transport): IMS_TRANSPORT_INIT sets it.
    pub size: usize,
    /// The deadline of a call in milliseconds, for DNS lookup, TLS, retries and response together.
    /// 0: 10 000; at most IMS_MAX_TIMEOUT_MS.
    pub timeout_ms: u32,
    /// 0: the default, 3; 1: no retry; at most 10. A retry of ims_exchange sends the same JWT again:
    /// if the server accepts each jti only once, set 1, or use a client, which signs a new JWT.
    pub max_attempts: u32,
    /// PEM file of CA certificates to trust instead of the system's.
    pub ca_file: *const c_char,
    /// SCHEME://[user:pass@]host[:port], where SCHEME is http, https, socks5 or socks5h. The default
    /// port is 1080, with https 443. "none": no proxy. NULL: what the variables HTTPS_PROXY and
    /// NO_PROXY say, read as curl reads them; a set-user-ID program ignores them.
    pub proxy: *const c_char,
}

// SAFETY: `repr(C)`, the size first, integers and raw pointers alone.
unsafe impl Options for ims_transport {
    const NAME: &str = "ims_transport";
    const FIRST_SIZE: usize = offset_of!(Self, proxy) + size_of::<*const c_char>();
}

/// An access token; immutable.
pub struct ims_token(pub(super) Token);

impl ims_token {
    /// `token` as an object for C, which owns it.
    pub(super) fn boxed(token: Token) -> *mut Self {
        Box::into_raw(Box::new(Self(token)))
    }
}

/// Sends the grant and reads the token, with retries, within the transport's deadline.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_exchange(
    grant: *const ims_grant,
    transport: *const ims_transport,
    out: *mut *mut ims_token,
    error: *mut *mut ims_error,
) -> ims_status {
    let exchange = || {
        // SAFETY: the caller's promise.
        let (grant, transport) = unsafe { (read_grant(grant)?, read_transport(transport)?) };
        let (endpoint, grant) = grant.grant()?;
        endpoint.exchange(&grant, &transport).map(ims_token::boxed)
    };
    // SAFETY: the caller's promise.
    unsafe { make(out, error, exchange) }
}

/// Returns the access token, for an Authorization: Bearer header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_token_access_token(token: *const ims_token) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(token, ptr::null(), |token| c_text_in(token.0.access_token())) }
}

/// Returns "bearer", or "N_A" if the server says that the token is no access token (RFC 8693).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_token_type(token: *const ims_token) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(token, ptr::null(), |token| c_text_in(token.0.token_type())) }
}

/// Returns what the server issued (RFC 8693), such as
/// "urn:ietf:params:oauth:token-type:access_token"; NULL if its response does not say it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_token_issued_token_type(token: *const ims_token) -> *const c_char {
    let issued = |token: &Token| token.issued_token_type().map_or(ptr::null(), c_text_in);
    // SAFETY: the caller's promise.
    unsafe { read(token, ptr::null(), |token| issued(&token.0)) }
}

/// Returns a further member of the server's response, such as "instance_url" or "id_token": its text,
/// or its JSON if it is no text; NULL if the response has no such member, or it did not fit: at most 64
/// members of 16 KiB in all are kept. It may be a secret. The token owns the text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_token_member(
    token: *const ims_token,
    name: *const c_char,
) -> *const c_char {
    let member = |token: &Token| {
        // SAFETY: the caller's promise.
        let name = unsafe { text("name", name) }.ok().flatten();
        name.and_then(|name| token.get(name)).map_or(ptr::null(), c_text_in)
    };
    // SAFETY: the caller's promise.
    unsafe { read(token, ptr::null(), |token| member(&token.0)) }
}

/// Returns the scope that the server granted; NULL if its response has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_token_scope(token: *const ims_token) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(token, ptr::null(), |token| token.0.scope().map_or(ptr::null(), c_text_in)) }
}

/// Returns when the token expires, in Unix seconds, whatever unit the server used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_token_expires_at(token: *const ims_token) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { read(token, 0, |token| unix_seconds(token.0.expires_at())) }
}

/// Returns the seconds until the token expires; 0 once it has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_token_expires_in(token: *const ims_token) -> i64 {
    let left = |token: &Token| token.expires_in(SystemTime::now()).as_secs().cast_signed();
    // SAFETY: the caller's promise.
    unsafe { read(token, 0, |token| left(&token.0)) }
}

/// Overwrites and frees the token.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_token_free(token: *mut ims_token) {
    // SAFETY: the caller's promise; it came from `ims_token::boxed`.
    unsafe { free(token) }
}

/// A token keeps a NUL behind each of its texts.
fn c_text_in(text: &str) -> *const c_char {
    text.as_ptr().cast()
}

/// # Safety
/// `given` and its fields are NULL or point to what the header says.
pub(super) unsafe fn read_grant(given: *const ims_grant) -> Result<GrantOptions, Error> {
    // SAFETY: the caller's promise.
    let grant = unsafe { options(given) }?.ok_or_else(|| Error::argument("grant", "is NULL"))?;
    // SAFETY: the caller's promise.
    let text = |name, value| unsafe { owned_text(name, value) };
    let mut parameters = Parameters::default();
    // SAFETY: the caller's promise.
    let given = unsafe { array("parameters", grant.parameters, grant.parameters_len) }?;
    for ims_parameter { name, value } in given {
        let field = |value| text("parameters", value).map(Option::unwrap_or_default);
        parameters.push(field(*name)?, field(*value)?);
    }
    let name = text("grant_type", grant.grant_type)?;
    let (grant_type, other_grant_type) = match (grant.r#type, name) {
        (IMS_GRANT_OTHER, Some(name)) => {
            GrantType::parse(&name).map_err(|error| error.with_field(Field::new("grant_type")))?
        }
        (IMS_GRANT_OTHER, None) => (GrantType::Other, None),
        (IMS_GRANT_JWT_EXCHANGE, name) => (GrantType::JwtExchange, name),
        (IMS_GRANT_JWT_BEARER, name) => (GrantType::JwtBearer, name),
        (IMS_GRANT_CLIENT_CREDENTIALS, name) => (GrantType::ClientCredentials, name),
        (IMS_GRANT_TOKEN_EXCHANGE, name) => (GrantType::TokenExchange, name),
        _ => return Err(Error::argument("type", "is no IMS_GRANT_...")),
    };
    Ok(GrantOptions {
        grant_type,
        other_grant_type,
        client_auth: match grant.client_auth {
            IMS_CLIENT_AUTH_BODY => ClientAuthMethod::Body,
            IMS_CLIENT_AUTH_BASIC => ClientAuthMethod::Basic,
            IMS_CLIENT_AUTH_PRIVATE_KEY_JWT => ClientAuthMethod::PrivateKeyJwt,
            IMS_CLIENT_AUTH_CLIENT_SECRET_JWT => ClientAuthMethod::ClientSecretJwt,
            IMS_CLIENT_AUTH_NONE => ClientAuthMethod::None,
            _ => return Err(Error::argument("client_auth", "is no IMS_CLIENT_AUTH_...")),
        },
        token_url: text("token_url", grant.token_url)?,
        client_id: text("client_id", grant.client_id)?,
        client_secret: text("client_secret", grant.client_secret)?.map(Secret::new),
        jwt: text("jwt", grant.jwt)?.map(Secret::new),
        scope: text("scope", grant.scope)?,
        org_id: text("org_id", grant.org_id)?,
        client_assertion: text("client_assertion", grant.client_assertion)?.map(Secret::new),
        parameters,
        issuer: text("issuer", grant.issuer)?,
        subject_token_type: text("subject_token_type", grant.subject_token_type)?,
        requested_token_type: text("requested_token_type", grant.requested_token_type)?,
        body: match text("body", grant.body)? {
            Some(body) => body.parse()?,
            None => BodyFormat::default(),
        },
    })
}

/// # Safety
/// `given` and its fields are NULL or point to what the header says.
pub(super) unsafe fn read_transport(given: *const ims_transport) -> Result<Transport, Error> {
    let mut transport = Transport::default();
    // SAFETY: the caller's promise.
    let Some(given) = unsafe { options(given) }? else {
        return Ok(transport);
    };
    if given.timeout_ms != 0 {
        transport.timeout = Duration::from_millis(given.timeout_ms.into());
    }
    if given.max_attempts != 0 {
        transport.max_attempts = given.max_attempts;
    }
    // SAFETY: the caller's promise.
    let (ca_file, proxy) = unsafe { (path(given.ca_file), text("proxy", given.proxy)?) };
    transport.ca_file = ca_file.map(Path::to_owned);
    transport.proxy = proxy.map_or(Ok(Proxy::Environment), str::parse)?;
    Ok(transport)
}
