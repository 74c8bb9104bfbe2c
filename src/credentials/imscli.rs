//! The configuration of Adobe's command `imscli`: `imscli.yaml` or `imscli.json`, whose names have
//! letters of either case.
//!
//! Source: adobe/imscli, DOCUMENTATION.md, cmd/params.go, cmd/root.go, cmd/authz/*.go and ims/config.go.

use super::json::Object;
use super::known::{Known, Refused};
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

const TOKEN_HINT: &str = "libims gets tokens for a service account, by a private key and metascopes, or by \
    scopes: remove it";

const PROXY_HINT: &str = "set the variable HTTPS_PROXY, or the option proxy";

pub(super) const KNOWN: Known = Known {
    harmless: &[
        "timeout",
        "verbose",
        "userID",
        "profileApiVersion",
        "orgsApiVersion",
        "cascading",
        "port",
        "fullOutput",
        "guid",
        "authSrc",
        "accessToken",
        "refreshToken",
        "deviceToken",
        "token",
    ],
    refused: &[
        Refused { path: "proxyUrl", except: &[], hint: PROXY_HINT },
        Refused { path: "proxyURL", except: &[], hint: PROXY_HINT },
        Refused { path: "proxyurl", except: &[], hint: PROXY_HINT },
        Refused {
            path: "proxyIgnoreTLS",
            except: &["false"],
            hint: "libims always checks certificates: --ca-file or the option ca_file names those to \
                   trust",
        },
        Refused { path: "serviceToken", except: &[], hint: TOKEN_HINT },
        Refused { path: "authorizationCode", except: &[], hint: TOKEN_HINT },
    ],
};

const CLIENT_ID: &[&str] = &["clientID", "clientid", "clientId", "ClientID"];

/// The settings that name the account of a JWT.
const MARKS: &[&str] = &["organization", "account", "metascopes", "privateKeyPath"];

/// The settings for a client with a secret alone. Those of other tools have others besides.
const OAUTH: &[&str] = &["clientID", "clientSecret", "scopes", "url", "timeout", "verbose"];

pub(super) fn matches(document: &Object<'_>) -> bool {
    let is = |name: &str, known: &&str| name.eq_ignore_ascii_case(known);
    let has = |known: &&str| document.names().any(|name| is(name, known));
    // @adobe/jwt-auth's metaScopes differs by one letter's case.
    has(&"clientID")
        && !document.has("metaScopes")
        && (MARKS.iter().any(has)
            || has(&"scopes")
                && document.names().all(|name| OAUTH.iter().any(|known| is(name, known))))
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let text = |names: &[&'static str]| document.any(names, Object::text);
    let list = |names: &[&'static str], separator| {
        document.any(names, |object, name| object.list(name, separator))
    };
    let (metascopes, scope) = (
        list(&["metascopes", "Metascopes"], ",")?.json_list(",")?,
        list(&["scopes", "Scopes"], ",")?.json_list(",")?,
    );
    let private_key = list(
        &["privateKeyPath", "privatekeypath", "privateKey", "privatekey", "PrivateKeyPath"],
        "\n",
    )?;
    let is_oauth =
        scope.value().is_some() && (metascopes.value().is_none() || private_key.value().is_none());
    let account = text(&["account", "Account"])?;
    let secrets = ["clientSecret", "clientsecret", "ClientSecret"];
    let (client_secret, further_secrets) = document.secrets(&secrets)?;
    Ok(Settings {
        ims: text(&["url", "URL", "Url"])?,
        client_id: text(CLIENT_ID)?,
        client_secret,
        further_secrets,
        org_id: text(&["organization", "Organization"])?,
        technical_account_id: account.clone(),
        metascopes,
        scope,
        private_key,
        ids: vec![account],
        ..Settings::new(match is_oauth {
            true => GrantType::ClientCredentials,
            false => GrantType::JwtExchange,
        })
    })
}
