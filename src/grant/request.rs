//! A grant as an HTTP form.

use super::client_auth::ClientAuth;
use super::grant_type::JWT_BEARER;
use super::grants::Grant;
use crate::error::Error;
use crate::secret::Secret;

/// The limit of a JWT in bytes.
const MAX_JWT: usize = 64 * 1024;

/// A grant as an HTTP form, as [`Grant::request`] makes it.
pub struct Request<'a> {
    /// The form's fields in order, not yet encoded.
    pub fields: Vec<(&'static str, &'a str)>,
    /// The value of an `Authorization` header, where the grant asks for one.
    pub authorization: Option<Secret>,
}

impl Request<'_> {
    /// Returns the fields as `application/x-www-form-urlencoded`.
    pub fn form(&self) -> Secret {
        let mut form = form_urlencoded::Serializer::new(String::new());
        Secret::from(form.extend_pairs(&self.fields).finish())
    }
}

impl Grant {
    /// Checks the grant and lays out its request.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the field.
    pub fn request(&self) -> Result<Request<'_>, Error> {
        self.check()?;
        let own = match self {
            Self::JwtExchange { assertion, .. } => {
                [Some(("jwt_token", checked_jwt(assertion)?)), None]
            }
            Self::JwtBearer { assertion, .. } => {
                [Some(("grant_type", JWT_BEARER)), Some(("assertion", checked_jwt(assertion)?))]
            }
            Self::ClientCredentials { org_id, .. } => [
                Some(("grant_type", "client_credentials")),
                org_id.as_deref().map(|org_id| ("org_id", org_id)),
            ],
        };
        let client = self.client().map(ClientAuth::fields).into_iter().flatten();
        let scope = self.scope().map(|scope| ("scope", scope));
        Ok(Request {
            fields: own.into_iter().chain(client).chain([scope]).flatten().collect(),
            authorization: self.client().and_then(ClientAuth::authorization),
        })
    }

    /// Returns the secrets of the request, which a response's text may repeat but an error must not.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        let secrets = [self.client_secret(), self.assertion()].into_iter().flatten();
        secrets.map(|secret| secret.expose().as_str()).collect()
    }
}

fn checked_jwt(jwt: &Secret) -> Result<&str, Error> {
    let jwt = jwt.expose();
    if jwt.is_empty() {
        return Err(Error::argument("jwt", "is missing or empty"));
    }
    if jwt.len() > MAX_JWT {
        return Err(Error::argument("jwt", "is over 64 KiB"));
    }
    if !jwt.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::argument(
            "jwt",
            "holds a blank, a line break or another such character",
        )
        .with_hint("a JWT is one line of base64url; trim what was read from a file"));
    }
    Ok(jwt)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn form(grant: &Grant) -> String {
        grant.request().unwrap().form().expose().clone()
    }

    fn problem(grant: &Grant) -> String {
        grant.request().map(drop).unwrap_err().to_string()
    }

    #[test]
    fn adobe_s_jwt_exchange_sends_client_secret_and_jwt() {
        assert_eq!(
            form(&Grant::jwt_exchange("id", "s&e=c+r%t", "e30.e30.c2ln")),
            "jwt_token=e30.e30.c2ln&client_id=id&client_secret=s%26e%3Dc%2Br%25t"
        );
    }

    #[test]
    fn the_bearer_grant_of_rfc_7523_needs_no_client() {
        assert_eq!(
            form(&Grant::jwt_bearer("e30.e30.c2ln")),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=e30.e30.c2ln"
        );
    }

    #[test]
    fn client_credentials_send_scopes_and_no_jwt() {
        let grant = Grant::ClientCredentials {
            client: ClientAuth::body("id", "secret"),
            scope: Some("openid,AdobeID".into()),
            org_id: Some("X@AdobeOrg".into()),
        };
        assert_eq!(
            form(&grant),
            "grant_type=client_credentials&org_id=X%40AdobeOrg&client_id=id&client_secret=secret\
             &scope=openid%2CAdobeID"
        );
    }

    #[test]
    fn basic_authentication_encodes_both_parts_and_leaves_the_form() {
        let client = ClientAuth::basic("i:d", "s+ é");
        let grant = Grant::ClientCredentials { client, scope: Some("a".into()), org_id: None };
        let request = grant.request().unwrap();
        let expected = format!("Basic {}", STANDARD.encode("i%3Ad:s%2B+%C3%A9"));
        assert_eq!(request.authorization.as_ref().unwrap().expose(), &expected);
        assert_eq!(request.form().expose(), "grant_type=client_credentials&scope=a");
        assert!(!format!("{grant:?}").contains("s+"), "no Debug shows a secret");
    }

    #[test]
    fn a_text_that_is_empty_is_named() {
        let jwt = "e30.e30.c2ln";
        assert_eq!(problem(&Grant::jwt_exchange("", "s", jwt)), "client_id is missing or empty");
        assert_eq!(
            problem(&Grant::jwt_exchange("i", "", jwt)),
            "client_secret is missing or empty"
        );
        assert_eq!(problem(&Grant::jwt_exchange("i", "s", "")), "jwt is missing or empty");
    }
}
