//! Environment variables: those of Adobe's Postman environments, and those of Adobe's console.

use std::hash::{Hash, Hasher};

use zeroize::Zeroizing;

use super::known::{Findings, Known, Refused};
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

/// The prefix of the names that are for libims and Adobe's tools for IMS alone: an unknown one is a mistake.
const PREFIX: &str = "IMS_";

const HOST_HINT: &str = "set IMS to the host, such as ims-na1.adobelogin.com";
const KNOWN: Known = Known {
    // Those of the ims command.
    harmless: &["IMS_CACHE", "IMS_CLIENT_ASSERTION", "IMS_JWT"],
    refused: &[
        Refused { path: "IMS_BASE_URL", except: &[], hint: HOST_HINT },
        Refused { path: "IMS_ENDPOINT", except: &[], hint: HOST_HINT },
        Refused { path: "IMS_HOST", except: &[], hint: HOST_HINT },
        Refused { path: "IMS_TOKEN_ENDPOINT", except: &[], hint: HOST_HINT },
        Refused { path: "IMS_TOKEN_URL", except: &[], hint: HOST_HINT },
        Refused { path: "IMS_URL", except: &[], hint: HOST_HINT },
    ],
};

pub(super) const HINT: &str = "set API_KEY, CLIENT_SECRET, IMS_ORG, TECHNICAL_ACCOUNT_ID, \
    META_SCOPE and PRIVATE_KEY, or IMS_CLIENT_ID, IMS_CLIENT_SECRETS, IMS_ORG_ID and IMS_SCOPES";

/// The variables that are read, by name.
pub(super) struct Variables {
    read: Vec<Setting>,
    findings: Findings,
}

impl Variables {
    pub fn new() -> Self {
        Self { read: Vec::new(), findings: Findings::new(&KNOWN) }
    }

    /// Keeps the value of a variable that is read; the last counts, but for a blank one.
    pub fn set(&mut self, variable: Setting) {
        let Some(value) = variable.value() else { return };
        if NAMES.contains(&variable.name()) {
            self.read.retain(|known| known.name() != variable.name());
            self.read.push(variable);
        } else if variable.name().starts_with(PREFIX) {
            self.findings.add("", variable.name(), value, NAMES);
        }
    }

    fn get(&self, name: &str) -> Option<&Setting> {
        self.read.iter().find(|known| known.name() == name)
    }
}

/// Reads the process's own variables.
pub(super) fn from_process() -> Result<Variables, Error> {
    let mut variables = Variables::new();
    let further = environment::names_with(PREFIX).into_iter();
    let further = further.filter(|name| !NAMES.contains(&name.as_str()));
    for name in NAMES.iter().map(|name| (*name).to_owned()).chain(further) {
        if let Some(value) = environment::variable(&name) {
            let value = value.into_string().map_err(|_| bad_setting(&*name, "is not UTF-8"))?;
            variables.set(Setting::owned(name, Zeroizing::new(value)));
        }
    }
    Ok(variables)
}

/// Returns a number that differs for any other values of the variables: see
/// [`regular_file::fingerprint`].
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
    // The host alone, the sandbox's name and the key are not enough for an account.
    let marks = ["IMS", "SANDBOX_NAME", "PRIVATE_KEY", "IMS_PASSPHRASE", "SCOPES"];
    if !NAMES.iter().any(|name| !marks.contains(name) && has(name)) {
        return Ok(None);
    }
    let unknown = variables.findings.finish()?;
    let generated = has("IMS_CLIENT_ID") && !has("API_KEY");
    // A missing variable is named in the style of those that are set.
    let setting = |names: &[&str]| {
        let given = names.iter().find_map(|name| variables.get(name));
        let name = if generated { names.last() } else { names.first() };
        given.cloned().unwrap_or_else(|| Setting::absent(name.copied().unwrap_or_default()))
    };
    let scope = setting(&["SCOPES", "IMS_SCOPES"]).json_list(",")?;
    // A migrated account has variables for OAuth Server-to-Server next to its old ones for JWTs.
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
        unknown,
        ..Settings::new(grant)
    }))
}
