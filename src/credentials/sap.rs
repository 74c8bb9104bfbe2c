//! A service key of SAP's Business Technology Platform, of an instance of XSUAA or of a service that uses one, or of
//! Identity Authentication.
//!
//! Source: SAP/cloud-security-services-integration-library, java-api/.../config/ServiceConstants.java
//! and token-client's XsuaaDefaultEndpoints.java: the token endpoint is `/oauth/token` of `url`, and `/oauth2/token` of
//! Identity Authentication.

use super::json::Object;
use super::known::Known;
use super::setting::bad;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

pub(super) const KNOWN: Known = Known { harmless: &[], refused: &[] };

/// The objects that hold the client, in the keys of different services.
const HOLDERS: &[&str] = &["uaa", "oauth"];

/// The members of keys of XSUAA, one of which each has. SAP AI Core's has its zone alone.
const XSUAA: &[&str] = &["xsappname", "uaadomain", "identityzone"];
/// The members of keys of Identity Authentication.
const IDENTITY: &[&str] = &["app_tid", "domains"];

fn has_any(object: &Object<'_>, names: &[&str]) -> bool {
    names.iter().any(|name| object.has(name))
}

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has("clientid") && (has_any(document, XSUAA) || has_any(document, IDENTITY))
        || HOLDERS.iter().chain(&["credentials"]).any(|holder| holds_client(document, holder))
}

fn holds_client(document: &Object<'_>, holder: &str) -> bool {
    document.peek(holder).is_some_and(|value| value.contains("\"clientid\""))
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    if holds_client(document, "credentials") {
        document.ignore();
        return parse(&document.object("credentials")?);
    }
    let settings = match HOLDERS.iter().find(|holder| holds_client(document, holder)) {
        Some(holder) => client(&document.object(holder)?),
        None => client(document),
    };
    // The rest describes the service, whose settings are of no request for a token.
    document.ignore();
    settings
}

fn client(client: &Object<'_>) -> Result<Settings, Error> {
    let secret = client.secrets(&["clientsecret"])?;
    let is_by_certificate = client.has("certificate") || client.has("certurl");
    if secret.0.value().is_none() && is_by_certificate {
        return Err(bad(
            "is a service key with a certificate (x509), which needs mutual TLS; libims \
                        does not support that",
        )
        .with_hint(
            "create a service key with {\"xsuaa\":{\"credential-type\":\"binding-secret\"}}",
        ));
    }
    let (client_secret, further_secrets) = secret;
    let token_url = client.text("tokenurl")?;
    let token_url = match token_url.value() {
        Some(_) => token_url,
        None => {
            let url = client.text("url")?;
            let is_identity = has_any(client, IDENTITY) && !has_any(client, XSUAA);
            let path = if is_identity { "oauth2/token" } else { "oauth/token" };
            let endpoint =
                url.value().map(|url| format!("{}/{path}", url.trim().trim_end_matches('/')));
            url.with_value(endpoint.as_deref())
        }
    };
    let client_id = client.text("clientid")?;
    client.ignore();
    Ok(Settings {
        token_url,
        client_id,
        client_secret,
        further_secrets,
        ..Settings::new(GrantType::ClientCredentials)
    })
}
