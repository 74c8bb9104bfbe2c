//! The issuer of the platform's JWTs: what it signs, with which keys, and how others verify that.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use openssl::error::ErrorStack;
use serde_json::{Value, json};

use super::PublicKey;
use super::access_token::random_hex;
use super::platform::Platform;
use super::problem::internal;
use super::signing_key::SigningKey;
use super::token_file::TokenFile;
use super::verify::SKEW;
use ims::error::io_reason;
use ims::{Error, Secret, unix_seconds};

/// The path of the issuer identifier.
pub(super) const ISSUER_PATH: &str = "/platform";
pub(super) const CONFIGURATION_PATH: &str = "/platform/.well-known/openid-configuration";
pub(super) const KEYS_PATH: &str = "/platform/keys";

/// Signs the JWTs of workloads.
pub(super) struct WorkloadIssuer {
    pub platform: Platform,
    /// The sandbox's own URL.
    base: String,
    /// The published keys; the last one signs. The first is made when it is needed, so that a sandbox without
    /// workloads starts at once.
    keys: Mutex<Vec<PublishedKey>>,
    file: Option<TokenFile>,
}

struct PublishedKey {
    key: SigningKey,
    /// The Unix second from which on none of its JWTs is accepted.
    end: i64,
}

impl WorkloadIssuer {
    /// Makes the issuer of a sandbox whose URL is `base`, and writes the token file.
    ///
    /// # Errors
    /// [`Status::Argument`](ims::Status::Argument), naming the field of the platform.
    pub fn new(platform: Platform, base: String) -> Result<Self, Error> {
        platform.check()?;
        let file = platform.token_file.as_deref().map(TokenFile::new).transpose()?;
        let issuer = Self { platform, base, keys: Mutex::default(), file };
        issuer.write_file(SystemTime::now())?;
        Ok(issuer)
    }

    pub fn url(&self) -> String {
        format!("{}{ISSUER_PATH}", self.base)
    }

    /// Returns a JWT that lives for `lifetime` seconds from `now`; a negative one has expired.
    pub fn issue(
        &self,
        subject: &str,
        audience: &Value,
        lifetime: i64,
        now: SystemTime,
    ) -> Result<Secret, Error> {
        let now = unix_seconds(now);
        let exp = now.saturating_add(lifetime);
        let claims = json!({
            "iss": self.url(),
            "sub": subject,
            "aud": audience,
            "iat": now.min(exp),
            "nbf": now.min(exp),
            "exp": exp,
            "jti": random_hex(),
        });
        let mut keys = self.keys()?;
        let Some(published) = keys.last_mut() else { return Err(internal("sign", "no key")) };
        published.end = published.end.max(exp.saturating_add(SKEW));
        let jwt = published.key.sign(("typ", "JWT"), &claims);
        jwt.map(Secret::new).map_err(|error| internal("sign", error))
    }

    /// Replaces the token file by one with a new JWT, if there is one.
    ///
    /// # Errors
    /// [`Status::Argument`](ims::Status::Argument), where the file cannot be written.
    pub fn write_file(&self, now: SystemTime) -> Result<(), Error> {
        let Some(file) = &self.file else { return Ok(()) };
        let audience = self.platform.token_audience.as_deref().unwrap_or(&self.base);
        let lifetime = self.platform.lifetime.as_secs().cast_signed();
        // Kubernetes lists the audiences.
        let jwt = self.issue(&self.platform.subject, &json!([audience]), lifetime, now)?;
        file.write(jwt.expose()).map_err(|error| {
            let path = file.path().display();
            let problem = format!("{path} cannot be written: {}", io_reason(&error));
            Error::argument("token_file", problem)
        })
    }

    /// Returns how long after the last one the token file gets its next JWT; `None` without a file.
    pub fn renewal(&self) -> Option<Duration> {
        self.file.as_ref().map(|_| self.platform.lifetime * 4 / 5)
    }

    /// Signs with a new key from now on, in the token file too. The others stay published until the last JWT
    /// that they signed has expired.
    ///
    /// # Errors
    /// [`Status::Internal`](ims::Status::Internal), and those of [`Self::write_file`].
    pub fn rotate(&self, now: SystemTime) -> Result<(), Error> {
        // Without the lock: it takes long.
        let new = PublishedKey::generate().map_err(|error| internal("make a key", error))?;
        {
            let mut keys = self.locked();
            keys.retain(|published| published.end > unix_seconds(now));
            keys.push(new);
        }
        self.write_file(now)
    }

    /// Returns the OpenID configuration (OpenID Connect Discovery 1.0 section 3), as platforms have it:
    /// without endpoints of a user.
    pub fn configuration(&self) -> Value {
        json!({
            "issuer": self.url(),
            "jwks_uri": format!("{}{KEYS_PATH}", self.base),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"],
        })
    }

    /// Returns the JSON Web Key Set of the published keys.
    pub fn key_set(&self) -> Result<Value, Error> {
        let keys = self.keys()?;
        let jwks: Result<Vec<Value>, ErrorStack> =
            keys.iter().map(|published| published.key.jwk()).collect();
        let jwks = jwks.map_err(|error| internal("publish its keys", error))?;
        Ok(json!({ "keys": jwks }))
    }

    /// Returns the published keys with their ids.
    pub fn public_keys(&self) -> Result<Vec<(String, PublicKey)>, Error> {
        let keys = self.keys()?;
        let named = |PublishedKey { key, .. }: &PublishedKey| {
            (key.kid().to_owned(), key.public_key().clone())
        };
        Ok(keys.iter().map(named).collect())
    }

    /// Returns the keys, of which there is at least one.
    fn keys(&self) -> Result<MutexGuard<'_, Vec<PublishedKey>>, Error> {
        let mut keys = self.locked();
        if keys.is_empty() {
            keys.push(PublishedKey::generate().map_err(|error| internal("make a key", error))?);
        }
        Ok(keys)
    }

    fn locked(&self) -> MutexGuard<'_, Vec<PublishedKey>> {
        // No panic can leave the list half changed, so a poisoned lock is used.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PublishedKey {
    fn generate() -> Result<Self, ErrorStack> {
        let kid = format!("platform-{}", &random_hex()[..8]);
        Ok(Self { key: SigningKey::generate(kid)?, end: 0 })
    }
}
