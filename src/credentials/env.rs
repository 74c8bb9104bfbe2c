//! Environment variables: those of Adobe's Postman environments, of Adobe's console, and of the
//! starter kits and libraries for Adobe Commerce.

use std::hash::{Hash, Hasher};

use zeroize::Zeroizing;

use super::aio;
use super::known::{Findings, Known, Refused};
use super::setting::{Setting, bad_setting};
use super::settings::Settings;
use crate::environment;
use crate::error::Error;
use crate::grant::GrantType;
use crate::regular_file;

/// Every variable that is read.
pub(crate) const NAMES: &[&str] = &[
    "AIO_COMMERCE_AUTH_IMS_CLIENT_ID",
    "AIO_COMMERCE_AUTH_IMS_CLIENT_SECRETS",
    "AIO_COMMERCE_AUTH_IMS_ENVIRONMENT",
    "AIO_COMMERCE_AUTH_IMS_ORG_ID",
    "AIO_COMMERCE_AUTH_IMS_SCOPES",
    "AIO_COMMERCE_AUTH_IMS_TECHNICAL_ACCOUNT_EMAIL",
    "AIO_COMMERCE_AUTH_IMS_TECHNICAL_ACCOUNT_ID",
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
    "OAUTH_BASE_URL",
    "OAUTH_CLIENT_ID",
    "OAUTH_CLIENT_SECRET",
    "OAUTH_CLIENT_SECRETS",
    "OAUTH_IMS_ORG_ID",
    "OAUTH_ORG_ID",
    "OAUTH_SCOPES",
    "OAUTH_TECHNICAL_ACCOUNT_EMAIL",
    "OAUTH_TECHNICAL_ACCOUNT_ID",
    "PRIVATE_KEY",
    "SANDBOX_NAME",
    "SCOPES",
    "TECHNICAL_ACCOUNT_ID",
];

/// Variables for OAuth Server-to-Server alone, all of one tool.
struct Family {
    client_id: &'static str,
    client_secrets: &'static [&'static str],
    org_id: &'static [&'static str],
    technical_account_id: &'static str,
    email: &'static str,
    scope: &'static str,
    /// The scopes that the tool asks for where the variable is not set; empty for none.
    default_scope: &'static str,
    environment: &'static str,
    base_url: &'static str,
}

const FAMILIES: [Family; 2] = [
    // Source: adobe/commerce-integration-starter-kit, env.dist and utils/adobe-auth.js;
    // adobe/commerce-checkout-starter-kit, env.dist.
    Family {
        client_id: "OAUTH_CLIENT_ID",
        client_secrets: &["OAUTH_CLIENT_SECRET", "OAUTH_CLIENT_SECRETS"],
        org_id: &["OAUTH_ORG_ID", "OAUTH_IMS_ORG_ID"],
        technical_account_id: "OAUTH_TECHNICAL_ACCOUNT_ID",
        email: "OAUTH_TECHNICAL_ACCOUNT_EMAIL",
        scope: "OAUTH_SCOPES",
        default_scope: "AdobeID,openid,read_organizations,additional_info.projectedProductContext,\
                        additional_info.roles,adobeio_api,read_client_secret,manage_client_secrets",
        environment: "",
        base_url: "OAUTH_BASE_URL",
    },
    // Source: adobe/aio-commerce-sdk, packages/aio-commerce-lib-auth/source/lib/ims-auth/utils.ts.
    Family {
        client_id: "AIO_COMMERCE_AUTH_IMS_CLIENT_ID",
        client_secrets: &["AIO_COMMERCE_AUTH_IMS_CLIENT_SECRETS"],
        org_id: &["AIO_COMMERCE_AUTH_IMS_ORG_ID"],
        technical_account_id: "AIO_COMMERCE_AUTH_IMS_TECHNICAL_ACCOUNT_ID",
        email: "AIO_COMMERCE_AUTH_IMS_TECHNICAL_ACCOUNT_EMAIL",
        scope: "AIO_COMMERCE_AUTH_IMS_SCOPES",
        default_scope: "",
        environment: "AIO_COMMERCE_AUTH_IMS_ENVIRONMENT",
        base_url: "",
    },
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

impl Family {
    /// Returns whether the variables are of an account of Adobe's: the client's alone may be another's.
    fn is_given(&self, variables: &Variables) -> bool {
        let has = |name: &&str| variables.get(name).is_some();
        has(&self.client_id) && (has(&self.technical_account_id) || self.org_id.iter().any(has))
    }

    fn parse(&self, variables: &Variables) -> Result<Settings, Error> {
        let any = |names: &[&str]| {
            let given = names.iter().find_map(|name| variables.get(name)).cloned();
            given.unwrap_or_else(|| Setting::absent(names.first().copied().unwrap_or_default()))
        };
        let scope = any(&[self.scope]).json_list(",")?;
        let (client_secret, further_secrets) = any(self.client_secrets).json_secrets()?;
        let base_url = any(&[self.base_url]);
        let host = base_url.value().map(|url| url.split("/ims/").next().unwrap_or(url));
        let account = any(&[self.technical_account_id]);
        Ok(Settings {
            ims: match host {
                Some(host) => Setting::new(self.base_url, Some(host)),
                None => aio::ims_of(&any(&[self.environment])),
            },
            client_id: any(&[self.client_id]),
            client_secret,
            further_secrets,
            org_id: any(self.org_id),
            sends_org_id: true,
            technical_account_id: account.clone(),
            scope: match scope.value() {
                Some(_) => scope,
                None => Setting::new(self.scope, Some(self.default_scope)),
            },
            ids: vec![any(&[self.email]), account],
            ..Settings::new(GrantType::ClientCredentials)
        })
    }
}

/// Reads the settings of an account. Returns `None` if no variable belongs to one.
pub(super) fn parse(variables: &Variables) -> Result<Option<Settings>, Error> {
    let has = |name: &str| variables.get(name).is_some();
    let is_others = !has("API_KEY") && !has("IMS_CLIENT_ID");
    if let Some(family) = FAMILIES.iter().find(|family| is_others && family.is_given(variables)) {
        let unknown = variables.findings.finish()?;
        return Ok(Some(Settings { unknown, ..family.parse(variables)? }));
    }
    // The host alone, the sandbox's name and the key are not enough for an account.
    let no_marks = ["IMS", "SANDBOX_NAME", "PRIVATE_KEY", "IMS_PASSPHRASE", "SCOPES"];
    let is_mark = |name: &&&str| {
        !no_marks.contains(name) && !name.starts_with("OAUTH_") && !name.starts_with("AIO_")
    };
    if !NAMES.iter().filter(is_mark).any(|name| has(name)) {
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
    let secret = setting(&["CLIENT_SECRET", "IMS_CLIENT_SECRET", "IMS_CLIENT_SECRETS"]);
    let (client_secret, further_secrets) = match secret.name() {
        "IMS_CLIENT_SECRETS" => secret.json_secrets()?,
        _ => (secret, Vec::new()),
    };
    Ok(Some(Settings {
        ims: setting(&["IMS"]),
        client_id: setting(&["API_KEY", "IMS_CLIENT_ID"]),
        client_secret,
        further_secrets,
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
