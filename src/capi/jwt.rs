//! Sign: claims -> JWT.

use std::ffi::{CString, c_char};
use std::mem::offset_of;
use std::time::SystemTime;

use zeroize::Zeroize;

use super::arguments::{Options, array, bytes, options, owned_text, required};
use super::error::{ims_error, ims_status};
use super::guard::guard;
use super::key::ims_key;
use super::make::make;
use crate::error::{Error, Status};
use crate::jwt::{Assertion, Claims, Expiry, Header, Jti, generate_jwt};
use crate::key::read_certificate;
use crate::unix_time::from_unix_seconds;

/// The claims of a JWT, and its header.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ims_jwt_options {
    /// sizeof(ims_jwt_options): IMS_JWT_OPTIONS_INIT sets it.
    pub size: usize,
    /// Required. IMS: the organization, ORG@AdobeOrg.
    pub iss: *const c_char,
    /// The subject; NULL: no such claim. IMS: the technical account, ID@techacct.adobe.com.
    pub sub: *const c_char,
    /// The audience; NULL: no such claim. IMS: https://HOST/c/CLIENT_ID. A list goes into claims_json.
    pub aud: *const c_char,
    /// Seconds from iat to exp, 1 to 86 400; 0: 300; not together with exp.
    pub lifetime: i64,
    /// Expiry, in Unix seconds, after iat; 0: iat + lifetime.
    pub exp: i64,
    /// Not valid before, in Unix seconds; 0: no such claim.
    pub nbf: i64,
    /// Issued at, in Unix seconds; 0: now.
    pub iat: i64,
    /// The JWT's id as a string; NULL: no such claim. An integer, which IMS asks for, goes into
    /// claims_json.
    pub jti: *const c_char,
    /// "kid" of the header; NULL: that of a JWK, or none.
    pub kid: *const c_char,
    /// Names of claims that are set to true, such as https://HOST/s/ent_x; their order is kept.
    pub metascopes: *const *const c_char,
    pub metascopes_len: usize,
    /// Further claims, as a JSON object; not iss, exp or iat, and no claim that a field above sets.
    pub claims_json: *const c_char,
    /// RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA or Ed25519; NULL: that
    /// of a JWK, else RS256 with an RSA key, PS256 with an RSA-PSS key, the algorithm of an EC key's curve, or EdDSA.
    pub alg: *const c_char,
    /// "typ" of the header; NULL: JWT.
    pub typ: *const c_char,
    /// Further members of the header, as a JSON object; not alg and typ, and none that a field sets.
    pub header_json: *const c_char,
    /// The key's certificate, alone or with those above it: PEM, or the path of its file. For x5t.
    pub certificate: *const c_char,
    /// S256 or S1: the thumbprint of the certificate goes into the header, as "x5t#S256" or "x5t"; NULL:
    /// none.
    pub x5t: *const c_char,
}

// SAFETY: `repr(C)`, the size first, integers and raw pointers alone.
unsafe impl Options for ims_jwt_options {
    const NAME: &str = "ims_jwt_options";
    const FIRST_SIZE: usize = offset_of!(Self, claims_json) + size_of::<*const c_char>();
}

/// Signs the claims. *out is the JWT; free it with ims_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_generate_jwt(
    key: *const ims_key,
    options: *const ims_jwt_options,
    out: *mut *mut c_char,
    error: *mut *mut ims_error,
) -> ims_status {
    let sign = || {
        // SAFETY: the caller's promise.
        let (key, assertion) = unsafe { (required("key", key)?, assertion(options)?) };
        let jwt = generate_jwt(&key.0, &assertion, SystemTime::now())?;
        CString::new(jwt.expose().as_bytes())
            .map(CString::into_raw)
            .map_err(|_| Error::new(Status::Internal, "the JWT holds a NUL"))
    };
    // SAFETY: the caller's promise.
    unsafe { make(out, error, sign) }
}

/// Overwrites and frees a string from ims_generate_jwt; do not shorten it before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_string_free(string: *mut c_char) {
    if !string.is_null() {
        // SAFETY: the caller's promise; it came from `CString::into_raw`.
        let _ = guard(|| unsafe { CString::from_raw(string) }.zeroize());
    }
}

/// # Safety
/// `given` and its fields are NULL or point to what the header says.
pub(super) unsafe fn assertion(given: *const ims_jwt_options) -> Result<Assertion, Error> {
    // SAFETY: the caller's promise.
    let options =
        unsafe { options(given) }?.ok_or_else(|| Error::argument("options", "is NULL"))?;
    // SAFETY: the caller's promise.
    let text = |name, value| unsafe { owned_text(name, value) };
    let number = |value: i64| (value != 0).then_some(value);
    let time = |value| number(value).map(from_unix_seconds);
    // SAFETY: the caller's promise.
    let metascopes = unsafe { array("metascopes", options.metascopes, options.metascopes_len) }?;
    let claims = Claims {
        // What is required and missing, the core reports.
        iss: text("iss", options.iss)?.unwrap_or_default(),
        sub: text("sub", options.sub)?,
        aud: text("aud", options.aud)?,
        expiry: Expiry::from_options(number(options.lifetime), time(options.exp))?,
        nbf: time(options.nbf),
        iat: time(options.iat),
        jti: text("jti", options.jti)?.map(Jti::Text),
        metascopes: metascopes
            .iter()
            .map(|metascope| text("metascopes", *metascope).map(Option::unwrap_or_default))
            .collect::<Result<_, _>>()?,
        claims_json: text("claims_json", options.claims_json)?,
    };
    let header = Header {
        typ: text("typ", options.typ)?,
        alg: text("alg", options.alg)?.map(|alg| alg.parse()).transpose()?,
        kid: text("kid", options.kid)?,
        // SAFETY: the caller's promise.
        certificate: unsafe { bytes(options.certificate) }.map(read_certificate).transpose()?,
        x5t: text("x5t", options.x5t)?.map(|x5t| x5t.parse()).transpose()?,
        x5c: false,
        header_json: text("header_json", options.header_json)?,
    };
    Ok(Assertion { header, claims })
}
