//! The `config.json` of a Box app with server authentication, as Box's Developer Console makes it.
//!
//! Source: box/box-python-sdk, box_sdk_gen/box/jwt_auth.py: the enterprise's account, or else the user.

use super::json::Object;
use super::known::Known;
use super::setting::Setting;
use super::settings::{JtiKind, Settings};
use crate::error::Error;
use crate::grant::GrantType;

const TOKEN_URL: &str = "https://api.box.com/oauth2/token";

/// Seconds; Box refuses a JWT that lives longer than a minute.
const LIFETIME: i64 = 45;

pub(super) const KNOWN: Known = Known { harmless: &["webhooks"], refused: &[] };

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has_object("boxAppSettings")
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let app = document.object("boxAppSettings")?;
    let key = app.object("appAuth")?;
    let client_id = app.text("clientID")?;
    let (client_secret, further_secrets) = app.secrets(&["clientSecret"])?;
    let (enterprise, user) = (document.text("enterpriseID")?, document.text("userID")?);
    let (sub, sub_type) = match enterprise.value().is_some() || user.value().is_none() {
        true => (enterprise, "enterprise"),
        false => (user, "user"),
    };
    if sub.value().is_none() {
        return Err(sub.error("is missing").with_hint(
            "set it to the enterprise's id, from the Admin Console; or userID to a user's, to act for that user",
        ));
    }
    let (private_key, kid) = (key.list("privateKey", "\n")?, key.text("publicKeyID")?);
    if private_key.value().is_none() || kid.value().is_none() {
        let empty = if private_key.value().is_none() { &private_key } else { &kid };
        return Err(empty.error("is empty: the app had no key yet").with_hint(
            "in Box's Developer Console, under Configuration, generate a public/private keypair: it \
             downloads the file again, with the key",
        ));
    }
    let claims = format!(r#"{{"box_sub_type":"{sub_type}"}}"#);
    Ok(Settings {
        token_url: Setting::new("token_url", Some(TOKEN_URL)),
        iss: client_id.clone(),
        ids: vec![sub.clone()],
        sub,
        aud: Setting::new("aud", Some(TOKEN_URL)),
        jti: Some(JtiKind::Uuid),
        lifetime: Some(LIFETIME),
        claims: Setting::new("claims", Some(&claims)),
        client_id,
        client_secret,
        further_secrets,
        kid,
        private_key,
        passphrase: key.text("passphrase")?,
        ..Settings::new(GrantType::JwtBearer)
    })
}
