//! A grant as options, some of which belong together and some of which exclude each other.

use super::client_auth::ClientAuth;
use super::grant_type::GrantType;
use super::grants::Grant;
use crate::error::Error;
use crate::ims_host::ImsHost;
use crate::jwt::{Assertion, Signer};
use crate::key::Key;
use crate::secret::Secret;
use crate::token_url::TokenUrl;

/// The way in which a client's id and secret are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthMethod {
    /// Form fields: the way that Adobe IMS accepts.
    #[default]
    Body,
    /// An `Authorization: Basic` header (RFC 6749 section 2.3.1).
    Basic,
}

/// A grant as the options of a command or of another language say it; becomes a [`Grant`] where they
/// go together.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct GrantOptions {
    /// The grant.
    pub grant_type: GrantType,
    /// The way in which the client's id and secret are sent.
    pub client_auth: ClientAuthMethod,
    /// `None`: Adobe's production URL of this grant; required by [`GrantType::JwtBearer`].
    pub token_url: Option<String>,
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

impl GrantOptions {
    /// Returns where to ask, and with what.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the option.
    pub fn grant(mut self) -> Result<(TokenUrl, Grant), Error> {
        let url = self.token_url.take();
        let (grant_type, jwt) = (self.grant_type, self.jwt.take());
        let grant = self.with_assertion(jwt)?;
        grant.request()?;
        Ok((token_url(grant_type, url.as_deref())?, grant))
    }

    /// Returns where to ask, and with what, where `key` signs `claims` for each request.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the option.
    pub fn signing_grant(
        mut self,
        claims: Option<Assertion>,
        key: Option<Key>,
    ) -> Result<(TokenUrl, Grant<Signer>), Error> {
        if self.jwt.is_some() {
            return Err(Error::argument("jwt", "is given, but each exchange gets a new one"));
        }
        let with_key = self.grant_type != GrantType::ClientCredentials;
        for (name, given) in [("claims", claims.is_some()), ("key", key.is_some())] {
            if given && !with_key {
                return Err(Error::argument(name, "is given, but client credentials take none"));
            }
            if !given && with_key {
                return Err(Error::argument(name, "is missing: the JWT is signed with it"));
            }
        }
        let url = self.token_url.take();
        let grant_type = self.grant_type;
        let signer = claims.zip(key).map(|(assertion, key)| Signer { key, assertion });
        let grant = self.with_assertion(signer)?;
        Ok((token_url(grant_type, url.as_deref())?, grant))
    }

    /// Returns the grant with this assertion.
    pub(crate) fn with_assertion<A>(self, assertion: Option<A>) -> Result<Grant<A>, Error> {
        let Self { grant_type, client_id, client_secret, client_auth, scope, org_id, .. } = self;
        let is_bearer = grant_type == GrantType::JwtBearer;
        let client = client(client_id, client_secret, client_auth, !is_bearer)?;
        if org_id.is_some() && grant_type != GrantType::ClientCredentials {
            return Err(Error::argument("org_id", "is given, but only client credentials take it"));
        }
        let no_client = || Error::argument("client_id", "is missing");
        let no_jwt = || Error::argument("jwt", "is missing or empty");
        Ok(match grant_type {
            GrantType::JwtExchange => Grant::JwtExchange {
                client: client.ok_or_else(no_client)?,
                assertion: assertion.ok_or_else(no_jwt)?,
                scope,
            },
            GrantType::JwtBearer => {
                Grant::JwtBearer { client, assertion: assertion.ok_or_else(no_jwt)?, scope }
            }
            GrantType::ClientCredentials if assertion.is_some() => {
                return Err(Error::argument("jwt", "is given, but client credentials take none"));
            }
            GrantType::ClientCredentials => {
                Grant::ClientCredentials { client: client.ok_or_else(no_client)?, scope, org_id }
            }
        })
    }
}

/// Puts a client together; one that `is_needed` has a secret.
fn client(
    id: Option<String>,
    secret: Option<Secret>,
    method: ClientAuthMethod,
    is_needed: bool,
) -> Result<Option<ClientAuth>, Error> {
    use ClientAuthMethod::{Basic, Body};
    let is_needed = is_needed || method == Basic;
    match (id, secret, method) {
        (None, _, _) if is_needed => Err(Error::argument("client_id", "is missing")),
        (Some(_), None, _) if is_needed => Err(Error::argument("client_secret", "is missing")),
        (None, Some(_), _) => {
            Err(Error::argument("client_id", "is missing, yet there is a client_secret"))
        }
        (None, None, _) => Ok(None),
        (Some(id), None, _) => Ok(Some(ClientAuth::none(id))),
        (Some(id), Some(secret), Body) => Ok(Some(ClientAuth::body(id, secret))),
        (Some(id), Some(secret), Basic) => Ok(Some(ClientAuth::basic(id, secret))),
    }
}

/// Reads the token URL that a caller gave as text.
fn token_url(grant_type: GrantType, given: Option<&str>) -> Result<TokenUrl, Error> {
    match given {
        Some(url) => url.parse(),
        None => grant_type.token_url(&ImsHost::default()).ok_or_else(|| {
            Error::argument("token_url", "is missing: the JWT bearer grant has no default")
        }),
    }
}

#[cfg(test)]
mod tests {
    use support::keys;

    use super::*;
    use crate::jwt::Claims;

    fn full(grant_type: GrantType) -> GrantOptions {
        GrantOptions {
            grant_type,
            token_url: Some("https://h/t".into()),
            client_id: Some("i".into()),
            client_secret: Some("s".into()),
            jwt: (grant_type != GrantType::ClientCredentials).then(|| "e30.e30.c2ln".into()),
            ..GrantOptions::default()
        }
    }

    fn problem(grant_type: GrantType, change: impl FnOnce(&mut GrantOptions)) -> String {
        let mut options = full(grant_type);
        options.clone().grant().unwrap();
        change(&mut options);
        options.grant().map(drop).unwrap_err().to_string()
    }

    #[test]
    fn what_is_missing_or_does_not_belong_is_named() {
        use GrantType::{ClientCredentials, JwtBearer, JwtExchange};
        for (message, is) in [
            ("client_id is missing", problem(JwtExchange, |options| options.client_id = None)),
            (
                "client_secret is missing",
                problem(JwtExchange, |options| options.client_secret = None),
            ),
            ("jwt is missing or empty", problem(JwtExchange, |options| options.jwt = None)),
            ("jwt is missing or empty", problem(JwtBearer, |options| options.jwt = None)),
            (
                "token_url is missing: the JWT bearer grant has no default",
                problem(JwtBearer, |options| options.token_url = None),
            ),
            (
                "client_id is missing, yet there is a client_secret",
                problem(JwtBearer, |options| options.client_id = None),
            ),
            (
                "client_secret is missing",
                problem(JwtBearer, |options| {
                    options.client_secret = None;
                    options.client_auth = ClientAuthMethod::Basic;
                }),
            ),
            (
                "jwt is given, but client credentials take none",
                problem(ClientCredentials, |options| options.jwt = Some("e30.e30.c2ln".into())),
            ),
            (
                "org_id is given, but only client credentials take it",
                problem(JwtExchange, |options| options.org_id = Some("X@AdobeOrg".into())),
            ),
        ] {
            assert_eq!(is, message);
        }
    }

    #[test]
    fn without_a_url_adobe_s_production_is_asked() {
        for (grant_type, expected) in [
            (GrantType::JwtExchange, "https://ims-na1.adobelogin.com/ims/exchange/jwt"),
            (GrantType::ClientCredentials, "https://ims-na1.adobelogin.com/ims/token/v3"),
        ] {
            let options = GrantOptions { token_url: None, ..full(grant_type) };
            assert_eq!(options.grant().unwrap().0.as_str(), expected);
        }
    }

    #[test]
    fn a_signing_grant_needs_claims_and_key_and_no_jwt() {
        let claims = || Some(Claims::new("i", "s", "a").into());
        let key = || Some(Key::from_bytes(&keys::pkcs8_pem(), None).unwrap());
        let without_jwt = GrantOptions { jwt: None, ..full(GrantType::JwtExchange) };
        let oauth = full(GrantType::ClientCredentials);
        without_jwt.clone().signing_grant(claims(), key()).unwrap();
        oauth.clone().signing_grant(None, None).unwrap();
        for (name, options, claims, key) in [
            ("jwt ", full(GrantType::JwtExchange), claims(), key()),
            ("claims ", without_jwt.clone(), None, key()),
            ("key ", without_jwt, claims(), None),
            ("claims ", oauth.clone(), claims(), None),
            ("key ", oauth, None, key()),
        ] {
            let error = options.signing_grant(claims, key).unwrap_err();
            assert!(error.message().starts_with(name), "{name}: {error}");
        }
    }
}
