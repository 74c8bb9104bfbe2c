//! The objects that Adobe's npm packages for App Builder take, both with OAuth Server-to-Server:
//! `@adobe/aio-lib-core-auth` and `@adobe/aio-commerce-lib-auth`.
//!
//! Source: adobe/aio-lib-core-auth, src/ims.js; adobe/aio-commerce-sdk,
//! packages/aio-commerce-lib-auth/source/lib/ims-auth/schema.ts and provider.ts.

use super::aio;
use super::json::Object;
use super::known::Known;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

pub(super) const KNOWN: Known =
    Known { harmless: &["context", "technicalAccountEmail"], refused: &[] };

pub(super) fn matches(document: &Object<'_>) -> bool {
    let any = |names: &[&str]| names.iter().any(|name| document.has(name));
    document.has("clientId")
        && any(&["imsOrgId", "orgId", "technicalAccountId"])
        && any(&["clientSecrets", "scopes"])
        // Those are of @adobe/jwt-auth.
        && !any(&["metaScopes", "privateKey"])
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let account = document.text("technicalAccountId")?;
    let (client_secret, further_secrets) = document.secrets(&["clientSecrets", "clientSecret"])?;
    Ok(Settings {
        ims: aio::ims_of(&document.text("environment")?),
        client_id: document.text("clientId")?,
        client_secret,
        further_secrets,
        org_id: document.any(&["imsOrgId", "orgId"], Object::text)?,
        sends_org_id: true,
        scope: document.list("scopes", ",")?.json_list(",")?,
        ids: vec![account.clone()],
        technical_account_id: account,
        ..Settings::new(GrantType::ClientCredentials)
    })
}
