//! A grant as an HTTP request: the fields of its body, and its header.

use serde::ser::{SerializeMap, Serializer};

use super::client_auth::Proof;
use super::grants::{BodyFormat, Grant, GrantKind};
use super::token_type::token_type_uri;
use crate::error::Error;
use crate::secret::Secret;

/// RFC 7523 section 2.2.
const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The limit of a JWT in bytes.
const MAX_JWT: usize = 64 * 1024;

/// A grant as an HTTP request, as [`Grant::request`] makes it.
pub struct Request<'a> {
    /// The body's fields in order, not yet encoded.
    pub fields: Vec<(&'a str, &'a str)>,
    /// The value of an `Authorization` header, where the grant asks for one.
    pub authorization: Option<Secret>,
    /// The format of the body.
    pub format: BodyFormat,
}

impl Request<'_> {
    /// Returns the fields in the request's format.
    pub fn body(&self) -> Secret {
        match self.format {
            BodyFormat::Form => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                Secret::from(form.extend_pairs(&self.fields).finish())
            }
            BodyFormat::Json => Secret::from(self.json()),
        }
    }

    /// Returns the media type of the body.
    pub fn content_type(&self) -> &'static str {
        self.format.media_type()
    }

    /// Writes the fields as an object. A repeated field is a list, at the place of the first.
    fn json(&self) -> String {
        let values = |name| self.fields.iter().filter(move |field| field.0 == name);
        // Allocated at its usual size, because growing leaves copies behind that are not wiped.
        let length: usize =
            self.fields.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
        let mut json = Vec::with_capacity(2 * length);
        let mut write = || {
            let mut serializer = serde_json::Serializer::new(&mut json);
            let mut map = serializer.serialize_map(None)?;
            for (place, (name, value)) in self.fields.iter().enumerate() {
                if self.fields[..place].iter().any(|(before, _)| before == name) {
                    continue;
                }
                let all: Vec<&str> = values(*name).map(|(_, value)| *value).collect();
                match all.len() {
                    1 => map.serialize_entry(name, value)?,
                    _ => map.serialize_entry(name, &all)?,
                }
            }
            map.end()
        };
        // Neither can fail: texts in a vector are written as UTF-8.
        let written = write();
        debug_assert!(written.is_ok());
        String::from_utf8(json).unwrap_or_default()
    }
}

impl Grant {
    /// Checks the grant and lays out its request.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the field.
    pub fn request(&self) -> Result<Request<'_>, Error> {
        self.check()?;
        let mut fields: Vec<(&str, &str)> = Vec::new();
        fields.extend(self.sent_grant_type().map(|name| ("grant_type", name)));
        match &self.kind {
            GrantKind::JwtExchange { assertion } => {
                fields.push(("jwt_token", checked_jwt("jwt", assertion)?));
            }
            GrantKind::JwtBearer { assertion } => {
                fields.push(("assertion", checked_jwt("jwt", assertion)?));
            }
            GrantKind::ClientCredentials { org_id } => {
                fields.extend(org_id.as_deref().map(|org_id| ("org_id", org_id)));
            }
            GrantKind::TokenExchange {
                subject_token,
                subject_token_type,
                requested_token_type,
            } => {
                fields.push(("subject_token", checked_jwt("jwt", subject_token)?));
                let uri = token_type_uri("subject_token_type", subject_token_type)?;
                fields.push(("subject_token_type", uri));
                if let Some(requested) = requested_token_type {
                    let uri = token_type_uri("requested_token_type", requested)?;
                    fields.push(("requested_token_type", uri));
                }
            }
            GrantKind::Other { .. } => {}
        }
        if let Some(client) = &self.client {
            let id = ("client_id", client.client_id.as_str());
            match &client.proof {
                Proof::None => fields.push(id),
                Proof::Body(secret) => fields.extend([id, ("client_secret", secret.expose())]),
                Proof::Basic(_) => {}
                Proof::Assertion(assertion) => fields.extend([
                    id,
                    ("client_assertion_type", CLIENT_ASSERTION_TYPE),
                    ("client_assertion", checked_jwt("client_assertion", assertion)?),
                ]),
            }
        }
        fields.extend(self.scope().map(|scope| ("scope", scope)));
        fields.extend(self.parameters.iter());
        let authorization = self.client.as_ref().and_then(|client| client.authorization());
        Ok(Request { fields, authorization, format: self.body })
    }

    /// Returns the secrets of the request, which a response's text may repeat but an error must not.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        let secrets = [self.client_secret(), self.assertion(), self.client_assertion()];
        let secrets = secrets.into_iter().flatten().map(|secret| secret.expose().as_str());
        secrets.chain(self.parameters.secrets()).collect()
    }
}

/// Checks a JWT, or another token, that the setting `name` holds.
fn checked_jwt<'a>(name: &str, jwt: &'a Secret) -> Result<&'a str, Error> {
    let jwt = jwt.expose();
    if jwt.is_empty() {
        return Err(Error::argument(name, "is missing or empty"));
    }
    if jwt.len() > MAX_JWT {
        return Err(Error::argument(name, "is over 64 KiB"));
    }
    if !jwt.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::argument(name, "holds a blank, a line break or another such character")
            .with_hint("a JWT is one line of base64url; trim what was read from a file"));
    }
    Ok(jwt)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::grant::ClientAuth;

    const JWT: &str = "e30.e30.c2ln";

    fn client_credentials() -> Grant {
        GrantKind::ClientCredentials { org_id: None }.into()
    }

    fn form(grant: &Grant) -> String {
        grant.request().unwrap().body().expose().clone()
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
        let kind = GrantKind::ClientCredentials { org_id: Some("X@AdobeOrg".into()) };
        let client = ClientAuth::body("id", "secret");
        let grant = Grant::from(kind).with_client(client).with_scope("openid,AdobeID");
        assert_eq!(
            form(&grant),
            "grant_type=client_credentials&org_id=X%40AdobeOrg&client_id=id&client_secret=secret\
             &scope=openid%2CAdobeID"
        );
    }

    #[test]
    fn basic_authentication_encodes_both_parts_and_leaves_the_form() {
        let client = ClientAuth::basic("i:d", "s+ é");
        let grant = client_credentials().with_client(client).with_scope("a");
        let request = grant.request().unwrap();
        let expected = format!("Basic {}", STANDARD.encode("i%3Ad:s%2B+%C3%A9"));
        assert_eq!(request.authorization.as_ref().unwrap().expose(), &expected);
        assert_eq!(request.body().expose(), "grant_type=client_credentials&scope=a");
        assert!(!format!("{grant:?}").contains("s+"), "no Debug shows a secret");
    }

    #[test]
    fn each_grant_and_each_proof_sends_its_fields_in_order() {
        let assertion = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type\
                         %3Ajwt-bearer&client_assertion=e30.e30.c2ln";
        let token_type = "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3A";
        let mut requested = Grant::token_exchange("subject", "id_token");
        if let GrantKind::TokenExchange { requested_token_type, .. } = &mut requested.kind {
            *requested_token_type = Some("urn:x:y".into());
        }
        for (grant, expected) in [
            (
                client_credentials().with_client(ClientAuth::assertion("id", JWT)),
                format!("grant_type=client_credentials&client_id=id&{assertion}"),
            ),
            (
                client_credentials().with_client(ClientAuth::none("id")),
                "grant_type=client_credentials&client_id=id".into(),
            ),
            (
                Grant::jwt_bearer("e30.e30.b3c").with_client(ClientAuth::assertion("id", JWT)),
                format!(
                    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer\
                     &assertion=e30.e30.b3c&client_id=id&{assertion}"
                ),
            ),
            (
                Grant::token_exchange("subject", "access_token").with_scope("a b"),
                format!(
                    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
                     &subject_token=subject&subject_token_type={token_type}access_token&scope=a+b"
                ),
            ),
            (
                requested,
                format!(
                    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
                     &subject_token=subject&subject_token_type={token_type}id_token\
                     &requested_token_type=urn%3Ax%3Ay"
                ),
            ),
            (
                Grant::from(GrantKind::Other { grant_type: "account_credentials".into() })
                    .with_client(ClientAuth::basic("id", "secret"))
                    .with_parameter("account_id", "a b")
                    .with_parameter("resource", "https://h/1")
                    .with_parameter("resource", "https://h/2"),
                "grant_type=account_credentials&account_id=a+b&resource=https%3A%2F%2Fh%2F1\
                 &resource=https%3A%2F%2Fh%2F2"
                    .into(),
            ),
        ] {
            assert_eq!(form(&grant), expected);
        }
    }

    #[test]
    fn a_json_body_has_a_list_where_a_field_is_repeated() {
        let mut grant = client_credentials()
            .with_client(ClientAuth::body("id", "s\"\u{fc}"))
            .with_parameter("resource", "https://h/1")
            .with_parameter("audience", "a")
            .with_parameter("resource", "https://h/2");
        grant.body = BodyFormat::Json;
        let request = grant.request().unwrap();
        assert_eq!(request.content_type(), "application/json");
        assert_eq!(
            request.body().expose(),
            "{\"grant_type\":\"client_credentials\",\"client_id\":\"id\",\
             \"client_secret\":\"s\\\"\u{fc}\",\
             \"resource\":[\"https://h/1\",\"https://h/2\"],\"audience\":\"a\"}"
        );
    }

    #[test]
    fn a_text_that_is_empty_is_named() {
        let jwt = JWT;
        let proven = client_credentials().with_client(ClientAuth::assertion("i", ""));
        assert_eq!(problem(&proven), "client_assertion is missing or empty");
        assert_eq!(problem(&client_credentials()), "client_id is missing");
        assert_eq!(problem(&Grant::jwt_exchange("", "s", jwt)), "client_id is missing or empty");
        assert_eq!(
            problem(&Grant::jwt_exchange("i", "", jwt)),
            "client_secret is missing or empty"
        );
        assert_eq!(problem(&Grant::jwt_exchange("i", "s", "")), "jwt is missing or empty");
    }
}
