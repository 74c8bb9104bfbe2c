//! The grants with what each needs.

use super::client_auth::ClientAuth;
use super::grant_type::GrantType;
use crate::error::{Error, check_text};
use crate::secret::Secret;

/// A grant with all that its request to the token server needs.
///
/// Where there is an assertion, it is a signed JWT, ready to be sent, or a
/// [`Signer`](crate::Signer) that makes one each time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Grant<A = Secret> {
    /// Adobe IMS's exchange of a JWT.
    JwtExchange {
        /// The client.
        client: ClientAuth,
        /// Sent as `jwt_token`.
        assertion: A,
        /// Optional, sent as given.
        scope: Option<String>,
    },
    /// The JWT bearer grant (RFC 7523 section 2.1) of any server.
    JwtBearer {
        /// The client, if the JWT alone does not name it.
        client: Option<ClientAuth>,
        /// Sent as `assertion`.
        assertion: A,
        /// Optional, sent as given.
        scope: Option<String>,
    },
    /// Client credentials (RFC 6749 section 4.4), Adobe's OAuth Server-to-Server.
    ClientCredentials {
        /// The client.
        client: ClientAuth,
        /// Optional, sent as given; Adobe joins several with commas.
        scope: Option<String>,
        /// Optional; Adobe's organization.
        org_id: Option<String>,
    },
}

impl<A> Grant<A> {
    /// Takes a JWT for Adobe's exchange; the client secret is sent in the form.
    pub fn jwt_exchange(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        assertion: impl Into<A>,
    ) -> Self {
        let client = ClientAuth::body(client_id, client_secret);
        Self::JwtExchange { client, assertion: assertion.into(), scope: None }
    }

    /// Takes a JWT that says who asks.
    pub fn jwt_bearer(assertion: impl Into<A>) -> Self {
        Self::JwtBearer { client: None, assertion: assertion.into(), scope: None }
    }

    /// Takes Adobe's OAuth Server-to-Server, with `scope` joined by commas, as Adobe writes it; the
    /// client secret is sent in the form.
    pub fn client_credentials(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        scope: impl Into<String>,
    ) -> Self {
        let client = ClientAuth::body(client_id, client_secret);
        Self::ClientCredentials { client, scope: Some(scope.into()), org_id: None }
    }

    /// Returns the grant's name.
    pub fn grant_type(&self) -> GrantType {
        match self {
            Self::JwtExchange { .. } => GrantType::JwtExchange,
            Self::JwtBearer { .. } => GrantType::JwtBearer,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
        }
    }

    /// Returns the client that asks.
    pub fn client(&self) -> Option<&ClientAuth> {
        match self {
            Self::JwtExchange { client, .. } | Self::ClientCredentials { client, .. } => {
                Some(client)
            }
            Self::JwtBearer { client, .. } => client.as_ref(),
        }
    }

    /// Returns the assertion; client credentials have none.
    pub fn assertion(&self) -> Option<&A> {
        match self {
            Self::JwtExchange { assertion, .. } | Self::JwtBearer { assertion, .. } => {
                Some(assertion)
            }
            Self::ClientCredentials { .. } => None,
        }
    }

    /// Returns the scope, as it is sent.
    pub fn scope(&self) -> Option<&str> {
        match self {
            Self::JwtExchange { scope, .. }
            | Self::JwtBearer { scope, .. }
            | Self::ClientCredentials { scope, .. } => scope.as_deref(),
        }
    }

    /// Returns the organization, as it is sent.
    pub fn org_id(&self) -> Option<&str> {
        match self {
            Self::ClientCredentials { org_id, .. } => org_id.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn client_id(&self) -> Option<&str> {
        self.client().map(|client| client.client_id.as_str())
    }

    pub(crate) fn client_secret(&self) -> Option<&Secret> {
        self.client().and_then(ClientAuth::client_secret)
    }

    /// Returns the same grant with what `make` makes of its assertion.
    pub(crate) fn with_assertion<B>(
        &self,
        make: impl FnOnce(&A) -> Result<B, Error>,
    ) -> Result<Grant<B>, Error> {
        Ok(match self {
            Self::JwtExchange { client, assertion, scope } => Grant::JwtExchange {
                client: client.clone(),
                assertion: make(assertion)?,
                scope: scope.clone(),
            },
            Self::JwtBearer { client, assertion, scope } => Grant::JwtBearer {
                client: client.clone(),
                assertion: make(assertion)?,
                scope: scope.clone(),
            },
            Self::ClientCredentials { client, scope, org_id } => Grant::ClientCredentials {
                client: client.clone(),
                scope: scope.clone(),
                org_id: org_id.clone(),
            },
        })
    }

    /// Checks the texts other than the assertion.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the field.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(client) = self.client() {
            client.check()?;
        }
        for (name, value) in [("scope", self.scope()), ("org_id", self.org_id())] {
            value.map_or(Ok(()), |value| check_text(name, value))?;
        }
        Ok(())
    }
}
