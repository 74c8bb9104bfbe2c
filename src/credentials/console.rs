//! A project as the Adobe Developer Console has it for download: several credentials, no key.

use super::bad;
use super::json::Object;
use super::settings::{Setting, Settings, shown};
use crate::error::Error;
use crate::grant::GrantType;

pub(super) fn is(document: &Object<'_>) -> bool {
    document.has("project")
}

pub(super) fn settings(document: &Object<'_>, name: Option<&str>) -> Result<Settings, Error> {
    let project = document.object("project")?;
    let org_id = project.object("org")?.text("ims_org_id")?;
    let details = project.object("workspace")?.object("details")?;
    let mut all = Vec::new();
    for entry in details.objects("credentials")? {
        all.extend(credential(&entry, &org_id)?);
    }
    let names: Vec<String> =
        all.iter().filter_map(|one| one.ids.first()?.value()).map(shown).collect();
    let names = names.join(", ");
    match name {
        _ if all.is_empty() => Err(bad("holds no service account's credential").with_hint(
            "add OAuth Server-to-Server to the project in the Developer Console, then download it \
             again",
        )),
        None if all.len() > 1 => Err(bad(format!("holds several credentials: {names}"))
            .with_hint("pick one by its name, id or client id")),
        None => Ok(all.remove(0)),
        Some(name) => {
            let mut fit = all.into_iter().filter(|one| one.is_called(name));
            let first = fit.next().ok_or_else(|| {
                bad(format!("holds no credential {}; it holds: {names}", shown(name)))
            })?;
            match fit.next() {
                Some(_) => Err(bad(format!("holds several credentials {}", shown(name)))
                    .with_hint("pick one by its id")),
                None => Ok(first),
            }
        }
    }
}

/// `None` for a credential that is no service account's.
fn credential(entry: &Object<'_>, org_id: &Setting) -> Result<Option<Settings>, Error> {
    let ids = || Ok(vec![entry.text("name")?, entry.text("id")?]);
    if entry.has("jwt") {
        let jwt = entry.object("jwt")?.called("jwt");
        return Ok(Some(Settings {
            client_id: jwt.text("client_id")?,
            client_secret: jwt.any(&["client_secret", "client_secrets"], Object::first)?,
            org_id: org_id.clone(),
            technical_account_id: jwt.text("technical_account_id")?,
            metascopes: jwt.list("meta_scopes", ",")?,
            ids: ids()?,
            ..Settings::new(GrantType::JwtExchange)
        }));
    }
    if entry.has("oauth_server_to_server") {
        let oauth = entry.object("oauth_server_to_server")?.called("oauth_server_to_server");
        return Ok(Some(Settings {
            client_id: oauth.text("client_id")?,
            client_secret: oauth.any(&["client_secrets", "client_secret"], Object::first)?,
            org_id: org_id.clone(),
            technical_account_id: oauth.text("technical_account_id")?,
            scope: oauth.list("scopes", ",")?,
            ids: ids()?,
            ..Settings::new(GrantType::ClientCredentials)
        }));
    }
    Ok(None)
}
