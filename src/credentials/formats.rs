//! Tells the format of credentials by their shape.

use super::env::{self, Variables};
use super::format::Format;
use super::json::Object;
use super::known::Known;
use super::options::CredentialsOptions;
use super::setting::{Setting, bad};
use super::settings::Settings;
use super::source::MAX_LEN;
use super::{
    aem, aepp, console, dot_env, external_account, google, jwt_auth, own, postman, user_sync, yaml,
};
use crate::environment;
use crate::error::Error;

/// Returns the document's text, without a byte order mark.
fn text_of(bytes: &[u8]) -> Result<&str, Error> {
    if bytes.trim_ascii().is_empty() {
        return Err(bad("is empty"));
    }
    if bytes.len() > MAX_LEN {
        return Err(bad("is over 256 KiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| {
        bad("is not UTF-8 text").with_hint("save it as UTF-8; a key in DER is no credentials file")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Reads a file and detects its format.
pub(super) fn parse_file(bytes: &[u8], options: &CredentialsOptions) -> Result<Settings, Error> {
    let text = text_of(bytes)?;
    if text.trim_start().starts_with('{') {
        return parse_object(text, options);
    }
    if user_sync::matches(text) {
        let json = yaml::to_json(text)?;
        return parsed(
            Object::parse(&json)?,
            Format::UserSync,
            &user_sync::KNOWN,
            user_sync::parse,
        );
    }
    let mut variables = Variables::new();
    for (name, value) in dot_env::parse(text) {
        variables.set(Setting::owned(name, value));
    }
    if let Some(settings) = env::parse(&variables)? {
        return Ok(settings.in_format(Format::DotEnv));
    }
    for (begin, kind) in
        [("PRIVATE KEY-----", "a private key"), ("CERTIFICATE-----", "a certificate")]
    {
        if text.contains("-----BEGIN ") && text.contains(begin) {
            return Err(bad(format!("is {kind}, not the credentials that go with it"))
                .with_hint("give the credentials file, and name the key in it"));
        }
    }
    Err(unknown())
}

/// Reads JSON text and detects its format.
pub(super) fn parse_json(json: &[u8], options: &CredentialsOptions) -> Result<Settings, Error> {
    parse_object(text_of(json)?, options)
}

/// Reads the process's variables.
pub(super) fn parse_environment() -> Result<Settings, Error> {
    if environment::is_privileged() {
        let problem = "is not read: this program has more rights than its caller (set-user-ID), who \
                       would choose the account";
        return Err(bad(problem).with_hint("name a credentials file"));
    }
    env::parse(&env::from_process()?)?
        .map(|settings| settings.in_format(Format::Environment))
        .ok_or_else(|| bad("holds no credentials").with_hint(env::HINT))
}

fn parse_object(text: &str, options: &CredentialsOptions) -> Result<Settings, Error> {
    let object = Object::parse(text)?;
    if console::matches(&object) {
        let parse = |object: &Object<'_>| console::parse(object, options.name.as_deref());
        return parsed(object, Format::Console, &console::KNOWN, parse);
    }
    type Matches = fn(&Object<'_>) -> bool;
    type Parse = fn(&Object<'_>) -> Result<Settings, Error>;
    // The order is important, because files of other formats may also have libims's own names.
    let formats: [(Format, Matches, &Known, Parse); 7] = [
        (Format::Aem, aem::matches, &aem::KNOWN, aem::parse),
        (Format::Postman, postman::matches, &postman::KNOWN, postman::parse),
        (
            Format::ExternalAccount,
            external_account::matches,
            &external_account::KNOWN,
            external_account::parse,
        ),
        (Format::Google, google::matches, &google::KNOWN, google::parse),
        (Format::JwtAuth, jwt_auth::matches, &jwt_auth::KNOWN, jwt_auth::parse),
        (Format::Aepp, aepp::matches, &aepp::KNOWN, aepp::parse),
        (Format::Own, own::matches, &own::KNOWN, own::parse),
    ];
    match formats.into_iter().find(|(_, matches, _, _)| matches(&object)) {
        Some((format, _, known, parse)) => parsed(object, format, known, parse),
        None => Err(unknown()),
    }
}

/// Reads a document of a known format, and sees that no setting is ignored in silence.
fn parsed(
    document: Object<'_>,
    format: Format,
    known: &'static Known,
    parse: impl FnOnce(&Object<'_>) -> Result<Settings, Error>,
) -> Result<Settings, Error> {
    document.set_known(known);
    let mut settings = parse(&document)?.in_format(format);
    settings.unknown.extend(document.finish()?);
    Ok(settings)
}

fn unknown() -> Error {
    bad("is of no known format").with_hint(
        "known are AEM service credentials, a Developer Console project, a Postman environment, \
         .env, @adobe/jwt-auth, aepp or aanalytics2, user-sync's connector-umapi.yml, a Google \
         service account or external account, and libims's own JSON",
    )
}
