//! `okta.yaml` of Okta's SDKs, with a service app that its private key authenticates.
//!
//! Source: okta/okta-sdk-python, okta/config/config_setter.py, okta/oauth.py and okta/jwt.py;
//! okta/okta-sdk-nodejs, README.md.

use super::json::Object;
use super::known::{Known, Refused};
use super::settings::Settings;
use crate::error::Error;
use crate::grant::{ClientAuthMethod, GrantType};

const DPOP_HINT: &str =
    "libims gets bearer tokens: turn off DPoP for the app in Okta's console, and here";
const PROXY_HINT: &str = "set the variable HTTPS_PROXY, or the option proxy";

pub(super) const KNOWN: Known = Known {
    harmless: &[
        "okta.testing",
        "okta.client.dpopKeyRotationInterval",
        "okta.client.token",
        "okta.client.connectionTimeout",
        "okta.client.requestTimeout",
        "okta.client.rateLimit",
        "okta.client.userAgent",
        "okta.client.cache",
        "okta.client.logging",
    ],
    refused: &[
        Refused { path: "okta.client.proxy.host", except: &[], hint: PROXY_HINT },
        Refused { path: "okta.client.dpop", except: &["false"], hint: DPOP_HINT },
        Refused { path: "okta.client.dpopEnabled", except: &["false"], hint: DPOP_HINT },
    ],
};

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has_object("okta")
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let okta = document.object("okta")?;
    let client = okta.object("client")?;
    let mode = client.text("authorizationMode")?;
    if mode.value().is_none_or(|mode| mode != "PrivateKey") {
        let problem =
            "must be PrivateKey: an API token (SSWS) is sent as it is, and others are of users";
        return Err(mode.error(problem).with_hint(
            "make a service app with a key in Okta's console, and set authorizationMode, clientId, \
             scopes and privateKey",
        ));
    }
    if client.has_object("proxy") {
        // Okta's own template has it with each value null.
        let proxy = client.object("proxy")?;
        for name in ["port", "username", "password"] {
            proxy.value(name);
        }
    }
    let url = client.text("orgUrl")?;
    let token_url =
        url.value().map(|url| format!("{}/oauth2/v1/token", url.trim().trim_end_matches('/')));
    let client_id = client.text("clientId")?;
    Ok(Settings {
        token_url: url.with_value(token_url.as_deref()),
        client_auth: ClientAuthMethod::PrivateKeyJwt,
        client_id,
        scope: client.any(&["scopes", "Scopes"], |object, name| object.list(name, " "))?,
        kid: client.any(&["privateKeyId", "kid", "keyId"], Object::text)?,
        private_key: client.any(&["privateKey", "PrivateKey"], Object::private_key)?,
        ..Settings::new(GrantType::ClientCredentials)
    })
}
