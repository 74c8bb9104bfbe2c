//! libims's own format, the only one with a name for every setting.

use serde::de::DeserializeOwned;

use super::assertion_settings::AssertionSettings;
use super::json::{Entry, Object, is_comment};
use super::known::{Known, nearest};
use super::setting::{MAX_TRIED, Setting, bad};
use super::settings::{JtiKind, KeySettings, Settings};
use crate::error::{Error, Field, Status, shown};
use crate::grant::{BodyFormat, ClientAuthMethod, GrantType};

const NAMES: &[&str] = &[
    "alg",
    "assertion_command",
    "assertion_file",
    "assertion_headers",
    "assertion_member",
    "assertion_url",
    "aud",
    "audience",
    "body",
    "certificate",
    "claims",
    "client_auth",
    "client_id",
    "client_secret",
    "client_secrets",
    "default_lifetime",
    "grant",
    "header",
    "iat_leeway",
    "ims",
    "iss",
    "issuer",
    "jti",
    "kid",
    "lifetime",
    "metascopes",
    "org_id",
    "parameters",
    "passphrase",
    "private_key",
    "private_keys",
    "requested_token_type",
    "resource",
    "sandbox_name",
    "scope",
    "scope_claim",
    "sub",
    "subject",
    "subject_token_type",
    "technical_account_id",
    "token_url",
    "typ",
    "x5c",
    "x5t",
];

/// The settings of a key in a list.
const KEY_NAMES: &[&str] = &["certificate", "kid", "private_key"];

/// An unknown setting of the format is an error of its own.
pub(super) const KNOWN: Known = Known { harmless: &[], refused: &[] };

pub(super) fn matches(document: &Object<'_>) -> bool {
    NAMES.iter().any(|name| document.has(name))
}

/// Returns the error of an object that holds another setting than those of `known`.
fn unfit(object: &Object<'_>, known: &[&'static str]) -> Option<Error> {
    let mut names = object.names().filter(|name| !is_comment(name));
    let name = names.find(|name| !known.contains(name))?;
    let hint = match nearest(known, name) {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => "remove it: libims's own form has no setting like it".to_owned(),
    };
    Some(bad(format!("holds the unknown setting {}", shown(name))).with_hint(hint))
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    if let Some(error) = unfit(document, NAMES) {
        return Err(error);
    }
    let (KeySettings { private_key, kid, certificate }, further_keys) = keys(document)?;
    let (client_secret, further_secrets) = secrets(document)?;
    if (1 + further_keys.len()) * (1 + further_secrets.len()) > MAX_TRIED {
        let problem = format!("and client_secrets make over {MAX_TRIED} pairs that may be tried");
        return Err(bad_own("private_keys", problem));
    }
    let client_auth = match text(document, "client_auth")?.value() {
        Some(name) => name.parse().map_err(of_credentials)?,
        None => ClientAuthMethod::default(),
    };
    let (grant, other_grant_type) = match text(document, "grant")?.value() {
        Some(name) => GrantType::parse(name).map_err(of_credentials)?,
        None => {
            // The key may be given as an option.
            let has_jwt = private_key.value().is_some()
                || document.has("metascopes") && !document.has("scope");
            match has_jwt && !client_auth.is_assertion() {
                true => (GrantType::JwtExchange, None),
                false => (GrantType::ClientCredentials, None),
            }
        }
    };
    let jti = [("uuid", JtiKind::Uuid), ("integer", JtiKind::Integer)];
    let body = match text(document, "body")?.value() {
        Some(name) => name.parse().map_err(of_credentials)?,
        None => BodyFormat::default(),
    };
    let mut settings = Settings {
        other_grant_type,
        client_auth,
        further_secrets,
        sends_org_id: true,
        scope_claim: typed(document, "scope_claim", "true or false")?.unwrap_or_default(),
        parameters: fields(document, "parameters")?,
        resource: document.texts("resource").map_err(|error| own_name(error, "resource"))?,
        body,
        default_lifetime: seconds(document, "default_lifetime", 1)?,
        x5c: typed(document, "x5c", "true or false")?.unwrap_or_default(),
        lifetime: typed(document, "lifetime", "an integer, in seconds, 1 to 86400")?,
        iat_leeway: seconds(document, "iat_leeway", 0)?,
        jti: one_of(document, "jti", &jti)?,
        assertion: assertion(document)?,
        further_keys,
        ..Settings::new(grant)
    };
    let (aud, aud_list) = audiences(document)?;
    for (name, setting) in settings.each() {
        *setting = match name {
            "aud" => aud.clone(),
            "client_secret" => client_secret.clone(),
            "private_key" => private_key.clone(),
            "kid" => kid.clone(),
            "certificate" => certificate.clone(),
            "metascopes" => list(document, name, ",")?.json_list(",")?,
            // Scopes have blanks between them (RFC 6749 section 3.3). For Adobe, they become commas.
            "scope" => list(document, name, " ")?,
            "header" | "claims" => {
                document.object_text(name).map_err(|error| own_name(error, name))?
            }
            // Google's files alone have it.
            "service_account_impersonation_url" => continue,
            _ => text(document, name)?,
        };
    }
    settings.aud_list = aud_list;
    settings.ids = vec![settings.technical_account_id.clone(), settings.iss.clone()];
    Ok(settings)
}

/// Reads the client secret, and those that are tried after it.
fn secrets(document: &Object<'_>) -> Result<(Setting, Vec<Setting>), Error> {
    const NAME: &str = "client_secrets";
    const LOOK: &str = "a list of strings";
    let one = list(document, "client_secret", "\n")?;
    let entries = several(document, NAME, LOOK, &one)?.into_iter().map(|entry| match entry {
        Entry::Text(secret) => not_blank(secret, NAME),
        Entry::Object(_) => Err(bad_own(NAME, format!("must be {LOOK}"))),
    });
    let mut entries = entries.collect::<Result<Vec<_>, _>>()?.into_iter();
    Ok((entries.next().unwrap_or(one), entries.collect()))
}

/// Reads the private key, and those that are tried after it. A key in a list may have a `kid` and a
/// `certificate` of its own.
fn keys(document: &Object<'_>) -> Result<(KeySettings, Vec<KeySettings>), Error> {
    const NAME: &str = "private_keys";
    const LOOK: &str = "a list of strings or objects";
    let private_key =
        document.private_key("private_key").map_err(|error| own_name(error, "private_key"))?;
    let (kid, certificate) = (text(document, "kid")?, list(document, "certificate", "\n")?);
    let own_or = |own: Setting, common: &Setting| match own.value() {
        Some(_) => own,
        None => common.clone(),
    };
    let entries = several(document, NAME, LOOK, &private_key)?.into_iter().map(|entry| {
        let (private_key, own_kid, own_certificate) = match entry {
            Entry::Text(key) => {
                let (kid, certificate) = (Setting::absent("kid"), Setting::absent("certificate"));
                (not_blank(key, NAME)?, kid, certificate)
            }
            Entry::Object(object) => {
                let read = || {
                    if let Some(error) = unfit(&object, KEY_NAMES) {
                        return Err(error.with_field(Field::called(object.path().to_owned())));
                    }
                    let key = not_blank(object.private_key("private_key")?, NAME)?;
                    let (kid, certificate) =
                        (object.text("kid")?, object.list("certificate", "\n")?);
                    Ok((key.called(object.path().to_owned()), kid, certificate))
                };
                read().map_err(|error| error.named(NAME))?
            }
        };
        Ok(KeySettings {
            private_key,
            kid: own_or(own_kid, &kid),
            certificate: own_or(own_certificate, &certificate),
        })
    });
    let mut entries = entries.collect::<Result<Vec<_>, _>>()?.into_iter();
    let one = KeySettings { private_key, kid: kid.clone(), certificate: certificate.clone() };
    Ok((entries.next().unwrap_or(one), entries.collect()))
}

/// Reads the list of a setting that may also be `one`.
fn several<'a>(
    document: &Object<'a>,
    name: &'static str,
    look: &str,
    one: &Setting,
) -> Result<Vec<Entry<'a>>, Error> {
    let entries = document.entries(name, look).map_err(|error| own_name(error, name))?;
    if !entries.is_empty() && one.value().is_some() {
        return Err(bad_own(name, format!("and {} are both given: give one", one.name())));
    }
    if entries.len() > MAX_TRIED {
        return Err(bad_own(name, format!("holds over {MAX_TRIED}")));
    }
    Ok(entries)
}

/// Checks an entry of the list `name`.
fn not_blank(entry: Setting, name: &'static str) -> Result<Setting, Error> {
    match entry.value() {
        Some(_) => Ok(entry),
        None => Err(entry.named(name).error("is missing or empty")),
    }
}

/// Reads `aud`, which is a text, or a list that is signed as it is written.
fn audiences(document: &Object<'_>) -> Result<(Setting, Setting), Error> {
    const NAME: &str = "aud";
    match document.value(NAME) {
        Some(list) if list.starts_with('[') => {
            let all = document.texts(NAME).map_err(|error| own_name(error, NAME))?;
            if all.is_empty() {
                return Err(bad_own(NAME, "is an empty list"));
            }
            Ok((Setting::absent(NAME), Setting::new(NAME, Some(list))))
        }
        _ => Ok((text(document, NAME)?, Setting::absent(NAME))),
    }
}

/// Reads where a JWT comes from that is not signed here, as far as it is no text.
fn assertion(document: &Object<'_>) -> Result<AssertionSettings, Error> {
    const COMMAND: &str = "assertion_command";
    let command = match document.value(COMMAND) {
        None | Some("null") => Vec::new(),
        Some(list) if list.starts_with('[') => {
            document.all_texts(COMMAND).map_err(|error| own_name(error, COMMAND))?
        }
        Some(_) => {
            let problem = "must be a list of strings: the program and its arguments";
            return Err(bad_own(COMMAND, problem));
        }
    };
    if command.first().is_some_and(|program| program.value().is_none()) {
        return Err(bad_own(COMMAND, "names no program"));
    }
    Ok(AssertionSettings {
        command,
        headers: fields(document, "assertion_headers")?,
        expands: true,
        ..AssertionSettings::default()
    })
}

/// Reads an object whose members are fields, each a text or a list of texts.
fn fields(document: &Object<'_>, own: &'static str) -> Result<Vec<(String, Setting)>, Error> {
    let mut fields = Vec::new();
    if document.object_text(own).map_err(|error| own_name(error, own))?.value().is_some() {
        let object = document.object(own)?;
        for (name, values) in object.into_texts().map_err(|error| own_name(error, own))? {
            if values.is_empty() {
                let problem = format!("holds {}, whose value is missing or empty", shown(&name));
                return Err(bad_own(own, problem));
            }
            fields.extend(values.into_iter().map(|value| (name.clone(), value)));
        }
    }
    Ok(fields)
}

fn seconds(document: &Object<'_>, name: &'static str, min: i64) -> Result<Option<i64>, Error> {
    let look = format!("an integer, in seconds, {min} to 86400");
    match typed(document, name, &look)? {
        Some(seconds) if !(min..=86_400).contains(&seconds) => {
            Err(bad_own(name, format!("must be {look}")))
        }
        seconds => Ok(seconds),
    }
}

fn typed<T: DeserializeOwned>(
    document: &Object<'_>,
    name: &'static str,
    look: &str,
) -> Result<Option<T>, Error> {
    document.typed(name, look).map_err(|error| own_name(error, name))
}

/// Reads a setting, whose name is the core's.
fn text(document: &Object<'_>, name: &'static str) -> Result<Setting, Error> {
    given(document, name, Object::text)
}

/// Reads a setting that may be a list.
fn list(document: &Object<'_>, name: &'static str, separator: &str) -> Result<Setting, Error> {
    given(document, name, |document, name| document.list(name, separator))
}

/// Reads a setting by `read` if it is given.
fn given<'a>(
    document: &Object<'a>,
    name: &'static str,
    read: impl FnOnce(&Object<'a>, &'static str) -> Result<Setting, Error>,
) -> Result<Setting, Error> {
    match document.value(name) {
        None => Ok(Setting::not_given(name)),
        Some(_) => read(document, name).map_err(|error| own_name(error, name)),
    }
}

fn one_of<T: Copy>(
    document: &Object<'_>,
    name: &'static str,
    choices: &[(&str, T)],
) -> Result<Option<T>, Error> {
    let setting = text(document, name)?;
    let Some(value) = setting.value() else { return Ok(None) };
    let chosen = choices.iter().find(|(choice, _)| *choice == value).map(|(_, kind)| *kind);
    let choices: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
    chosen.map(Some).ok_or_else(|| bad_own(name, format!("must be {}", choices.join(" or "))))
}

/// Makes the error of a setting: its name is the core's.
fn bad_own(name: &'static str, problem: impl Into<String>) -> Error {
    bad(problem).with_field(Field::new(name))
}

/// Names the setting as the core does.
fn own_name(error: Error, name: &'static str) -> Error {
    error.with_field(Field::new(name))
}

/// Makes the error of a value one of the credentials.
fn of_credentials(error: Error) -> Error {
    error.with_status(Status::Credentials)
}
