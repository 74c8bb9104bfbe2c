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
            (_, ims) if ims.name() == "environment" => "environment should be prod or stage".into(),
            (_, ims) if !ims.name().is_empty() => format!("{} should be {HOST_LOOK}", ims.name()),
            _ => String::new(),
        };
        let mut parts = Vec::new();
        if self.grant != GrantType::ClientCredentials {
            let (iss, sub) = (self.iss_setting().name(), self.sub_setting().name());
            let adobe = self.grant == GrantType::JwtExchange;
            let look = |look: &str| if adobe { format!(" ({look})") } else { String::new() };
            parts.push(format!("iss is {iss}{}", look(ORG_LOOK)));
            parts.push(format!("sub is {sub}{}", look(ACCOUNT_LOOK)));
        }
        if self.client_id.value().is_some() {
            parts.push(format!("the client id is {}", self.client_id.name()));
        }
        if self.client_secret.value().is_some() {
            parts.push(format!("the client secret is {}", self.client_secret.name()));
        }
        let asked = match self.grant {
            GrantType::JwtExchange => ("the metascopes are", &self.metascopes),
            _ => ("the scope is", &self.scope),
        };
        if asked.1.value().is_some() {
            parts.push(format!("{} {}", asked.0, asked.1.name()));
        }
        Explained { connect, rejected: parts.join(", ") }
    }
}
