//! Tells the format of credentials by their shape.

use Parse::{One, Several};

use super::env::{self, Variables};
use super::format::{Format, MAKERS};
use super::json::{self, Object};
use super::known::Known;
use super::options::CredentialsOptions;
use super::setting::{Setting, bad};
use super::settings::Settings;
use super::text;
use super::{
    aem, aepp, aio, aio_auth, aio_env, box_app, console, dot_env, external_account, foreign,
    google, imscli, ini,
};
use super::{
    jwt_auth, okta, okta_env, own, pdf_services, postman, relaxed, sap, user_sync, yaml, zitadel,
};
use crate::environment;
use crate::error::Error;

/// Returns whether a document has the marks of a format.
type Matches = fn(&Object<'_>) -> bool;

/// Reads a document: its account, or the one of several that is called by a name.
enum Parse {
    One(fn(&Object<'_>) -> Result<Settings, Error>),
    Several(fn(&Object<'_>, Option<&str>) -> Result<Settings, Error>),
}

/// The formats of JSON, and of YAML, which is read as JSON, in the order in which their marks are looked
/// for. libims's own is the last, because files of other formats may also have its names.
const FORMATS: &[(Format, Matches, &Known, Parse)] = &[
    (
        Format::ExternalAccount,
        external_account::matches,
        &external_account::KNOWN,
        One(external_account::parse),
    ),
    (Format::Google, google::matches, &google::KNOWN, One(google::parse)),
    (Format::Aio, aio::matches, &aio::KNOWN, Several(aio::parse)),
    (Format::Console, console::matches, &console::KNOWN, Several(console::parse)),
    (Format::Aem, aem::matches, &aem::KNOWN, One(aem::parse)),
    (Format::Postman, postman::matches, &postman::KNOWN, One(postman::parse)),
    (Format::Box, box_app::matches, &box_app::KNOWN, One(box_app::parse)),
    (Format::Zitadel, zitadel::matches, &zitadel::KNOWN, One(zitadel::parse)),
    (Format::Okta, okta::matches, &okta::KNOWN, One(okta::parse)),
    (Format::Sap, sap::matches, &sap::KNOWN, One(sap::parse)),
    (Format::PdfServices, pdf_services::matches, &pdf_services::KNOWN, One(pdf_services::parse)),
    (Format::AioAuth, aio_auth::matches, &aio_auth::KNOWN, One(aio_auth::parse)),
    (Format::JwtAuth, jwt_auth::matches, &jwt_auth::KNOWN, One(jwt_auth::parse)),
    (Format::ImsCli, imscli::matches, &imscli::KNOWN, One(imscli::parse)),
    (Format::Aepp, aepp::matches, &aepp::KNOWN, One(aepp::parse)),
    (Format::Own, own::matches, &own::KNOWN, One(own::parse)),
];

/// Reads a file and detects its format.
pub(super) fn parse_file(bytes: &[u8], options: &CredentialsOptions) -> Result<Settings, Error> {
    let text = &*text::read(bytes)?;
    if json::is_object_or_list(text) {
        return parse_object(text, options);
    }
    let user_sync = if user_sync::matches(text) {
        Some(yaml::to_json(text)?)
    } else if ini::has_section(text, "enterprise") {
        Some(ini::to_json(text)?)
    } else {
        None
    };
    if let Some(json) = user_sync {
        let document = Object::parse(&json)?;
        return parsed(document, Format::UserSync, &user_sync::KNOWN, user_sync::parse);
    }
    let yaml = yaml::is_mapping(text).then(|| yaml::to_json(text));
    if let Some(Ok(json)) = &yaml
        && let Some(settings) = recognized(Object::parse(json)?, options)
    {
        return settings;
    }
    let mut variables = Variables::default();
    for (name, value) in dot_env::parse(text) {
        variables.set(Setting::owned(name.to_owned(), value));
    }
    if let Some(settings) = env::parse(&variables)? {
        return Ok(settings.in_format(Format::DotEnv));
    }
    if let Some(json) = aio_env::to_json(dot_env::parse(text)) {
        let parse = |object: &Object<'_>| aio::parse(object, options.name.as_deref());
        return parsed(Object::parse(&json)?, Format::DotEnv, &aio::KNOWN, parse);
    }
    if let Some(json) = okta_env::to_json(dot_env::parse(text)) {
        return parsed(Object::parse(&json)?, Format::Okta, &okta::KNOWN, okta::parse);
    }
    for (begin, kind) in
        [("PRIVATE KEY-----", "a private key"), ("CERTIFICATE-----", "a certificate")]
    {
        if text.trim_start().starts_with("-----BEGIN ") && text.contains(begin) {
            return Err(bad(format!("is {kind}, not the credentials that go with it"))
                .with_hint("give the credentials file, and name the key in it"));
        }
    }
    match yaml {
        Some(Err(error)) => Err(error),
        _ => Err(unknown()),
    }
}

/// Reads JSON text and detects its format.
pub(super) fn parse_json(json: &[u8], options: &CredentialsOptions) -> Result<Settings, Error> {
    parse_object(&text::read(json)?, options)
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
    let read = |object| recognized(object, options).unwrap_or_else(|| Err(unknown()));
    match Object::parse(text) {
        Ok(object) => read(object),
        Err(error) => match relaxed::strict(text) {
            // The error of the text as it was written has its places.
            Some(strict) => read(Object::parse(&strict).map_err(|_| error)?),
            None => Err(error),
        },
    }
}

/// Reads a document of the format that it has the marks of; `None` where it has those of no format.
fn recognized(
    document: Object<'_>,
    options: &CredentialsOptions,
) -> Option<Result<Settings, Error>> {
    let (format, _, known, parse) = FORMATS.iter().find(|(_, matches, ..)| matches(&document))?;
    let name = options.name.as_deref();
    Some(parsed(document, *format, known, |document| match parse {
        One(parse) => parse(document),
        Several(parse) => parse(document, name),
    }))
}

/// Reads a document of a known format, and sees that no setting is ignored in silence.
fn parsed(
    document: Object<'_>,
    format: Format,
    known: &'static Known,
    parse: impl FnOnce(&Object<'_>) -> Result<Settings, Error>,
) -> Result<Settings, Error> {
    if document.has_object(foreign::SOPS) {
        document.ignore();
        return Err(foreign::of_sops());
    }
    document.set_known(known);
    let mut settings = parse(&document)?.in_format(format);
    settings.unknown.extend(document.finish()?);
    Ok(settings)
}

fn unknown() -> Error {
    bad("is of no known format")
        .with_hint(format!("known are the files of {MAKERS}, and libims's own JSON"))
}

/// Returns the formats whose marks a document has.
#[cfg(test)]
pub(super) fn matching(json: &str) -> Vec<Format> {
    let document = Object::parse(json).unwrap();
    FORMATS
        .iter()
        .filter(|(_, matches, ..)| matches(&document))
        .map(|(format, ..)| *format)
        .collect()
}
