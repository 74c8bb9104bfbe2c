//! A project as the Adobe Developer Console has it for download: several credentials, no key.

use std::fmt;

use super::json::Object;
use super::known::Known;
use super::setting::{Setting, bad};
use super::settings::Settings;
use crate::error::{Error, shown};
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
        "project.workspace.details.credentials[].integration_type",
        "project.workspace.details.credentials[].api_key",
        "project.workspace.details.credentials[].oauth2",
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
    let mut names = Names::default();
    // The first credential that matches, and the number of those that match.
    let (mut first, mut count) = (None, 0);
    details.each_object("credentials", |entry| {
        let Some(found) = credential(&entry, &org_id)? else { return Ok(()) };
        names.add(found.ids.first().and_then(Setting::value));
        if name.is_none_or(|name| found.is_called(name)) {
            count += 1;
            first.get_or_insert(found);
        }
        Ok(())
    })?;
    match (first, name) {
        (Some(found), _) if count == 1 => Ok(found),
        (Some(_), Some(name)) => {
            Err(bad(format!("has several credentials {}", shown(name)))
                .with_hint("pick one by its id"))
        }
        (Some(_), None) => Err(bad(format!("has several credentials: {names}"))
            .with_hint("pick one by its name, id or client id")),
        (None, Some(name)) if names.count > 0 => {
            Err(bad(format!("holds no credential {}; it holds: {names}", shown(name))))
        }
        (None, _) => Err(bad("holds no service account's credential").with_hint(
            "add OAuth Server-to-Server to the project in the Developer Console, then download it \
             again",
        )),
    }
}

/// The names of a project's credentials, for errors that list them.
#[derive(Default)]
struct Names {
    shown: Vec<String>,
    count: usize,
}

impl Names {
    const MAX_SHOWN: usize = 20;

    fn add(&mut self, name: Option<&str>) {
        self.count += 1;
        if self.shown.len() < Self::MAX_SHOWN {
            self.shown.extend(name.map(shown));
        }
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown.join(", "))?;
        match self.count.saturating_sub(Self::MAX_SHOWN) {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}

/// Reads one credential. Returns `None` if it is not a service account's.
fn credential(entry: &Object<'_>, org_id: &Setting) -> Result<Option<Settings>, Error> {
    let ids = || Ok(vec![entry.text("name")?, entry.text("id")?]);
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
    Ok(None)
}
