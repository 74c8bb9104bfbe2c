//! Credentials of a service account, in any of the forms that people have: a file, JSON text, the
//! environment, or values.

mod aem;
mod aepp;
mod console;
mod dot_env;
mod env;
mod file;
mod form;
mod google;
#[cfg(feature = "cli")]
mod inspection;
mod json;
mod jwt_auth;
mod may_read;
mod origin;
mod own;
mod postman;
mod settings;
mod source;
mod user_sync;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::environment;
use crate::error::{Error, Status};
use crate::grant::{Grant, GrantType};
use crate::ims_host::ImsHost;
use crate::jwt::{Assertion, Claims, Expiry, Jti, Signer, generate_jwt};
use crate::key::{Key, UncheckedKey};
use crate::secret::Secret;
use crate::token_url::TokenUrl;
use env::Variables;
#[cfg(feature = "cli")]
pub(crate) use form::Form;
#[cfg(not(feature = "cli"))]
use form::Form;
#[cfg(feature = "cli")]
pub(crate) use inspection::Inspection;
use json::Object;
pub use may_read::MayRead;
pub(crate) use origin::Origin;
use settings::{Explained, JtiKind, Setting, Settings};
use source::Files;
pub(crate) use source::Source;

/// How to read credentials.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CredentialsOptions {
    /// Which credential, where a file holds several: its name, id or client id.
    pub name: Option<String>,
    /// Of the key that the credentials hold or name; wins over one that they hold.
    pub passphrase: Option<Secret<Vec<u8>>>,
    /// Where the credentials hold none.
    pub key: Option<Key>,
    /// In place of the host that the credentials name, for tests and private installations.
    pub ims: Option<ImsHost>,
    /// Asked before each file is read; `None` allows every file.
    pub may_read: Option<MayRead>,
}

/// A service account's credentials: all that a new JWT and its exchange need, or what client
/// credentials need.
///
/// They never show: `Debug` prints the account alone.
#[derive(Clone)]
pub struct Credentials {
    token_url: TokenUrl,
    /// Its assertion is signed anew each time.
    pub(crate) grant: Grant<Assertion>,
    jti: Option<JtiKind>,
    pub(crate) key: Option<UncheckedKey>,
    /// The same key, where the caller gave it.
    checked: Option<Key>,
    /// PEM or DER of the certificate that belongs to the key; nobody has parsed it yet.
    pub(crate) certificate: Option<Vec<u8>>,
    org_id: Option<String>,
    sandbox_name: Option<String>,
    key_name: String,
    certificate_name: String,
    explained: Explained,
    /// `None` where they were made of values.
    pub(crate) origin: Option<Arc<Origin>>,
}

impl Credentials {
    /// Reads a credentials file of any known form, told by its shape: AEM's service credentials, a
    /// Developer Console project, a Postman environment, `.env`, a jwt-auth object, aepp's or
    /// aanalytics2's configuration, user-sync's `connector-umapi.yml` (feature `yaml`), a Google
    /// service account, or libims's own. Paths in it count from its directory.
    ///
    /// # Errors
    /// [`Status::Credentials`] where it is unreadable, over 256 KiB, of no known form, incomplete, or
    /// where `may_read` refuses a file;
    /// [`Status::Key`] and [`Status::Passphrase`] of its key; [`Status::Argument`] of `options`.
    pub fn from_file(path: impl AsRef<Path>, options: &CredentialsOptions) -> Result<Self, Error> {
        Self::read(Source::File(path.as_ref()), options)
    }

    /// Looks at such a file part by part.
    ///
    /// # Errors
    /// Where there are no parts: it is unreadable or of no known form.
    #[cfg(feature = "cli")]
    pub(crate) fn inspect_file(
        path: &Path,
        options: &CredentialsOptions,
    ) -> Result<Inspection, Error> {
        let files = Files::new(Source::File(path), options);
        files
            .ask(path)
            .and_then(|()| file::CREDENTIALS_FILE.read(path))
            .and_then(|bytes| recognised(&bytes, options))
            .map(|settings| settings.inspect(options, &files))
            .map_err(|error| in_file(error, path))
    }

    /// Takes the JSON text of such a file; paths in it count from the working directory.
    ///
    /// # Errors
    /// Those of [`Credentials::from_file`].
    pub fn from_json(json: &[u8], options: &CredentialsOptions) -> Result<Self, Error> {
        Self::read(Source::Json(json), options)
    }

    /// Reads the process's environment variables, of the names that a `.env` file has.
    ///
    /// # Errors
    /// Those of [`Credentials::from_file`].
    pub fn from_env(options: &CredentialsOptions) -> Result<Self, Error> {
        Self::read(Source::Environment, options)
    }

    /// Reads them from any source.
    ///
    /// # Errors
    /// Those of [`Credentials::from_file`].
    pub(crate) fn read(source: Source<'_>, options: &CredentialsOptions) -> Result<Self, Error> {
        Self::read_before(source, options, None)
    }

    fn read_before(
        source: Source<'_>,
        options: &CredentialsOptions,
        deadline: Option<Instant>,
    ) -> Result<Self, Error> {
        let files = Files::new(source, options).before(deadline);
        let credentials = Self::read_with(source, options, &files)?;
        let origin = Origin::new(source, options, &files).map(Arc::new);
        Ok(Self { origin, ..credentials })
    }

    fn read_with(
        source: Source<'_>,
        options: &CredentialsOptions,
        files: &Files<'_>,
    ) -> Result<Self, Error> {
        match source {
            Source::File(path) => files
                .ask(path)
                .and_then(|()| file::CREDENTIALS_FILE.read(path))
                .and_then(|bytes| recognised(&bytes, options))
                .and_then(|settings| settings.credentials(options, files))
                .map_err(|error| in_file(error, path)),
            Source::Json(json) => text_of(json)
                .and_then(|text| of_json(text, options))
                .and_then(|settings| settings.credentials(options, files))
                .map_err(in_json),
            Source::Environment => of_environment()
                .and_then(|settings| settings.credentials(options, files))
                .map_err(in_environment),
        }
    }

    /// Looks at them part by part.
    ///
    /// # Errors
    /// Where there are no parts.
    #[cfg(feature = "cli")]
    pub(crate) fn inspect_env(options: &CredentialsOptions) -> Result<Inspection, Error> {
        of_environment()
            .map(|settings| settings.inspect(options, &Files::new(Source::Environment, options)))
            .map_err(in_environment)
    }

    /// Takes values: where to ask, and a grant whose JWT is signed anew each time.
    ///
    /// # Errors
    /// [`Status::Argument`], naming the field: of the claims, `exp`, `iat` and `jti` are not given.
    pub fn new(token_url: TokenUrl, grant: Grant<Signer>) -> Result<Self, Error> {
        let key = grant.assertion().map(|signer| signer.key.clone());
        let grant = grant.with_assertion(|signer| {
            let claims = &signer.assertion.claims;
            for (name, given) in [
                ("exp", matches!(claims.expiry, Expiry::At(_))),
                ("iat", claims.iat.is_some()),
                ("jti", claims.jti.is_some()),
            ] {
                if given {
                    return Err(Error::argument(
                        name,
                        "is given, but each exchange gets a new one",
                    ));
                }
            }
            Ok(signer.assertion.clone())
        })?;
        check(&grant)?;
        let iss = grant.assertion().map(|assertion| assertion.claims.iss.as_str());
        let iss = iss.filter(|iss| iss.ends_with("@AdobeOrg"));
        Ok(Self {
            org_id: grant.org_id().or(iss).map(str::to_owned),
            token_url,
            grant,
            jti: None,
            key: key.as_ref().map(Key::unchecked),
            checked: key,
            certificate: None,
            sandbox_name: None,
            key_name: String::new(),
            certificate_name: String::new(),
            explained: Explained::default(),
            origin: None,
        })
    }

    /// What Adobe's APIs want as `x-api-key`.
    pub fn client_id(&self) -> Option<&str> {
        self.grant.client_id()
    }

    /// What Adobe's APIs want as `x-gw-ims-org-id`.
    pub fn org_id(&self) -> Option<&str> {
        self.org_id.as_deref()
    }

    /// What Adobe's APIs want as `x-sandbox-name`.
    pub fn sandbox_name(&self) -> Option<&str> {
        self.sandbox_name.as_deref()
    }

    /// Whether their JWTs are of another account, whatever the key. Adobe's move from JWTs to a client
    /// secret alone leaves the account what it was.
    pub(crate) fn are_anothers(&self, other: &Self) -> bool {
        let account = |claims: &Claims| (claims.iss.clone(), claims.sub.clone());
        match (self.grant.assertion(), other.grant.assertion()) {
            (Some(ours), Some(theirs)) => account(&ours.claims) != account(&theirs.claims),
            _ => false,
        }
    }

    /// Which IMS issues the tokens, and to which client.
    ///
    /// # Errors
    /// [`Status::Argument`] with the JWT bearer grant, which any server takes.
    pub(crate) fn ims_and_client_id(&self) -> Result<(ImsHost, &str), Error> {
        let host = match self.grant.grant_type() {
            GrantType::JwtBearer => None,
            _ => Some(ImsHost::from_url(&self.token_url)),
        };
        host.zip(self.client_id()).ok_or_else(not_of_ims)
    }

    pub(crate) fn client_secret(&self) -> Result<&Secret, Error> {
        self.grant.client_secret().ok_or_else(not_of_ims)
    }

    /// Returns where the grant is sent.
    pub(crate) fn token_url(&self) -> &TokenUrl {
        &self.token_url
    }

    /// The key, checked, with its certificate matched and its dates checked at `now`; `None` with
    /// client credentials. Nothing before this call needs OpenSSL.
    pub(crate) fn checked_key(&self, now: SystemTime) -> Result<Option<Key>, Error> {
        let key = match (&self.checked, &self.key) {
            (Some(key), _) => key.clone(),
            (None, Some(key)) => {
                key.check().map_err(|error| error.about(format!("{}:", self.key_name)))?
            }
            (None, None) => return Ok(None),
        };
        if let Some(certificate) = &self.certificate {
            key.check_certificate(certificate, now)
                .map_err(|error| error.about(format!("{}:", self.certificate_name)))?;
        }
        Ok(Some(key))
    }

    /// A grant for one attempt: with a new JWT, or without `key` for client credentials.
    pub(crate) fn grant(&self, key: Option<&Key>, now: SystemTime) -> Result<Grant, Error> {
        self.grant.with_assertion(|assertion| {
            let key = key.ok_or_else(|| Error::argument("key", "is missing"))?;
            let mut assertion = assertion.clone();
            assertion.claims.jti = match self.jti {
                None => None,
                Some(JtiKind::Integer) => Some(Jti::random_integer()?),
                Some(JtiKind::Uuid) => Some(Jti::random_uuid()?),
            };
            generate_jwt(key, &assertion, now)
        })
    }

    /// What only the owner has: the key's PKCS#1 DER or else the client secret.
    pub(crate) fn secret(&self) -> &[u8] {
        match (&self.key, self.grant.client_secret()) {
            (Some(key), _) => key.pkcs1(),
            (None, Some(secret)) => secret.expose().as_bytes(),
            (None, None) => &[],
        }
    }

    /// What tells this account from others with the same secret, and requests that a server may refuse
    /// from those that it takes; always as many texts.
    pub(crate) fn identity(&self) -> Vec<String> {
        let grant = &self.grant;
        let Assertion { header, claims } = grant.assertion().cloned().unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            format!("{:?}", grant.grant_type()),
            format!("{:?}", grant.client().map(|client| &client.proof)),
            self.token_url.to_string(),
            grant.client_id().unwrap_or_default().to_owned(),
            grant.scope().unwrap_or_default().to_owned(),
            grant.org_id().unwrap_or_default().to_owned(),
            claims.iss,
            claims.sub,
            claims.aud,
            claims.metascopes.join(","),
            text(&header.kid),
            text(&claims.claims_json),
            format!("{:?} {:?}", claims.expiry, self.jti),
        ]
    }

    /// Adds to the hint of a server's or connection's error which settings to look at, as the user
    /// calls them, and what they should look like.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let more = match error.status() {
            Status::Connect if error.is_no_accounts() => return error,
            Status::Connect => &self.explained.connect,
            Status::Rejected => &self.explained.rejected,
            _ => return error,
        };
        if more.is_empty() { error } else { error.with_more_hint(more.as_str()) }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("client_id", &self.client_id())
            .field("org_id", &self.org_id)
            .field("sandbox_name", &self.sandbox_name)
            .finish_non_exhaustive()
    }
}

fn not_of_ims() -> Error {
    Error::argument("grant", "is one that IMS has no part in: its tokens cannot be asked about")
}

/// Credentials that are no good.
fn bad(problem: impl Into<String>) -> Error {
    Error::new(Status::Credentials, problem)
}

/// Whether an error's message lacks its subject; the others begin with a setting's name.
fn begins_with_verb(error: &Error) -> bool {
    ["is ", "holds ", "cannot "].iter().any(|verb| error.message().starts_with(verb))
}

fn in_file(error: Error, path: &Path) -> Error {
    match error.status() {
        Status::Argument => error,
        _ if begins_with_verb(&error) => error.about(file::name(path)),
        _ => error.about(format!("{}:", file::name(path))),
    }
}

fn in_json(error: Error) -> Error {
    match error.status() {
        Status::Credentials if begins_with_verb(&error) => {
            error.about("the credentials' JSON text")
        }
        _ => error,
    }
}

fn in_environment(error: Error) -> Error {
    match error.status() {
        Status::Credentials if begins_with_verb(&error) => error.about("the environment"),
        _ => error,
    }
}

/// Checks grant and claims, so that what is wrong shows before the first exchange.
fn check(grant: &Grant<Assertion>) -> Result<(), Error> {
    grant.check()?;
    grant.assertion().map_or(Ok(()), |assertion| assertion.check(SystemTime::now()))
}

/// The document's text, without the mark that some editors put before it.
fn text_of(bytes: &[u8]) -> Result<&str, Error> {
    if bytes.trim_ascii().is_empty() {
        return Err(bad("is empty"));
    }
    if bytes.len() > file::LONGEST {
        return Err(bad("is over 256 KiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| {
        bad("is not UTF-8 text").with_hint("save it as UTF-8; a key in DER is no credentials file")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Tells the form by the document's shape.
fn recognised(bytes: &[u8], options: &CredentialsOptions) -> Result<Settings, Error> {
    let text = text_of(bytes)?;
    if text.trim_start().starts_with('{') {
        return of_json(text, options);
    }
    if user_sync::is(text) {
        return user_sync::settings(text).map(|settings| settings.of_form(Form::UserSync));
    }
    let mut variables = Variables::default();
    for (name, value) in dot_env::parse(text) {
        variables.set(Setting::owned(name.to_owned(), value));
    }
    if let Some(settings) = env::settings(&variables)? {
        return Ok(settings.of_form(Form::DotEnv));
    }
    for (begin, kind) in
        [("PRIVATE KEY-----", "a private key"), ("CERTIFICATE-----", "a certificate")]
    {
        if text.contains("-----BEGIN ") && text.contains(begin) {
            return Err(bad(format!("is {kind}, not the credentials that go with it"))
                .with_hint("give the credentials file, and name the key in it or beside it"));
        }
    }
    Err(unknown())
}

fn of_environment() -> Result<Settings, Error> {
    if environment::is_privileged() {
        let problem = "is not read: this program has more rights than its caller (set-user-ID), who \
                       would choose the account";
        return Err(bad(problem).with_hint("name a credentials file"));
    }
    env::settings(&env::of_process()?)?
        .map(|settings| settings.of_form(Form::Environment))
        .ok_or_else(|| bad("holds no credentials").with_hint(env::HINT))
}

fn of_json(text: &str, options: &CredentialsOptions) -> Result<Settings, Error> {
    let object = Object::parse(text)?;
    type Recognise = fn(&Object<'_>) -> bool;
    type Read = fn(&Object<'_>) -> Result<Settings, Error>;
    // In order: libims's own names stand in others' files too.
    let forms: [(Form, Recognise, Read); 5] = [
        (Form::Aem, aem::is, aem::settings),
        (Form::Postman, postman::is, postman::settings),
        (Form::Google, google::is, google::settings),
        (Form::JwtAuth, jwt_auth::is, jwt_auth::settings),
        (Form::Aepp, aepp::is, aepp::settings),
    ];
    let (form, settings) = if console::is(&object) {
        (Form::Console, console::settings(&object, options.name.as_deref()))
    } else if let Some((form, _, settings)) = forms.iter().find(|(_, is, _)| is(&object)) {
        (*form, settings(&object))
    } else if own::is(&object) {
        (Form::Own, own::settings(&object))
    } else {
        return Err(unknown());
    };
    settings.map(|settings| settings.of_form(form))
}

fn unknown() -> Error {
    bad("is of no known form").with_hint(
        "known are AEM service credentials, a Developer Console project, a Postman environment, \
         .env, @adobe/jwt-auth, aepp or aanalytics2, user-sync's connector-umapi.yml, a Google \
         service account, and libims's own JSON",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use support::certificates::{Validity, self_signed};
    use support::keys;

    use super::*;

    fn pem() -> String {
        String::from_utf8(keys::pkcs8_pem()).unwrap()
    }

    fn own(changes: Value) -> Credentials {
        let mut document = json!({
            "client_id": "c", "client_secret": "s", "org_id": "X@AdobeOrg",
            "technical_account_id": "D@techacct.adobe.com", "metascopes": "ent_x, /s/ent_y",
            "private_key": pem(),
        });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        read(&document.to_string())
    }

    fn read(json: &str) -> Credentials {
        Credentials::from_json(json.as_bytes(), &CredentialsOptions::default()).unwrap()
    }

    fn grant(credentials: &Credentials) -> Grant {
        let now = SystemTime::now();
        let key = credentials.checked_key(now).unwrap();
        credentials.grant(key.as_ref(), now).unwrap()
    }

    /// The header and claims of the grant's JWT.
    fn decoded(grant: &Grant) -> [Value; 2] {
        let jwt = crate::jwt::decode(grant.assertion().unwrap().expose()).unwrap();
        [jwt.header, jwt.claims].map(|json| serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn an_account_of_adobe_becomes_the_claims_that_ims_wants() {
        let credentials = own(json!({ "ims": "https://ims-na1-stg1.adobelogin.com/" }));
        let grant = grant(&credentials);
        let url = "https://ims-na1-stg1.adobelogin.com/ims/exchange/jwt";
        assert_eq!(credentials.token_url().as_str(), url);
        let [_, claims] = decoded(&grant);
        assert_eq!(claims["iss"], "X@AdobeOrg");
        assert_eq!(claims["sub"], "D@techacct.adobe.com");
        assert_eq!(claims["aud"], "https://ims-na1-stg1.adobelogin.com/c/c");
        assert_eq!(claims["https://ims-na1-stg1.adobelogin.com/s/ent_x"], true);
        assert_eq!(claims["https://ims-na1-stg1.adobelogin.com/s/ent_y"], true);
        assert_eq!(claims.as_object().unwrap().len(), 7);
        let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
        assert_eq!(credentials.secret(), key.unchecked().pkcs1());
    }

    #[test]
    fn a_service_account_of_google_becomes_a_bearer_grant() {
        let credentials = read(
            &json!({
                "type": "service_account", "client_email": "a@b.example", "private_key_id": "k",
                "private_key": pem(), "token_uri": "https://oauth2.example/token",
            })
            .to_string(),
        );
        let grant = grant(&credentials);
        assert_eq!(grant.grant_type(), GrantType::JwtBearer);
        assert_eq!(credentials.token_url().as_str(), "https://oauth2.example/token");
        let [header, claims] = decoded(&grant);
        assert_eq!(header["kid"], "k");
        assert_eq!([&claims["iss"], &claims["sub"]], ["a@b.example", "a@b.example"]);
        assert_eq!(claims["aud"], "https://oauth2.example/token");
    }

    #[test]
    fn each_attempt_has_a_jti_of_its_own_where_one_is_asked_for() {
        let jti = |credentials: &Credentials| decoded(&grant(credentials))[1]["jti"].clone();
        assert_eq!(jti(&own(json!({}))), Value::Null);
        let (uuid, integer) = (own(json!({ "jti": "uuid" })), own(json!({ "jti": "integer" })));
        assert_eq!(jti(&uuid).as_str().map(str::len), Some(36));
        assert!(jti(&integer).is_u64());
        assert!(jti(&uuid) != jti(&uuid) && jti(&integer) != jti(&integer));
    }

    #[test]
    fn further_claims_stay_as_they_are_written() {
        let text = own_text(r#"{"z": 1.50, "a": 12345678901234567890123}"#);
        let grant = grant(&read(&text));
        let claims = crate::jwt::decode(grant.assertion().unwrap().expose()).unwrap().claims;
        assert!(claims.ends_with(r#","z":1.50,"a":12345678901234567890123}"#), "{claims}");
    }

    fn own_text(claims: &str) -> String {
        let key = json!(pem());
        format!(
            r#"{{"grant":"jwt_bearer","token_url":"https://h/t","iss":"i","private_key":{key},
            "claims":{claims}}}"#
        )
    }

    #[test]
    fn client_credentials_need_no_key_and_join_scopes_with_commas() {
        let credentials = read(
            r#"{"client_id":"c","client_secret":"s","scope":["openid","AdobeID"],
            "org_id":"X@AdobeOrg"}"#,
        );
        assert!(credentials.checked_key(SystemTime::now()).unwrap().is_none());
        let grant = grant(&credentials);
        assert_eq!(grant.scope(), Some("openid,AdobeID"));
        assert_eq!(grant.org_id(), Some("X@AdobeOrg"));
        assert_eq!((grant.assertion(), credentials.secret()), (None, &b"s"[..]));
    }

    #[test]
    fn a_host_of_the_caller_s_stands_in_for_that_of_the_file() {
        let ims = Some("http://127.0.0.1:8080".parse().unwrap());
        let options = CredentialsOptions { ims, ..CredentialsOptions::default() };
        let json = br#"{"client_id":"c","client_secret":"s","scope":"a","ims":"h.example"}"#;
        let credentials = Credentials::from_json(json, &options).unwrap();
        let url = "http://127.0.0.1:8080/ims/token/v3";
        assert_eq!(credentials.token_url().as_str(), url);
    }

    #[test]
    fn a_certificate_is_matched_with_the_key_before_any_network() {
        let certificate = |validity| {
            String::from_utf8(self_signed(keys::rsa(), validity).to_pem().unwrap()).unwrap()
        };
        let other = self_signed(&keys::ec(), Validity::now()).to_pem().unwrap();
        let now = SystemTime::now();
        own(json!({ "certificate": certificate(Validity::now()) })).checked_key(now).unwrap();
        for (certificate, problem) in [
            (certificate(Validity::expired()), "has expired"),
            (certificate(Validity::not_yet()), "is not valid yet"),
            (String::from_utf8(other).unwrap(), "does not belong to the private key"),
            ("-----BEGIN CERTIFICATE-----\n".into(), "certificate: the certificate "),
        ] {
            let credentials = own(json!({ "certificate": certificate }));
            let error = credentials.checked_key(now).unwrap_err();
            assert_eq!(error.status(), Status::Credentials);
            assert!(error.message().starts_with("certificate: "), "{error}");
            assert!(error.message().contains(problem), "{error}");
        }
    }

    #[test]
    fn accounts_that_share_a_secret_are_told_apart() {
        let base = own(json!({})).identity();
        for change in [
            // A server may refuse the requests of the one, and take those of the other.
            json!({ "lifetime": 60 }),
            json!({ "ims": "ims-na1-stg1.adobelogin.com" }),
            json!({ "client_id": "d" }),
            json!({ "org_id": "Y@AdobeOrg" }),
            json!({ "technical_account_id": "E@techacct.adobe.com" }),
            json!({ "metascopes": "ent_x" }),
            json!({ "scope": "a" }),
            json!({ "claims": { "a": 1 } }),
            json!({ "jti": "uuid" }),
            json!({ "grant": "client_credentials", "scope": "a" }),
        ] {
            let other = own(change.clone()).identity();
            assert!(base != other && base.len() == other.len(), "{change}");
        }
    }

    #[test]
    fn a_refusal_says_which_of_the_user_s_settings_to_look_at() {
        let variables = [
            ("API_KEY", "c"),
            ("CLIENT_SECRET", "s"),
            ("IMS_ORG", "X@AdobeOrg"),
            ("TECHNICAL_ACCOUNT_ID", "D@techacct.adobe.com"),
            ("META_SCOPE", "ent_x"),
            ("PRIVATE_KEY", &pem()),
        ]
        .map(|(name, value)| json!({ "key": name, "value": value }));
        let credentials = read(&json!({ "values": variables }).to_string());
        let hint = |status| {
            let error = Error::new(status, "no").with_hint("do");
            credentials.explain(error).hint().unwrap_or_default().to_owned()
        };
        assert_eq!(
            hint(Status::Rejected),
            "do; iss is IMS_ORG (ORG@AdobeOrg), sub is TECHNICAL_ACCOUNT_ID \
             (ID@techacct.adobe.com), the client id is API_KEY, the client secret is \
             CLIENT_SECRET, the metascopes are META_SCOPE"
        );
        assert_eq!(
            hint(Status::Connect),
            "do; IMS should be a host such as ims-na1.adobelogin.com"
        );
        assert_eq!(hint(Status::Timeout), "do");
    }
}
