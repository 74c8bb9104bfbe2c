//! Puts settings together to credentials, checked before the first exchange.

use std::path::PathBuf;

use super::account::{Credentials, check};
use super::explained::{ACCOUNT_LOOK, HOST_LOOK, ORG_LOOK};
use super::options::CredentialsOptions;
use super::setting::{Setting, bad};
use super::settings::Settings;
use super::source::Files;
use crate::algorithm::Algorithm;
use crate::error::{Error, Status, is_path, shown};
use crate::grant::{Grant, GrantOptions, GrantType};
use crate::ims_host::ImsHost;
use crate::jwt::{Assertion, Claims, Expiry};
use crate::key::{CERTIFICATE_FILE, KEY_FILE, Passphrase, UncheckedKey};
use crate::secret::Secret;
use crate::token_url::TokenUrl;

impl Settings {
    /// Checks all settings, and puts the credentials together.
    pub fn credentials(
        self,
        options: &CredentialsOptions,
        files: &Files<'_>,
    ) -> Result<Credentials, Error> {
        if let Some(name) = options.name.as_deref().filter(|name| !self.is_called(name)) {
            let all = self.ids.iter().chain([&self.client_id]).filter_map(Setting::value);
            let all: Vec<String> = all.map(shown).collect();
            let all = all.join(", ");
            return Err(bad(format!("holds no credential {}; it holds: {all}", shown(name))));
        }
        self.check_places()?;
        let host = self.host(options)?;
        let token_url = self.token_url(options, &host)?;
        let grant = self.grant(&host, &token_url)?;
        let with_key = self.grant != GrantType::ClientCredentials;
        check(&grant).map_err(|error| self.blame(error))?;
        // A given key is ignored too: if its file moves to OAuth, the program need not change.
        let key = if with_key { Some(self.key(options, files)?) } else { None };
        let checked = options.key.clone().filter(|_| with_key);
        let explained = self.explained(options);
        Ok(Credentials {
            org_id: self.org_id.optional()?,
            sandbox_name: self.sandbox_name.optional()?,
            certificate: self.certificate(files)?.filter(|_| with_key),
            jti: self.jti,
            token_url,
            grant,
            key,
            checked,
            place: None,
            key_field: self.private_key.field,
            certificate_field: self.certificate.field,
            explained,
            origin: None,
        })
    }

    pub fn host(&self, options: &CredentialsOptions) -> Result<ImsHost, Error> {
        if let Some(host) = &options.ims {
            return Ok(host.clone());
        }
        let Some(text) = self.ims.optional()? else { return Ok(ImsHost::default()) };
        text.parse().map_err(|error: Error| {
            error
                .with_field(self.ims.field.clone())
                .with_status(Status::Credentials)
                .with_hint(format!("{} should be {HOST_LOOK}", self.ims.name()))
        })
    }

    fn grant(&self, host: &ImsHost, token_url: &TokenUrl) -> Result<Grant<Assertion>, Error> {
        let mut options = GrantOptions { grant_type: self.grant, ..GrantOptions::default() };
        options.client_auth = self.client_auth;
        options.client_id = self.client_id()?;
        options.client_secret = self.client_secret()?.map(Secret::from);
        options.scope = self.scope()?;
        let assertion = if self.grant == GrantType::ClientCredentials {
            options.org_id = self.org_id.optional()?.filter(|_| self.sends_org_id);
            None
        } else {
            Some(self.assertion(host, token_url, options.client_id.as_deref())?)
        };
        options.with_assertion(assertion).map_err(|error| self.blame(error))
    }

    pub fn token_url(
        &self,
        options: &CredentialsOptions,
        host: &ImsHost,
    ) -> Result<TokenUrl, Error> {
        let parse = |text: String| text.parse().map_err(|error| self.blame(error));
        let given = self.token_url.optional()?;
        match self.grant.token_url(host) {
            Some(url) if options.ims.is_some() => Ok(url),
            Some(url) => given.map_or(Ok(url), parse),
            None if options.ims.is_some() => {
                let problem = "is given, but the JWT bearer grant has no host of IMS";
                Err(Error::argument("ims", problem))
            }
            None => self
                .required(&self.token_url, "the token server's URL, https://HOST/PATH")
                .and_then(parse),
        }
    }

    pub fn client_id(&self) -> Result<Option<String>, Error> {
        self.of_client(&self.client_id, "the credential's client id (API key)")
    }

    pub fn client_secret(&self) -> Result<Option<String>, Error> {
        self.of_client(&self.client_secret, "the credential's client secret")
    }

    /// Returns a client's setting, which the JWT bearer grant may go without.
    fn of_client(&self, setting: &Setting, look: &str) -> Result<Option<String>, Error> {
        match self.grant {
            GrantType::JwtBearer => setting.optional(),
            _ => self.required(setting, look).map(Some),
        }
    }

    pub fn scope(&self) -> Result<Option<String>, Error> {
        if self.grant == GrantType::ClientCredentials {
            self.required(&self.scope, "the credential's scopes, such as openid,AdobeID")?;
        }
        Ok(self.scope.optional()?.map(|scope| match self.grant {
            GrantType::JwtBearer => scope,
            // People write spaces after the commas.
            _ => scope.split(',').map(str::trim).collect::<Vec<_>>().join(","),
        }))
    }

    fn assertion(
        &self,
        host: &ImsHost,
        token_url: &TokenUrl,
        client_id: Option<&str>,
    ) -> Result<Assertion, Error> {
        let client_id = client_id.unwrap_or_default();
        let mut claims = Claims::new(self.issuer()?, self.subject()?, "");
        claims.aud = Some(match (self.aud.optional()?, self.grant) {
            (Some(aud), _) => aud,
            (None, GrantType::JwtExchange) => host.audience(client_id),
            (None, _) => token_url.to_string(),
        });
        claims.metascopes = self.metascopes(host)?;
        claims.expiry = self.expiry()?;
        claims.claims_json = self.claims.value().map(str::to_owned);
        let mut assertion = Assertion::from(claims);
        assertion.header.kid = self.kid.optional()?;
        // Adobe takes no other.
        assertion.header.alg = (self.grant == GrantType::JwtExchange).then_some(Algorithm::RS256);
        Ok(assertion)
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

    pub fn key(
        &self,
        options: &CredentialsOptions,
        files: &Files<'_>,
    ) -> Result<UncheckedKey, Error> {
        let setting = &self.private_key;
        let text = match (self.private_key.value(), &options.key) {
            (Some(_), Some(_)) => {
                let problem =
                    format!("is given, but the credentials hold one too: {}", setting.name());
                return Err(Error::argument("key", problem));
            }
            (None, Some(key)) => return Ok(key.unchecked()),
            (None, None) => {
                let setting = match setting.name() {
                    "" => &Setting::absent("the private key").named("private_key"),
                    _ => setting,
                };
                let hint = match self.where_to_find() {
                    Some(_) => {
                        "the Developer Console keeps no private keys: give the one that was made \
                         with the credential, as PEM or as the path of its file"
                    }
                    None => "give it as PEM or as the path of its file",
                };
                return Err(setting.error("is missing").with_hint(hint));
            }
            (Some(text), None) => text,
        };
        let own = self.passphrase.value().map(str::as_bytes);
        let given = options.passphrase.as_ref().map(|given| given.expose().as_slice());
        let passphrase = Passphrase::new(given.or(own), files.deadline);
        let key = match self.key_file(files) {
            Some(path) => files
                .read(&KEY_FILE, &path)
                .and_then(|bytes| UncheckedKey::from_file_content(&bytes, &path, passphrase)),
            None => UncheckedKey::from_bytes(text.as_bytes(), passphrase),
        };
        key.map_err(|error| {
            let error = error.with_field(setting.field.clone());
            match error.status() {
                Status::Argument => error.with_status(Status::Key),
                _ => error,
            }
        })
    }

    /// Returns the path of the key, if it is a separate file.
    pub fn key_file(&self, files: &Files<'_>) -> Option<PathBuf> {
        self.private_key
            .value()
            .filter(|text| is_path(text.as_bytes()))
            .map(|text| files.path(text))
    }

    pub fn certificate(&self, files: &Files<'_>) -> Result<Option<Vec<u8>>, Error> {
        match self.certificate.value() {
            Some(text) if is_path(text.as_bytes()) => {
                let path = files.path(text);
                files
                    .read(&CERTIFICATE_FILE, &path)
                    .map(|bytes| Some(bytes.to_vec()))
                    .map_err(|error| error.with_field(self.certificate.field.clone()))
            }
            text => Ok(text.map(|text| text.as_bytes().to_vec())),
        }
    }

    /// Names the setting that a parameter's error comes from.
    pub fn blame(&self, error: Error) -> Error {
        let field = error.field().and_then(|name| self.field(name)).cloned();
        let error = match field {
            Some(field) => error.with_field(field),
            None => error,
        };
        match error.status() {
            Status::Argument => error.with_status(Status::Credentials),
            _ => error,
        }
    }

    /// Returns the checked value of a setting. `look` is its expected look, for the error.
    fn required(&self, setting: &Setting, look: &str) -> Result<String, Error> {
        match setting.optional()? {
            Some(value) => Ok(value),
            None => Err(setting
                .error(format!("is missing: it must be {look}"))
                .with_more_hint(self.where_to_find())),
        }
    }

    fn malformed(&self, setting: &Setting, value: &str, look: &str) -> Error {
        setting
            .error(format!("is \"{}\": it must look like {look}", shown(value)))
            .with_more_hint(self.where_to_find())
    }
}
