//! An assertion and a key in, a JWT's text out (RFC 7515, RFC 7519). Knows no network; the time is an
//! argument.

mod jti;
mod expiry;
mod further;
mod claims;
mod header;
mod signing_key;
mod decoded;

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::key::{Key, sign_with_secret};
use crate::secret::Secret;

pub use claims::Claims;
pub use decoded::{Decoded, decode};
pub use expiry::Expiry;
pub use further::members;
pub use header::Header;
pub use jti::Jti;
pub use signing_key::SigningKey;

/// The content of a JWT before it is signed.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Assertion {
    /// The header.
    pub header: Header,
    /// The claims.
    pub claims: Claims,
}

impl From<Claims> for Assertion {
    fn from(claims: Claims) -> Self {
        Self { header: Header::default(), claims }
    }
}

/// A key, and the assertion that it signs.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The private key, or the client secret.
    pub key: SigningKey,
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
        self.header.json(Algorithm::RS256, None)?;
        claims::checked(&self.claims, now).map(drop)
    }
}

/// Signs `assertion` with the algorithm of its header, or else the key's default. `now` is `iat` if the
/// claims have none.
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument), naming the field.
pub fn generate_jwt(key: &Key, assertion: &Assertion, now: SystemTime) -> Result<Secret, Error> {
    let algorithm = assertion.header.alg.unwrap_or(key.default_algorithm());
    signed(assertion, algorithm, Some(key), now, |message| key.sign(algorithm, message))
}

impl SigningKey {
    /// Signs `assertion`, as [`generate_jwt`] does with a private key.
    ///
    /// # Errors
    /// Those of [`generate_jwt`]; [`Status::Argument`](crate::Status::Argument), naming `client_secret`, where the
    /// secret is shorter than the hash (RFC 7518 section 3.2).
    pub fn jwt(&self, assertion: &Assertion, now: SystemTime) -> Result<Secret, Error> {
        let secret = match self {
            Self::Key(key) => return generate_jwt(key, assertion, now),
            Self::Secret(secret) => secret,
        };
        if assertion.header.x5t.is_some() || assertion.header.x5c {
            return Err(Error::argument("x5t", "is given, but a client secret has no certificate"));
        }
        let algorithm = assertion.header.alg.unwrap_or(self.default_algorithm());
        signed(assertion, algorithm, None, now, |message| {
            sign_with_secret(algorithm, secret, message)
        })
    }
}

/// Puts a JWT together (RFC 7515 section 7.1).
fn signed(
    assertion: &Assertion,
    algorithm: Algorithm,
    key: Option<&Key>,
    now: SystemTime,
    sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, Error>,
) -> Result<Secret, Error> {
    let header = assertion.header.json(algorithm, key)?;
    let payload = claims::payload_json(&assertion.claims, now)?;
    let mut jwt = String::with_capacity((header.len() + payload.len()) * 4 / 3 + 2 * 1024);
    URL_SAFE_NO_PAD.encode_string(header, &mut jwt);
    jwt.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut jwt);
    let signature = sign(jwt.as_bytes())?;
    jwt.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
    Ok(Secret::from(jwt))
}
