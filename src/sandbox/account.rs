//! An account: a credential as the Developer Console keeps it, and what it is granted.

use std::time::Duration;

use super::PublicKey;
use crate::error::{Error, check_text};
use crate::secret::Secret;

/// A technical account with its client, and what it may ask for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Account {
    /// Default: `sandbox-client`.
    pub client_id: String,
    /// Default: `sandbox-secret`.
    pub client_secret: Secret,
    /// Default: `SANDBOX@AdobeOrg`.
    pub org_id: String,
    /// Default: `sandbox@techacct.adobe.com`.
    pub technical_account_id: String,
    /// Who may sign its JWTs; with none, the client may not exchange JWTs. Default: none.
    pub public_keys: Vec<PublicKey>,
    /// Bare names of the metascopes that its JWTs may claim. Default: `ent_sandbox`.
    pub metascopes: Vec<String>,
    /// What it may ask for by client credentials; with none, it may not use that grant.
    /// Default: `openid`, `AdobeID`, `read_organizations`.
    pub scopes: Vec<String>,
    /// Whether each of its JWTs needs an integer `jti` that was never seen before.
    pub requires_jti: bool,
    /// Whether its credential was moved to OAuth Server-to-Server: Adobe then answers every JWT
    /// exchange with 500 `internal_error`.
    pub migrated: bool,
    /// How long its tokens live; `None`: as long as the real ones, 24 h or, by the bearer grant, 1 h.
    /// With zero they have expired when they come.
    pub token_lifetime: Option<Duration>,
}

impl Default for Account {
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            client_id: "sandbox-client".to_owned(),
            client_secret: Secret::from("sandbox-secret"),
            org_id: "SANDBOX@AdobeOrg".to_owned(),
            technical_account_id: "sandbox@techacct.adobe.com".to_owned(),
            public_keys: Vec::new(),
            metascopes: owned(&["ent_sandbox"]),
            scopes: owned(&["openid", "AdobeID", "read_organizations"]),
            requires_jti: false,
            migrated: false,
            token_lifetime: None,
        }
    }
}

impl Account {
    pub(super) fn check(&self) -> Result<(), Error> {
        check_text("client_id", &self.client_id)?;
        check_text("client_secret", self.client_secret.expose())?;
        check_text("org_id", &self.org_id)?;
        check_text("technical_account_id", &self.technical_account_id)
    }

    /// Whether `iss` of a bearer grant's JWT is this account: its client, as RFC 7523 servers have
    /// it, or its organization, as IMS has it.
    pub(super) fn may_be_issuer(&self, iss: &str) -> bool {
        iss == self.client_id || iss == self.org_id
    }

    /// Whether `sub` of a bearer grant's JWT is this account's user or organization.
    pub(super) fn may_be_subject(&self, sub: &str) -> bool {
        sub == self.technical_account_id || sub == self.org_id
    }
}
