//! A grant as options, some of which belong together and some of which exclude each other.

use super::client_assertion::client_assertion;
use super::client_auth::{ClientAuth, ClientAuthMethod, Proof};
use super::grant_type::GrantType;
use super::grants::{BodyFormat, Grant, GrantKind};
use super::parameters::Parameters;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::ims_host::ImsHost;
use crate::jwt::{Assertion, Header, Signer, SigningKey};
use crate::key::Key;
use crate::secret::Secret;

/// A grant as the options of a command or of another language say it; becomes a [`Grant`] where they
/// go together.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct GrantOptions {
    /// The grant.
    pub grant_type: GrantType,
    /// What [`GrantType::Other`] sends as `grant_type`.
    pub other_grant_type: Option<String>,
    /// The way in which the client authenticates.
    pub client_auth: ClientAuthMethod,
    /// `None`: the token endpoint of the issuer, or else Adobe's production URL of this grant; required
    /// where it has none.
    pub token_url: Option<String>,
    /// The server's issuer identifier: the `aud` of a client assertion, and where to ask if there is no
    /// token URL.
    pub issuer: Option<String>,
    /// The client id; required by [`GrantType::JwtExchange`], [`GrantType::ClientCredentials`] and every
    /// proof.
    pub client_id: Option<String>,
    /// The client secret, where that is the proof.
    pub client_secret: Option<Secret>,
    /// The JWT that authenticates the client, where it is signed already.
    pub client_assertion: Option<Secret>,
    /// The signed JWT, or the subject token of [`GrantType::TokenExchange`].
    pub jwt: Option<Secret>,
    /// The type of the subject token; `None`: `jwt`.
    pub subject_token_type: Option<String>,
    /// Optional, [`GrantType::TokenExchange`] only.
    pub requested_token_type: Option<String>,
    /// Optional, sent as given.
    pub scope: Option<String>,
    /// Optional, [`GrantType::ClientCredentials`] only.
    pub org_id: Option<String>,
    /// Further fields of the request.
    pub parameters: Parameters,
    /// The format of the request's body.
    pub body: BodyFormat,
}

impl GrantOptions {
    /// Returns where to ask, and with what.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the option.
    pub fn grant(mut self) -> Result<(Endpoint, Grant), Error> {
        let endpoint = self.endpoint()?;
        let (jwt, assertion) = (self.jwt.take(), self.client_assertion.take());
        if assertion.is_none() && self.client_auth == ClientAuthMethod::ClientSecretJwt {
            // The secret signs, and is not sent.
            self.client_secret = None;
        }
        let grant = self.into_grant(jwt, assertion)?;
        grant.request()?;
        Ok((endpoint, grant))
    }

    /// Returns where to ask, and with what, where `key` signs `claims` for each request. With client
    /// credentials, both are those of the client's assertion; the claims may then be left out.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the option.
    pub fn signing_grant(
        mut self,
        claims: Option<Assertion>,
        key: Option<Key>,
    ) -> Result<(Endpoint, Grant<Signer>), Error> {
        let ready = [("jwt", &self.jwt), ("client_assertion", &self.client_assertion)];
        if let Some((name, _)) = ready.iter().find(|(_, given)| given.is_some()) {
            return Err(Error::argument(name, "is given, but each exchange gets a new one"));
        }
        let (makes_jwt, method) = (self.grant_type.takes_jwt(), self.client_auth);
        let key_signs = makes_jwt || method == ClientAuthMethod::PrivateKeyJwt;
        let takes_claims = makes_jwt || method.is_assertion();
        for (name, given, takes, needs, purpose) in [
            ("claims", claims.is_some(), takes_claims, makes_jwt, "they are the JWT's content"),
            ("key", key.is_some(), key_signs, key_signs, "it signs the JWT"),
        ] {
            if given && !takes {
                return Err(Error::argument(name, "is given, but nothing of this grant is signed"));
            }
            if !given && needs {
                return Err(Error::argument(name, format!("is missing: {purpose}")));
            }
        }
        let endpoint = self.endpoint()?;
        let (jwt, client_claims) = match claims {
            Some(claims) if makes_jwt => {
                let header = Header { typ: None, ..claims.header.clone() };
                (Some(claims), Assertion { header, ..Assertion::default() })
            }
            claims => (None, claims.unwrap_or_default()),
        };
        let key = key.map(SigningKey::Key);
        let client_key = match method {
            ClientAuthMethod::PrivateKeyJwt => key.clone(),
            ClientAuthMethod::ClientSecretJwt => {
                let secret = self.client_secret.take();
                let missing = || Error::argument("client_secret", "is missing");
                Some(SigningKey::Secret(secret.ok_or_else(missing)?))
            }
            _ => None,
        };
        let proof = match (&self.client_id, client_key) {
            (Some(id), Some(key)) => {
                let issuer = self.issuer.take();
                let assertion =
                    client_assertion(client_claims, id, issuer.as_deref(), endpoint.url())?;
                Some(Signer { key, assertion })
            }
            _ => None,
        };
        let jwt = jwt.zip(key).map(|(assertion, key)| Signer { key, assertion });
        Ok((endpoint, self.into_grant(jwt, proof)?))
    }

    /// Returns the grant with this JWT of its own, and this one of its client.
    pub(crate) fn into_grant<A>(
        self,
        jwt: Option<A>,
        client_assertion: Option<A>,
    ) -> Result<Grant<A>, Error> {
        let grant_type = self.grant_type;
        for (name, given, takes) in [
            ("org_id", self.org_id.is_some(), GrantType::ClientCredentials),
            ("subject_token_type", self.subject_token_type.is_some(), GrantType::TokenExchange),
            ("requested_token_type", self.requested_token_type.is_some(), GrantType::TokenExchange),
            ("grant_type", self.other_grant_type.is_some(), GrantType::Other),
        ] {
            if given && grant_type != takes {
                let only = match takes {
                    GrantType::ClientCredentials => "only client credentials take it",
                    GrantType::TokenExchange => "only a token exchange takes it",
                    _ => "the grant is another",
                };
                return Err(Error::argument(name, format!("is given, but {only}")));
            }
        }
        let client = client(
            self.client_id,
            self.client_secret,
            client_assertion,
            self.client_auth,
            grant_type.needs_client(),
        )?;
        let needed =
            |jwt: Option<A>| jwt.ok_or_else(|| Error::argument("jwt", "is missing or empty"));
        let kind = match grant_type {
            GrantType::JwtExchange => GrantKind::JwtExchange { assertion: needed(jwt)? },
            GrantType::JwtBearer => GrantKind::JwtBearer { assertion: needed(jwt)? },
            GrantType::TokenExchange => GrantKind::TokenExchange {
                subject_token: needed(jwt)?,
                subject_token_type: self.subject_token_type.unwrap_or_else(|| "jwt".into()),
                requested_token_type: self.requested_token_type,
            },
            GrantType::ClientCredentials if jwt.is_some() => {
                return Err(Error::argument("jwt", "is given, but client credentials take none"));
            }
            GrantType::ClientCredentials => GrantKind::ClientCredentials { org_id: self.org_id },
            GrantType::Other if jwt.is_some() => {
                return Err(Error::argument("jwt", "is given, but this grant takes none"));
            }
            GrantType::Other => GrantKind::Other {
                grant_type: self
                    .other_grant_type
                    .ok_or_else(|| Error::argument("grant_type", "is missing or empty"))?,
            },
        };
        let (scope, parameters, body) = (self.scope, self.parameters, self.body);
        Ok(Grant { kind, client, scope, parameters, body, is_unnamed: false })
    }

    /// Returns the place that a caller gave as text, or the grant's default.
    fn endpoint(&self) -> Result<Endpoint, Error> {
        let issuer = self.issuer.as_deref().map(|issuer| issuer.parse().map(Endpoint::Issuer));
        let issuer = issuer.transpose()?;
        if let Some(url) = &self.token_url {
            return url.parse().map(Endpoint::TokenUrl);
        }
        let default = || self.grant_type.token_url(&ImsHost::default()).map(Endpoint::TokenUrl);
        issuer.or_else(default).ok_or_else(|| {
            let problem = match self.grant_type {
                GrantType::JwtBearer => "is missing: the JWT bearer grant has no default",
                _ => "is missing: this grant has no default",
            };
            Error::argument("token_url", problem).with_hint("give it, or the server's issuer")
        })
    }
}

/// Puts a client together; one that `is_needed` has a proof.
fn client<A>(
    id: Option<String>,
    secret: Option<Secret>,
    assertion: Option<A>,
    method: ClientAuthMethod,
    is_needed: bool,
) -> Result<Option<ClientAuth<A>>, Error> {
    use ClientAuthMethod::{Basic, Body, None as NoProof};
    if method.is_assertion() || method == NoProof {
        if secret.is_some() {
            let problem = format!("is given, but with client_auth {method} none is sent");
            return Err(Error::argument("client_secret", problem));
        }
    } else if assertion.is_some() {
        let problem = format!("is given, but client_auth is {method}");
        return Err(Error::argument("client_assertion", problem)
            .with_hint("set client_auth to private_key_jwt or client_secret_jwt"));
    }
    let Some(client_id) = id else {
        return if secret.is_some() && !is_needed && method != Basic {
            Err(Error::argument("client_id", "is missing, yet there is a client_secret"))
        } else if is_needed || method != Body {
            Err(Error::argument("client_id", "is missing"))
        } else {
            Ok(None)
        };
    };
    let proof = match (method, secret, assertion) {
        (NoProof, ..) => Proof::None,
        (Body, None, _) if !is_needed => Proof::None,
        (Body, Some(secret), _) => Proof::Body(secret),
        (Basic, Some(secret), _) => Proof::Basic(secret),
        (Body | Basic, None, _) => {
            return Err(Error::argument("client_secret", "is missing"));
        }
        (_, _, Some(assertion)) => Proof::Assertion(assertion),
        (_, _, None) => return Err(Error::argument("client_assertion", "is missing")),
    };
    Ok(Some(ClientAuth { client_id, proof }))
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
            jwt: grant_type.takes_jwt().then(|| "e30.e30.c2ln".into()),
            other_grant_type: (grant_type == GrantType::Other).then(|| "password".into()),
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
        use ClientAuthMethod::{None as NoProof, PrivateKeyJwt};
        use GrantType::{ClientCredentials, JwtBearer, JwtExchange, Other, TokenExchange};
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
            (
                "client_secret is given, but with client_auth private_key_jwt none is sent",
                problem(ClientCredentials, |options| options.client_auth = PrivateKeyJwt),
            ),
            (
                "client_secret is given, but with client_auth none none is sent",
                problem(ClientCredentials, |options| options.client_auth = NoProof),
            ),
            (
                "client_assertion is missing",
                problem(ClientCredentials, |options| {
                    options.client_secret = None;
                    options.client_auth = PrivateKeyJwt;
                }),
            ),
            (
                "client_assertion is given, but client_auth is body",
                problem(ClientCredentials, |options| {
                    options.client_assertion = Some("e30.e30.c2ln".into());
                }),
            ),
            (
                "token_url is missing: this grant has no default",
                problem(TokenExchange, |options| options.token_url = None),
            ),
            (
                "issuer has a query (?...)",
                problem(ClientCredentials, |options| options.issuer = Some("https://h/?a".into())),
            ),
            ("jwt is missing or empty", problem(TokenExchange, |options| options.jwt = None)),
            (
                "subject_token_type must be jwt, id_token, access_token, refresh_token, saml1, \
                 saml2, or a URI",
                problem(TokenExchange, |options| options.subject_token_type = Some("x".into())),
            ),
            (
                "requested_token_type is given, but only a token exchange takes it",
                problem(JwtBearer, |options| options.requested_token_type = Some("jwt".into())),
            ),
            (
                "grant_type is missing or empty",
                problem(Other, |options| options.other_grant_type = None),
            ),
            (
                "grant_type is given, but the grant is another",
                problem(JwtBearer, |options| options.other_grant_type = Some("x".into())),
            ),
            (
                "jwt is given, but this grant takes none",
                problem(Other, |options| options.jwt = Some("e30.e30.c2ln".into())),
            ),
            (
                "parameters holds scope, which has a setting of its own",
                problem(Other, |options| options.parameters.push("scope", "a")),
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
            assert_eq!(options.grant().unwrap().0.url().as_str(), expected);
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
