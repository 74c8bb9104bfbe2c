//! A project as the Adobe Developer Console has it for download: several credentials, no key.

use super::choice::Choice;
use super::json::Object;
use super::known::Known;
use super::setting::{Setting, bad};
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

pub(super) const KNOWN: Known = Known {
    harmless: &[
        "project.id",
        "project.name",
        "project.title",
        "project.description",
        "project.org.id",
        "project.org.name",
        "project.workspace.id",
        "project.workspace.name",
        "project.workspace.title",
        "project.workspace.description",
        "project.workspace.action_url",
        "project.workspace.app_url",
        "project.workspace.endpoints",
        "project.workspace.details.services",
        "project.workspace.details.runtime",
        "project.workspace.details.events",
        "project.workspace.details.mesh",
        "project.workspace.details.endpoints",
        "project.workspace.details.credentials[].id",
        "project.workspace.details.credentials[].name",
        "project.workspace.details.credentials[].integration_type",
        "project.workspace.details.credentials[].api_key",
        "project.workspace.details.credentials[].oauth2",
        "project.workspace.details.credentials[].jwt",
        "jwt.technical_account_email",
        "oauth_server_to_server.technical_account_email",
    ],
    refused: &[],
};

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has("project")
}

pub(super) fn parse(document: &Object<'_>, name: Option<&str>) -> Result<Settings, Error> {
    let project = document.object("project")?;
    let org_id = project.object("org")?.text("ims_org_id")?;
    let details = project.object("workspace")?.object("details")?;
    let mut choice = Choice::new(name);
    details.each_object("credentials", |entry| {
        credential(&entry, &org_id).map(|found| found.into_iter().for_each(|one| choice.offer(one)))
    })?;
    choice.made()?.ok_or_else(|| {
        bad("holds no service account's credential").with_hint(
            "add OAuth Server-to-Server to the project in the Developer Console, then download it \
             again",
        )
    })
}

/// Reads one credential. Returns `None` if it is not a service account's.
fn credential(entry: &Object<'_>, org_id: &Setting) -> Result<Option<Settings>, Error> {
    let ids = || Ok(vec![entry.text("name")?, entry.text("id")?]);
    // A credential that is being migrated has both: the JWT's part is what Adobe ends.
    if entry.has("oauth_server_to_server") {
        let oauth = entry.object("oauth_server_to_server")?.called("oauth_server_to_server");
        let (client_secret, further_secrets) =
            oauth.secrets(&["client_secrets", "client_secret"])?;
        return Ok(Some(Settings {
            client_id: oauth.text("client_id")?,
            client_secret,
            further_secrets,
            org_id: org_id.clone(),
            technical_account_id: oauth.text("technical_account_id")?,
            scope: oauth.list("scopes", ",")?,
            ids: ids()?,
            ..Settings::new(GrantType::ClientCredentials)
        }));
    }
    if entry.has("jwt") {
        let jwt = entry.object("jwt")?.called("jwt");
        let (client_secret, further_secrets) = jwt.secrets(&["client_secret", "client_secrets"])?;
        return Ok(Some(Settings {
            client_id: jwt.text("client_id")?,
            client_secret,
            further_secrets,
            org_id: org_id.clone(),
            technical_account_id: jwt.text("technical_account_id")?,
            metascopes: jwt.list("meta_scopes", ",")?,
            ids: ids()?,
            ..Settings::new(GrantType::JwtExchange)
        }));
    }
    Ok(None)
}
