//! A grant: what is sent, and how its answer counts time. Pure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::{Error, check_text};
use crate::ims_host::ImsHost;
use crate::secret::Secret;
use crate::token_url::TokenUrl;

/// RFC 7523 section 2.1.
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const LONGEST_JWT: usize = 64 * 1024;

/// The OAuth grants that libims speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantType {
    /// Adobe IMS: `client_id`, `client_secret`, `jwt_token`.
    #[default]
    JwtExchange,
    /// RFC 7523 section 2.1: `grant_type`, `assertion`.
    JwtBearer,
    /// RFC 6749 section 4.4, Adobe's OAuth Server-to-Server: no JWT.
    ClientCredentials,
}

/// How the client shows its id and secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// As form fields: what Adobe IMS takes.
    #[default]
    Body,
    /// As an `Authorization: Basic` header (RFC 6749 section 2.3.1).
    Basic,
}

/// What to ask a token server for, and as whom.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Grant {
    /// Which grant.
    pub grant_type: GrantType,
    /// How the client shows its id and secret.
    pub client_auth: ClientAuth,
    /// The client id; optional with [`GrantType::JwtBearer`].
    pub client_id: Option<String>,
    /// The client secret; optional with [`GrantType::JwtBearer`].
    pub client_secret: Option<Secret>,
    /// The signed JWT; not given with [`GrantType::ClientCredentials`].
    pub jwt: Option<Secret>,
    /// Optional, sent as given.
    pub scope: Option<String>,
    /// Optional, [`GrantType::ClientCredentials`] only.
    pub org_id: Option<String>,
}

impl Grant {
    /// Adobe's exchange of a signed JWT.
    pub fn jwt_exchange(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        jwt: impl Into<Secret>,
    ) -> Self {
        Self {
            grant_type: GrantType::JwtExchange,
            client_id: Some(client_id.into()),
            client_secret: Some(client_secret.into()),
            jwt: Some(jwt.into()),
            ..Self::default()
        }
    }

    /// The RFC 7523 grant at any server.
    pub fn jwt_bearer(jwt: impl Into<Secret>) -> Self {
        Self { grant_type: GrantType::JwtBearer, jwt: Some(jwt.into()), ..Self::default() }
    }

    /// Adobe's OAuth Server-to-Server; `scope` comma-joined, as Adobe writes it.
    pub fn client_credentials(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        scope: impl Into<String>,
    ) -> Self {
        Self {
            grant_type: GrantType::ClientCredentials,
            client_id: Some(client_id.into()),
            client_secret: Some(client_secret.into()),
            scope: Some(scope.into()),
            ..Self::default()
        }
    }

    /// Checks the grant and lays out its request.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the field.
    pub(crate) fn request(&self) -> Result<Request<'_>, Error> {
        self.check()?;
        let (id, secret) = match self.client_auth {
            ClientAuth::Body => (self.client_id.as_deref(), exposed(&self.client_secret)),
            ClientAuth::Basic => (None, None),
        };
        let jwt = exposed(&self.jwt);
        let client = [("client_id", id), ("client_secret", secret)];
        let own = match self.grant_type {
            GrantType::JwtExchange => [("jwt_token", jwt), ("org_id", None)],
            GrantType::JwtBearer => [("grant_type", Some(JWT_BEARER)), ("assertion", jwt)],
            GrantType::ClientCredentials => {
                [("grant_type", Some("client_credentials")), ("org_id", self.org_id.as_deref())]
            }
        };
        let fields = own
            .into_iter()
            .chain(client)
            .chain([("scope", self.scope.as_deref())])
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        Ok(Request { fields, authorization: self.authorization() })
    }

    /// What may stand in an answer's text and must never be repeated.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        [exposed(&self.client_secret), exposed(&self.jwt)].into_iter().flatten().collect()
    }

    fn check(&self) -> Result<(), Error> {
        let secret = exposed(&self.client_secret);
        for (name, value) in [
            ("client_id", self.client_id.as_deref()),
            ("client_secret", secret),
            ("scope", self.scope.as_deref()),
            ("org_id", self.org_id.as_deref()),
        ] {
            if let Some(value) = value {
                check_text(name, value)?;
            }
        }
        if self.grant_type != GrantType::JwtBearer || self.client_auth == ClientAuth::Basic {
            self.client_id.as_ref().ok_or_else(|| Error::argument("client_id", "is missing"))?;
            secret.ok_or_else(|| Error::argument("client_secret", "is missing"))?;
        }
        if secret.is_some() && self.client_id.is_none() {
            return Err(Error::argument("client_id", "is missing, yet there is a client_secret"));
        }
        match (self.grant_type, exposed(&self.jwt)) {
            (GrantType::ClientCredentials, Some(_)) => {
                return Err(Error::argument("jwt", "is given, but client credentials take none"));
            }
            (GrantType::ClientCredentials, None) => {}
            (_, None | Some("")) => return Err(Error::argument("jwt", "is missing or empty")),
            (_, Some(jwt)) => check_jwt(jwt)?,
        }
        if self.org_id.is_some() && self.grant_type != GrantType::ClientCredentials {
            return Err(Error::argument("org_id", "is given, but only client credentials take it"));
        }
        Ok(())
    }

    /// RFC 6749 section 2.3.1: both parts form-encoded, then joined, then base64.
    fn authorization(&self) -> Option<Secret> {
        let (ClientAuth::Basic, Some(id), Some(secret)) =
            (self.client_auth, &self.client_id, exposed(&self.client_secret))
        else {
            return None;
        };
        let mut pair = Zeroizing::new(String::new());
        pair.extend(form_urlencoded::byte_serialize(id.as_bytes()));
        pair.push(':');
        pair.extend(form_urlencoded::byte_serialize(secret.as_bytes()));
        Some(Secret::from(format!("Basic {}", STANDARD.encode(pair.as_bytes()))))
    }
}

/// A grant as an HTTP form.
pub(crate) struct Request<'a> {
    /// The form's fields in order, not yet encoded.
    pub fields: Vec<(&'static str, &'a str)>,
    /// The value of an `Authorization` header, where the grant asks for one.
    pub authorization: Option<Secret>,
}

impl Request<'_> {
    /// The fields as `application/x-www-form-urlencoded`.
    pub fn form(&self) -> Secret {
        let mut form = form_urlencoded::Serializer::new(String::new());
        Secret::from(form.extend_pairs(&self.fields).finish())
    }
}

/// Where a grant is sent, what its answers count `expires_in` in, and how long its tokens can live.
impl GrantType {
    /// Returns where a host of IMS takes this grant; `None`: it does not.
    pub fn token_url(self, host: &ImsHost) -> Option<TokenUrl> {
        match self {
            Self::JwtExchange => Some(host.url("/ims/exchange/jwt")),
            Self::ClientCredentials => Some(host.url("/ims/token/v3")),
            Self::JwtBearer => None,
        }
    }

    /// Reads the token URL that a caller gave as text; without one, it is Adobe's production URL.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `token_url`.
    pub fn token_url_from(self, given: Option<&str>) -> Result<TokenUrl, Error> {
        match given {
            Some(url) => url.parse(),
            None => self.token_url(&ImsHost::default()).ok_or_else(|| {
                Error::argument("token_url", "is missing: the JWT bearer grant has no default")
            }),
        }
    }

    /// Adobe's JWT exchange answers milliseconds; everyone else seconds (RFC 6749 section 5.1).
    pub(crate) fn expires_in_per_second(self) -> i64 {
        match self {
            Self::JwtExchange => 1000,
            Self::JwtBearer | Self::ClientCredentials => 1,
        }
    }

    /// Adobe's tokens live 24 h at most, in seconds.
    pub(crate) fn longest_lifetime(self) -> Option<i64> {
        match self {
            Self::JwtExchange | Self::ClientCredentials => Some(86_400),
            Self::JwtBearer => None,
        }
    }
}

fn exposed(secret: &Option<Secret>) -> Option<&str> {
    secret.as_ref().map(|secret| secret.expose().as_str())
}

fn check_jwt(jwt: &str) -> Result<(), Error> {
    if jwt.len() > LONGEST_JWT {
        return Err(Error::argument("jwt", "is over 64 KiB"));
    }
    if !jwt.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::argument(
            "jwt",
            "holds a blank, a line break or another such character",
        )
        .with_hint("a JWT is one line of base64url; trim what was read from a file"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(grant: &Grant) -> String {
        grant.request().unwrap().form().expose().clone()
    }

    fn token_url(grant_type: GrantType) -> String {
        grant_type.token_url_from(None).unwrap().to_string()
    }

    fn problem(grant: &Grant) -> String {
        grant.request().map(drop).unwrap_err().to_string()
    }

    #[test]
    fn adobe_s_jwt_exchange_sends_client_secret_and_jwt() {
        let form = form(&Grant::jwt_exchange("id", "s&e=c+r%t", "e30.e30.c2ln"));
        let url = token_url(GrantType::JwtExchange);
        assert_eq!(url, "https://ims-na1.adobelogin.com/ims/exchange/jwt");
        assert_eq!(form, "jwt_token=e30.e30.c2ln&client_id=id&client_secret=s%26e%3Dc%2Br%25t");
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
        let mut grant = Grant::client_credentials("id", "secret", "openid,AdobeID");
        grant.org_id = Some("X@AdobeOrg".into());
        let url = token_url(GrantType::ClientCredentials);
        assert_eq!(url, "https://ims-na1.adobelogin.com/ims/token/v3");
        assert_eq!(
            form(&grant),
            "grant_type=client_credentials&org_id=X%40AdobeOrg&client_id=id&client_secret=secret\
             &scope=openid%2CAdobeID"
        );
    }

    #[test]
    fn basic_authentication_encodes_both_parts_and_leaves_the_form() {
        let mut grant = Grant::client_credentials("i:d", "s+ é", "a");
        grant.client_auth = ClientAuth::Basic;
        let request = grant.request().unwrap();
        let expected = format!("Basic {}", STANDARD.encode("i%3Ad:s%2B+%C3%A9"));
        assert_eq!(request.authorization.as_ref().unwrap().expose(), &expected);
        assert_eq!(request.form().expose(), "grant_type=client_credentials&scope=a");
    }

    #[test]
    fn what_is_missing_or_does_not_belong_is_named() {
        let jwt = "e30.e30.c2ln";
        assert_eq!(problem(&Grant::jwt_exchange("", "s", jwt)), "client_id is missing or empty");
        assert_eq!(
            problem(&Grant::jwt_exchange("i", "", jwt)),
            "client_secret is missing or empty"
        );
        assert_eq!(problem(&Grant::jwt_exchange("i", "s", "")), "jwt is missing or empty");
        assert_eq!(
            GrantType::JwtBearer.token_url_from(None).unwrap_err().to_string(),
            "token_url is missing: the JWT bearer grant has no default"
        );
        let mut grant = Grant::client_credentials("i", "s", "a");
        grant.jwt = Some(jwt.into());
        assert_eq!(problem(&grant), "jwt is given, but client credentials take none");
        let mut grant = Grant::jwt_exchange("i", "s", jwt);
        grant.org_id = Some("X@AdobeOrg".into());
        assert_eq!(problem(&grant), "org_id is given, but only client credentials take it");
        let mut grant = Grant::jwt_bearer(jwt);
        grant.client_secret = Some("s".into());
        assert_eq!(problem(&grant), "client_id is missing, yet there is a client_secret");
    }
}
