//! The JWT by which a client authenticates (RFC 7523 section 2.2).

use crate::error::{Error, check_text};
use crate::jwt::{Assertion, Claims, members};
use crate::token_url::TokenUrl;

/// The header's `typ` at a server whose issuer is known (draft-ietf-oauth-rfc7523bis).
pub(crate) const CLIENT_ASSERTION_TYP: &str = "client-authentication+jwt";

/// Returns `given` with the claims of a client assertion: `iss` and `sub` are the client id (RFC 7523
/// section 3). Where `given` has none, `aud` is the server's issuer, and the token URL where that is
/// unknown; `typ` says what it is where the issuer is known (draft-ietf-oauth-rfc7523bis).
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument), naming `client_id`, `issuer`, `iss`, `sub` or `aud`.
pub(crate) fn client_assertion(
    mut given: Assertion,
    client_id: &str,
    issuer: Option<&str>,
    token_url: &TokenUrl,
) -> Result<Assertion, Error> {
    check_text("client_id", client_id)?;
    let Assertion { header, claims } = &mut given;
    let named =
        [("iss", Some(&claims.iss).filter(|iss| !iss.is_empty())), ("sub", claims.sub.as_ref())];
    for (name, claim) in named {
        if claim.is_some_and(|claim| claim != client_id) {
            return Err(Error::argument(
                name,
                "is not the client id, which a client assertion has",
            ));
        }
    }
    claims.iss = client_id.to_owned();
    claims.sub = Some(client_id.to_owned());
    if let Some(issuer) = issuer {
        check_text("issuer", issuer)?;
        if has_list(claims) {
            let problem = "is a list, but a client assertion names the issuer alone, as one text";
            return Err(Error::argument("aud", problem));
        }
        header.typ.get_or_insert_with(|| CLIENT_ASSERTION_TYP.to_owned());
    }
    if claims.aud.is_none() && !has_list(claims) {
        claims.aud = Some(issuer.unwrap_or(token_url.as_str()).to_owned());
    }
    Ok(given)
}

/// Returns whether the further claims hold `aud`, which is then a list.
fn has_list(claims: &Claims) -> bool {
    let further = claims.claims_json.as_deref().map(members);
    further.is_some_and(|further| {
        further.is_ok_and(|further| further.iter().any(|(name, _)| name == "aud"))
    })
}
