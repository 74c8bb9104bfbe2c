//! Signatures by a secret that two sides share (RFC 7518 section 3.2).

use ring::hmac;

use crate::algorithm::{self, Algorithm, Hash};
use crate::error::Error;
use crate::secret::Secret;

/// Signs `message` with HS256, HS384 or HS512.
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument), naming `alg` if it is another, and `client_secret` if that is shorter
/// than the hash.
pub(crate) fn sign_with_secret(
    algorithm: Algorithm,
    secret: &Secret,
    message: &[u8],
) -> Result<Vec<u8>, Error> {
    let hmac = hmac_of(algorithm)?;
    let secret = secret.expose().as_bytes();
    let needed = hmac.digest_algorithm().output_len();
    if secret.len() < needed {
        let problem = format!("has {} bytes; {algorithm} needs {needed}", secret.len());
        return Err(Error::argument("client_secret", problem).with_hint(
            "RFC 7518 section 3.2 wants a secret at least as long as the hash: have the server make a \
             longer one",
        ));
    }
    Ok(hmac::sign(&hmac::Key::new(hmac, secret), message).as_ref().to_vec())
}

fn hmac_of(algorithm: Algorithm) -> Result<hmac::Algorithm, Error> {
    if !Algorithm::HMAC.contains(&algorithm) {
        let own = algorithm::names(Algorithm::HMAC);
        return Err(Error::argument("alg", format!("is {algorithm}, but a client secret signs"))
            .with_hint(format!("a client secret signs with {own}")));
    }
    Ok(match algorithm.hash() {
        Some(Hash::Sha384) => hmac::HMAC_SHA384,
        Some(Hash::Sha512) => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    })
}
