//! `connector-umapi.yml` of Adobe's User Sync Tool.

use zeroize::Zeroizing;

use super::setting::{Setting, bad};
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

/// Returns true if the text has `enterprise:` at its top level.
pub(super) fn matches(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == "enterprise:" || line.starts_with("enterprise: "))
}

pub(super) fn parse(text: &str) -> Result<Settings, Error> {
    #[derive(serde::Deserialize)]
    struct File {
        server: Option<Server>,
        enterprise: Enterprise,
    }

    #[derive(serde::Deserialize)]
    struct Server {
        ims_host: Option<String>,
    }

    #[derive(serde::Deserialize)]
    struct Enterprise {
        org_id: Option<String>,
        client_id: Option<String>,
        api_key: Option<String>,
        client_secret: Option<String>,
        tech_acct_id: Option<String>,
        tech_acct: Option<String>,
        priv_key_path: Option<String>,
        priv_key_data: Option<String>,
        priv_key_pass: Option<String>,
        authentication_method: Option<String>,
    }

    // A file of this format has a few dozen lines and no aliases.
    let limits = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_events: 500, max_depth: 32, max_aliases: 100 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 500 },
        with_snippet: false,
    };
    // The parser's own text may quote the input, which holds secrets.
    let file: File = serde_saphyr::from_str_with_options(text, limits).map_err(|error| {
        let place = error.location().map_or_else(String::new, |place| {
            format!(": see line {} column {}", place.line(), place.column())
        });
        bad(format!("is not YAML of user-sync's format{place}"))
    })?;
    let enterprise = file.enterprise;
    let any = |values: [(&str, Option<String>); 2]| {
        let [first, second] = values.map(|(name, value)| {
            let value = Zeroizing::new(value.unwrap_or_default());
            Setting::owned(format!("enterprise.{name}"), value)
        });
        if first.value().is_none() && second.value().is_some() { second } else { first }
    };
    let one = |name, value| any([(name, value), (name, None)]);
    let oauth = enterprise.authentication_method.as_deref() == Some("oauth");
    let ims_host = file.server.and_then(|server| server.ims_host);
    let id = enterprise.tech_acct_id.clone();
    Ok(Settings {
        ims: Setting::new("server.ims_host", ims_host.as_deref()),
        client_id: any([("client_id", enterprise.client_id), ("api_key", enterprise.api_key)]),
        client_secret: one("client_secret", enterprise.client_secret),
        org_id: one("org_id", enterprise.org_id),
        technical_account_id: any([
            ("tech_acct_id", enterprise.tech_acct_id),
            ("tech_acct", enterprise.tech_acct),
        ]),
        // What the tool itself asks for; its file has no place for another.
        metascopes: Setting::new("metascopes", Some("ent_user_sdk")),
        scope: Setting::new("scope", Some("openid,AdobeID,user_management_sdk")),
        private_key: any([
            ("priv_key_path", enterprise.priv_key_path),
            ("priv_key_data", enterprise.priv_key_data),
        ]),
        passphrase: one("priv_key_pass", enterprise.priv_key_pass),
        ids: vec![one("tech_acct_id", id)],
        ..Settings::new(if oauth { GrantType::ClientCredentials } else { GrantType::JwtExchange })
    })
}
