//! The JWTs of the settings: the grant's own, and the one that authenticates the client.

use super::explained::{ACCOUNT_LOOK, ORG_LOOK};
use super::settings::Settings;
use super::source::Files;
use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::grant::{ClientAuthMethod, GrantType};
use crate::ims_host::ImsHost;
use crate::jwt::{Assertion, Claims, Expiry, Header};
use crate::key::Thumbprint;
use crate::token_url::TokenUrl;

impl Settings {
    /// Returns the JWT of the grant itself, without its header and further claims.
    pub fn assertion(
        &self,
        host: &ImsHost,
        token_url: &TokenUrl,
        client_id: Option<&str>,
        subject: Option<String>,
    ) -> Result<Assertion, Error> {
        let client_id = client_id.unwrap_or_default();
        let issuer = self.issuer()?;
        let mut claims = Claims::new(issuer, subject.map_or_else(|| self.subject(), Ok)?, "");
        claims.aud = match (self.aud.optional()?, self.grant) {
            (Some(aud), _) => Some(aud),
            (None, _) if self.aud_list.value().is_some() => None,
            (None, GrantType::JwtExchange) => Some(host.audience(client_id)),
            (None, _) => Some(self.issuer.optional()?.unwrap_or_else(|| token_url.to_string())),
        };
        claims.metascopes = self.metascopes(host)?;
        claims.expiry = self.expiry()?;
        Ok(Assertion::from(claims))
    }

    /// Returns what the settings say of the JWT that authenticates the client. If the grant has a JWT of
    /// its own, they are of that, and only key id, thumbprint, algorithm and lifetime of both.
    pub fn client_claims(
        &self,
        mut header: Header,
        claims_json: Option<String>,
    ) -> Result<Assertion, Error> {
        let mut given = Assertion::default();
        given.claims.expiry = self.expiry()?;
        given.claims.claims_json = claims_json;
        if self.grant.takes_jwt() {
            (header.typ, header.header_json) = (None, None);
            if self.client_auth == ClientAuthMethod::ClientSecretJwt {
                // They are of the private key.
                (header.x5t, header.x5c, header.certificate) = (None, false, None);
            }
        } else {
            given.claims.iss = self.iss.optional()?.unwrap_or_default();
            given.claims.sub = self.sub.optional()?;
            given.claims.aud = self.aud.optional()?;
        }
        given.header = header;
        Ok(given)
    }

    /// Returns the header of each JWT.
    pub fn header(&self, files: &Files<'_>) -> Result<Header, Error> {
        let blame = |error| self.blame(error);
        let alg = self.alg.optional()?.map(|alg| alg.parse::<Algorithm>());
        let x5t = self.x5t.optional()?.map(|x5t| x5t.parse::<Thumbprint>());
        let mut header = Header::default();
        header.typ = self.typ.optional()?;
        header.alg = alg.transpose().map_err(blame)?;
        header.kid = self.kid.optional()?;
        header.x5t = x5t.transpose().map_err(blame)?;
        header.x5c = self.x5c;
        header.header_json = self.header.value().map(str::to_owned);
        if header.x5t.is_some() || header.x5c {
            // Without one, the key's own: see `Settings::certificate_of`.
            header.certificate = self.certificate(files)?;
        }
        Ok(header)
    }

    /// Returns the further claims: the account's own, and the settings that are claims.
    pub fn claims_json(&self, scope: Option<&str>, audience: Option<&str>) -> Option<String> {
        let mut further = Vec::new();
        further.extend(audience.and_then(|value| Some((self.audience_claim?, value))));
        if self.scope_claim && further.is_empty() {
            // An ID token for an audience has no scope.
            further.extend(scope.map(|scope| ("scope", scope)));
        }
        let further = further.into_iter().map(|(name, value)| (name, json_text(value)));
        let aud = self.aud_list.value().map(|list| ("aud", list.to_owned()));
        with_members(self.claims.value(), further.chain(aud))
    }

    /// Returns when each JWT expires.
    pub fn expiry(&self) -> Result<Expiry, Error> {
        Expiry::from_options(self.lifetime, None).map_err(|error| self.blame(error))
    }

    pub fn issuer(&self) -> Result<String, Error> {
        match self.iss.optional()? {
            Some(iss) => Ok(iss),
            None if self.grant == GrantType::JwtExchange => self.org(),
            None => match self.org_id.optional()? {
                Some(org_id) => Ok(org_id),
                None => self.required(&self.iss, "the issuer that the server knows"),
            },
        }
    }

    pub fn subject(&self) -> Result<String, Error> {
        match self.sub.optional()? {
            Some(sub) => Ok(sub),
            None if self.grant == GrantType::JwtExchange => self.account(),
            None => match self.technical_account_id.optional()? {
                Some(account) => Ok(account),
                None => self.issuer(),
            },
        }
    }

    /// Returns the metascopes as claims.
    pub fn metascopes(&self, host: &ImsHost) -> Result<Vec<String>, Error> {
        if self.grant == GrantType::JwtExchange {
            self.required(
                &self.metascopes,
                "the metascopes granted, such as ent_dataservices_sdk",
            )?;
        }
        match self.metascopes.optional()? {
            Some(text) => host.metascopes(&text).map_err(|error| self.blame(error)),
            None => Ok(Vec::new()),
        }
    }

    fn org(&self) -> Result<String, Error> {
        let org = self.required(&self.org_id, ORG_LOOK)?;
        let id = org.strip_suffix("@AdobeOrg").unwrap_or_default();
        if id.is_empty() || org.contains(char::is_whitespace) || id.contains('@') {
            return Err(self.malformed(&self.org_id, &org, ORG_LOOK));
        }
        Ok(org)
    }

    fn account(&self) -> Result<String, Error> {
        let account = self.required(&self.technical_account_id, ACCOUNT_LOOK)?;
        if !account.contains('@') || account.contains(char::is_whitespace) {
            return Err(self.malformed(&self.technical_account_id, &account, ACCOUNT_LOOK));
        }
        Ok(account)
    }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Adds members, whose values are JSON, to the text of a JSON object, before its own.
fn with_members<'a>(
    object: Option<&str>,
    members: impl Iterator<Item = (&'a str, String)>,
) -> Option<String> {
    let mut all: Vec<String> =
        members.map(|(name, value)| format!("{}:{value}", json_text(name))).collect();
    if all.is_empty() {
        return object.map(str::to_owned);
    }
    let own = object.and_then(|object| object.trim().strip_prefix('{')?.strip_suffix('}'));
    all.extend(own.filter(|own| !own.trim().is_empty()).map(str::to_owned));
    Some(format!("{{{}}}", all.join(",")))
}
