//! The grants with what each needs.

use std::str::FromStr;

use super::client_auth::ClientAuth;
use super::grant_type::GrantType;
use super::parameters::Parameters;
use super::token_type::token_type_uri;
use crate::error::{Error, check_text};
use crate::secret::Secret;

/// A grant with all that its request to the token server needs.
///
/// `A` is a JWT: signed and ready to be sent, or a [`Signer`](crate::Signer) that makes one each time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Grant<A = Secret> {
    /// The grant, with what it alone sends.
    pub kind: GrantKind<A>,
    /// The client that asks; JWT exchange and client credentials need one.
    pub client: Option<ClientAuth<A>>,
    /// Optional, sent as given: scopes with blanks between (RFC 6749 section 3.3), at Adobe with commas.
    pub scope: Option<String>,
    /// Further fields, such as `resource` (RFC 8707) and `audience`.
    pub parameters: Parameters,
    /// The format of the request's body.
    pub body: BodyFormat,
    /// True at a server that knows one grant alone: `grant_type` is not sent.
    pub(crate) is_unnamed: bool,
}

/// A grant, with what it alone sends.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum GrantKind<A = Secret> {
    /// Adobe IMS's exchange of a JWT.
    JwtExchange {
        /// Sent as `jwt_token`.
        assertion: A,
    },
    /// The JWT bearer grant (RFC 7523 section 2.1) of any server.
    JwtBearer {
        /// Sent as `assertion`.
        assertion: A,
    },
    /// Client credentials (RFC 6749 section 4.4), Adobe's OAuth Server-to-Server.
    ClientCredentials {
        /// Optional; Adobe's organization.
        org_id: Option<String>,
    },
    /// Token exchange (RFC 8693).
    TokenExchange {
        /// The token of the party on whose behalf is asked.
        subject_token: A,
        /// A URI, or `jwt`, `id_token`, `access_token`, `refresh_token`, `saml1` or `saml2`.
        subject_token_type: String,
        /// Optional; in the same form.
        requested_token_type: Option<String>,
    },
    /// Any other grant; its fields are [`Grant::parameters`].
    Other {
        /// Sent as `grant_type`.
        grant_type: String,
    },
}

/// The format of a request's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`, the standard.
    #[default]
    Form,
    /// A JSON object; a repeated field is a list.
    Json,
}

impl FromStr for BodyFormat {
    type Err = Error;

    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `body`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "form" => Ok(Self::Form),
            "json" => Ok(Self::Json),
            _ => Err(Error::argument("body", "must be form or json")),
        }
    }
}

impl<A> From<GrantKind<A>> for Grant<A> {
    fn from(kind: GrantKind<A>) -> Self {
        let (parameters, body) = (Parameters::default(), BodyFormat::default());
        Self { kind, client: None, scope: None, parameters, body, is_unnamed: false }
    }
}

impl<A> Grant<A> {
    /// Takes a JWT for Adobe's exchange; the client secret is sent in the form.
    pub fn jwt_exchange(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        assertion: impl Into<A>,
    ) -> Self {
        let kind = GrantKind::JwtExchange { assertion: assertion.into() };
        Self::from(kind).with_client(ClientAuth::body(client_id, client_secret))
    }

    /// Takes a JWT that names the client.
    pub fn jwt_bearer(assertion: impl Into<A>) -> Self {
        GrantKind::JwtBearer { assertion: assertion.into() }.into()
    }

    /// Takes Adobe's OAuth Server-to-Server, with `scope` joined by commas, as Adobe writes it; the
    /// client secret is sent in the form.
    pub fn client_credentials(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        scope: impl Into<String>,
    ) -> Self {
        Self::from(GrantKind::ClientCredentials { org_id: None })
            .with_client(ClientAuth::body(client_id, client_secret))
            .with_scope(scope)
    }

    /// Takes a token to be exchanged (RFC 8693), of a type such as `access_token` or `jwt`.
    pub fn token_exchange(
        subject_token: impl Into<A>,
        subject_token_type: impl Into<String>,
    ) -> Self {
        let (subject_token, subject_token_type) = (subject_token.into(), subject_token_type.into());
        let requested_token_type = None;
        GrantKind::TokenExchange { subject_token, subject_token_type, requested_token_type }.into()
    }

    /// Sets the client that asks.
    pub fn with_client(mut self, client: ClientAuth<A>) -> Self {
        self.client = Some(client);
        self
    }

    /// Sets the scope.
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Adds a further field.
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.parameters.push(name, value);
        self
    }

    /// Returns the grant's name.
    pub fn grant_type(&self) -> GrantType {
        match self.kind {
            GrantKind::JwtExchange { .. } => GrantType::JwtExchange,
            GrantKind::JwtBearer { .. } => GrantType::JwtBearer,
            GrantKind::ClientCredentials { .. } => GrantType::ClientCredentials,
            GrantKind::TokenExchange { .. } => GrantType::TokenExchange,
            GrantKind::Other { .. } => GrantType::Other,
        }
    }

    /// Returns the `grant_type` that is sent; Adobe's JWT exchange sends none, nor does an unnamed grant.
    pub(crate) fn sent_grant_type(&self) -> Option<&str> {
        match &self.kind {
            _ if self.is_unnamed => None,
            GrantKind::Other { grant_type } => Some(grant_type),
            _ => self.grant_type().sent_name(),
        }
    }

    /// Returns the client that asks.
    pub fn client(&self) -> Option<&ClientAuth<A>> {
        self.client.as_ref()
    }

    /// Returns the JWT of the grant itself, or the subject token of a token exchange.
    pub fn assertion(&self) -> Option<&A> {
        match &self.kind {
            GrantKind::JwtExchange { assertion } | GrantKind::JwtBearer { assertion } => {
                Some(assertion)
            }
            GrantKind::TokenExchange { subject_token, .. } => Some(subject_token),
            GrantKind::ClientCredentials { .. } | GrantKind::Other { .. } => None,
        }
    }

    /// Returns the JWT that authenticates the client.
    pub fn client_assertion(&self) -> Option<&A> {
        self.client().and_then(ClientAuth::client_assertion)
    }

    /// Returns the scope, as it is sent.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// Returns the organization, as it is sent.
    pub fn org_id(&self) -> Option<&str> {
        match &self.kind {
            GrantKind::ClientCredentials { org_id } => org_id.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn client_id(&self) -> Option<&str> {
        self.client().map(|client| client.client_id.as_str())
    }

    pub(crate) fn client_secret(&self) -> Option<&Secret> {
        self.client().and_then(ClientAuth::client_secret)
    }

    /// Returns the same grant with the JWT that `make` returns instead of its own, and with the one
    /// that `prove` returns instead of the client's.
    pub(crate) fn with_assertions<B>(
        &self,
        make: impl FnOnce(&A) -> Result<B, Error>,
        prove: impl FnOnce(&A) -> Result<B, Error>,
    ) -> Result<Grant<B>, Error> {
        let kind = match &self.kind {
            GrantKind::JwtExchange { assertion } => {
                GrantKind::JwtExchange { assertion: make(assertion)? }
            }
            GrantKind::JwtBearer { assertion } => {
                GrantKind::JwtBearer { assertion: make(assertion)? }
            }
            GrantKind::ClientCredentials { org_id } => {
                GrantKind::ClientCredentials { org_id: org_id.clone() }
            }
            GrantKind::TokenExchange {
                subject_token,
                subject_token_type,
                requested_token_type,
            } => GrantKind::TokenExchange {
                subject_token: make(subject_token)?,
                subject_token_type: subject_token_type.clone(),
                requested_token_type: requested_token_type.clone(),
            },
            GrantKind::Other { grant_type } => GrantKind::Other { grant_type: grant_type.clone() },
        };
        Ok(Grant {
            kind,
            client: self.client().map(|client| client.with_assertion(prove)).transpose()?,
            scope: self.scope.clone(),
            parameters: self.parameters.clone(),
            body: self.body,
            is_unnamed: self.is_unnamed,
        })
    }

    /// Checks the texts other than the JWTs.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the field.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match (&self.client, self.grant_type().needs_client()) {
            (Some(client), _) => client.check()?,
            (None, true) => return Err(Error::argument("client_id", "is missing")),
            (None, false) => {}
        }
        match &self.kind {
            GrantKind::TokenExchange { subject_token_type, requested_token_type, .. } => {
                token_type_uri("subject_token_type", subject_token_type)?;
                if let Some(requested) = requested_token_type {
                    token_type_uri("requested_token_type", requested)?;
                }
            }
            GrantKind::Other { grant_type } => check_text("grant_type", grant_type)?,
            _ => {}
        }
        for (name, value) in [("scope", self.scope()), ("org_id", self.org_id())] {
            value.map_or(Ok(()), |value| check_text(name, value))?;
        }
        self.parameters.check()?;
        if self.org_id().is_some() && self.parameters.iter().any(|(name, _)| name == "org_id") {
            return Err(Error::argument("parameters", "holds org_id, which is also given itself"));
        }
        Ok(())
    }
}
