//! `connector-umapi.yml` of Adobe's User Sync Tool.

use super::json::Object;
use super::known::Known;
use super::setting::Setting;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

pub(super) const KNOWN: Known = Known {
    harmless: &[
        "server.host",
        "server.endpoint",
        "server.timeout",
        "server.retries",
        "trusted",
        "uses_business_id",
        "test_mode",
        "logger_name",
    ],
    refused: &[],
};

/// Returns true if the text has `enterprise:` at its top level.
pub(super) fn matches(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == "enterprise:" || line.starts_with("enterprise: "))
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let enterprise = document.object("enterprise")?;
    let text = |keys: &[&'static str]| enterprise.any(keys, Object::text);
    let ims = match document.value("server") {
        None | Some("null") => Setting::absent("server.ims_host"),
        Some(_) => document.object("server")?.text("ims_host")?,
    };
    let account = text(&["tech_acct_id", "tech_acct"])?;
    let oauth = text(&["authentication_method"])?.value() == Some("oauth");
    Ok(Settings {
        ims,
        client_id: text(&["client_id", "api_key"])?,
        client_secret: text(&["client_secret"])?,
        org_id: text(&["org_id"])?,
        technical_account_id: account.clone(),
        // The default of the tool, whose file has no setting for it.
        metascopes: Setting::new("metascopes", Some("ent_user_sdk")),
        scope: Setting::new("scope", Some("openid,AdobeID,user_management_sdk")),
        private_key: text(&["priv_key_path", "priv_key_data"])?,
        passphrase: text(&["priv_key_pass"])?,
        ids: vec![account],
        ..Settings::new(if oauth { GrantType::ClientCredentials } else { GrantType::JwtExchange })
    })
}
