//! What every form becomes: values that keep the names that the user's file calls them, checked and
//! put together once.

use std::path::PathBuf;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::source::Files;
use super::{Credentials, CredentialsOptions, Form, bad, check, file, json};
use crate::error::{Error, Status, check_text};
use crate::grant::{ClientAuthMethod, Grant, GrantOptions, GrantType};
use crate::ims_host::ImsHost;
use crate::jwt::{Assertion, Claims, Expiry};
use crate::key::{Passphrase, UncheckedKey, file_name, looks_like_key};
#[cfg(feature = "cli")]
use crate::secret::remove;
use crate::secret::{Secret, redact};
use crate::token_url::TokenUrl;

/// A value, if it is given, and what the user calls it; the name is empty where a form has none.
#[derive(Clone)]
pub(super) struct Setting {
    pub name: String,
    value: Option<Rc<Zeroizing<String>>>,
}

impl Setting {
    /// An empty value counts as not given.
    pub fn new(name: String, value: Option<&str>) -> Self {
        let value = value.filter(|value| !value.trim().is_empty());
        Self { name, value: value.map(|value| Rc::new(Zeroizing::new(value.to_owned()))) }
    }

    /// The same, without a copy.
    pub fn owned(name: String, value: Zeroizing<String>) -> Self {
        Self { name, value: Some(value).filter(|value| !value.trim().is_empty()).map(Rc::new) }
    }

    pub fn called(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    pub fn absent(name: &str) -> Self {
        Self::new(name.to_owned(), None)
    }

    pub fn value(&self) -> Option<&str> {
        self.value.as_ref().map(|value| value.as_str())
    }

    /// A list that may be written as a JSON array, joined.
    pub fn json_list(self, separator: &str) -> Result<Self, Error> {
        let Some(array) = self.array() else { return Ok(self) };
        let joined = json::join(array, separator, &self.name).map_err(|_| self.no_array())?;
        Ok(Self::owned(self.name, joined))
    }

    /// The first of a list that may be written as a JSON array.
    pub fn json_first(self) -> Result<Self, Error> {
        let Some(array) = self.array() else { return Ok(self) };
        let first = json::first(array, &self.name).map_err(|_| self.no_array())?;
        Ok(Self::owned(self.name, first.unwrap_or_default()))
    }

    fn array(&self) -> Option<&str> {
        self.value().map(str::trim).filter(|value| value.starts_with('['))
    }

    fn no_array(&self) -> Error {
        bad(format!("{} is not a JSON array of strings", self.name))
            .with_hint("write it as [\"a\",\"b\"], or as a,b")
    }

    /// The value, checked; `look` says what it should look like.
    fn required(&self, look: &str) -> Result<String, Error> {
        match self.optional()? {
            Some(value) => Ok(value),
            None => Err(bad(format!("{} is missing: it must be {look}", self.name))
                .with_hint(WHERE_TO_FIND)),
        }
    }

    pub fn optional(&self) -> Result<Option<String>, Error> {
        let Some(value) = self.value() else { return Ok(None) };
        let value = value.trim();
        check_text(&self.name, value).map_err(|error| error.with_status(Status::Credentials))?;
        Ok(Some(value.to_owned()))
    }
}

/// What comes with each new JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JtiKind {
    Uuid,
    Integer,
}

/// A shorter secret stands in other words by chance.
const SHORTEST_FOUND: usize = 8;
const WHERE_TO_FIND: &str =
    "the Developer Console shows it with the credential, in the project's workspace";
pub(super) const HOST_LOOK: &str = "a host such as ims-na1.adobelogin.com";
const ORG_LOOK: &str = "ORG@AdobeOrg";
const ACCOUNT_LOOK: &str = "ID@techacct.adobe.com";

#[derive(Clone)]
pub(super) struct Settings {
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only people read it"))]
    pub form: Form,
    pub grant: GrantType,
    pub client_auth: ClientAuthMethod,
    pub ims: Setting,
    pub token_url: Setting,
    pub client_id: Setting,
    pub client_secret: Setting,
    pub org_id: Setting,
    /// Whether client credentials send it to the server.
    pub sends_org_id: bool,
    pub technical_account_id: Setting,
    pub metascopes: Setting,
    pub scope: Setting,
    pub iss: Setting,
    pub sub: Setting,
    pub aud: Setting,
    pub kid: Setting,
    pub lifetime: Option<i64>,
    pub jti: Option<JtiKind>,
    /// A JSON object as it is written.
    pub claims: Setting,
    pub private_key: Setting,
    pub passphrase: Setting,
    pub certificate: Setting,
    pub sandbox_name: Setting,
    /// What the credential is called beside its client id, its name first.
    pub ids: Vec<Setting>,
}

impl Settings {
    /// With nothing given; what a form has no place for is called as libims's own form calls it.
    pub fn new(grant: GrantType) -> Self {
        Self {
            form: Form::Own,
            grant,
            client_auth: ClientAuthMethod::default(),
            ims: Setting::absent(""),
            token_url: Setting::absent(""),
            client_id: Setting::absent("client_id"),
            client_secret: Setting::absent("client_secret"),
            org_id: Setting::absent("org_id"),
            sends_org_id: false,
            technical_account_id: Setting::absent("technical_account_id"),
            metascopes: Setting::absent("metascopes"),
            scope: Setting::absent("scope"),
            iss: Setting::absent("iss"),
            sub: Setting::absent("sub"),
            aud: Setting::absent("aud"),
            kid: Setting::absent("kid"),
            lifetime: None,
            jti: None,
            claims: Setting::absent("claims"),
            private_key: Setting::absent(""),
            passphrase: Setting::absent(""),
            certificate: Setting::absent("certificate"),
            sandbox_name: Setting::absent("sandbox_name"),
            ids: Vec::new(),
        }
    }

    pub fn of_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// Whether `name` is the credential's name, id or client id.
    pub fn is_called(&self, name: &str) -> bool {
        self.ids.iter().chain([&self.client_id]).any(|id| id.value() == Some(name))
    }

    /// Checks all and puts it together.
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
        check(&grant).map_err(|error| self.renamed(error))?;
        // A given key is left alone, too: a file may move to OAuth, and the program stays as it is.
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
            key_name: self.private_key.name,
            certificate_name: self.certificate.name,
            explained,
            origin: None,
        })
    }

    /// What stands in a public place may be shown.
    pub fn check_places(&self) -> Result<(), Error> {
        let public = [
            &self.ims,
            &self.token_url,
            &self.client_id,
            &self.org_id,
            &self.technical_account_id,
            &self.metascopes,
            &self.scope,
            &self.iss,
            &self.sub,
            &self.aud,
            &self.kid,
            &self.sandbox_name,
        ];
        for (secret, what) in self.secrets() {
            let holds = |one: &&&Setting| {
                let value = one.value().map(str::trim).unwrap_or_default();
                value == secret || secret.len() >= SHORTEST_FOUND && value.contains(secret)
            };
            if let Some(one) = public.iter().find(holds) {
                let problem = format!("{} holds {what}", one.name);
                return Err(bad(problem).with_hint(WHERE_TO_FIND));
            }
        }
        Ok(())
    }

    /// What no text may show, and what it is.
    fn secrets(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let key = self.private_key.value().filter(|key| !is_path(key));
        let secrets = [
            (self.client_secret.value(), "the client secret"),
            (self.passphrase.value(), "the passphrase"),
            (key, "the private key"),
        ];
        secrets.into_iter().filter_map(|(secret, what)| Some((secret?.trim(), what)))
    }

    /// A text without secrets, wherever they stand in it.
    #[cfg(feature = "cli")]
    pub fn without_secrets(&self, text: &str) -> String {
        let (long, short): (Vec<&str>, Vec<&str>) = self
            .secrets()
            .map(|(secret, _)| secret)
            .partition(|secret| secret.len() >= SHORTEST_FOUND);
        if short.contains(&text.trim()) {
            return remove(text, &[text.trim()]);
        }
        // As errors quote a value.
        let quoted: Vec<String> = short.iter().map(|secret| format!("\"{secret}\"")).collect();
        let all: Vec<&str> = long.into_iter().chain(quoted.iter().map(String::as_str)).collect();
        remove(text, &all)
    }

    pub fn host(&self, options: &CredentialsOptions) -> Result<ImsHost, Error> {
        if let Some(host) = &options.ims {
            return Ok(host.clone());
        }
        let Some(text) = self.ims.optional()? else { return Ok(ImsHost::default()) };
        text.parse().map_err(|error: Error| {
            error
                .renamed("ims", &self.ims.name)
                .with_status(Status::Credentials)
                .with_hint(format!("{} should be {HOST_LOOK}", self.ims.name))
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
        options.with_assertion(assertion).map_err(|error| self.renamed(error))
    }

    pub fn token_url(
        &self,
        options: &CredentialsOptions,
        host: &ImsHost,
    ) -> Result<TokenUrl, Error> {
        let parse = |text: String| text.parse().map_err(|error| self.renamed(error));
        let given = self.token_url.optional()?;
        match self.grant.token_url(host) {
            Some(url) if options.ims.is_some() => Ok(url),
            Some(url) => given.map_or(Ok(url), parse),
            None if options.ims.is_some() => {
                let problem = "is given, but the JWT bearer grant has no host of IMS";
                Err(Error::argument("ims", problem))
            }
            None => {
                self.token_url.required("the token server's URL, https://HOST/PATH").and_then(parse)
            }
        }
    }

    pub fn client_id(&self) -> Result<Option<String>, Error> {
        self.of_client(&self.client_id, "the credential's client id (API key)")
    }

    pub fn client_secret(&self) -> Result<Option<String>, Error> {
        self.of_client(&self.client_secret, "the credential's client secret")
    }

    /// The JWT may be all that says who asks.
    fn of_client(&self, setting: &Setting, look: &str) -> Result<Option<String>, Error> {
        match self.grant {
            GrantType::JwtBearer => setting.optional(),
            _ => setting.required(look).map(Some),
        }
    }

    pub fn scope(&self) -> Result<Option<String>, Error> {
        if self.grant == GrantType::ClientCredentials {
            self.scope.required("the credential's scopes, such as openid,AdobeID")?;
        }
        Ok(self.scope.optional()?.map(|scope| match self.grant {
            GrantType::JwtBearer => scope,
            // People write blanks after the commas.
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
        claims.aud = match (self.aud.optional()?, self.grant) {
            (Some(aud), _) => aud,
            (None, GrantType::JwtExchange) => host.audience(client_id),
            (None, _) => token_url.to_string(),
        };
        claims.metascopes = self.metascopes(host)?;
        claims.expiry = self.expiry()?;
        claims.claims_json = self.claims.value().map(str::to_owned);
        let mut assertion = Assertion::from(claims);
        assertion.header.kid = self.kid.optional()?;
        Ok(assertion)
    }

    pub fn expiry(&self) -> Result<Expiry, Error> {
        Expiry::from_options(self.lifetime, None).map_err(|error| self.renamed(error))
    }

    pub fn issuer(&self) -> Result<String, Error> {
        match self.iss.optional()? {
            Some(iss) => Ok(iss),
            None if self.grant == GrantType::JwtExchange => self.org(),
            None => match self.org_id.optional()? {
                Some(org_id) => Ok(org_id),
                None => self.iss.required("the issuer that the server knows"),
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

    /// As claims.
    pub fn metascopes(&self, host: &ImsHost) -> Result<Vec<String>, Error> {
        if self.grant == GrantType::JwtExchange {
            self.metascopes.required("the metascopes granted, such as ent_dataservices_sdk")?;
        }
        match self.metascopes.optional()? {
            Some(text) => host.metascopes(&text).map_err(|error| self.renamed(error)),
            None => Ok(Vec::new()),
        }
    }

    fn org(&self) -> Result<String, Error> {
        let org = self.org_id.required(ORG_LOOK)?;
        let id = org.strip_suffix("@AdobeOrg").unwrap_or_default();
        if id.is_empty() || org.contains(char::is_whitespace) || id.contains('@') {
            return Err(malformed(&self.org_id, &org, ORG_LOOK));
        }
        Ok(org)
    }

    fn account(&self) -> Result<String, Error> {
        let account = self.technical_account_id.required(ACCOUNT_LOOK)?;
        if !account.contains('@') || account.contains(char::is_whitespace) {
            return Err(malformed(&self.technical_account_id, &account, ACCOUNT_LOOK));
        }
        Ok(account)
    }

    pub fn key(
        &self,
        options: &CredentialsOptions,
        files: &Files<'_>,
    ) -> Result<UncheckedKey, Error> {
        let name = &self.private_key.name;
        let text = match (self.private_key.value(), &options.key) {
            (Some(_), Some(_)) => {
                let problem = format!("is given, but the credentials hold one too: {name}");
                return Err(Error::argument("key", problem));
            }
            (None, Some(key)) => return Ok(key.unchecked()),
            (None, None) => {
                let name = if name.is_empty() { "the private key" } else { name };
                return Err(bad(format!("{name} is missing")).with_hint(
                    "the Developer Console keeps no private keys: give the one that was made with \
                     the credential, as PEM or as the path of its file",
                ));
            }
            (Some(text), None) => text,
        };
        let own = self.passphrase.value().map(str::as_bytes);
        let given = options.passphrase.as_ref().map(|given| given.expose().as_slice());
        let passphrase = Passphrase::new(given.or(own), files.deadline);
        let key = match self.key_file(files) {
            Some(path) => files
                .ask(&path)
                .map_err(|error| error.about(file_name(&path)))
                .and_then(|()| UncheckedKey::from_file(&path, passphrase)),
            None => UncheckedKey::from_bytes(text.as_bytes(), passphrase),
        };
        key.map_err(|error| match error.status() {
            Status::Argument => error.with_status(Status::Key).about(format!("{name}:")),
            _ => error.about(format!("{name}:")),
        })
    }

    /// Where the key is a file of its own.
    pub fn key_file(&self, files: &Files<'_>) -> Option<PathBuf> {
        self.private_key.value().filter(|text| is_path(text)).map(|text| files.path(text))
    }

    pub fn certificate(&self, files: &Files<'_>) -> Result<Option<Vec<u8>>, Error> {
        match self.certificate.value() {
            Some(text) if is_path(text) => {
                let path = files.path(text);
                files
                    .ask(&path)
                    .and_then(|()| file::CREDENTIALS_FILE.read(&path))
                    .map(|bytes| Some(bytes.to_vec()))
                    .map_err(|error| error.about(format!("{}: the file", self.certificate.name)))
            }
            text => Ok(text.map(|text| text.as_bytes().to_vec())),
        }
    }

    /// An error of a field under the name of the setting that it came from.
    pub fn renamed(&self, error: Error) -> Error {
        let (iss, sub) = self.iss_and_sub();
        let url = [&self.token_url, &self.ims].into_iter().find(|url| url.value().is_some());
        let url = url.map_or("ims", |url| &url.name);
        let names = [
            ("client_id", self.client_id.name.as_str()),
            ("client_secret", &self.client_secret.name),
            ("scope", &self.scope.name),
            ("org_id", &self.org_id.name),
            ("token_url", url),
            ("iss", iss),
            ("sub", sub),
            ("metascopes", &self.metascopes.name),
            ("claims_json", "claims"),
            ("claims_json's", "claims'"),
        ];
        // One setting may be called as another field is: rename once.
        let word = error.message().split([' ', ':']).next().unwrap_or_default().to_owned();
        let error = match names.iter().find(|(field, _)| *field == word) {
            Some((field, name)) => error.renamed(field, name),
            None => error,
        };
        match error.status() {
            Status::Argument => error.with_status(Status::Credentials),
            _ => error,
        }
    }

    fn iss_and_sub(&self) -> (&str, &str) {
        let name = |own: &Setting, other: &Setting| {
            own.value().is_none() && (other.value().is_some() || self.grant != GrantType::JwtBearer)
        };
        let iss = if name(&self.iss, &self.org_id) { &self.org_id } else { &self.iss };
        let account = &self.technical_account_id;
        let sub = if name(&self.sub, account) { account } else { &self.sub };
        (&iss.name, &sub.name)
    }

    /// Which settings to look at where the server is not reached, and where it refuses.
    fn explained(&self, options: &CredentialsOptions) -> Explained {
        let connect = match (&self.token_url, &self.ims) {
            _ if options.ims.is_some() => String::new(),
            (url, _) if url.value().is_some() => {
                format!("{} should be the token server's URL, https://HOST/PATH", url.name)
            }
            (_, ims) if ims.name == "environment" => "environment should be prod or stage".into(),
            (_, ims) if !ims.name.is_empty() => format!("{} should be {HOST_LOOK}", ims.name),
            _ => String::new(),
        };
        let mut parts = Vec::new();
        if self.grant != GrantType::ClientCredentials {
            let (iss, sub) = self.iss_and_sub();
            let adobe = self.grant == GrantType::JwtExchange;
            let look = |look: &str| if adobe { format!(" ({look})") } else { String::new() };
            parts.push(format!("iss is {iss}{}", look(ORG_LOOK)));
            parts.push(format!("sub is {sub}{}", look(ACCOUNT_LOOK)));
        }
        if self.client_id.value().is_some() {
            parts.push(format!("the client id is {}", self.client_id.name));
        }
        if self.client_secret.value().is_some() {
            parts.push(format!("the client secret is {}", self.client_secret.name));
        }
        let asked = match self.grant {
            GrantType::JwtExchange => ("the metascopes are", &self.metascopes),
            _ => ("the scope is", &self.scope),
        };
        if asked.1.value().is_some() {
            parts.push(format!("{} {}", asked.0, asked.1.name));
        }
        Explained { connect, rejected: parts.join(", ") }
    }
}

/// What to add to a hint; empty: nothing.
#[derive(Clone, Default)]
pub(super) struct Explained {
    pub connect: String,
    pub rejected: String,
}

/// A value that may be shown: cut, printable, and not where it looks like a token or key.
pub(super) fn shown(value: &str) -> String {
    if looks_like_key(value) {
        return "(not shown, it looks like a key)".to_owned();
    }
    redact(value, &[]).chars().take(80).collect()
}

fn malformed(setting: &Setting, value: &str, look: &str) -> Error {
    bad(format!("{} is \"{}\": it must look like {look}", setting.name, shown(value)))
        .with_hint(WHERE_TO_FIND)
}

/// What looks like a key is one, and no error names it as a file.
fn is_path(text: &str) -> bool {
    let text = text.trim();
    !text.contains('\n') && !looks_like_key(text)
}
