//! The configuration of the Python packages aepp and aanalytics2.

use super::json::Object;
use super::known::{Known, Refused};
use super::setting::Setting;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

const MARKS: &[&str] =
    &["tech_id", "pathToKey", "secret", "client_secrets", "api_key", "scopes", "environment"];

const PRODUCTION: &[&str] = &[
    "https://ims-na1.adobelogin.com",
    "https://ims-na1.adobelogin.com/ims/exchange/jwt",
    "https://ims-na1.adobelogin.com/ims/token/v1",
    "https://ims-na1.adobelogin.com/ims/token/v2",
    "https://ims-na1.adobelogin.com/ims/token/v3",
];
const HOST_HINT: &str = "aepp does not read it from a file: environment is prod or stage, and --ims or \
    the option ims gives another host";

pub(super) const KNOWN: Known = Known {
    // What aepp itself keeps in its configuration, next to what the file has.
    harmless: &["date_limit", "sandbox", "token"],
    refused: &[
        Refused { path: "imsEndpoint", except: PRODUCTION, hint: HOST_HINT },
        Refused { path: "tokenEndpoint", except: PRODUCTION, hint: HOST_HINT },
        Refused { path: "jwtTokenEndpoint", except: PRODUCTION, hint: HOST_HINT },
        Refused { path: "oauthTokenEndpointV1", except: PRODUCTION, hint: HOST_HINT },
        Refused { path: "oauthTokenEndpointV2", except: PRODUCTION, hint: HOST_HINT },
    ],
};

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has("org_id") && MARKS.iter().any(|key| document.has(key))
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let scope = document.list("scopes", ",")?.json_list(",")?;
    let grant = match scope.value() {
        Some(_) => GrantType::ClientCredentials,
        None => GrantType::JwtExchange,
    };
    let environment = document.text("environment")?;
    let host = match environment.value() {
        None => None,
        Some("prod") => Some("ims-na1.adobelogin.com"),
        Some("stage" | "stg") => Some("ims-na1-stg1.adobelogin.com"),
        Some(_) => return Err(environment.error("must be prod or stage")),
    };
    let metascopes =
        document.any(&["metascopes", "metaScopes"], |object, key| object.list(key, ","))?;
    let account = document.text("tech_id")?;
    let (client_secret, further_secrets) =
        document.secrets(&["secret", "client_secret", "client_secrets"])?;
    Ok(Settings {
        ims: Setting::new("environment", host),
        client_id: document.any(&["client_id", "api_key"], Object::text)?,
        client_secret,
        further_secrets,
        org_id: document.text("org_id")?,
        technical_account_id: account.clone(),
        // The default of aepp, whose file has no setting for it.
        metascopes: match metascopes.value() {
            Some(_) => metascopes,
            None => Setting::new(metascopes.name(), Some("ent_dataservices_sdk")),
        },
        scope,
        private_key: document
            .any(&["pathToKey", "private_key"], |object, key| object.list(key, "\n"))?,
        sandbox_name: document.any(&["sandbox-name", "sandbox_name"], Object::text)?,
        ids: vec![account],
        ..Settings::new(grant)
    })
}
