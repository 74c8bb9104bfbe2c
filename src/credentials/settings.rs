//! The settings that every format becomes: values that keep the names that the user's file calls
//! them.

use super::format::Format;
use super::setting::Setting;
use crate::error::remove;
use crate::error::{Error, Field, is_path};
use crate::grant::{ClientAuthMethod, GrantType};

/// The kind of `jti` that each new JWT gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JtiKind {
    Uuid,
    Integer,
}

/// The length from which a secret does not stand in other words by chance, in bytes.
const MIN_FOUND: usize = 8;

/// The settings of one account, as every format becomes them.
#[derive(Clone)]
pub(super) struct Settings {
    pub format: Format,
    pub grant: GrantType,
    pub client_auth: ClientAuthMethod,
    pub ims: Setting,
    pub token_url: Setting,
    pub client_id: Setting,
    pub client_secret: Setting,
    pub org_id: Setting,
    /// True if the client credentials grant sends the organization id to the server.
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
    /// The other names of the credential, next to its client id. Errors show the first.
    pub ids: Vec<Setting>,
}

impl Settings {
    /// Makes settings with nothing given. What a format has no place for is called as libims's own
    /// format calls it.
    pub fn new(grant: GrantType) -> Self {
        Self {
            format: Format::Own,
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

    /// Sets the format that they were read from, and the core's name of each setting.
    pub fn in_format(mut self, format: Format) -> Self {
        self.format = format;
        for (name, setting) in [
            ("ims", &mut self.ims),
            ("token_url", &mut self.token_url),
            ("client_id", &mut self.client_id),
            ("client_secret", &mut self.client_secret),
            ("org_id", &mut self.org_id),
            ("technical_account_id", &mut self.technical_account_id),
            ("metascopes", &mut self.metascopes),
            ("scope", &mut self.scope),
            ("iss", &mut self.iss),
            ("sub", &mut self.sub),
            ("aud", &mut self.aud),
            ("kid", &mut self.kid),
            ("claims", &mut self.claims),
            ("private_key", &mut self.private_key),
            ("passphrase", &mut self.passphrase),
            ("certificate", &mut self.certificate),
            ("sandbox_name", &mut self.sandbox_name),
        ] {
            setting.field = setting.field.clone().named(name);
        }
        self
    }

    /// Returns whether `name` is the credential's name, id or client id.
    pub fn is_called(&self, name: &str) -> bool {
        self.ids.iter().chain([&self.client_id]).any(|id| id.value() == Some(name))
    }

    /// Returns the field of the setting that the core calls `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let setting = match name {
            "ims" | "token_url" if self.token_url.value().is_some() => &self.token_url,
            "ims" | "token_url" => &self.ims,
            "client_id" => &self.client_id,
            "client_secret" => &self.client_secret,
            "scope" => &self.scope,
            "org_id" => &self.org_id,
            "metascopes" => &self.metascopes,
            "claims_json" => &self.claims,
            "iss" => self.iss_setting(),
            "sub" => self.sub_setting(),
            _ => return None,
        };
        (!setting.name().is_empty()).then_some(&setting.field)
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
        let is_adobes = adobes.value().is_some() || self.grant != GrantType::JwtBearer;
        if own.value().is_none() && is_adobes { adobes } else { own }
    }

    /// Returns the place where the user finds the settings, where it is known.
    pub fn where_to_find(&self) -> Option<&'static str> {
        let is_adobes = match self.grant {
            GrantType::JwtExchange => true,
            GrantType::ClientCredentials => self.token_url.value().is_none(),
            GrantType::JwtBearer => false,
        };
        is_adobes.then_some(
            "the Developer Console shows it with the credential, in the project's workspace",
        )
    }

    /// Checks that no secret is the value of a public setting, which may be shown.
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
                value == secret || secret.len() >= MIN_FOUND && value.contains(secret)
            };
            if let Some(one) = public.iter().find(holds) {
                let error = one.error(format!("holds {what}"));
                return Err(error.with_more_hint(self.where_to_find()));
            }
        }
        Ok(())
    }

    /// Returns the secrets, which no text may show, each with its name.
    fn secrets(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let key = self.private_key.value().filter(|key| !is_path(key.as_bytes()));
        let secrets = [
            (self.client_secret.value(), "the client secret"),
            (self.passphrase.value(), "the passphrase"),
            (key, "the private key"),
        ];
        secrets.into_iter().filter_map(|(secret, what)| Some((secret?.trim(), what)))
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
