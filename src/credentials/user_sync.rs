//! `connector-umapi.yml` of Adobe's User Sync Tool (adobe-apiplatform/user-sync.py), and the files that its
//! older releases and umapi-client have for the same: `connector-adobe-console.yml`, `config.yaml` and
//! `usermanagement.config`.

use super::json::Object;
use super::known::{Known, Refused};
use super::setting::Setting;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

const KEYRING: &str = "user-sync reads the system's keyring, libims does not: give what is there, under the \
    name without secure_ and _key; keyring get VALUE ORG prints it, with this setting's value";
const TLS: &str = "libims always verifies the server: remove the setting, and name a CA of your own by \
    --ca-file or the option ca_file";
const PLACE: &str = "put it into the section server: user-sync reads it nowhere else";
const SCOPE: &str = "openid,AdobeID,user_management_sdk";
const VERIFIES: &[&str] = &["true", "yes", "on", "y", "1"];

const fn keyring(path: &'static str) -> Refused {
    Refused { path, except: &[], hint: KEYRING }
}

const fn verifies(path: &'static str) -> Refused {
    Refused { path, except: VERIFIES, hint: TLS }
}

/// A host that stands where the tool does not read it.
const fn elsewhere(path: &'static str) -> Refused {
    Refused { path, except: &[], hint: PLACE }
}

/// The settings of `user_sync/connector/connector_umapi.py`, `umapi_util.py` and
/// `directory_adobe_console.py`, of now and of older releases.
pub(super) const KNOWN: Known = Known {
    // They are of the User Management API, which is called with the token.
    harmless: &[
        "identity_type_filter",
        "logger_name",
        "test_mode",
        "trusted",
        "user_identity_type",
        "uses_business_id",
        "server.endpoint",
        "server.host",
        "server.retries",
        "server.timeout",
        "enterprise.domain",
    ],
    refused: &[
        elsewhere("auth_host"),
        elsewhere("ims_host"),
        elsewhere("enterprise.auth_host"),
        elsewhere("enterprise.ims_host"),
        verifies("ssl_cert_verify"),
        verifies("ssl_verify"),
        verifies("server.ssl_verify"),
        keyring("enterprise.secure_api_key_key"),
        keyring("enterprise.secure_client_id_key"),
        keyring("enterprise.secure_client_secret_key"),
        keyring("enterprise.secure_priv_key_data_key"),
        keyring("enterprise.secure_priv_key_pass_key"),
        keyring("enterprise.secure_priv_pass_key"),
        keyring("integration.secure_api_key_key"),
        keyring("integration.secure_client_id_key"),
        keyring("integration.secure_client_secret_key"),
        keyring("integration.secure_priv_key_data_key"),
        keyring("integration.secure_priv_key_pass_key"),
        keyring("integration.secure_priv_pass_key"),
    ],
};

/// Returns true if the text of YAML has such a section at its top level, or an account without one.
pub(super) fn matches(text: &str) -> bool {
    const NAMES: [&str; 4] = ["enterprise", "integration", "tech_acct_id", "tech_acct"];
    text.lines().any(|line| {
        let rest = NAMES.iter().find_map(|name| line.strip_prefix(name)?.strip_prefix(':'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    })
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let section = ["enterprise", "integration"].into_iter().find(|name| document.has(name));
    let inner = section.map(|section| document.object(section)).transpose()?;
    let account = inner.as_ref().unwrap_or(document);
    let text = |keys: &[&'static str]| account.any(keys, Object::text);
    let grant = grant(document, account)?;
    let (ims, token_path) = server(document)?;
    let tech_acct = text(&["tech_acct_id", "tech_acct"])?;
    Ok(Settings {
        ims,
        token_path,
        client_id: text(&["client_id", "api_key"])?,
        client_secret: text(&["client_secret"])?,
        org_id: text(&["org_id"])?,
        technical_account_id: tech_acct.clone(),
        // The file has no setting for them: the tool always sends these.
        metascopes: Setting::new("metascopes", Some("ent_user_sdk")),
        scope: Setting::new("scope", Some(SCOPE).filter(|_| grant == GrantType::ClientCredentials)),
        private_key: text(&[
            "priv_key_path",
            "priv_key_data",
            "priv_key_filename",
            "private_key_file",
        ])?,
        passphrase: text(&["priv_key_pass"])?,
        ids: vec![tech_acct],
        ..Settings::new(grant)
    })
}

/// Reads the grant, which the tool takes from the top level alone. In the section of the account, it
/// can mean nothing else.
fn grant(document: &Object<'_>, account: &Object<'_>) -> Result<GrantType, Error> {
    const NAME: &str = "authentication_method";
    let place = if document.has(NAME) { document } else { account };
    let method = place.text(NAME)?;
    match method.value() {
        None | Some("jwt") => Ok(GrantType::JwtExchange),
        Some("oauth") => Ok(GrantType::ClientCredentials),
        Some(_) => Err(method.error("must be jwt or oauth")),
    }
}

/// Reads the host of IMS, and the path of the token endpoint there.
fn server(document: &Object<'_>) -> Result<(Setting, Setting), Error> {
    let (host, path) = (Setting::absent("server.ims_host"), Setting::absent(""));
    if matches!(document.value("server"), None | Some("null" | "\"\"")) {
        return Ok((host, path));
    }
    let server = document.object("server")?;
    let path = server.any(&["auth_endpoint", "ims_endpoint_jwt"], Object::text)?;
    // The releases that know auth_endpoint write its URL with a slash at the end (umapi_client/auth.py).
    let path = match (path.value(), path.name()) {
        (Some(value), "server.auth_endpoint") => {
            path.with_value(Some(&format!("{}/", value.trim_matches('/'))))
        }
        _ => path,
    };
    Ok((server.any(&["ims_host", "auth_host"], Object::text)?, path))
}
