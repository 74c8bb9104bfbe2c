//! An account: a credential of the Developer Console, and its rights.

use std::time::Duration;

use super::requirements::STRICT_TYP;
use super::{Platform, PublicKey, Requirements};
use ims::error::check_text;
use ims::{Credentials, Error, Issuer, Secret};

/// A technical account with its client, and its rights.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Account {
    /// Default: `sandbox-client`.
    pub client_id: String,
    /// Default: `sandbox-secret`.
    pub client_secret: Secret,
    /// Client secrets that are valid too, while they are rotated. Default: none.
    pub further_secrets: Vec<Secret>,
    /// Default: `SANDBOX@AdobeOrg`.
    pub org_id: String,
    /// Default: `sandbox@techacct.adobe.com`.
    pub technical_account_id: String,
    /// The keys that may sign its JWTs. Without one, the client may not exchange JWTs. Default:
    /// none.
    pub public_keys: Vec<PublicKey>,
    /// Bare names of the metascopes that its JWTs may claim. Default: `ent_sandbox`.
    pub metascopes: Vec<String>,
    /// The scopes that it may request with client credentials. Without one, it may not use that
    /// grant. Default: `openid`, `AdobeID`, `read_organizations`.
    pub scopes: Vec<String>,
    /// True if each of its JWTs needs an integer `jti` that was not used before.
    pub requires_jti: bool,
    /// True if its credential was moved to OAuth Server-to-Server. Adobe answers every JWT exchange
    /// of such a client with 500 `internal_error`.
    pub migrated: bool,
    /// The lifetime of its tokens. `None`: as at the real servers, 24 h, or 1 h with the bearer
    /// grant. With zero, tokens have expired when they arrive.
    pub token_lifetime: Option<Duration>,
    /// True if the general issuer accepts the client assertions of RFC 7523, as many servers still
    /// do: `aud` may be the token endpoint or a list, `typ` is free to be `JWT`, `jti` may be
    /// missing. Otherwise they must be those of rfc7523bis. Default: false.
    pub lenient: bool,
    /// The `sub` of the platform's JWTs that the general issuer accepts for this account, such as
    /// [`Platform::SUBJECT`](crate::Platform::SUBJECT): as the grant, as what is exchanged, or for the
    /// client's authentication. Default: none.
    pub workload: Option<String>,
    /// The further demands of the general issuer. Default: none.
    pub requires: Requirements,
}

impl Default for Account {
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            client_id: "sandbox-client".to_owned(),
            client_secret: Secret::from("sandbox-secret"),
            further_secrets: Vec::new(),
            org_id: "SANDBOX@AdobeOrg".to_owned(),
            technical_account_id: "sandbox@techacct.adobe.com".to_owned(),
            public_keys: Vec::new(),
            metascopes: owned(&["ent_sandbox"]),
            scopes: owned(&["openid", "AdobeID", "read_organizations"]),
            requires_jti: false,
            migrated: false,
            token_lifetime: None,
            lenient: false,
            workload: None,
            requires: Requirements::default(),
        }
    }
}

impl Account {
    /// The account that `credentials` are of, which grants all that they ask for: their client,
    /// organization and technical account, metascopes and scopes. The certificates of each of their
    /// keys are registered or, where it has none, its public half. At the general issuer, an account
    /// that is not Adobe's has their grant and client authentication alone. It is strict where they
    /// name an issuer, and requires the `typ` and `aud` that they set themselves. Where a platform issues
    /// their JWTs, its workload is [`Platform::SUBJECT`].
    ///
    /// # Errors
    /// [`Status::Key`](ims::Status::Key), [`Status::Credentials`](ims::Status::Credentials) and
    /// [`Status::Argument`](ims::Status::Argument), where key or certificate
    /// cannot be read or are too weak.
    pub fn from_credentials(credentials: &Credentials) -> Result<Self, Error> {
        let mut account = Self { metascopes: Vec::new(), scopes: Vec::new(), ..Self::default() };
        account.public_keys = public_keys(credentials)?;
        if let Some(org_id) = credentials.org_id() {
            account.org_id = org_id.to_owned();
        }
        if let Some(claims) = credentials.claims() {
            account.client_id.clone_from(&claims.iss);
            account.org_id.clone_from(&claims.iss);
            account.technical_account_id = claims.sub.clone().unwrap_or_default();
            let bare = |claim: &String| claim.split_once("/s/").map(|(_, name)| name.to_owned());
            account.metascopes = claims.metascopes.iter().filter_map(bare).collect();
        }
        if let Some(client_id) = credentials.client_id() {
            account.client_id = client_id.to_owned();
        }
        if let Ok(client_secret) = credentials.client_secret() {
            account.client_secret = client_secret.clone();
        }
        let scope = credentials.scope().unwrap_or_default();
        account.scopes =
            scope.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if credentials.ims_and_client_id().is_err() {
            account.lenient = credentials.issuer().is_none();
            account.requires = requirements(credentials);
            account.workload =
                credentials.has_assertion_source().then(|| Platform::SUBJECT.to_owned());
        }
        Ok(account)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        self.requires.check()?;
        check_text("client_id", &self.client_id)?;
        self.workload.iter().try_for_each(|workload| check_text("workload", workload))?;
        for secret in [&self.client_secret].into_iter().chain(&self.further_secrets) {
            check_text("client_secret", secret.expose())?;
        }
        check_text("org_id", &self.org_id)?;
        check_text("technical_account_id", &self.technical_account_id)
    }

    /// Returns true if `iss` of a bearer grant's JWT names this account: by its client id, as for
    /// RFC 7523 servers, or by its organization, as for IMS.
    pub(super) fn may_be_issuer(&self, iss: &str) -> bool {
        iss == self.client_id || iss == self.org_id
    }

    /// Returns true if `sub` of a bearer grant's JWT is this account's user or organization.
    pub(super) fn may_be_subject(&self, sub: &str) -> bool {
        sub == self.technical_account_id || sub == self.org_id
    }
}

/// Returns what the requests of `credentials` are like: what else the client could send is refused.
fn requirements(credentials: &Credentials) -> Requirements {
    let mut requires = Requirements::default();
    requires.grants.extend(credentials.grant_type().map(str::to_owned));
    let method = credentials.client_auth().map(|method| method.registered_name().to_owned());
    requires.client_auth.extend(method);
    if let Some(assertion) = credentials.client_assertion() {
        let issuer = credentials.issuer().map(Issuer::to_string);
        let standard = [issuer, Some(credentials.token_url().to_string())];
        let (typ, aud) = (assertion.header.typ.clone(), assertion.claims.aud.clone());
        requires.typ = typ.filter(|typ| typ != STRICT_TYP);
        requires.aud = aud.filter(|aud| !standard.contains(&Some(aud.clone())));
    }
    requires
}

fn public_keys(credentials: &Credentials) -> Result<Vec<PublicKey>, Error> {
    let mut keys = Vec::new();
    for one in credentials.each() {
        let certificates = one.certificates()?;
        let ders = match certificates.is_empty() {
            true => one.public_key()?.into_iter().collect(),
            false => certificates,
        };
        for der in ders {
            keys.push(PublicKey::from_bytes(&der)?);
        }
    }
    Ok(keys)
}
