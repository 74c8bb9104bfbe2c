//! The kinds of token servers that are known by their URLs.

use crate::error::{ADOBE, AUTH0, BOX, DOCUSIGN, ENTRA, GOOGLE, KEYCLOAK, MASKINPORTEN, NETSUITE};
use crate::error::{ANTHROPIC, NHS, OKTA, OPENAI, OPENROUTER, SALESFORCE, ZITADEL};
use crate::token_url::TokenUrl;

/// A kind of server: how its URLs look, and its rules.
struct Server {
    name: &'static str,
    /// Its hosts are these, and those below them.
    domains: &'static [&'static str],
    /// The beginning of its paths at any other host, such as a test server's; `None`: any path may
    /// be another server's.
    path: Option<&'static str>,
    /// The longest lifetime of its tokens in seconds; `None`: any.
    max_lifetime: Option<i64>,
    /// The hint for an account without a scope, where the server issues it no token.
    hint: Option<&'static str>,
}

const OTHER: Server = Server { name: "", domains: &[], path: None, max_lifetime: None, hint: None };

static SERVERS: [Server; 16] = [
    Server {
        name: ADOBE,
        domains: &["adobelogin.com"],
        path: Some("/ims/"),
        max_lifetime: Some(86_400),
        ..OTHER
    },
    Server {
        name: GOOGLE,
        domains: &["googleapis.com", "accounts.google.com"],
        hint: Some(
            "give --scope or --audience, or the option scope or audience: Google issues no token without a \
             scope, such as https://www.googleapis.com/auth/cloud-platform, or else the audience of an ID \
             token",
        ),
        ..OTHER
    },
    Server { name: SALESFORCE, domains: &["salesforce.com"], ..OTHER },
    Server { name: DOCUSIGN, domains: &["docusign.com"], ..OTHER },
    Server {
        name: ENTRA,
        domains: &[
            "login.microsoftonline.com",
            "login.microsoftonline.us",
            "login.partner.microsoftonline.cn",
            "login.microsoft.com",
            "login.windows.net",
            "sts.windows.net",
            "ciamlogin.com",
        ],
        ..OTHER
    },
    Server {
        name: OKTA,
        domains: &["okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil"],
        ..OTHER
    },
    Server { name: AUTH0, domains: &["auth0.com"], ..OTHER },
    Server { name: BOX, domains: &["box.com"], ..OTHER },
    Server { name: KEYCLOAK, path: Some("/realms/"), ..OTHER },
    Server { name: NHS, domains: &["api.service.nhs.uk"], ..OTHER },
    Server { name: NETSUITE, domains: &["netsuite.com"], ..OTHER },
    Server { name: MASKINPORTEN, domains: &["maskinporten.no"], ..OTHER },
    Server {
        name: ZITADEL,
        domains: &["zitadel.cloud"],
        hint: Some(
            "Zitadel issues a token for its scopes alone, such as openid: give --scope, or the option \
             scope",
        ),
        ..OTHER
    },
    Server { name: ANTHROPIC, domains: &["api.anthropic.com"], ..OTHER },
    Server { name: OPENAI, domains: &["auth.openai.com"], ..OTHER },
    Server { name: OPENROUTER, domains: &["openrouter.ai"], ..OTHER },
];

/// Returns the name of the kind of server at `url`, such as [`ADOBE`].
pub(crate) fn server_at(url: &TokenUrl) -> Option<&'static str> {
    let uri = url.uri();
    let host = uri.host()?.to_ascii_lowercase();
    let is_below = |domain: &&str| {
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let is_at = |server: &&Server| {
        server.domains.iter().any(is_below)
            || server.path.is_some_and(|path| uri.path().starts_with(path))
    };
    SERVERS.iter().find(is_at).map(|server| server.name)
}

/// Returns the longest lifetime in seconds of the tokens of this kind of server, if it has one.
pub(crate) fn max_lifetime(server: Option<&str>) -> Option<i64> {
    SERVERS.iter().find(|row| Some(row.name) == server)?.max_lifetime
}

/// Returns the hint for an account without a scope, where this kind of server wants one.
pub(crate) fn no_scope(server: Option<&str>) -> Option<&'static str> {
    SERVERS.iter().find(|row| Some(row.name) == server)?.hint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_its_host_and_adobes_and_keycloak_by_their_paths() {
        for (url, server) in [
            ("https://ims-na1.adobelogin.com/ims/exchange/jwt", Some(ADOBE)),
            ("http://127.0.0.1:8080/ims/token/v3", Some(ADOBE)),
            ("https://oauth2.googleapis.com/token", Some(GOOGLE)),
            ("https://login.salesforce.com/services/oauth2/token", Some(SALESFORCE)),
            ("https://acme.my.salesforce.com/services/oauth2/token", Some(SALESFORCE)),
            ("https://account-d.docusign.com/oauth/token", Some(DOCUSIGN)),
            ("https://login.microsoftonline.com/tenant/oauth2/v2.0/token", Some(ENTRA)),
            ("https://Acme.Okta.com/oauth2/default/v1/token", Some(OKTA)),
            ("https://acme.eu.auth0.com/oauth/token", Some(AUTH0)),
            ("https://api.box.com/oauth2/token", Some(BOX)),
            ("https://id.example/realms/a/protocol/openid-connect/token", Some(KEYCLOAK)),
            ("https://int.api.service.nhs.uk/oauth2/token", Some(NHS)),
            ("https://1.suitetalk.api.netsuite.com/services/rest/token", Some(NETSUITE)),
            ("https://test.maskinporten.no/token", Some(MASKINPORTEN)),
            ("https://acme.zitadel.cloud/oauth/v2/token", Some(ZITADEL)),
            ("https://api.anthropic.com/v1/oauth/token", Some(ANTHROPIC)),
            ("https://auth.openai.com/oauth/token", Some(OPENAI)),
            ("https://openrouter.ai/api/v1/oauth/token", Some(OPENROUTER)),
            ("https://notokta.com/token", None),
            ("https://okta.com.example.com/token", None),
            ("https://auth.example.com/token", None),
        ] {
            assert_eq!(server_at(&url.parse().unwrap()), server, "{url}");
        }
    }
}
