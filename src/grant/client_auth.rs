//! The identity of a client at a token server, and its proof.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::{Error, check_text};
use crate::secret::Secret;

/// A client and its proof.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientAuth {
    /// The client's id.
    pub client_id: String,
    /// The proof that the caller is this client.
    pub proof: Proof,
}

/// The proof of a client's identity, by the way in which it is sent.
#[derive(Clone)]
#[non_exhaustive]
pub enum Proof {
    /// No proof: the client id alone is sent.
    None,
    /// The client secret as a form field: what Adobe IMS takes.
    Body(Secret),
    /// The client secret in an `Authorization: Basic` header (RFC 6749 section 2.3.1).
    Basic(Secret),
}

/// The kind alone, without the secret.
impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Body(_) => "Body",
            Self::Basic(_) => "Basic",
        })
    }
}

impl ClientAuth {
    /// Takes a client whose secret is sent in the form.
    pub fn body(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self { client_id: client_id.into(), proof: Proof::Body(client_secret.into()) }
    }

    /// Takes a client whose id and secret are sent in an `Authorization: Basic` header.
    pub fn basic(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self { client_id: client_id.into(), proof: Proof::Basic(client_secret.into()) }
    }

    /// Takes a client that has no secret.
    pub fn none(client_id: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), proof: Proof::None }
    }

    /// Returns the client secret, where that is the proof.
    pub fn client_secret(&self) -> Option<&Secret> {
        match &self.proof {
            Proof::None => None,
            Proof::Body(secret) | Proof::Basic(secret) => Some(secret),
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        check_text("client_id", &self.client_id)?;
        self.client_secret().map_or(Ok(()), |secret| check_text("client_secret", secret.expose()))
    }

    /// Returns the fields of the form.
    pub(super) fn fields(&self) -> [Option<(&'static str, &str)>; 2] {
        let id = Some(("client_id", self.client_id.as_str()));
        match &self.proof {
            Proof::None => [id, None],
            Proof::Body(secret) => [id, Some(("client_secret", secret.expose()))],
            Proof::Basic(_) => [None, None],
        }
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
