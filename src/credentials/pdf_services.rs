//! `pdfservices-api-credentials.json` of Adobe PDF Services.
//!
//! With a service account, the SDKs exchange a JWT at IMS; without one, they send client id and secret
//! alone to a server of their own, which gets the token at IMS.
//! Source: adobe/pdfservices-python-sdk, auth/service_account_credentials.py,
//! internal/auth/jwt_authenticator.py and internal/auth/service_principal_authenticator.py.

use super::json::Object;
use super::known::Known;
use super::setting::Setting;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

const SERVICES_URI: &str = "https://pdf-services.adobe.io";

pub(super) const KNOWN: Known =
    Known { harmless: &["service_principal_credentials.organization_id"], refused: &[] };

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has("client_credentials")
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let client = document.object("client_credentials")?;
    let (client_secret, further_secrets) = client.secrets(&["client_secret"])?;
    let client_id = client.text("client_id")?;
    let services = match document.has_object("pdf_services") {
        true => document.object("pdf_services")?.text("pdf_services_uri")?,
        false => Setting::absent("pdf_services.pdf_services_uri"),
    };
    if !document.has_object("service_account_credentials") {
        if document.has_object("service_principal_credentials") {
            drop(document.object("service_principal_credentials")?);
        }
        let uri = services.value().unwrap_or(SERVICES_URI).trim_end_matches('/');
        let token_url = services.with_value(Some(&format!("{uri}/token")));
        return Ok(Settings {
            token_url,
            client_id,
            client_secret,
            further_secrets,
            omits_grant_type: true,
            ..Settings::new(GrantType::ClientCredentials)
        });
    }
    let account = document.object("service_account_credentials")?;
    let id = account.text("account_id")?;
    let claim = account.text("claim")?;
    Ok(Settings {
        ims: account.text("ims_base_uri")?,
        client_id,
        client_secret,
        further_secrets,
        org_id: account.text("organization_id")?,
        technical_account_id: id.clone(),
        // The claim of the SDKs, whose file seldom has one.
        metascopes: match claim.value() {
            Some(_) => claim,
            None => claim.with_value(Some("ent_documentcloud_sdk")),
        },
        private_key: account
            .any(&["private_key_file", "private_key"], |object, key| object.list(key, "\n"))?,
        ids: vec![id],
        ..Settings::new(GrantType::JwtExchange)
    })
}
