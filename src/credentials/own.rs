//! libims's own format, the only one with a name for every setting.

use super::json::Object;
use super::setting::{Setting, bad};
use super::settings::{JtiKind, Settings};
use crate::error::{Error, Field, shown};
use crate::grant::{ClientAuthMethod, GrantType};

/// The likeness, from 0 to 1, from which one name is taken for another with a typing error, as clap does.
const MIN_LIKENESS: f64 = 0.7;

const NAMES: &[&str] = &[
    "aud",
    "certificate",
    "claims",
    "client_auth",
    "client_id",
    "client_secret",
    "grant",
    "ims",
    "iss",
    "jti",
    "kid",
    "lifetime",
    "metascopes",
    "org_id",
    "passphrase",
    "private_key",
    "sandbox_name",
    "scope",
    "sub",
    "technical_account_id",
    "token_url",
];

pub(super) fn matches(document: &Object<'_>) -> bool {
    NAMES.iter().any(|name| document.has(name))
}

/// Returns the setting whose name is most like `name`, if one is like it.
fn nearest(name: &str) -> Option<&'static str> {
    let likeness = |setting: &&str| strsim::jaro(name, setting);
    let nearest = NAMES.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&nearest) > MIN_LIKENESS).then_some(nearest)
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    if let Some(name) = document.names().find(|name| !NAMES.contains(name)) {
        return Err(bad(format!("holds the unknown setting {}", shown(name))).with_hint(
            match nearest(name) {
                Some(nearest) => {
                    format!("did you mean {nearest}? The settings are {}", NAMES.join(", "))
                }
                None => format!("the settings are {}", NAMES.join(", ")),
            },
        ));
    }
    let grant = one_of(
        document,
        "grant",
        &[
            ("jwt_exchange", GrantType::JwtExchange),
            ("jwt_bearer", GrantType::JwtBearer),
            ("client_credentials", GrantType::ClientCredentials),
        ],
    )?;
    let private_key = list(document, "private_key", "\n")?;
    // The key may be given as an option.
    let is_jwt =
        private_key.value().is_some() || document.has("metascopes") && !document.has("scope");
    let grant =
        grant.unwrap_or(if is_jwt { GrantType::JwtExchange } else { GrantType::ClientCredentials });
    let auth = [("body", ClientAuthMethod::Body), ("basic", ClientAuthMethod::Basic)];
    let jti = [("uuid", JtiKind::Uuid), ("integer", JtiKind::Integer)];
    // RFC 6749 section 3.3 separates scopes by spaces, Adobe by commas.
    let separator = if grant == GrantType::JwtBearer { " " } else { "," };
    let (account, iss) = (text(document, "technical_account_id")?, text(document, "iss")?);
    Ok(Settings {
        client_auth: one_of(document, "client_auth", &auth)?.unwrap_or_default(),
        ims: text(document, "ims")?,
        token_url: text(document, "token_url")?,
        client_id: text(document, "client_id")?,
        client_secret: text(document, "client_secret")?,
        org_id: text(document, "org_id")?,
        sends_org_id: true,
        technical_account_id: account.clone(),
        metascopes: list(document, "metascopes", ",")?.json_list(",")?,
        scope: list(document, "scope", separator)?,
        iss: iss.clone(),
        sub: text(document, "sub")?,
        aud: text(document, "aud")?,
        kid: text(document, "kid")?,
        lifetime: lifetime(document)?,
        jti: one_of(document, "jti", &jti)?,
        claims: claims(document)?,
        private_key,
        passphrase: text(document, "passphrase")?,
        certificate: list(document, "certificate", "\n")?,
        sandbox_name: text(document, "sandbox_name")?,
        ids: vec![account, iss],
        ..Settings::new(grant)
    })
}

/// Reads a setting, whose name is the core's.
fn text(document: &Object<'_>, name: &str) -> Result<Setting, Error> {
    document.text(name).map_err(|error| error.with_field(Field::new(name)))
}

/// Reads a setting that may be a list.
fn list(document: &Object<'_>, name: &str, separator: &str) -> Result<Setting, Error> {
    document.list(name, separator).map_err(|error| error.with_field(Field::new(name)))
}

fn one_of<T: Copy>(
    document: &Object<'_>,
    name: &str,
    choices: &[(&str, T)],
) -> Result<Option<T>, Error> {
    let setting = text(document, name)?;
    let Some(value) = setting.value() else { return Ok(None) };
    let chosen = choices.iter().find(|(choice, _)| *choice == value).map(|(_, kind)| *kind);
    let choices: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
    chosen.map(Some).ok_or_else(|| bad_own(name, format!("must be {}", choices.join(" or "))))
}

fn lifetime(document: &Object<'_>) -> Result<Option<i64>, Error> {
    match document.value("lifetime") {
        None | Some("null") => Ok(None),
        Some(value) => serde_json::from_str(value)
            .map(Some)
            .map_err(|_| bad_own("lifetime", "must be an integer, in seconds, 1 to 86400")),
    }
}

/// Claims stay as they are written.
fn claims(document: &Object<'_>) -> Result<Setting, Error> {
    if document.names().filter(|name| *name == "claims").count() > 1 {
        return Err(bad_own("claims", "must be an object that is given once"));
    }
    match document.value("claims") {
        None | Some("null") => Ok(Setting::absent("claims")),
        Some(claims) if claims.starts_with('{') => Ok(Setting::new("claims", Some(claims))),
        Some(_) => Err(bad_own("claims", "must be an object")),
    }
}

/// Makes the error of a setting: its name is the core's.
fn bad_own(name: &str, problem: impl Into<String>) -> Error {
    bad(problem).with_field(Field::new(name))
}
