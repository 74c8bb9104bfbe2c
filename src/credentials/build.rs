//! Puts settings together to credentials, checked before the first exchange.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::account::Credentials;
use super::explained::HOST_LOOK;
use super::format::Format;
use super::jwt_source::{JwtSource, check};
use super::options::CredentialsOptions;
use super::setting::{Setting, bad};
use super::settings::Settings;
use super::source::Files;
use crate::algorithm::Algorithm;
use crate::endpoint::{Endpoint, Issuer};
use crate::error::{ADOBE, Error, Field, Status, check_text, is_path, shown};
use crate::grant::{ClientAuthMethod, Grant, GrantOptions, GrantType, client_assertion};
use crate::impersonation::{CLOUD_PLATFORM, Impersonation};
use crate::ims_host::ImsHost;
use crate::jwt::SigningKey;
use crate::key::{CERTIFICATE_FILE, KEY_FILE, KeyOptions, UncheckedKey};
use crate::secret::Secret;
use crate::token_url::TokenUrl;

const CLIENT_SECRET: &str = "the credential's client secret";

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
        let endpoint = self.endpoint(options, &host)?;
        let grant = self.grant(options, files, &host, endpoint.url())?;
        let iat_leeway = seconds(self.iat_leeway).unwrap_or_default();
        check(&grant, self.jti, iat_leeway).map_err(|error| self.blame(error))?;
        // A given key is ignored too: if its file moves to OAuth, the program need not change.
        let signs = self.signs();
        let key = if signs { Some(self.key(options, files)?) } else { None };
        let checked = options.key.clone().filter(|_| signs);
        let signing_secret = match self.client_auth {
            ClientAuthMethod::ClientSecretJwt => self.client_secret()?.map(Secret::from),
            _ => None,
        };
        let signed_of_client = grant.client_assertion().and_then(JwtSource::signed);
        if let (Some(secret), Some(proof)) = (&signing_secret, signed_of_client) {
            // Nothing else says before the first exchange that a secret is too short.
            let signed = SigningKey::Secret(secret.clone()).jwt(proof, SystemTime::now());
            signed.map_err(|error| self.blame(error))?;
        }
        if let Some(key) = &key {
            let of_client = signed_of_client.filter(|_| signing_secret.is_none());
            let own = grant.assertion().and_then(JwtSource::signed);
            let signed = [own, of_client].into_iter().flatten();
            for alg in signed.filter_map(|assertion| assertion.header.alg) {
                let checked = key.check_algorithm(alg, self.key_in_list().unwrap_or("the key"));
                checked.map_err(|error| self.blame(error))?;
            }
        }
        let (certificate, certificate_field) = self.certificate_of(key.as_ref(), files)?;
        let explained = self.explained(options);
        let others = self.others().into_iter().map(|other| other.credentials(options, files));
        let others = others.collect::<Result<Vec<_>, _>>()?;
        let credentials = Credentials {
            others,
            tried: self.tried(),
            org_id: self.org_id.optional()?,
            sandbox_name: self.sandbox_name.optional()?,
            certificate: certificate.filter(|_| signs),
            jti: self.jti,
            iat_leeway,
            default_lifetime: seconds(self.default_lifetime),
            endpoint,
            issuer: self.issuer_identifier()?,
            grant,
            impersonation: self.impersonation(options)?,
            key,
            checked,
            signing_secret,
            place: None,
            key_field: self.private_key.field(),
            certificate_field,
            explained,
            origin: None,
        };
        if !self.further_keys.is_empty() {
            // A key that is found unfit once the server has refused another would hide its words.
            credentials.each().try_for_each(Credentials::check_key)?;
        }
        Ok(credentials)
    }

    /// Returns the same settings with each other secret and key that may be tried.
    fn others(&self) -> Vec<Self> {
        if self.further_secrets.is_empty() && self.further_keys.is_empty() {
            // A copy of all settings is costly, and most files have one secret and one key.
            return Vec::new();
        }
        let secrets = [&self.client_secret].into_iter().chain(&self.further_secrets);
        let with_secret = |secret: &Setting| Self {
            client_secret: secret.clone(),
            further_secrets: Vec::new(),
            ..self.clone()
        };
        secrets
            .map(with_secret)
            .flat_map(|settings| settings.with_each_key().collect::<Vec<_>>())
            .skip(1)
            .collect()
    }

    pub fn host(&self, options: &CredentialsOptions) -> Result<ImsHost, Error> {
        if let Some(host) = &options.ims {
            return Ok(host.clone());
        }
        let Some(text) = self.ims.optional()? else { return Ok(ImsHost::default()) };
        text.parse().map_err(|error: Error| {
            error
                .with_field(self.ims.field())
                .with_status(Status::Credentials)
                .with_hint(format!("{} should be {HOST_LOOK}", self.ims.name()))
        })
    }

    fn grant(
        &self,
        options: &CredentialsOptions,
        files: &Files<'_>,
        host: &ImsHost,
        token_url: &TokenUrl,
    ) -> Result<Grant<JwtSource>, Error> {
        let mut grant = GrantOptions { grant_type: self.grant, ..GrantOptions::default() };
        grant.other_grant_type = self.other_grant_type.clone();
        grant.client_auth = self.client_auth;
        grant.client_id = self.client_id()?;
        grant.client_secret = self.client_secret()?.map(Secret::from);
        if self.client_auth == ClientAuthMethod::ClientSecretJwt {
            // It signs, and is not sent.
            grant.client_secret = None;
        }
        grant.subject_token_type = self.subject_token_type.optional()?;
        grant.requested_token_type = self.requested_token_type.optional()?;
        grant.body = self.body;
        let scope = self.scope(options, token_url)?;
        // A server that reads the scope of a grant's own JWT does not read the form's.
        grant.scope = scope.clone().filter(|_| !(self.scope_claim && self.grant.takes_jwt()));
        if self.impersonation_url.value().is_some() {
            // The scope is that of the service account's token.
            grant.scope = Some(CLOUD_PLATFORM.to_owned());
        }
        if self.grant == GrantType::ClientCredentials {
            grant.org_id = self.org_id.optional()?.filter(|_| self.sends_org_id);
        }
        for resource in &self.resource {
            grant.parameters.push("resource", resource.optional()?.unwrap_or_default());
        }
        let audience = self.audience(options)?;
        if let (Some(audience), None) = (&audience, self.audience_claim) {
            grant.parameters.push("audience", audience.clone());
        }
        for (name, value) in &self.parameters {
            let value = value.value().unwrap_or_default();
            grant.parameters.push(name.clone(), value.to_owned());
        }
        let mut claims = self.claims_json(scope.as_deref(), audience.as_deref());
        let header = self.header(files)?;
        let may_be_opaque = self.takes_opaque_token()?;
        let elsewhere = self.assertion.source(options, files, may_be_opaque)?;
        let mut elsewhere = elsewhere.map(|source| JwtSource::Elsewhere(Arc::new(source)));
        let client_id = grant.client_id.clone();
        let subject = self.subject_to_act_for(options)?;
        let jwt = match self.grant.takes_jwt() {
            true if elsewhere.is_some() => elsewhere.take(),
            true => {
                let mut jwt = self.assertion(host, token_url, client_id.as_deref(), subject)?;
                jwt.header = header.clone();
                jwt.claims.claims_json = claims.take();
                if self.client_auth == ClientAuthMethod::ClientSecretJwt {
                    // It is the algorithm of the secret.
                    jwt.header.alg = None;
                }
                if self.grant == GrantType::JwtExchange {
                    // Adobe takes no other.
                    jwt.header.alg = jwt.header.alg.or(Some(Algorithm::RS256));
                }
                Some(JwtSource::Signed(Box::new(jwt)))
            }
            false if subject.is_some() => {
                let problem = "is given, but the grant has no JWT that names whom to act for";
                return Err(self.subject_error(options, problem));
            }
            false => None,
        };
        let proof = match (&client_id, self.client_auth.is_assertion()) {
            (Some(_), true) if elsewhere.is_some() => elsewhere.take(),
            (Some(id), true) => {
                let given = self.client_claims(header, claims)?;
                let issuer = self.issuer.optional()?;
                let proof = client_assertion(given, id, issuer.as_deref(), token_url);
                let proof = proof.map_err(|error| self.blame(error))?;
                Some(JwtSource::Signed(Box::new(proof)))
            }
            _ => None,
        };
        if let Some(source) = elsewhere.as_ref().and_then(JwtSource::elsewhere) {
            let problem = "is given, but the request has no JWT";
            return Err(bad(problem).with_field(source.field.clone()).with_hint(
                "set client_auth to private_key_jwt, or grant to jwt_bearer or token_exchange",
            ));
        }
        let mut grant = grant.into_grant(jwt, proof).map_err(|error| self.blame(error))?;
        grant.is_unnamed = self.omits_grant_type;
        Ok(grant)
    }

    /// Returns whether the JWT from elsewhere may be a token of another kind. A file that is no JWT is then not
    /// taken for one, whose content would go to the server.
    fn takes_opaque_token(&self) -> Result<bool, Error> {
        let of_type = self.subject_token_type.optional()?;
        let names_jwt = |name: &str| matches!(name.rsplit(':').next(), Some("jwt" | "id_token"));
        let is_jwt = of_type.is_none_or(|name| names_jwt(&name));
        Ok(self.grant == GrantType::TokenExchange && !is_jwt)
    }

    /// Returns the service account whose token is asked for with the one of the grant, if there is one.
    fn impersonation(&self, options: &CredentialsOptions) -> Result<Option<Impersonation>, Error> {
        let setting = &self.impersonation_url;
        let Some(url) = setting.optional()? else { return Ok(None) };
        let blame =
            |error: Error| error.with_field(setting.field()).with_status(Status::Credentials);
        let url: TokenUrl = url.parse().map_err(blame)?;
        let scope = self.scope(options, &url)?.unwrap_or_default();
        let lifetime = seconds(self.impersonation_lifetime).unwrap_or(Impersonation::LIFETIME);
        Ok(Some(Impersonation { url, scope, lifetime, field: setting.field() }))
    }

    /// Returns where the grant is sent.
    pub fn endpoint(
        &self,
        options: &CredentialsOptions,
        host: &ImsHost,
    ) -> Result<Endpoint, Error> {
        let url = |text: String| text.parse().map(Endpoint::TokenUrl);
        let issuer = self.issuer_identifier()?;
        let given = self.token_url.optional()?;
        match (self.ims_url(host)?, given) {
            (Some(url), _) if options.ims.is_some() => Ok(Endpoint::TokenUrl(url)),
            (None, _) if options.ims.is_some() => {
                let grant = match self.grant {
                    GrantType::JwtBearer => "the JWT bearer grant",
                    _ => "this grant",
                };
                let problem = format!("is given, but {grant} has no host of IMS");
                Err(Error::argument("ims", problem))
            }
            (_, Some(given)) => url(given).map_err(|error| self.blame(error)),
            (default, None) => {
                let endpoint = issuer.map(Endpoint::Issuer).or(default.map(Endpoint::TokenUrl));
                if let Some(endpoint) = endpoint {
                    return Ok(endpoint);
                }
                let setting = match self.token_url.name() {
                    "" => &Setting::absent("token_url").named("token_url"),
                    _ => &self.token_url,
                };
                Err(self.missing(setting, "the token server's URL, https://HOST/PATH"))
            }
        }
    }

    /// Returns the token URL at a host of IMS, for a grant of IMS.
    fn ims_url(&self, host: &ImsHost) -> Result<Option<TokenUrl>, Error> {
        match (self.grant.token_url(host), self.token_path.optional()?) {
            (Some(_), Some(path)) => {
                let url = format!("{}/{}", host.origin(), path.trim_start_matches('/'));
                url.parse().map(Some).map_err(|error| self.blame(error))
            }
            (default, _) => Ok(default),
        }
    }

    fn issuer_identifier(&self) -> Result<Option<Issuer>, Error> {
        let issuer = self.issuer.optional()?.map(|text| text.parse::<Issuer>());
        issuer.transpose().map_err(|error| self.blame(error))
    }

    pub fn client_id(&self) -> Result<Option<String>, Error> {
        self.of_client(&self.client_id, "the credential's client id (API key)")
    }

    pub fn client_secret(&self) -> Result<Option<String>, Error> {
        match self.client_auth {
            ClientAuthMethod::PrivateKeyJwt | ClientAuthMethod::None => {
                self.client_secret.optional()
            }
            ClientAuthMethod::ClientSecretJwt => {
                self.required(&self.client_secret, CLIENT_SECRET).map(Some)
            }
            _ => self.of_client(&self.client_secret, CLIENT_SECRET).map_err(|error| {
                let has_key_alone =
                    self.private_key.value().is_some() && self.client_secret.value().is_none();
                match self.format == Format::Own && has_key_alone {
                    true => error.with_hint(
                        "to prove the client by private_key instead, set client_auth to private_key_jwt",
                    ),
                    false => error,
                }
            }),
        }
    }

    /// Returns a client's setting, which some grants may go without.
    fn of_client(&self, setting: &Setting, look: &str) -> Result<Option<String>, Error> {
        match self.grant.needs_client() {
            false => setting.optional(),
            true => self.required(setting, look).map(Some),
        }
    }

    /// Returns the scope as it is sent: for Adobe with commas between, which needs one, and as it is
    /// written for others.
    pub fn scope(
        &self,
        options: &CredentialsOptions,
        token_url: &TokenUrl,
    ) -> Result<Option<String>, Error> {
        if let Some(scope) = &options.scope {
            return Ok(Some(scope.clone()));
        }
        if self.grant.server(token_url) != Some(ADOBE) {
            return self.scope.optional();
        }
        if self.grant == GrantType::ClientCredentials {
            self.required(&self.scope, "the credential's scopes, such as openid,AdobeID")?;
        }
        // People write spaces, after the commas or instead of them.
        let split = |c: char| c == ',' || c.is_whitespace();
        Ok(self.scope.optional()?.map(|scope| {
            scope.split(split).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",")
        }))
    }

    /// Returns the service that the token is for.
    pub fn audience(&self, options: &CredentialsOptions) -> Result<Option<String>, Error> {
        match &options.audience {
            Some(audience) => check_text("audience", audience).map(|()| Some(audience.clone())),
            None => self.audience.optional(),
        }
    }

    /// Returns whom to act for, where that is not the account itself.
    fn subject_to_act_for(&self, options: &CredentialsOptions) -> Result<Option<String>, Error> {
        match &options.subject {
            Some(subject) => check_text("subject", subject).map(|()| Some(subject.clone())),
            None => self.subject.optional(),
        }
    }

    fn subject_error(&self, options: &CredentialsOptions, problem: &str) -> Error {
        match options.subject {
            Some(_) => Error::argument("subject", problem),
            None => self.subject.error(problem),
        }
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
        let mut known = KeyOptions::with_passphrase(given.or(own));
        known.kid = self.kid.value().map(str::trim);
        known.deadline = files.deadline;
        let key = match self.key_file(files) {
            Some(path) => files
                .read_named(&KEY_FILE, &path)
                .and_then(|bytes| UncheckedKey::from_file_content(&bytes, &path, known)),
            None => UncheckedKey::from_bytes(text.as_bytes(), known),
        };
        key.map_err(|error| {
            let error = error.with_field(setting.field());
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

    /// Returns the certificate, or else the one that the key's file holds, and its field.
    pub fn certificate_of(
        &self,
        key: Option<&UncheckedKey>,
        files: &Files<'_>,
    ) -> Result<(Option<Vec<u8>>, Field), Error> {
        let own = self.certificate(files)?;
        if own.is_none()
            && let Some(stored) = key.and_then(UncheckedKey::certificates)
        {
            let called = format!("the certificate in {}", self.private_key.name());
            return Ok((Some(stored.to_vec()), Field::called(called).named("certificate")));
        }
        if own.is_none() && (self.x5t.value().is_some() || self.x5c) {
            let problem = "is missing: x5t and x5c are made of it";
            return Err(self.certificate.error(problem));
        }
        Ok((own, self.certificate.field()))
    }

    pub fn certificate(&self, files: &Files<'_>) -> Result<Option<Vec<u8>>, Error> {
        match self.certificate.value() {
            Some(text) if is_path(text.as_bytes()) => {
                let path = files.path(text);
                files
                    .read_named(&CERTIFICATE_FILE, &path)
                    .map(|bytes| Some(bytes.to_vec()))
                    .map_err(|error| error.with_field(self.certificate.field()))
            }
            text => Ok(text.map(|text| text.as_bytes().to_vec())),
        }
    }
}

fn seconds(given: Option<i64>) -> Option<Duration> {
    given.map(|seconds| Duration::from_secs(seconds.unsigned_abs()))
}
