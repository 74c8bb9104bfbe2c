//! A service account's key file of Google: the same job by RFC 7523.

use super::json::Object;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

pub(super) fn is(document: &Object<'_>) -> bool {
    document.map.get("type").is_some_and(|kind| kind == "service_account")
}

pub(super) fn settings(document: &Object<'_>) -> Result<Settings, Error> {
    Ok(Settings {
        token_url: document.text("token_uri")?,
        iss: document.text("client_email")?,
        sub: document.text("client_email")?,
        aud: document.text("token_uri")?,
        kid: document.text("private_key_id")?,
        private_key: document.list("private_key", "\n")?,
        ids: vec![document.text("client_email")?, document.text("private_key_id")?],
        ..Settings::new(GrantType::JwtBearer)
    })
}
