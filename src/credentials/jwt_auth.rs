//! The object that Adobe's npm package `@adobe/jwt-auth` takes.

use super::aio_auth;
use super::json::Object;
use super::known::Known;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

pub(super) const KNOWN: Known = Known { harmless: &[], refused: &[] };

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has("clientId")
        && ["technicalAccountId", "orgId", "metaScopes"].iter().any(|key| document.has(key))
        && !aio_auth::matches(document)
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let account = document.text("technicalAccountId")?;
    Ok(Settings {
        ims: document.text("ims")?,
        client_id: document.text("clientId")?,
        client_secret: document.text("clientSecret")?,
        org_id: document.text("orgId")?,
        technical_account_id: account.clone(),
        metascopes: document.list("metaScopes", ",")?.json_list(",")?,
        private_key: document.private_key("privateKey")?,
        passphrase: document.text("passphrase")?,
        ids: vec![account],
        ..Settings::new(GrantType::JwtExchange)
    })
}
