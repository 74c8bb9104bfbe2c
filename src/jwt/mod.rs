//! An assertion and a key in, a JWT's text out (RFC 7519, RS256). Knows no network; the time is an
//! argument.

mod jti;
mod expiry;
mod further;
mod claims;
mod decoded;

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Error, check_text};
use crate::key::Key;
use crate::secret::Secret;

pub use claims::Claims;
pub use expiry::Expiry;
use further::unserializable;
pub use jti::Jti;

pub use decoded::{Decoded, decode};
pub use further::members;

/// The content of a JWT before it is signed.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Assertion {
    /// The header, without `typ` and `alg`.
    pub header: Header,
    /// The claims.
    pub claims: Claims,
}

/// The header of a JWT without `typ` and `alg` (RFC 7515 section 4.1).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Header {
    /// Key id.
    pub kid: Option<String>,
}

impl From<Claims> for Assertion {
    fn from(claims: Claims) -> Self {
        Self { header: Header::default(), claims }
    }
}

/// A key, and what it signs.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The private key.
    pub key: Key,
    /// The content of each JWT. Its claims have no `exp`, `iat` and `jti` yet: each JWT gets its
    /// own.
    pub assertion: Assertion,
}

impl Assertion {
    /// Checks that it can be signed at `now`, without a key.
    ///
    /// # Errors
    /// Those of [`generate_jwt`].
    pub(crate) fn check(&self, now: SystemTime) -> Result<(), Error> {
        header_json(&self.header)?;
        claims::payload_json(&self.claims, now).map(drop)
    }
}

/// Signs `assertion` with RS256. `now` stands for `iat` where the claims have none.
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument), naming the field.
pub fn generate_jwt(key: &Key, assertion: &Assertion, now: SystemTime) -> Result<Secret, Error> {
    let header = header_json(&assertion.header)?;
    let payload = claims::payload_json(&assertion.claims, now)?;
    let mut jwt = String::with_capacity((header.len() + payload.len()) * 4 / 3 + 2 * 1024);
    URL_SAFE_NO_PAD.encode_string(header, &mut jwt);
    jwt.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut jwt);
    let signature = key.sign(jwt.as_bytes())?;
    jwt.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
    Ok(Secret::from(jwt))
}

fn header_json(header: &Header) -> Result<String, Error> {
    #[derive(serde::Serialize)]
    struct Json<'a> {
        typ: &'a str,
        alg: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        kid: Option<&'a str>,
    }
    let kid = header.kid.as_deref();
    if let Some(kid) = kid {
        check_text("kid", kid)?;
    }
    serde_json::to_string(&Json { typ: "JWT", alg: "RS256", kid }).map_err(unserializable)
}
