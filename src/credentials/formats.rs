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
    aem, aepp, aio, aio_auth, aio_env, box_app, console, dot_env, google, imscli, ini, jwt_auth,
};
use super::{okta, own, pdf_services, postman, sap, user_sync, yaml, zitadel};
use crate::environment;
use crate::error::Error;

/// A format of JSON, and of YAML, which is read as JSON.
struct Row {
    format: Format,
    /// Returns whether a document has the marks of the format.
    matches: fn(&Object<'_>) -> bool,
    known: &'static Known,
    parse: Parse,
}

/// Reads a document: one account, or the one of several that is called by a name.
enum Parse {
    One(fn(&Object<'_>) -> Result<Settings, Error>),
    Several(fn(&Object<'_>, Option<&str>) -> Result<Settings, Error>),
}

/// The formats in the order in which their marks are looked for. libims's own is the last, because files
/// of other formats may also have its names.
const FORMATS: &[Row] = &[
    Row {
        format: Format::Aio,
        matches: aio::matches,
        known: &aio::KNOWN,
        parse: Parse::Several(aio::parse),
    },
    Row {
        format: Format::Console,
        matches: console::matches,
        known: &console::KNOWN,
        parse: Parse::Several(console::parse),
    },
    Row {
        format: Format::Aem,
        matches: aem::matches,
        known: &aem::KNOWN,
        parse: Parse::One(aem::parse),
    },
    Row {
        format: Format::Postman,
        matches: postman::matches,
        known: &postman::KNOWN,
        parse: Parse::One(postman::parse),
    },
    Row {
        format: Format::Google,
        matches: google::matches,
        known: &google::KNOWN,
        parse: Parse::One(google::parse),
    },
    Row {
        format: Format::Box,
        matches: box_app::matches,
        known: &box_app::KNOWN,
        parse: Parse::One(box_app::parse),
    },
    Row {
        format: Format::Zitadel,
        matches: zitadel::matches,
        known: &zitadel::KNOWN,
        parse: Parse::One(zitadel::parse),
    },
    Row {
        format: Format::Okta,
        matches: okta::matches,
        known: &okta::KNOWN,
        parse: Parse::One(okta::parse),
    },
    Row {
        format: Format::Sap,
        matches: sap::matches,
        known: &sap::KNOWN,
        parse: Parse::One(sap::parse),
    },
    Row {
        format: Format::PdfServices,
        matches: pdf_services::matches,
        known: &pdf_services::KNOWN,
        parse: Parse::One(pdf_services::parse),
    },
    Row {
        format: Format::AioAuth,
        matches: aio_auth::matches,
        known: &aio_auth::KNOWN,
        parse: Parse::One(aio_auth::parse),
    },
    Row {
        format: Format::JwtAuth,
        matches: jwt_auth::matches,
        known: &jwt_auth::KNOWN,
        parse: Parse::One(jwt_auth::parse),
    },
    Row {
        format: Format::ImsCli,
        matches: imscli::matches,
        known: &imscli::KNOWN,
        parse: Parse::One(imscli::parse),
    },
    Row {
        format: Format::Aepp,
        matches: aepp::matches,
        known: &aepp::KNOWN,
        parse: Parse::One(aepp::parse),
    },
    Row {
        format: Format::Own,
        matches: own::matches,
        known: &own::KNOWN,
        parse: Parse::One(own::parse),
    },
];

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
    let mut variables = Variables::new();
    for (name, value) in dot_env::parse(text) {
        variables.set(Setting::owned(name, value));
    }
    if let Some(settings) = env::parse(&variables)? {
        return Ok(settings.in_format(Format::DotEnv));
    }
    if let Some(json) = aio_env::to_json(dot_env::parse(text)) {
        let parse = |object: &Object<'_>| aio::parse(object, options.name.as_deref());
        return parsed(Object::parse(&json)?, Format::DotEnv, &aio::KNOWN, parse);
    }
    for (begin, kind) in
        [("PRIVATE KEY-----", "a private key"), ("CERTIFICATE-----", "a certificate")]
    {
        if text.contains("-----BEGIN ") && text.contains(begin) {
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
    let object = match Object::parse(text) {
        Ok(object) => object,
        // aio writes Hjson, whose names have no quotes, as in a YAML mapping.
        Err(error) => match yaml::to_json(text) {
            Ok(json) => {
                let object = Object::parse(&json)?;
                let aios = aio::matches(&object).then(|| recognized(object, options)).flatten();
                return aios.unwrap_or(Err(error));
            }
            Err(_) => return Err(error),
        },
    };
    recognized(object, options).unwrap_or_else(|| Err(unknown()))
}

/// Reads a document of the format that it has the marks of; `None` where it has those of no format.
fn recognized(object: Object<'_>, options: &CredentialsOptions) -> Option<Result<Settings, Error>> {
    let row = FORMATS.iter().find(|row| (row.matches)(&object))?;
    let name = options.name.as_deref();
    Some(parsed(object, row.format, row.known, |object| match row.parse {
        Parse::One(parse) => parse(object),
        Parse::Several(parse) => parse(object, name),
    }))
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
    bad("is of no known format").with_hint(format!("known are {}", Format::files()))
}

/// Returns the formats whose marks a document has.
#[cfg(test)]
pub(super) fn matching(json: &str) -> Vec<Format> {
    let object = Object::parse(json).unwrap();
    FORMATS.iter().filter(|row| (row.matches)(&object)).map(|row| row.format).collect()
}
