//! Environment variables: those of Adobe's Postman environments, of Adobe's console, and of the
//! starter kits and libraries for Adobe Commerce.

use std::hash::{Hash, Hasher};

use zeroize::Zeroizing;

use super::aio;
use super::json_value::first_of;
use super::known::{Findings, Known, Refused, Unknown};
use super::setting::{Setting, bad_setting, both_given};
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
/// The prefixes of the names of [`FAMILIES`], where an account of that family is read.
const PREFIXES: [&str; 3] = [PREFIX, "OAUTH_", "AIO_COMMERCE_AUTH_"];

const HOST_HINT: &str = "set IMS to the host, such as ims-na1.adobelogin.com";
const KNOWN: Known = Known {
    // The name that a tool gives the account, and those of the ims command.
    harmless: &["AIO_COMMERCE_AUTH_IMS_CONTEXT", "IMS_CACHE", "IMS_CLIENT_ASSERTION", "IMS_JWT"],
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

/// The variables that are read, and those of unknown names that may be meant for libims.
#[derive(Default)]
pub(super) struct Variables {
    read: Vec<Setting>,
    unknown: Vec<Setting>,
}

impl Variables {
    /// Keeps the value of a variable that is read; the last counts, but for a blank one.
    pub fn set(&mut self, variable: Setting) {
        if variable.value().is_none() {
            return;
        }
        if NAMES.contains(&variable.name()) {
            self.read.retain(|known| known.name() != variable.name());
            self.read.push(variable);
        } else if PREFIXES.iter().any(|prefix| variable.name().starts_with(prefix)) {
            self.unknown.push(variable);
        }
    }

    /// Returns the unknown variables of the account that has this one.
    ///
    /// # Errors
    /// Names the first that matters.
    fn unknown(&self, own: &str) -> Result<Unknown, Error> {
        let findings = Findings::new(&KNOWN);
        let is_own = |prefix: &&&str| **prefix == PREFIX || own.starts_with(**prefix);
        for prefix in PREFIXES.iter().filter(is_own) {
            let family = prefix.trim_end_matches('_');
            let names: Vec<_> =
                NAMES.iter().copied().filter(|name| name.starts_with(family)).collect();
            for variable in self.unknown.iter().filter(|one| one.name().starts_with(prefix)) {
                findings.add("", variable.name(), variable.value().unwrap_or_default(), &names);
            }
        }
        findings.finish()
    }

    fn get(&self, name: &str) -> Option<&Setting> {
        self.read.iter().find(|known| known.name() == name)
    }

    /// Returns the one of several variables that is given; one called `absent` where none is.
    ///
    /// # Errors
    /// Names two that say different things: one of them would be ignored.
    fn one(&self, names: &[&str], absent: &'static str) -> Result<Setting, Error> {
        let mut given = names.iter().filter_map(|name| self.get(name));
        let Some(one) = given.next() else { return Ok(Setting::absent(absent)) };
        match given.find(|other| other.value() != one.value()) {
            Some(other) => Err(both_given(one.name(), other.name())),
            None => Ok(one.clone()),
        }
    }

    /// Returns the client secret, and those that are tried after it, of several variables that may each hold a list.
    fn secrets(
        &self,
        names: &[&str],
        absent: &'static str,
    ) -> Result<(Setting, Vec<Setting>), Error> {
        let mut secrets = Vec::new();
        for secret in names.iter().filter_map(|name| self.get(name)) {
            match secret.name().ends_with("SECRETS") {
                true => {
                    let (first, further) = secret.clone().json_secrets()?;
                    secrets.extend([first].into_iter().chain(further));
                }
                false => secrets.push(secret.clone()),
            }
        }
        first_of(secrets, absent.into())
    }
}

/// Reads the process's own variables.
pub(super) fn from_process() -> Result<Variables, Error> {
    let mut variables = Variables::default();
    let further = PREFIXES.into_iter().flat_map(environment::names_with);
    let further = further.filter(|name| !NAMES.contains(&name.as_str()));
    for name in NAMES.iter().map(|name| (*name).to_owned()).chain(further) {
        if let Some(value) = environment::variable(&name) {
            let value =
                value.into_string().map_err(|_| bad_setting(name.clone(), "is not UTF-8"))?;
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
        let one = |names: &[&'static str]| {
            variables.one(names, names.first().copied().unwrap_or_default())
        };
        let scope = one(&[self.scope])?.json_list(",")?;
        let (client_secret, further_secrets) =
            variables.secrets(self.client_secrets, self.client_secrets[0])?;
        let base_url = one(&[self.base_url])?;
        let host = base_url.value().map(|url| url.split("/ims/").next().unwrap_or(url));
        let account = one(&[self.technical_account_id])?;
        Ok(Settings {
            ims: match host {
                Some(host) => Setting::new(self.base_url, Some(host)),
                None => aio::ims_of(&one(&[self.environment])?),
            },
            client_id: one(&[self.client_id])?,
            client_secret,
            further_secrets,
            org_id: one(self.org_id)?,
            sends_org_id: true,
            technical_account_id: account.clone(),
            scope: match scope.value() {
                Some(_) => scope,
                None => Setting::new(self.scope, Some(self.default_scope)),
            },
            ids: vec![one(&[self.email])?, account],
            ..Settings::new(GrantType::ClientCredentials)
        })
    }
}

/// Reads the settings of an account. Returns `None` if no variable belongs to one.
pub(super) fn parse(variables: &Variables) -> Result<Option<Settings>, Error> {
    let has = |name: &str| variables.get(name).is_some();
    let is_others = !has("API_KEY") && !has("IMS_CLIENT_ID");
    if let Some(family) = FAMILIES.iter().find(|family| is_others && family.is_given(variables)) {
        let unknown = variables.unknown(family.client_id)?;
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
    let unknown = variables.unknown(PREFIX)?;
    let generated = has("IMS_CLIENT_ID") && !has("API_KEY");
    // A missing variable is named in the style of those that are set.
    let styled = |names: &[&'static str]| {
        let name = if generated { names.last() } else { names.first() };
        name.copied().unwrap_or_default()
    };
    let setting = |names: &[&'static str]| variables.one(names, styled(names));
    let scope = setting(&["SCOPES", "IMS_SCOPES"])?.json_list(",")?;
    // A migrated account has variables for OAuth Server-to-Server next to its old ones for JWTs.
    let jwt = scope.value().is_none() && (!generated || has("META_SCOPE") || has("PRIVATE_KEY"));
    let grant = if jwt { GrantType::JwtExchange } else { GrantType::ClientCredentials };
    let secrets = ["CLIENT_SECRET", "IMS_CLIENT_SECRET", "IMS_CLIENT_SECRETS"];
    let (client_secret, further_secrets) = variables.secrets(&secrets, styled(&secrets))?;
    if let [other, ..] = &*further_secrets
        && has("CLIENT_SECRET")
    {
        // It may be another program's, and must not be tried at Adobe's server.
        return Err(both_given("CLIENT_SECRET", other.name()));
    }
    Ok(Some(Settings {
        ims: setting(&["IMS"])?,
        client_id: setting(&["API_KEY", "IMS_CLIENT_ID"])?,
        client_secret,
        further_secrets,
        org_id: setting(&["IMS_ORG", "IMS_ORG_ID"])?,
        technical_account_id: setting(&["TECHNICAL_ACCOUNT_ID", "IMS_TECHNICAL_ACCOUNT_ID"])?,
        metascopes: setting(&["META_SCOPE"])?.json_list(",")?,
        scope,
        private_key: setting(&["PRIVATE_KEY"])?,
        passphrase: setting(&["IMS_PASSPHRASE"])?,
        sandbox_name: setting(&["SANDBOX_NAME"])?,
        ids: vec![setting(&["IMS_TECHNICAL_ACCOUNT_EMAIL"])?],
        unknown,
        ..Settings::new(grant)
    }))
}
