//! What an account sends for a token: its grant, with the JWTs of the moment.

use std::borrow::Cow;
use std::time::{Instant, SystemTime};

use super::account::Credentials;
use super::jwt_source::{JwtSource, completed, jti_of_client};
use super::settings::JtiKind;
use crate::assertion_source::AssertionSource;
use crate::error::Error;
use crate::exchange::attempts;
use crate::grant::Grant;
use crate::http::{Http, HttpResponse};
use crate::jwt::SigningKey;
use crate::key::Key;
use crate::retry::Call;
use crate::secret::Secret;
use crate::token::Token;
use crate::token_url::TokenUrl;

impl Credentials {
    /// Signs what a request would hold, to see whether that is possible.
    ///
    /// # Errors
    /// Those of [`generate_jwt`](crate::generate_jwt).
    pub(crate) fn check_signatures(&self, key: Option<&Key>, now: SystemTime) -> Result<(), Error> {
        self.grant_with(key, now, |_| Ok(Secret::default())).map(drop)
    }

    /// Returns a grant for one attempt of an exchange: with new JWTs that `key` signs at `now`, or without
    /// `key` where a secret does all.
    ///
    /// # Errors
    /// Those of [`generate_jwt`](crate::generate_jwt); [`Status::Argument`](crate::Status::Argument) where a JWT comes from
    /// elsewhere, which a [`Client`](crate::Client) asks for within its deadline.
    pub fn grant(&self, key: Option<&Key>, now: SystemTime) -> Result<Grant, Error> {
        self.grant_with(key, now, |source| {
            let problem = "is where the JWT comes from: have a client get the token";
            Err(Error::argument("assertion", problem).with_field(source.field.clone()))
        })
    }

    /// Returns the grant of [`Credentials::grant`], or with a JWT from elsewhere, which is asked for before
    /// `deadline`.
    ///
    /// # Errors
    /// Those of [`generate_jwt`](crate::generate_jwt) and of [`AssertionSource::assertion`].
    fn grant_before(
        &self,
        key: Option<&Key>,
        now: SystemTime,
        http: &Http,
        deadline: Instant,
    ) -> Result<Grant, Error> {
        self.grant_with(key, now, |source| source.assertion(http, now, deadline))
    }

    fn grant_with(
        &self,
        key: Option<&Key>,
        now: SystemTime,
        elsewhere: impl Fn(&AssertionSource) -> Result<Secret, Error>,
    ) -> Result<Grant, Error> {
        let with_key = || {
            let key = key.ok_or_else(|| Error::argument("key", "is missing"))?;
            Ok(SigningKey::Key(key.clone()))
        };
        type SigningKeyOf<'a> = &'a dyn Fn() -> Result<SigningKey, Error>;
        let jwt = |source: &JwtSource, key: SigningKeyOf<'_>, jti: Option<JtiKind>| match source {
            JwtSource::Elsewhere(source) => elsewhere(source).map_err(|error| match &self.place {
                Some(place) => error.at(place.clone()),
                None => error,
            }),
            JwtSource::Signed(assertion) => {
                let jti = jti.map(JtiKind::draw).transpose()?;
                key()?.jwt(&completed(assertion, jti, self.iat_leeway, now), now)
            }
        };
        let of_client = || {
            let key = self.signing_secret.clone().map(SigningKey::Secret);
            key.map_or_else(with_key, Ok)
        };
        self.grant.with_assertions(
            |source| jwt(source, &with_key, self.jti),
            |source| jwt(source, &of_client, Some(jti_of_client(self.jti))),
        )
    }

    /// Exchanges a grant at `url` for a token, within `call`; `key` signs. Where the account acts for another, the
    /// token is that one's. `seen` is called with every response of the token server, and when its request
    /// was sent.
    ///
    /// # Errors
    /// Those of [`Credentials::grant_before`], and any status of the network and the server.
    pub(crate) fn token(
        &self,
        key: Option<&Key>,
        call: Call<'_>,
        url: &TokenUrl,
        seen: impl Fn(&HttpResponse, SystemTime),
    ) -> Result<Token, Error> {
        let sign = |now| self.grant_before(key, now, call.http, call.deadline).map(Cow::Owned);
        let token = attempts(call, url, self.default_lifetime, sign, seen)?;
        match &self.impersonation {
            Some(account) => account.token(call, &token),
            None => Ok(token),
        }
    }
}
