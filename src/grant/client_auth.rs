//! The identity of a client at a token server, and its proof.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::{Error, check_text};
use crate::secret::Secret;

/// The way in which a client authenticates, by its name in the credentials (`client_auth`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthMethod {
    /// The client secret as a form field: the way that Adobe IMS accepts.
    #[default]
    Body,
    /// The client secret in an `Authorization: Basic` header (RFC 6749 section 2.3.1).
    Basic,
    /// A JWT that the client's private key signs (RFC 7523 section 2.2).
    PrivateKeyJwt,
    /// A JWT that the client secret signs with HMAC (OpenID Connect Core section 9).
    ClientSecretJwt,
    /// The client id alone.
    None,
}

/// Each method: its name in the credentials, and its registered name, by which metadata lists it.
const METHODS: [(&str, &str, ClientAuthMethod); 5] = [
    ("body", "client_secret_post", ClientAuthMethod::Body),
    ("basic", "client_secret_basic", ClientAuthMethod::Basic),
    ("private_key_jwt", "private_key_jwt", ClientAuthMethod::PrivateKeyJwt),
    ("client_secret_jwt", "client_secret_jwt", ClientAuthMethod::ClientSecretJwt),
    ("none", "none", ClientAuthMethod::None),
];

impl ClientAuthMethod {
    /// Returns every method.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        METHODS.into_iter().map(|(.., method)| method)
    }

    /// Returns its name in the registry of OAuth parameters (RFC 7591 section 4.2).
    pub fn registered_name(self) -> &'static str {
        METHODS.iter().find(|(.., method)| *method == self).map_or("", |row| row.1)
    }

    /// Returns whether the proof is a JWT.
    pub fn is_assertion(self) -> bool {
        matches!(self, Self::PrivateKeyJwt | Self::ClientSecretJwt)
    }
}

impl FromStr for ClientAuthMethod {
    type Err = Error;

    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `client_auth`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let found = METHODS.iter().find(|(name, ..)| *name == text);
        found.map(|(.., method)| *method).ok_or_else(|| {
            let names = METHODS.map(|(name, ..)| name).join(" or ");
            Error::argument("client_auth", format!("must be {names}"))
        })
    }
}

impl fmt::Display for ClientAuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(METHODS.iter().find(|(.., method)| method == self).map_or("", |row| row.0))
    }
}

/// A client and its proof.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientAuth<A = Secret> {
    /// The client's id.
    pub client_id: String,
    /// The proof that the caller is this client.
    pub proof: Proof<A>,
}

/// The proof of a client's identity, by the way in which it is sent.
#[derive(Clone)]
#[non_exhaustive]
pub enum Proof<A = Secret> {
    /// No proof: the client id alone is sent.
    None,
    /// The client secret as a form field: what Adobe IMS takes.
    Body(Secret),
    /// The client secret in an `Authorization: Basic` header (RFC 6749 section 2.3.1).
    Basic(Secret),
    /// A JWT, sent as `client_assertion` (RFC 7523 section 2.2). Whether the private key or the client
    /// secret signs it, only the signer knows.
    Assertion(A),
}

/// The kind alone, without the secret.
impl<A> fmt::Debug for Proof<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Body(_) => "Body",
            Self::Basic(_) => "Basic",
            Self::Assertion(_) => "Assertion",
        })
    }
}

impl<A> ClientAuth<A> {
    /// Takes a client whose secret is sent in the form.
    pub fn body(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self { client_id: client_id.into(), proof: Proof::Body(client_secret.into()) }
    }

    /// Takes a client whose id and secret are sent in an `Authorization: Basic` header.
    pub fn basic(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self { client_id: client_id.into(), proof: Proof::Basic(client_secret.into()) }
    }

    /// Takes a client that a JWT authenticates, whose `iss` and `sub` are the client id.
    pub fn assertion(client_id: impl Into<String>, assertion: impl Into<A>) -> Self {
        Self { client_id: client_id.into(), proof: Proof::Assertion(assertion.into()) }
    }

    /// Takes a client that has no secret.
    pub fn none(client_id: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), proof: Proof::None }
    }

    /// Returns the client secret, where that is the proof.
    pub fn client_secret(&self) -> Option<&Secret> {
        match &self.proof {
            Proof::Body(secret) | Proof::Basic(secret) => Some(secret),
            Proof::None | Proof::Assertion(_) => None,
        }
    }

    /// Returns the way in which the client authenticates itself, if it does. `is_by_secret`: the client
    /// secret signs its assertion.
    pub(crate) fn method(&self, is_by_secret: bool) -> Option<ClientAuthMethod> {
        match self.proof {
            Proof::None => None,
            Proof::Body(_) => Some(ClientAuthMethod::Body),
            Proof::Basic(_) => Some(ClientAuthMethod::Basic),
            Proof::Assertion(_) if is_by_secret => Some(ClientAuthMethod::ClientSecretJwt),
            Proof::Assertion(_) => Some(ClientAuthMethod::PrivateKeyJwt),
        }
    }

    /// Returns the JWT, where that is the proof.
    pub fn client_assertion(&self) -> Option<&A> {
        match &self.proof {
            Proof::Assertion(assertion) => Some(assertion),
            _ => None,
        }
    }

    /// Returns the same client with the JWT that `make` returns instead of its own.
    pub(super) fn with_assertion<B>(
        &self,
        make: impl FnOnce(&A) -> Result<B, Error>,
    ) -> Result<ClientAuth<B>, Error> {
        let proof = match &self.proof {
            Proof::None => Proof::None,
            Proof::Body(secret) => Proof::Body(secret.clone()),
            Proof::Basic(secret) => Proof::Basic(secret.clone()),
            Proof::Assertion(assertion) => Proof::Assertion(make(assertion)?),
        };
        Ok(ClientAuth { client_id: self.client_id.clone(), proof })
    }

    /// Checks the texts other than the JWT.
    pub(super) fn check(&self) -> Result<(), Error> {
        check_text("client_id", &self.client_id)?;
        self.client_secret().map_or(Ok(()), |secret| check_text("client_secret", secret.expose()))
    }

    /// Returns the `Authorization` header: both parts form-encoded, then joined, then base64 (RFC
    /// 6749 section 2.3.1).
    pub(super) fn authorization(&self) -> Option<Secret> {
        let Proof::Basic(secret) = &self.proof else { return None };
        let mut pair = Zeroizing::new(String::new());
        pair.extend(form_urlencoded::byte_serialize(self.client_id.as_bytes()));
        pair.push(':');
        pair.extend(form_urlencoded::byte_serialize(secret.expose().as_bytes()));
        Some(Secret::from(format!("Basic {}", STANDARD.encode(pair.as_bytes()))))
    }
}
