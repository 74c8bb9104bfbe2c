//! Environment variables: those of Adobe's Postman environments, and those that its console makes.

use std::hash::{Hash, Hasher};

use zeroize::Zeroizing;

use super::setting::{Setting, bad_setting};
use super::settings::Settings;
use crate::environment;
use crate::error::Error;
use crate::grant::GrantType;
use crate::regular_file;

/// Every variable that is read.
pub(crate) const NAMES: &[&str] = &[
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

/// The variables that are read, by name.
#[derive(Default)]
pub(super) struct Variables(Vec<Setting>);

impl Variables {
    /// Keeps the value of a variable that is read; the last counts, but for a blank one.
    pub fn set(&mut self, variable: Setting) {
        if variable.value().is_some() && NAMES.contains(&variable.name()) {
            self.0.retain(|known| known.name() != variable.name());
            self.0.push(variable);
        }
    }

    fn get(&self, name: &str) -> Option<&Setting> {
        self.0.iter().find(|known| known.name() == name)
    }
}

/// Reads the process's own variables.
pub(super) fn from_process() -> Result<Variables, Error> {
    let mut variables = Variables::default();
    for name in NAMES {
        if let Some(value) = environment::variable(name) {
            let value = value.into_string().map_err(|_| bad_setting(*name, "is not UTF-8"))?;
            variables.set(Setting::owned(*name, Zeroizing::new(value)));
        }
    }
    Ok(variables)
}

/// A number that tells the variables' values from any others: see [`regular_file::fingerprint`].
pub(super) fn fingerprint() -> u64 {
    let mut values = regular_file::hasher();
    for name in NAMES {
        environment::variable(name).hash(&mut values);
    }
    values.finish()
}

/// Reads the settings of an account. Returns `None` if no variable belongs to one.
pub(super) fn parse(variables: &Variables) -> Result<Option<Settings>, Error> {
    let has = |name: &str| variables.get(name).is_some();
    // The host alone, the sandbox's name and the key make no account.
    let marks = ["IMS", "SANDBOX_NAME", "PRIVATE_KEY", "IMS_PASSPHRASE", "SCOPES"];
    if !NAMES.iter().any(|name| !marks.contains(name) && has(name)) {
        return Ok(None);
    }
    let generated = has("IMS_CLIENT_ID") && !has("API_KEY");
    // What is missing is called as the rest is.
    let setting = |names: &[&str]| {
        let given = names.iter().find_map(|name| variables.get(name));
        let name = if generated { names.last() } else { names.first() };
        given.cloned().unwrap_or_else(|| Setting::absent(name.copied().unwrap_or_default()))
    };
    let scope = setting(&["SCOPES", "IMS_SCOPES"]).json_list(",")?;
    // OAuth Server-to-Server is what a migrated account has next to its old JWT variables.
    let jwt = scope.value().is_none() && (!generated || has("META_SCOPE") || has("PRIVATE_KEY"));
    let grant = if jwt { GrantType::JwtExchange } else { GrantType::ClientCredentials };
    let secrets = ["CLIENT_SECRET", "IMS_CLIENT_SECRET", "IMS_CLIENT_SECRETS"];
    Ok(Some(Settings {
        ims: setting(&["IMS"]),
        client_id: setting(&["API_KEY", "IMS_CLIENT_ID"]),
        client_secret: match setting(&secrets) {
            secrets if secrets.name() == "IMS_CLIENT_SECRETS" => secrets.json_first()?,
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
