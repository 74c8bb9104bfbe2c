//! libims's own form, which says everything.

use super::bad;
use super::json::Object;
use super::settings::{JtiKind, Setting, Settings, shown};
use crate::error::Error;
use crate::grant::{ClientAuthMethod, GrantType};

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

pub(super) fn is(document: &Object<'_>) -> bool {
    NAMES.iter().any(|name| document.has(name))
}

pub(super) fn settings(document: &Object<'_>) -> Result<Settings, Error> {
    if let Some(name) = document.names().find(|name| !NAMES.contains(name)) {
        return Err(bad(format!("holds the unknown setting {}", shown(name)))
            .with_hint(format!("the settings are {}", NAMES.join(", "))));
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
    let private_key = document.list("private_key", "\n")?;
    // The key may be given beside.
    let is_jwt =
        private_key.value().is_some() || document.has("metascopes") && !document.has("scope");
    let grant =
        grant.unwrap_or(if is_jwt { GrantType::JwtExchange } else { GrantType::ClientCredentials });
    let auth = [("body", ClientAuthMethod::Body), ("basic", ClientAuthMethod::Basic)];
    let jti = [("uuid", JtiKind::Uuid), ("integer", JtiKind::Integer)];
    // RFC 6749 section 3.3 has blanks; Adobe commas.
    let separator = if grant == GrantType::JwtBearer { " " } else { "," };
    let (account, iss) = (document.text("technical_account_id")?, document.text("iss")?);
    Ok(Settings {
        client_auth: one_of(document, "client_auth", &auth)?.unwrap_or_default(),
        ims: document.text("ims")?,
        token_url: document.text("token_url")?,
        client_id: document.text("client_id")?,
        client_secret: document.text("client_secret")?,
        org_id: document.text("org_id")?,
        sends_org_id: true,
        technical_account_id: account.clone(),
        metascopes: document.list("metascopes", ",")?.json_list(",")?,
        scope: document.list("scope", separator)?,
        iss: iss.clone(),
        sub: document.text("sub")?,
        aud: document.text("aud")?,
        kid: document.text("kid")?,
        lifetime: lifetime(document)?,
        jti: one_of(document, "jti", &jti)?,
        claims: claims(document)?,
        private_key,
        passphrase: document.text("passphrase")?,
        certificate: document.list("certificate", "\n")?,
        sandbox_name: document.text("sandbox_name")?,
        ids: vec![account, iss],
        ..Settings::new(grant)
    })
}

fn one_of<T: Copy>(
    document: &Object<'_>,
    name: &str,
    choices: &[(&str, T)],
) -> Result<Option<T>, Error> {
    let setting = document.text(name)?;
    let Some(value) = setting.value() else { return Ok(None) };
    let chosen = choices.iter().find(|(choice, _)| *choice == value).map(|(_, kind)| *kind);
    let choices: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
    chosen.map(Some).ok_or_else(|| bad(format!("{name} must be {}", choices.join(" or "))))
}

fn lifetime(document: &Object<'_>) -> Result<Option<i64>, Error> {
    match document.value("lifetime") {
        None | Some("null") => Ok(None),
        Some(value) => serde_json::from_str(value)
            .map(Some)
            .map_err(|_| bad("lifetime must be a whole number of seconds, 1 to 86400")),
    }
}

/// Claims stay as they are written.
fn claims(document: &Object<'_>) -> Result<Setting, Error> {
    if document.names().filter(|name| *name == "claims").count() > 1 {
        return Err(bad("claims must be an object that is given once"));
    }
    match document.value("claims") {
        None | Some("null") => Ok(Setting::absent("claims")),
        Some(claims) if claims.starts_with('{') => {
            Ok(Setting::new("claims".to_owned(), Some(claims)))
        }
        Some(_) => Err(bad("claims must be an object")),
    }
}
