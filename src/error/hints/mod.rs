//! The refusals that token servers send, each with a hint: a file for each server that has its own words,
//! and one for all.

mod row;
mod adobe;
mod google;
mod salesforce;
mod docusign;
mod entra;
mod okta;
mod auth0;
mod box_com;
mod keycloak;
mod nhs;
mod netsuite;
mod maskinporten;
mod zitadel;
mod anthropic;
mod openai;
mod openrouter;
mod any;

pub use adobe::ADOBE;
pub use anthropic::ANTHROPIC;
pub use auth0::AUTH0;
pub use box_com::BOX;
pub use docusign::DOCUSIGN;
pub use entra::ENTRA;
pub use google::GOOGLE;
pub use keycloak::KEYCLOAK;
pub use maskinporten::MASKINPORTEN;
pub use netsuite::NETSUITE;
pub use nhs::NHS;
pub use okta::OKTA;
pub use openai::OPENAI;
pub use openrouter::OPENROUTER;
pub(crate) use row::Refusal;
pub use row::{Sent, ServerHint};
pub use salesforce::SALESFORCE;
pub use zitadel::ZITADEL;

static TABLES: [&[ServerHint]; 17] = [
    adobe::HINTS,
    google::HINTS,
    salesforce::HINTS,
    docusign::HINTS,
    entra::HINTS,
    okta::HINTS,
    auth0::HINTS,
    box_com::HINTS,
    keycloak::HINTS,
    nhs::HINTS,
    netsuite::HINTS,
    maskinporten::HINTS,
    zitadel::HINTS,
    anthropic::HINTS,
    openai::HINTS,
    openrouter::HINTS,
    any::HINTS,
];

/// Returns the known refusals in the order in which they are searched.
pub fn server_hints() -> impl Iterator<Item = &'static ServerHint> {
    TABLES.into_iter().flatten()
}

/// Returns the hint for a refusal, where it is a known one.
pub(crate) fn server_hint(refusal: &Refusal<'_>) -> Option<&'static ServerHint> {
    let description = refusal.description.to_ascii_lowercase();
    let is_of_token =
        [Sent::AccessToken, Sent::Bearer].map(Some).iter().any(|sent| refusal.sent.contains(sent));
    server_hints().find(|row| {
        // A row for any request. Those with words of an error are about JWTs and grants.
        let is_of_any = row.sent.is_none()
            && (!is_of_token || row.error.is_empty() && row.description.is_empty());
        (row.server.is_none() || row.server == refusal.server)
            && (is_of_any || row.sent.is_some() && refusal.sent.contains(&row.sent))
            && row.http_status.is_none_or(|status| status == refusal.http_status)
            && (row.error.is_empty() || row.error == refusal.error)
            && description.contains(row.description)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the row for a refusal of a JWT and a client secret.
    fn row(
        server: Option<&str>,
        http_status: u16,
        error: &str,
        description: &str,
    ) -> Option<&'static ServerHint> {
        let sent = [Some(Sent::ClientSecret), Some(Sent::Assertion)];
        server_hint(&Refusal { server, sent, http_status, error, description })
    }

    #[test]
    fn a_hint_is_about_what_was_sent() {
        for (proof, grant, error, advice, not) in [
            (Sent::ClientSecret, None, "invalid_client", "Basic authentication", "JWT"),
            (Sent::PrivateKeyJwt, None, "invalid_client", "kid, key, aud", "secret"),
            (Sent::ClientSecretJwt, None, "invalid_client", "alg", "Basic"),
            (Sent::ClientId, None, "invalid_client", "client_auth", "secret"),
            (Sent::NoClient, Some(Sent::Assertion), "invalid_client", "compare iss", "secret"),
            (Sent::ClientSecret, Some(Sent::Assertion), "invalid_grant", "iss, sub, aud", "code"),
            (Sent::ClientId, Some(Sent::SubjectToken), "invalid_grant", "subject token", "JWT"),
            (Sent::ClientId, Some(Sent::Fields), "invalid_grant", "a refresh token", "JWT"),
        ] {
            let sent = [Some(proof), grant];
            let refusal = Refusal { server: None, sent, http_status: 400, error, description: "" };
            let hint = server_hint(&refusal).unwrap().hint;
            assert!(hint.contains(advice) && !hint.contains(not), "{sent:?}: {hint}");
        }
        let sent = [Some(Sent::ClientSecret), None];
        let (error, description) = ("invalid_grant", "");
        let refusal = Refusal { server: None, sent, http_status: 400, error, description };
        assert!(server_hint(&refusal).is_none(), "no JWT was sent");
    }

    #[test]
    fn every_refusal_that_adobe_documents_has_a_hint_that_says_what_to_do() {
        let not_the_key = "Could not match JWT signature to any of the bindings";
        let not_decoded = "JWT token is incorrectly formatted, and can not be decoded.";
        let not_granted =
            "The metascopes in the JWT are not a subset of the metascopes in the binding.";
        for (http_status, error, description, advice) in [
            (400, "invalid_token", not_the_key, "upload a new certificate"),
            (400, "invalid_signature", "", "upload a new certificate"),
            (400, "invalid_token", not_decoded, "must be integers"),
            (400, "invalid_token", "JWT has expired", "sign a new one"),
            (400, "invalid_token", "", "check iss, sub, aud"),
            (400, "invalid_client", "", "https://HOST/c/CLIENT_ID"),
            (401, "invalid_client", "invalid client_secret parameter", "copy the secret again"),
            (400, "invalid_client", "invalid client_secret parameter", "copy it again"),
            (400, "invalid_scope", not_granted, "not granted to this technical account"),
            (400, "invalid_jti", "", "new in every JWT"),
            (400, "unauthorized_client", "", "add OAuth Server-to-Server"),
            (400, "bad_request", "", "ORG@AdobeOrg"),
            (400, "invalid_grant", "", "check iss, sub, aud and exp"),
            (500, "internal_error", "Please try again later", "switch to client credentials"),
            (429, "", "", "keep a token"),
            (503, "", "", "overloaded"),
        ] {
            let found = row(Some(ADOBE), http_status, error, description);
            let hint = found.map(|row| row.hint).unwrap_or_default();
            assert!(hint.contains(advice), "{http_status} {error} {description}: {hint}");
        }
    }

    #[test]
    fn each_server_that_is_known_has_hints_of_its_own() {
        for (server, http_status, error, description, advice) in [
            (GOOGLE, 400, "invalid_scope", "Invalid OAuth scope or ID token audience", "a claim"),
            (
                GOOGLE,
                401,
                "unauthorized_client",
                "Client is unauthorized",
                "domain-wide delegation",
            ),
            (GOOGLE, 400, "invalid_grant", "Invalid grant: account not found", "iss is its email"),
            (GOOGLE, 400, "invalid_grant", "Invalid JWT Signature.", "private_key_id"),
            (
                GOOGLE,
                400,
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes)",
                "at most an hour",
            ),
            (SALESFORCE, 400, "invalid_grant", "user hasn't approved this consumer", "approve it"),
            (
                SALESFORCE,
                400,
                "invalid_app_access",
                "user is not admin approved to access this app",
                "approve it",
            ),
            (SALESFORCE, 400, "invalid_grant", "audience is invalid", "test.salesforce.com"),
            (SALESFORCE, 400, "invalid_grant", "invalid assertion", "180 seconds"),
            (SALESFORCE, 400, "invalid_client_id", "client identifier invalid", "consumer key"),
            (DOCUSIGN, 400, "consent_required", "", "signature%20impersonation"),
            (DOCUSIGN, 400, "invalid_grant", "no_valid_keys_or_signatures", "RSA key pairs"),
            (DOCUSIGN, 400, "invalid_grant", "issuer_not_found", "integration key"),
            (DOCUSIGN, 400, "invalid_grant", "user_not_found", "GUID"),
            (ENTRA, 401, "invalid_client", "AADSTS7000215: Invalid client secret", "not its id"),
            (ENTRA, 401, "invalid_client", "AADSTS7000222: The provided", "has expired"),
            (ENTRA, 401, "invalid_client", "AADSTS700027: Client assertion", "x5t#S256"),
            (ENTRA, 401, "invalid_client", "AADSTS700024: Client assertion", "clock"),
            (ENTRA, 400, "unauthorized_client", "AADSTS700016: Application", "tenant"),
            (ENTRA, 400, "invalid_request", "AADSTS90002: Tenant 'x' not found", "no such tenant"),
            (ENTRA, 400, "invalid_scope", "AADSTS70011: The provided request", "/.default"),
            (ENTRA, 400, "invalid_scope", "AADSTS1002012: The provided value", "/.default"),
            (ENTRA, 400, "invalid_resource", "AADSTS500011: The resource principal", "resource"),
            (
                ENTRA,
                401,
                "invalid_client",
                "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: 'x'",
                "letter by letter",
            ),
            (
                ENTRA,
                401,
                "invalid_client",
                "AADSTS700211: No matching federated identity record found for presented assertion issuer 'x'",
                "iss of the platform's JWT",
            ),
            (
                ENTRA,
                401,
                "invalid_client",
                "AADSTS700212: No matching federated identity record found for presented assertion audience 'x'",
                "api://AzureADTokenExchange",
            ),
            (
                ENTRA,
                401,
                "invalid_client",
                "AADSTS700213: No matching federated identity record found for presented assertion subject 'x'",
                "sub of the platform's JWT",
            ),
            (
                ENTRA,
                401,
                "invalid_client",
                "AADSTS700222: AAD-issued tokens may not be used for federated identity flows.",
                "another platform",
            ),
            (
                GOOGLE,
                400,
                "invalid_request",
                "Invalid value for \"audience\". This value should be the full resource name of the Identity Provider.",
                "not of the pool",
            ),
            (
                GOOGLE,
                400,
                "invalid_target",
                "The target service indicated by the \"audience\" parameters is invalid. This might either be because \
                 the pool or provider is disabled or deleted or because it doesn't exist.",
                "that exists and is enabled",
            ),
            (
                GOOGLE,
                400,
                "unauthorized_client",
                "The given credential is rejected by the attribute condition.",
                "attribute condition",
            ),
            (
                GOOGLE,
                400,
                "invalid_grant",
                "The audience in ID Token [https://x] does not match the expected audience.",
                "aud of the platform's JWT",
            ),
            (
                GOOGLE,
                400,
                "invalid_grant",
                "The issuer in ID Token https://x does not match the expected ones: https://y",
                "iss of the platform's JWT",
            ),
            (
                GOOGLE,
                400,
                "invalid_grant",
                "ID Token issued at 1713260741 is stale to sign-in.",
                "renew it",
            ),
            (OKTA, 400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.", "DPoP"),
            (OKTA, 401, "invalid_client", "The audience claim for client_assertion", "aud must"),
            (OKTA, 401, "invalid_client", "The client_assertion signature is invalid", "as a JWK"),
            (OKTA, 401, "invalid_client", "token has an expiration too far", "lifetime"),
            (
                AUTH0,
                403,
                "access_denied",
                "Client is not authorized to access \"x\"",
                "authorize it",
            ),
            (BOX, 400, "unauthorized_client", "This app is not authorized by the", "administrator"),
            (ENTRA, 401, "invalid_client", "AADSTS700021: Client assertion", "iss and sub"),
            (NETSUITE, 400, "invalid_request", "", "Login Audit Trail"),
            (MASKINPORTEN, 400, "invalid_grant", "Expired key", "for a year"),
            (OKTA, 400, "invalid_scope", "One or more scopes are not configured", "Okta API"),
            (OKTA, 400, "access_denied", "Policy evaluation failed", "access policy"),
        ] {
            let found = row(Some(server), http_status, error, description).unwrap();
            assert_eq!(found.server, Some(server), "{error} {description}");
            assert!(found.hint.contains(advice), "{error} {description}: {}", found.hint);
            let other = row(None, http_status, error, description);
            assert_ne!(other.map(|row| row.hint), Some(found.hint), "{error} {description}");
        }
        // What a known server says otherwise means what RFC 6749 says.
        let general = row(Some(OKTA), 400, "unsupported_grant_type", "").unwrap();
        assert_eq!(general.server, None);
    }

    #[test]
    fn no_hint_is_empty() {
        assert!(server_hints().all(|row| !row.hint.trim().is_empty()));
    }

    #[test]
    fn an_unknown_refusal_gets_no_guess() {
        assert!(row(None, 400, "access_denied", "because").is_none());
    }

    #[test]
    fn what_is_true_of_adobe_alone_is_told_of_adobe_alone() {
        for error in ["invalid_client", "invalid_scope", "unauthorized_client", "invalid_grant"] {
            let hint = row(None, 400, error, "").unwrap().hint;
            for adobes in ["Adobe", "Developer Console", "OAuth Server-to-Server", "metascope"] {
                assert!(!hint.contains(adobes), "{error}: {hint}");
            }
        }
        assert!(row(None, 500, "internal_error", "").is_none());
        assert!(row(None, 400, "bad_request", "").is_none());
    }
}
