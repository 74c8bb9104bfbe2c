//! The settings that every format becomes: values that keep the names that the user's file calls
//! them.

use super::assertion_settings::AssertionSettings;
use super::format::Format;
use super::known::Unknown;
use super::setting::Setting;
use crate::error::{Error, Field, Status, is_path, remove, shown};
use crate::grant::{BodyFormat, ClientAuthMethod, GrantType};
use crate::jwt::Jti;

/// The kind of `jti` that each new JWT gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JtiKind {
    Uuid,
    Integer,
}

impl JtiKind {
    /// Draws a new one.
    ///
    /// # Errors
    /// [`Status::Internal`](crate::Status::Internal) where the system gives no random number.
    pub fn draw(self) -> Result<Jti, Error> {
        match self {
            Self::Uuid => Jti::random_uuid(),
            Self::Integer => Jti::random_integer(),
        }
    }
}

/// The length from which a secret does not stand in other words by chance, in bytes.
const MIN_FOUND: usize = 8;

/// A key, and what is said of it in the header of its JWTs.
#[derive(Clone)]
pub(super) struct KeySettings {
    pub private_key: Setting,
    pub kid: Setting,
    pub certificate: Setting,
}

/// The settings of one account, as every format becomes them.
#[derive(Clone, Default)]
pub(super) struct Settings {
    pub format: Format,
    pub grant: GrantType,
    /// What [`GrantType::Other`] sends.
    pub other_grant_type: Option<String>,
    pub client_auth: ClientAuthMethod,
    pub ims: Setting,
    pub token_url: Setting,
    /// The path of the token endpoint at the IMS host, where it is not the grant's own.
    pub token_path: Setting,
    pub issuer: Setting,
    pub client_id: Setting,
    pub client_secret: Setting,
    /// The secrets that are tried after it.
    pub further_secrets: Vec<Setting>,
    pub org_id: Setting,
    /// True if the client credentials grant sends the organization id to the server.
    pub sends_org_id: bool,
    /// True for servers that know one grant alone, and take no `grant_type`.
    pub omits_grant_type: bool,
    pub technical_account_id: Setting,
    pub metascopes: Setting,
    pub scope: Setting,
    /// True if the JWT has the scope as a claim.
    pub scope_claim: bool,
    /// Whom to act for, where not for the account itself: the claim `sub`.
    pub subject: Setting,
    /// The service that the token is for.
    pub audience: Setting,
    /// The claim that the audience is, in formats where it is no field of the request.
    pub audience_claim: Option<&'static str>,
    pub subject_token_type: Setting,
    pub requested_token_type: Setting,
    /// The further fields of the request, each with its name.
    pub parameters: Vec<(String, Setting)>,
    pub resource: Vec<Setting>,
    pub body: BodyFormat,
    /// Seconds.
    pub default_lifetime: Option<i64>,
    pub iss: Setting,
    pub sub: Setting,
    pub aud: Setting,
    /// A JSON array as it is written, where `aud` is a list.
    pub aud_list: Setting,
    pub alg: Setting,
    pub typ: Setting,
    pub kid: Setting,
    pub x5t: Setting,
    /// True if the header holds the certificate.
    pub x5c: bool,
    /// A JSON object of further members of the header, as it is written.
    pub header: Setting,
    pub lifetime: Option<i64>,
    /// Seconds.
    pub iat_leeway: Option<i64>,
    pub jti: Option<JtiKind>,
    /// A JSON object as it is written.
    pub claims: Setting,
    /// The JWT that is not signed here.
    pub assertion: AssertionSettings,
    /// The URL at which the token of a Google service account is asked for with the grant's.
    pub impersonation_url: Setting,
    /// Seconds.
    pub impersonation_lifetime: Option<i64>,
    pub private_key: Setting,
    /// The keys that are tried after it.
    pub further_keys: Vec<KeySettings>,
    pub passphrase: Setting,
    pub certificate: Setting,
    pub sandbox_name: Setting,
    /// The other names of the credential, next to its client id. Errors show the first.
    pub ids: Vec<Setting>,
    /// The settings that are ignored, because no one knows them.
    pub unknown: Unknown,
}

impl Settings {
    /// Makes settings with nothing given.
    pub fn new(grant: GrantType) -> Self {
        Self { grant, ..Self::default() }
    }

    /// Sets the format that they were read from, and the core's name of each setting. What the format has no
    /// place for is called as libims's own format calls it.
    pub fn in_format(mut self, format: Format) -> Self {
        self.format = format;
        for (name, setting) in self.each() {
            // No error names these by their own names: it says what they are.
            let has_name = !["ims", "token_url", "private_key", "passphrase"].contains(&name);
            if has_name && setting.is_unnamed() {
                *setting = Setting::not_given(name);
            }
            setting.set_name(name);
        }
        self.token_path.set_name("token_url");
        self.aud_list.set_name("aud");
        self.further_secrets.iter_mut().for_each(|secret| secret.set_name("client_secrets"));
        self.resource.iter_mut().for_each(|resource| resource.set_name("resource"));
        for KeySettings { private_key, kid, certificate } in &mut self.further_keys {
            private_key.set_name("private_keys");
            kid.set_name("kid");
            certificate.set_name("certificate");
        }
        self.parameters.iter_mut().for_each(|(_, parameter)| parameter.set_name("parameters"));
        let AssertionSettings { command, headers, .. } = &mut self.assertion;
        command.iter_mut().for_each(|word| word.set_name("assertion_command"));
        headers.iter_mut().for_each(|(_, header)| header.set_name("assertion_headers"));
        self
    }

    /// Returns each setting that has one text, with the core's name of it.
    pub fn each(&mut self) -> [(&'static str, &mut Setting); 30] {
        [
            ("ims", &mut self.ims),
            ("token_url", &mut self.token_url),
            ("issuer", &mut self.issuer),
            ("client_id", &mut self.client_id),
            ("client_secret", &mut self.client_secret),
            ("org_id", &mut self.org_id),
            ("technical_account_id", &mut self.technical_account_id),
            ("metascopes", &mut self.metascopes),
            ("scope", &mut self.scope),
            ("subject", &mut self.subject),
            ("audience", &mut self.audience),
            ("subject_token_type", &mut self.subject_token_type),
            ("requested_token_type", &mut self.requested_token_type),
            ("iss", &mut self.iss),
            ("sub", &mut self.sub),
            ("aud", &mut self.aud),
            ("alg", &mut self.alg),
            ("typ", &mut self.typ),
            ("kid", &mut self.kid),
            ("x5t", &mut self.x5t),
            ("header", &mut self.header),
            ("claims", &mut self.claims),
            ("assertion_file", &mut self.assertion.file),
            ("assertion_url", &mut self.assertion.url),
            ("assertion_member", &mut self.assertion.member),
            ("service_account_impersonation_url", &mut self.impersonation_url),
            ("private_key", &mut self.private_key),
            ("passphrase", &mut self.passphrase),
            ("certificate", &mut self.certificate),
            ("sandbox_name", &mut self.sandbox_name),
        ]
    }

    /// Returns whether `name` is the credential's name, id or client id.
    pub fn is_called(&self, name: &str) -> bool {
        self.ids.iter().chain([&self.client_id]).any(|id| id.value() == Some(name))
    }

    /// Returns the field of the setting that the core calls `name`.
    pub fn field(&self, name: &str) -> Option<Field> {
        let setting = match name {
            "ims" | "token_url" if self.token_url.value().is_some() => &self.token_url,
            "token_url" if self.token_path.value().is_some() => &self.token_path,
            "ims" | "token_url" => &self.ims,
            "client_id" => &self.client_id,
            "client_secret" => &self.client_secret,
            "scope" => &self.scope,
            "issuer" => &self.issuer,
            "subject_token_type" => &self.subject_token_type,
            "requested_token_type" => &self.requested_token_type,
            "org_id" => &self.org_id,
            "metascopes" => &self.metascopes,
            "claims_json" => &self.claims,
            "header_json" => &self.header,
            "aud" => &self.aud,
            "alg" => &self.alg,
            "typ" => &self.typ,
            "kid" => &self.kid,
            "x5t" => &self.x5t,
            "certificate" => &self.certificate,
            "iss" => self.iss_setting(),
            "sub" => self.sub_setting(),
            _ => return None,
        };
        (!setting.name().is_empty()).then(|| setting.field())
    }

    /// Returns the setting that the claim `iss` is made of.
    pub fn iss_setting(&self) -> &Setting {
        self.own_or(&self.iss, &self.org_id)
    }

    /// Returns the setting that the claim `sub` is made of.
    pub fn sub_setting(&self) -> &Setting {
        self.own_or(&self.sub, &self.technical_account_id)
    }

    fn own_or<'a>(&self, own: &'a Setting, adobes: &'a Setting) -> &'a Setting {
        let is_adobes = adobes.value().is_some() || self.grant == GrantType::JwtExchange;
        if own.value().is_none() && is_adobes { adobes } else { own }
    }

    /// Returns whether a private key signs: the grant's own JWT, or the client's.
    pub fn signs(&self) -> bool {
        let proves = self.client_auth == ClientAuthMethod::PrivateKeyJwt;
        // A JWT that comes from elsewhere is the grant's own, or else the client's.
        match (self.grant.takes_jwt(), self.assertion.is_given()) {
            (true, true) | (false, false) => proves,
            (true, false) => true,
            (false, true) => false,
        }
    }

    /// Returns the same settings with each key that may be tried.
    pub fn with_each_key(&self) -> impl Iterator<Item = Self> + '_ {
        let further = self.further_keys.iter().map(|key| Self {
            private_key: key.private_key.clone(),
            kid: key.kid.clone(),
            certificate: key.certificate.clone(),
            further_keys: Vec::new(),
            ..self.clone()
        });
        let first = Self { further_keys: Vec::new(), ..self.clone() };
        [first].into_iter().chain(further)
    }

    /// Returns the names of the entries of lists that are tried, where there are several.
    pub fn tried(&self) -> String {
        let names = [&self.client_secret, &self.private_key].map(Setting::name);
        let entries: Vec<&str> = names.into_iter().filter(|name| name.ends_with(']')).collect();
        entries.join(" with ")
    }

    /// Returns the user's name of the key, where it stands in a list.
    pub fn key_in_list(&self) -> Option<&str> {
        Some(self.private_key.name()).filter(|name| name.ends_with(']'))
    }

    /// Returns the place where the user finds the settings, where it is known.
    pub fn where_to_find(&self) -> Option<&'static str> {
        let is_adobes = match self.grant {
            GrantType::JwtExchange => true,
            GrantType::ClientCredentials => {
                self.token_url.value().is_none() && self.issuer.value().is_none()
            }
            GrantType::JwtBearer | GrantType::TokenExchange | GrantType::Other => false,
        };
        is_adobes.then_some(
            "the Developer Console shows it with the credential, in the project's workspace",
        )
    }

    /// Names the setting that a parameter's error comes from.
    pub fn blame(&self, error: Error) -> Error {
        let field = error.field().and_then(|name| self.field(name));
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
    pub fn required(&self, setting: &Setting, look: &str) -> Result<String, Error> {
        match setting.optional()? {
            Some(value) => Ok(value),
            None => Err(self.missing(setting, look)),
        }
    }

    pub fn missing(&self, setting: &Setting, look: &str) -> Error {
        let error = setting.error(format!("is missing: it must be {look}"));
        error.with_more_hint(self.where_to_find())
    }

    pub fn malformed(&self, setting: &Setting, value: &str, look: &str) -> Error {
        setting
            .error(format!("is \"{}\": it must look like {look}", shown(value)))
            .with_more_hint(self.where_to_find())
    }

    /// Checks that no secret is the value of a public setting, which may be shown.
    pub fn check_places(&self) -> Result<(), Error> {
        let public = [
            &self.ims,
            &self.token_url,
            &self.token_path,
            &self.client_id,
            &self.org_id,
            &self.technical_account_id,
            &self.metascopes,
            &self.scope,
            &self.issuer,
            &self.subject,
            &self.audience,
            &self.iss,
            &self.sub,
            &self.aud,
            &self.aud_list,
            &self.alg,
            &self.typ,
            &self.kid,
            &self.header,
            &self.sandbox_name,
        ];
        for (secret, what) in self.secrets() {
            let holds = |one: &&&Setting| {
                let value = one.value().map(str::trim).unwrap_or_default();
                value == secret || secret.len() >= MIN_FOUND && value.contains(secret)
            };
            let kids = self.further_keys.iter().map(|key| &key.kid);
            if let Some(one) = public.into_iter().chain(kids).find(|one| holds(&one)) {
                let error = one.error(format!("holds {what}"));
                return Err(error.with_more_hint(self.where_to_find()));
            }
        }
        Ok(())
    }

    /// Returns the secrets, which no text may show, each with its name.
    fn secrets(&self) -> impl Iterator<Item = (&str, &'static str)> {
        fn all<'a>(one: &'a Setting, what: &'static str) -> Option<(&'a str, &'static str)> {
            one.value().map(|secret| (secret.trim(), what))
        }
        let secrets = [&self.client_secret].into_iter().chain(&self.further_secrets);
        let further = self.further_keys.iter().map(|key| &key.private_key);
        let keys = [&self.private_key].into_iter().chain(further);
        let keys = keys.filter_map(|key| all(key, "the private key"));
        secrets
            .filter_map(|secret| all(secret, "the client secret"))
            .chain(all(&self.passphrase, "the passphrase"))
            .chain(keys.filter(|(key, _)| !is_path(key.as_bytes())))
    }

    /// Returns a text without secrets, wherever they stand in it.
    pub fn without_secrets(&self, text: &str) -> String {
        let (long, short): (Vec<&str>, Vec<&str>) =
            self.secrets().map(|(secret, _)| secret).partition(|secret| secret.len() >= MIN_FOUND);
        if short.contains(&text.trim()) {
            return remove(text, &[text.trim()]);
        }
        // Errors quote a value in this form.
        let quoted: Vec<String> = short.iter().map(|secret| format!("\"{secret}\"")).collect();
        let all: Vec<&str> = long.into_iter().chain(quoted.iter().map(String::as_str)).collect();
        remove(text, &all)
    }
}
