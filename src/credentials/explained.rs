//! Hints that name the user's settings.

use super::options::CredentialsOptions;
use super::settings::Settings;
use crate::grant::GrantType;

pub(super) const HOST_LOOK: &str = "a host such as ims-na1.adobelogin.com";
pub(super) const ORG_LOOK: &str = "ORG@AdobeOrg";
pub(super) const ACCOUNT_LOOK: &str = "ID@techacct.adobe.com";

/// Additions to the hint of a server's or connection's error; empty if there are none.
#[derive(Clone, Default)]
pub(super) struct Explained {
    pub connect: String,
    pub rejected: String,
}

impl Settings {
    /// Returns the settings to check if the server is not reached, and if it refuses.
    pub fn explained(&self, options: &CredentialsOptions) -> Explained {
        let connect = match (&self.token_url, &self.ims) {
            _ if options.ims.is_some() => String::new(),
            (url, _) if url.value().is_some() => {
                format!("{} should be the token server's URL, https://HOST/PATH", url.name())
            }
            (_, ims) if is_environment(ims.name()) => {
                format!("{} should be prod or stage", ims.name())
            }
            (_, ims) if !ims.name().is_empty() => format!("{} should be {HOST_LOOK}", ims.name()),
            _ => String::new(),
        };
        let mut parts = Vec::new();
        if self.grant.takes_jwt() {
            let (iss, sub) = (self.iss_setting().name(), self.sub_setting().name());
            let adobe = self.grant == GrantType::JwtExchange;
            for (claim, name, look) in [("iss", iss, ORG_LOOK), ("sub", sub, ACCOUNT_LOOK)] {
                match (name == claim, adobe) {
                    (true, true) => parts.push(format!("{claim} is {look}")),
                    (true, false) => {}
                    (false, true) => parts.push(format!("{claim} is {name} ({look})")),
                    (false, false) => parts.push(format!("{claim} is {name}")),
                }
            }
        }
        let asked = match self.grant {
            GrantType::JwtExchange => ("the metascopes are", "metascopes", &self.metascopes),
            _ => ("the scope is", "scope", &self.scope),
        };
        for (what, own_name, setting) in [
            ("the client id is", "client_id", &self.client_id),
            ("the client secret is", "client_secret", &self.client_secret),
            asked,
        ] {
            // A setting of that very name needs no explanation.
            if setting.value().is_some() && setting.name() != own_name {
                parts.push(format!("{what} {}", setting.name()));
            }
        }
        Explained { connect, rejected: parts.join(", ") }
    }
}

/// Returns whether a setting names one of Adobe's environments instead of a host.
fn is_environment(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or_default();
    ["environment", "env"].contains(&name) || name.ends_with("_ENVIRONMENT")
}
