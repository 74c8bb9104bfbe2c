//! The configuration of Adobe's command line `aio` (`~/.config/aio` and `.aio`): IMS contexts, or one
//! of them alone, such as the `config.json` that Cloud Manager's plugin imports.
//!
//! Source: adobe/aio-lib-ims, README.md and src/ims.js; adobe/aio-lib-ims-jwt, src/ims-jwt.js;
//! adobe/aio-lib-env, src/index.js (`cli.env`); adobe/aio-lib-ims-oauth, src/ims-oauth_server_to_server.js; adobe/aio-cli-plugin-jwt-auth,
//! src/jwt-auth-helpers.js; adobe/aio-cli-plugin-cloudmanager, README.md.

use super::choice::Choice;
use super::json::Object;
use super::known::Known;
use super::setting::{Setting, bad};
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

pub(super) const KNOWN: Known = Known {
    harmless: &[
        "technical_account_email",
        "access_token",
        "refresh_token",
        "ims.config.plugins",
        "ims.contexts.{}.technical_account_email",
        "ims.contexts.{}.access_token",
        "ims.contexts.{}.refresh_token",
        "$ims.{}.technical_account_email",
        "$ims.{}.access_token",
        "$ims.{}.refresh_token",
        "$ims.$plugins",
        "jwt-auth",
        "jwt-auth.access_token",
        "jwt_payload.exp",
        "jwt_payload.iat",
        "jwt-auth.jwt_payload.exp",
        "jwt-auth.jwt_payload.iat",
        // Other parts of the configuration.
        "$cli",
        "cli",
        "cloudmanager_environmentid",
        "cloudmanager_programid",
        "console",
        "project",
        "runtime",
    ],
    refused: &[],
};

/// The settings that only a service account's context has.
const MARKS: &[&str] = &[
    "ims_org_id",
    "meta_scopes",
    "scopes",
    "technical_account_id",
    "client_secrets",
    "jwt_payload",
];

/// The objects of a configuration that hold accounts.
const HOLDERS: [&str; 3] = ["ims", "$ims", "jwt-auth"];

pub(super) fn matches(document: &Object<'_>) -> bool {
    HOLDERS.iter().any(|holder| document.has_object(holder))
        || ["ims_org_id", "jwt_payload", "oauth_enabled"].iter().any(|mark| document.has(mark))
        || document.has("meta_scopes") && !document.has("org_id")
}

/// Reads the context called `name`, or else the current one, or the only one of a service account.
pub(super) fn parse(document: &Object<'_>, name: Option<&str>) -> Result<Settings, Error> {
    if !HOLDERS.iter().any(|holder| document.has_object(holder)) {
        return context(document, &Setting::absent("env"));
    }
    let environment = environment(document)?;
    let mut found = Vec::new();
    let mut current = Setting::absent("current");
    if document.has_object("ims") {
        let ims = document.object("ims")?;
        if ims.has_object("config") {
            current = ims.object("config")?.text("current")?;
        }
        if ims.has_object("contexts") {
            contexts(ims.object("contexts")?, &environment, &mut found)?;
        }
    }
    if document.has_object("$ims") {
        let ims = document.object("$ims")?;
        let older = ims.text("$current")?;
        if current.value().is_none() {
            current = older;
        }
        contexts(ims, &environment, &mut found)?;
    }
    // aio itself has read it only for older plugins, since there are contexts.
    if document.has_object("jwt-auth") && found.is_empty() {
        found.push(context(&document.object("jwt-auth")?, &environment)?);
    }
    let current = current.value().filter(|name| found.iter().any(|one| one.is_called(name)));
    let mut choice = Choice::new(name.or(current));
    found.into_iter().for_each(|one| choice.offer(one));
    choice.made()?.ok_or_else(|| {
        bad("holds no context of a service account, only the login of a user").with_hint(
            "put client_id, client_secrets, technical_account_id, ims_org_id and scopes of an OAuth \
             Server-to-Server credential of the Developer Console into ims.contexts.NAME",
        )
    })
}

/// Reads the contexts of service accounts. Those of users' logins have other settings.
fn contexts(
    mut all: Object<'_>,
    environment: &Setting,
    found: &mut Vec<Settings>,
) -> Result<(), Error> {
    for (name, one) in all.take_objects()? {
        if MARKS.iter().any(|mark| one.has(mark)) {
            let mut settings = context(&one, environment)?;
            settings.ids.insert(0, Setting::new("name", Some(&name)));
            found.push(settings);
        } else {
            one.ignore();
        }
    }
    Ok(())
}

/// Returns the environment of the contexts that name none.
fn environment(document: &Object<'_>) -> Result<Setting, Error> {
    if !document.has_object("cli") {
        return Ok(Setting::absent("cli.env"));
    }
    let cli = document.object("cli")?;
    cli.ignore();
    let name = cli.text("env")?;
    let lower_case = name.value().map(str::to_ascii_lowercase);
    Ok(name.with_value(lower_case.as_deref()))
}

/// Reads a context, which is for a JWT if all that aio needs for one is there.
fn context(context: &Object<'_>, environment: &Setting) -> Result<Settings, Error> {
    if context.has("jwt_payload") {
        return payload(context);
    }
    let scope = context.list("scopes", ",")?.json_list(",")?;
    let metascopes = context.list("meta_scopes", ",")?.json_list(",")?;
    let private_key = context.list("private_key", "\n")?;
    let is_oauth = is_true(context.value("oauth_enabled"))
        || scope.value().is_some()
            && (private_key.value().is_none() || metascopes.value().is_none());
    let (grant, secrets) = match is_oauth {
        true => (GrantType::ClientCredentials, ["client_secrets", "client_secret"]),
        false => (GrantType::JwtExchange, ["client_secret", "client_secrets"]),
    };
    let (client_secret, further_secrets) = context.secrets(&secrets)?;
    let account = context.any(&["technical_account_id", "techacct"], Object::text)?;
    let own = context.text("env")?;
    Ok(Settings {
        ims: ims_of(if own.value().is_some() { &own } else { environment }),
        client_id: context.text("client_id")?,
        client_secret,
        further_secrets,
        org_id: context.text("ims_org_id")?,
        sends_org_id: true,
        technical_account_id: account.clone(),
        metascopes,
        scope,
        private_key,
        passphrase: context.text("passphrase")?,
        ids: vec![account],
        ..Settings::new(grant)
    })
}

/// Reads the older form, whose payload is the one that the Developer Console shows: aio signs it with
/// another `exp`.
fn payload(context: &Object<'_>) -> Result<Settings, Error> {
    let mut payload = context.object("jwt_payload")?;
    let (org_id, account) = (payload.text("iss")?, payload.text("sub")?);
    let metascopes = payload.take_names(|name, value| name.contains("/s/") && is_true(Some(value)));
    let (client_secret, further_secrets) = context.secrets(&["client_secret"])?;
    let token_url = context.text("token_exchange_url")?;
    let host = token_url.value().and_then(|url| url.trim().split_once("/ims/exchange/jwt"));
    Ok(Settings {
        ims: token_url.with_value(host.map(|(host, _)| host)),
        token_url,
        client_id: context.text("client_id")?,
        client_secret,
        further_secrets,
        org_id,
        technical_account_id: account.clone(),
        aud: payload.text("aud")?,
        metascopes: Setting::new(payload.path().to_owned(), Some(&metascopes.join(","))),
        private_key: context
            .any(&["jwt_private_key", "private_key"], |object, key| object.list(key, "\n"))?,
        passphrase: context.any(&["passphrase", "jwt_private_key_passphrase"], Object::text)?,
        ids: vec![account],
        ..Settings::new(GrantType::JwtExchange)
    })
}

/// Returns the host of an environment as aio-lib-ims takes it: every name but `stage` is production.
pub(super) fn ims_of(environment: &Setting) -> Setting {
    let host = environment.value().map(|name| match name {
        "stage" => "ims-na1-stg1.adobelogin.com",
        _ => "ims-na1.adobelogin.com",
    });
    environment.with_value(host)
}

/// Returns whether it is true, as JSON or as YAML, whose scalars are read as texts.
fn is_true(value: Option<&str>) -> bool {
    matches!(value, Some("true" | "\"true\""))
}
