//! The inspection of credentials, part by part. It finds all problems, while reading credentials
//! stops at the first.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::account::Credentials;
use super::format::Format;
use super::known::Unknown;
use super::options::CredentialsOptions;
use super::settings::Settings;
use super::source::Files;
use crate::endpoint::Endpoint;
use crate::error::{Error, redact};
use crate::grant::GrantType;
use crate::ims_host::ImsHost;
use crate::jwt::{Assertion, Claims, Expiry};
use crate::key::{KEY_FILE, UncheckedKey};
use crate::may_read::resolved;
use crate::server::no_scope;

/// The parts of credentials, each with its problem if it has one.
pub(crate) struct Inspection {
    pub format: Format,
    pub grant: GrantType,
    /// The settings that are ignored, because no one knows them.
    pub unknown: Unknown,
    /// The parts in the order in which people read them. No text is a secret.
    pub parts: Vec<Part>,
    /// The keys that may be tried. Empty for grants without a signed JWT.
    pub keys: Vec<InspectedKey>,
    /// The credentials as a whole, or the error of the first part that has one.
    pub credentials: Result<Credentials, Error>,
}

/// A key, with what belongs to it.
pub(crate) struct InspectedKey {
    /// The user's name of the setting.
    pub name: String,
    pub key: Result<UncheckedKey, Error>,
    /// The path of the key, if it is a separate file that may be read.
    pub file: Option<PathBuf>,
    /// The host of the token server, if it is suspicious: the key lies outside of the credentials
    /// file's directory and signs for a server that such files are not made for. Credentials from a
    /// stranger may be like that.
    pub strange_host: Option<String>,
    /// The user's name of the setting, and the certificate as PEM or DER.
    pub certificate: Option<(String, Result<Vec<u8>, Error>)>,
}

pub(crate) struct Part {
    /// Such as `client id`.
    pub name: &'static str,
    pub found: Result<String, Error>,
    /// The expected look of a value that can be used but is probably a mistake.
    pub doubt: Option<&'static str>,
}

impl Settings {
    pub(super) fn inspect(self, options: &CredentialsOptions, files: &Files<'_>) -> Inspection {
        let keys = self.with_each_key().filter(|_| self.signs());
        Inspection {
            format: self.format,
            grant: self.grant,
            unknown: self.unknown.clone(),
            parts: self.parts(options),
            keys: keys.map(|one| one.inspected_key(options, files)).collect(),
            credentials: self.credentials(options, files),
        }
    }

    fn inspected_key(&self, options: &CredentialsOptions, files: &Files<'_>) -> InspectedKey {
        let may_read = |path: &PathBuf| files.check(&KEY_FILE, path).is_ok();
        let file = self.key_file(files).filter(may_read);
        let key = self.key(options, files);
        let certificate = match self.certificate_of(key.as_ref().ok(), files) {
            Ok((found, field)) => found.map(|found| (field.as_str().to_owned(), Ok(found))),
            Err(error) => Some((self.certificate.name().to_owned(), Err(error))),
        };
        InspectedKey {
            name: self.private_key.name().to_owned(),
            key,
            strange_host: file.as_ref().and_then(|key| self.strange_host(key, options, files)),
            file,
            certificate,
        }
    }

    /// Returns the suspicious host. A host that the caller names is not suspicious.
    fn strange_host(
        &self,
        key: &Path,
        options: &CredentialsOptions,
        files: &Files<'_>,
    ) -> Option<String> {
        let key = resolved(key)?;
        let directory = resolved(&files.directory.join("."))?;
        if options.ims.is_some() || key.starts_with(directory) {
            return None;
        }
        let host = self.host(options).unwrap_or_default();
        let endpoint = self.endpoint(options, &host).ok()?;
        let host = endpoint.url().uri().host()?.to_ascii_lowercase();
        let domain = self.format.domain();
        let is_implied = host.strip_suffix(domain).is_some_and(|sub| sub.ends_with('.'));
        (!is_implied).then_some(host)
    }

    fn parts(&self, options: &CredentialsOptions) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut add = |name, found: Result<Option<String>, Error>| {
            // People put secrets into the wrong settings, so they are removed from the values that
            // are shown.
            let found = found.transpose().map(|found| match found {
                Ok(text) => Ok(redact(&self.without_secrets(&text), &[])),
                Err(error) => Err(error.without(|text| self.without_secrets(text))),
            });
            let doubt = found.as_ref().and_then(|found| doubt(name, found.as_ref().ok()?));
            parts.extend(found.map(|found| Part { name, found, doubt }));
        };
        add("places", self.check_places().map(|()| None));
        let host = self.host(options);
        let known = host.clone().unwrap_or_default();
        let is_ims = self.grant.needs_client() && self.issuer.value().is_none();
        let is_default =
            [&self.token_url, &self.token_path].iter().all(|url| url.value().is_none());
        if is_ims && is_default {
            add("host", host.map(|host| Some(host.to_string())));
        } else {
            let endpoint = self.endpoint(options, &known);
            let name = if matches!(endpoint, Ok(Endpoint::Issuer(_))) {
                "server's issuer"
            } else {
                "token URL"
            };
            add(name, endpoint.map(|endpoint| Some(endpoint.url().without_query().to_owned())));
        }
        add("client id", self.client_id());
        add("client secret", self.client_secret().map(|secret| secret.map(|_| "given".to_owned())));
        if self.grant == GrantType::ClientCredentials {
            add("organization", self.org_id.optional());
        } else if self.grant.takes_jwt() && !self.assertion.is_given() {
            add(if is_ims { "organization" } else { "issuer" }, self.issuer().map(Some));
            add(if is_ims { "technical account" } else { "subject" }, self.subject().map(Some));
            add("audience", self.unusual_audience(&known));
            let metascopes = self.metascopes(&known).map(|claims| bare_names(&claims));
            add(
                "metascopes",
                metascopes.map(|names| Some(names).filter(|names| !names.is_empty())),
            );
            add(
                "JWT",
                self.lifetime().map(|lifetime| Some(format!("lifetime {} s", lifetime.as_secs()))),
            );
        }
        add("service account", self.impersonation_url.optional());
        if let Ok(endpoint) = self.endpoint(options, &known) {
            let scope = self.scope(options, endpoint.url());
            let no_scope = no_scope(self.grant.server(endpoint.url()));
            let is_without = matches!((&scope, self.audience(options)), (Ok(None), Ok(None)));
            add("scopes", scope);
            if let (true, Some(advice)) = (is_without, no_scope) {
                let found = Ok("none".to_owned());
                parts.push(Part { name: "scopes", found, doubt: Some(advice) });
            }
        }
        parts
    }

    /// An `aud` of one's own that is not the one that IMS asks for.
    fn unusual_audience(&self, host: &ImsHost) -> Result<Option<String>, Error> {
        let (aud, client_id) = (self.aud.optional()?, self.client_id.optional()?);
        let usual = host.audience(&client_id.unwrap_or_default());
        Ok(aud.filter(|aud| self.grant == GrantType::JwtExchange && *aud != usual))
    }

    /// Returns how long JWTs live, where that and the further claims are good.
    fn lifetime(&self) -> Result<Duration, Error> {
        let mut claims = Claims::new("iss", "sub", "aud");
        claims.expiry = self.expiry()?;
        claims.claims_json = self.claims.value().map(str::to_owned);
        let Expiry::In(lifetime) = claims.expiry else { return Ok(Duration::ZERO) };
        Assertion::from(claims).check(SystemTime::now()).map_err(|error| self.blame(error))?;
        Ok(lifetime)
    }
}

/// Returns the expected look of a value that servers would refuse.
fn doubt(name: &str, value: &str) -> Option<&'static str> {
    let (is_doubtful, look) = match name {
        "host" => (
            value.contains("adobelogin") && !value.ends_with(".adobelogin.com"),
            "Adobe's hosts end in .adobelogin.com",
        ),
        "client id" => (value.contains(char::is_whitespace), "a client id has no blanks"),
        "technical account" => {
            (!value.ends_with("@techacct.adobe.com"), "it should look like ID@techacct.adobe.com")
        }
        "scopes" => (
            value.contains(';'),
            "scopes have commas between them, or blanks for other servers than Adobe's",
        ),
        "audience" => (
            true,
            "IMS asks for https://HOST/c/CLIENT_ID of the host and client used: leave aud out",
        ),
        _ => return None,
    };
    is_doubtful.then_some(look)
}

/// Returns the names at the end of claims such as `https://HOST/s/ent_x`, as one text.
fn bare_names(metascopes: &[String]) -> String {
    let names = metascopes.iter().map(|claim| claim.rsplit('/').next().unwrap_or_default());
    names.collect::<Vec<_>>().join(", ")
}
