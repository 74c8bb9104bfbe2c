//! The configuration of the Python packages aepp and aanalytics2.

use super::json::Object;
use super::known::{Known, Refused};
use super::setting::Setting;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

const MARKS: &[&str] =
    &["tech_id", "pathToKey", "secret", "client_secrets", "api_key", "scopes", "environment"];

const PRODUCTION: &str = "https://ims-na1.adobelogin.com";
const STAGE: &str = "https://ims-na1-stg1.adobelogin.com";

const HOST: &str = "aepp takes the host from environment, prod or stage: name another by the option ims, or by --ims";
const PROXY: &str =
    "remove it here, and give --proxy, the option proxy, or the variable HTTPS_PROXY";

/// The settings of aepp/configs.py and of aanalytics2/configs.py.
pub(super) const KNOWN: Known = Known {
    harmless: &["company_id", "date_limit", "rsid", "token"],
    refused: &[
        Refused { path: "imsEndpoint", except: &[PRODUCTION], hint: HOST },
        Refused { path: "jwtTokenEndpoint", except: &[JWT_URL], hint: HOST },
        Refused { path: "oauthTokenEndpointV1", except: &[], hint: HOST },
        Refused { path: "oauthTokenEndpointV2", except: &[V2_URL, V3_URL], hint: HOST },
        Refused { path: "proxy", except: &[], hint: PROXY },
        Refused { path: "tokenEndpoint", except: &[JWT_URL], hint: HOST },
    ],
};

const JWT_URL: &str = "https://ims-na1.adobelogin.com/ims/exchange/jwt";
const V2_URL: &str = "https://ims-na1.adobelogin.com/ims/token/v2";
const V3_URL: &str = "https://ims-na1.adobelogin.com/ims/token/v3";

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has("org_id") && MARKS.iter().any(|key| document.has(key))
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let scope = document.list("scopes", ",")?.json_list(",")?;
    let grant = match scope.value() {
        Some(_) => GrantType::ClientCredentials,
        None => GrantType::JwtExchange,
    };
    let auth_code = document.text("auth_code")?;
    if auth_code.value().is_some() && scope.value().is_none() {
        let problem = "is an authorization code, which works once: libims cannot renew its token";
        return Err(auth_code.error(problem).with_hint("give scopes, for OAuth Server-to-Server"));
    }
    let host = document.text("environment")?.value().map(|environment| match environment {
        "prod" | "support" => PRODUCTION,
        _ => STAGE,
    });
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
            None => metascopes.with_value(Some("ent_dataservices_sdk")),
        },
        scope,
        private_key: document
            .any(&["pathToKey", "private_key"], |object, key| object.list(key, "\n"))?,
        sandbox_name: document.any(&["sandbox-name", "sandbox_name", "sandbox"], Object::text)?,
        ids: vec![account],
        ..Settings::new(grant)
    })
}
