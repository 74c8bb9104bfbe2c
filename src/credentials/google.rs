//! A service account's key file of Google: the same job by RFC 7523.

use super::json::Object;
use super::known::{Known, Refused};
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

pub(super) const KNOWN: Known = Known {
    harmless: &[
        "type",
        "project_id",
        "client_id",
        "auth_uri",
        "auth_provider_x509_cert_url",
        "client_x509_cert_url",
        "quota_project_id",
    ],
    refused: &[Refused {
        path: "universe_domain",
        except: &["googleapis.com"],
        hint: "in this universe, Google's clients send a JWT that they signed themselves as the token: \
               ims jwt signs one",
    }],
};

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.peek("type") == Some("\"service_account\"")
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let (token_url, email) = (document.text("token_uri")?, document.text("client_email")?);
    let kid = document.text("private_key_id")?;
    Ok(Settings {
        aud: token_url.clone(),
        token_url,
        iss: email.clone(),
        sub: email.clone(),
        private_key: document.list("private_key", "\n")?,
        ids: vec![email, kid.clone()],
        kid,
        scope_claim: true,
        audience_claim: Some("target_audience"),
        ..Settings::new(GrantType::JwtBearer)
    })
}
