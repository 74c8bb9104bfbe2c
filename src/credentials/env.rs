//! Environment variables: those of Adobe's Postman environments, and those that its console makes.

use zeroize::Zeroizing;

use super::bad;
use super::settings::{Setting, Settings};
use crate::environment;
use crate::error::Error;
use crate::grant::GrantType;

/// Every variable that is read.
pub(super) const NAMES: &[&str] = &[
    "API_KEY",
    "CLIENT_SECRET",
    "IMS",
    "IMS_CLIENT_ID",
    "IMS_CLIENT_SECRET",
    "IMS_CLIENT_SECRETS",
    "IMS_ORG",
    "IMS_ORG_ID",
    "IMS_PASSPHRASE",
    "IMS_SCOPES",
    "IMS_TECHNICAL_ACCOUNT_EMAIL",
    "IMS_TECHNICAL_ACCOUNT_ID",
    "META_SCOPE",
    "PRIVATE_KEY",
    "SANDBOX_NAME",
    "SCOPES",
    "TECHNICAL_ACCOUNT_ID",
];

pub(super) const HINT: &str = "set API_KEY, CLIENT_SECRET, IMS_ORG, TECHNICAL_ACCOUNT_ID, \
    META_SCOPE and PRIVATE_KEY, or IMS_CLIENT_ID, IMS_CLIENT_SECRETS, IMS_ORG_ID and IMS_SCOPES";

pub(super) type Variables = [(String, Zeroizing<String>)];

/// The process's own variables.
pub(super) fn of_process() -> Result<Vec<(String, Zeroizing<String>)>, Error> {
    let mut variables = Vec::new();
    for name in NAMES {
        if let Some(value) = environment::variable(name) {
            let value = value.into_string().map_err(|_| bad(format!("{name} is not UTF-8")))?;
            variables.push(((*name).to_owned(), Zeroizing::new(value)));
        }
    }
    Ok(variables)
}

/// `None` where no variable is one of an account's.
pub(super) fn settings(variables: &Variables) -> Result<Option<Settings>, Error> {
    let get = |name: &str| {
        let found =
            variables.iter().rev().find(|(found, value)| found == name && !value.trim().is_empty());
        found.map(|(_, value)| value.as_str())
    };
    // The host alone, the sandbox's name and the key make no account.
    let marks = ["IMS", "SANDBOX_NAME", "PRIVATE_KEY", "IMS_PASSPHRASE", "SCOPES"];
    if !NAMES.iter().any(|name| !marks.contains(name) && get(name).is_some()) {
        return Ok(None);
    }
    let generated = get("IMS_CLIENT_ID").is_some() && get("API_KEY").is_none();
    // What is missing is called as the rest is.
    let setting = |names: &[&str]| {
        let given = names.iter().find(|name| get(name).is_some());
        let name = given.or(if generated { names.last() } else { names.first() });
        let name = name.copied().unwrap_or_default();
        Setting::new(name.to_owned(), get(name))
    };
    let scope = setting(&["SCOPES", "IMS_SCOPES"]).json_list(",")?;
    // OAuth Server-to-Server is what a migrated account has beside its old JWT variables.
    let jwt = scope.value().is_none()
        && (!generated || get("META_SCOPE").or_else(|| get("PRIVATE_KEY")).is_some());
    let grant = if jwt { GrantType::JwtExchange } else { GrantType::ClientCredentials };
    let secrets = ["CLIENT_SECRET", "IMS_CLIENT_SECRET", "IMS_CLIENT_SECRETS"];
    Ok(Some(Settings {
        ims: setting(&["IMS"]),
        client_id: setting(&["API_KEY", "IMS_CLIENT_ID"]),
        client_secret: match setting(&secrets) {
            secrets if secrets.name == "IMS_CLIENT_SECRETS" => secrets.json_first()?,
            secret => secret,
        },
        org_id: setting(&["IMS_ORG", "IMS_ORG_ID"]),
        technical_account_id: setting(&["TECHNICAL_ACCOUNT_ID", "IMS_TECHNICAL_ACCOUNT_ID"]),
        metascopes: setting(&["META_SCOPE"]).json_list(",")?,
        scope,
        private_key: setting(&["PRIVATE_KEY"]),
        passphrase: setting(&["IMS_PASSPHRASE"]),
        sandbox_name: setting(&["SANDBOX_NAME"]),
        ids: vec![setting(&["IMS_TECHNICAL_ACCOUNT_EMAIL"])],
        ..Settings::new(grant)
    }))
}
