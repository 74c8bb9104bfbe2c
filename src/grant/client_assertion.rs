//! The JWT by which a client proves its identity (RFC 7523 section 2.2).

use crate::error::{Error, check_text};
use crate::jwt::Assertion;
use crate::token_url::TokenUrl;

/// Returns `given` with the claims of a client assertion: `iss` and `sub` are the client id (RFC 7523
/// section 3). `aud` is `given`'s own or the server's issuer, and the token URL where that is unknown
/// (draft-ietf-oauth-rfc7523bis).
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument), naming `client_id`, `issuer`, `iss` or `sub`.
pub(crate) fn client_assertion(
    mut given: Assertion,
    client_id: &str,
    issuer: Option<&str>,
    token_url: &TokenUrl,
) -> Result<Assertion, Error> {
    check_text("client_id", client_id)?;
    let claims = &mut given.claims;
    for (name, claim) in [("iss", &mut claims.iss), ("sub", &mut claims.sub)] {
        if !claim.is_empty() && claim != client_id {
            return Err(Error::argument(
                name,
                "is not the client id, which a client assertion has",
            ));
        }
        *claim = client_id.to_owned();
    }
    if let Some(issuer) = issuer {
        check_text("issuer", issuer)?;
    }
    if claims.aud.is_empty() {
        claims.aud = issuer.unwrap_or(token_url.as_str()).to_owned();
    }
    Ok(given)
}
