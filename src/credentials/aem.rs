//! Service credentials of AEM as a Cloud Service.

use super::json::Object;
use super::known::Known;
use super::setting::{Setting, bad};
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

pub(super) const KNOWN: Known = Known {
    harmless: &["ok", "statusCode", "integration.certificateExpirationDate"],
    refused: &[],
};

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has("integration") || document.has("accessToken")
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    if !document.has("integration") {
        return Err(bad("holds AEM's local development token, which cannot be renewed").with_hint(
            "in the AEM Developer Console, under Integrations, download service credentials \
             instead",
        ));
    }
    let integration = document.object("integration")?;
    let account = integration.object("technicalAccount")?;
    let id = integration.text("id")?;
    Ok(Settings {
        ims: integration.text("imsEndpoint")?,
        client_id: account.text("clientId")?,
        client_secret: account.text("clientSecret")?,
        org_id: integration.text("org")?,
        technical_account_id: id.clone(),
        metascopes: integration.list("metascopes", ",")?,
        private_key: integration.list("privateKey", "\n")?,
        passphrase: Setting::absent(""),
        certificate: integration.list("publicKey", "\n")?,
        ids: vec![integration.text("email")?, id],
        ..Settings::new(GrantType::JwtExchange)
    })
}
