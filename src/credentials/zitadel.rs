//! The key file of a Zitadel service account, to which `issuer` is added: the URL of the instance.
//!
//! Source: zitadel/oidc, pkg/client/key.go, whose `issuer` is "not yet in file"; zitadel/zitadel-go,
//! pkg/client/key.go.

use super::json::Object;
use super::known::Known;
use super::setting::bad;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

const ISSUER: &str = "the instance's URL, such as https://INSTANCE.zitadel.cloud";

pub(super) const KNOWN: Known = Known { harmless: &["type", "expirationDate"], refused: &[] };

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has("keyId") && document.has("key")
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    if document.peek("type") == Some("\"application\"") {
        let problem = "is the key of a Zitadel application, which gets no token of its own";
        return Err(bad(problem).with_hint(
            "in Zitadel's console, make a service account (user) with a key of type JSON",
        ));
    }
    let (issuer, user) = (document.text("issuer")?, document.text("userId")?);
    if issuer.value().is_none() {
        return Err(issuer
            .error(format!("is missing: it must be {ISSUER}"))
            .with_hint("Zitadel's file does not say it: add \"issuer\" to the file"));
    }
    let kid = document.text("keyId")?;
    Ok(Settings {
        issuer,
        iss: user.clone(),
        sub: user.clone(),
        private_key: document.list("key", "\n")?,
        scope: document.list("scope", " ")?,
        ids: vec![user, kid.clone()],
        kid,
        ..Settings::new(GrantType::JwtBearer)
    })
}
