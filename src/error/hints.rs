//! The table of the refusals that token servers send, each with a hint.

use super::cause::Cause;

/// A part of a request that the server may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The client secret, in the body or by Basic authentication.
    ClientSecret,
    /// A JWT that authenticates the client, signed with its private key.
    PrivateKeyJwt,
    /// A JWT that authenticates the client, signed with its secret.
    ClientSecretJwt,
    /// The client id without a proof.
    ClientId,
    /// No client at all.
    NoClient,
    /// The JWT of the grant itself.
    Assertion,
    /// The token to be exchanged (RFC 8693).
    SubjectToken,
    /// The fields of a grant that libims does not know, such as a password.
    Fields,
}

impl Sent {
    /// Returns its name in the manual.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientSecret => "a client secret",
            Self::PrivateKeyJwt => "a JWT of the client (private_key_jwt)",
            Self::ClientSecretJwt => "a JWT of the client (client_secret_jwt)",
            Self::ClientId => "the client id alone",
            Self::NoClient => "no client",
            Self::Assertion => "a JWT as the grant",
            Self::SubjectToken => "a subject token",
            Self::Fields => "the fields of another grant",
        }
    }
}

/// A refusal, by which its hint is found.
pub(crate) struct Refusal<'a> {
    /// The kind of server, as the table calls it; `None`: any.
    pub server: Option<&'a str>,
    /// The proof of the client and the grant that were sent.
    pub sent: [Option<Sent>; 2],
    pub http_status: u16,
    /// The response's `error`.
    pub error: &'a str,
    /// The response's `error_description`.
    pub description: &'a str,
}

/// A refusal and what to do about it. The first row of [`SERVER_HINTS`] that fits counts.
pub struct ServerHint {
    /// The servers that mean this by it, such as [`ADOBE`]; `None`: all.
    pub server: Option<&'static str>,
    /// The part of the request that it is about; `None`: any.
    pub sent: Option<Sent>,
    /// The HTTP status; `None`: any.
    pub http_status: Option<u16>,
    /// The response's `error`; empty: any.
    pub error: &'static str,
    /// A part of the response's `error_description`, in lower case; empty: any.
    pub description: &'static str,
    /// The cause, where it is a common one.
    pub cause: Option<Cause>,
    /// The step that solves the problem, as a sentence for people.
    pub hint: &'static str,
}

/// Adobe IMS.
///
/// Source: the texts of the server, and public threads of its clients.
pub const ADOBE: &str = "Adobe";
/// Google's servers for service accounts.
///
/// Source of this and the following: their documents, and public threads of their clients.
pub const GOOGLE: &str = "Google";
/// Salesforce.
pub const SALESFORCE: &str = "Salesforce";
/// DocuSign.
pub const DOCUSIGN: &str = "DocuSign";
/// Microsoft Entra ID.
pub const ENTRA: &str = "Entra";
/// Okta.
pub const OKTA: &str = "Okta";
/// Auth0.
pub const AUTH0: &str = "Auth0";
/// Box.
pub const BOX: &str = "Box";
/// Keycloak, at any host.
pub const KEYCLOAK: &str = "Keycloak";
/// NHS England's API platform.
pub const NHS: &str = "NHS England";
/// NetSuite.
pub const NETSUITE: &str = "NetSuite";
/// Maskinporten.
pub const MASKINPORTEN: &str = "Maskinporten";
/// Zitadel's cloud.
pub const ZITADEL: &str = "Zitadel";

const WRONG_KEY: &str = "the certificate registered for this technical account does not belong to \
    this private key, or has expired: compare the two in the Developer Console, and upload a new \
    certificate or use its key";
const EXPIRED: &str = "the JWT expired before it arrived: sign a new one for each exchange, let it \
    live a few minutes (lifetime 300), and check this machine's clock";

/// Any server: an `error` of RFC 6749 section 5.2, or an HTTP status.
const ANY: ServerHint = ServerHint {
    server: None,
    sent: None,
    http_status: None,
    error: "",
    description: "",
    cause: None,
    hint: "",
};
const FROM_ADOBE: ServerHint = ServerHint { server: Some(ADOBE), ..ANY };
const FROM_GOOGLE: ServerHint = ServerHint { server: Some(GOOGLE), ..ANY };
const FROM_SALESFORCE: ServerHint = ServerHint { server: Some(SALESFORCE), ..ANY };
const FROM_DOCUSIGN: ServerHint = ServerHint { server: Some(DOCUSIGN), ..ANY };
const FROM_ENTRA: ServerHint = ServerHint { server: Some(ENTRA), ..ANY };
const FROM_OKTA: ServerHint = ServerHint { server: Some(OKTA), ..ANY };
const FROM_AUTH0: ServerHint = ServerHint { server: Some(AUTH0), ..ANY };
const FROM_BOX: ServerHint = ServerHint { server: Some(BOX), ..ANY };
const FROM_KEYCLOAK: ServerHint = ServerHint { server: Some(KEYCLOAK), ..ANY };
const FROM_NHS: ServerHint = ServerHint { server: Some(NHS), ..ANY };
const FROM_NETSUITE: ServerHint = ServerHint { server: Some(NETSUITE), ..ANY };
const FROM_MASKINPORTEN: ServerHint = ServerHint { server: Some(MASKINPORTEN), ..ANY };
const FROM_ZITADEL: ServerHint = ServerHint { server: Some(ZITADEL), ..ANY };

const NOT_APPROVED: &str = "the user of sub has not approved the connected app: set its permitted \
    users to those that an administrator approves, and add the user's profile or permission set, or \
    have the user approve it once";

const NETSUITE_GIVES_NO_REASON: &str = "NetSuite gives no reason here; its Login Audit Trail does, in \
    the column Detail. kid must be the certificate's id in the M2M setup, the key that of this \
    certificate, iss the integration's client id (client_id), aud the token URL, and alg \
    PS256, ES256 or a longer one of these, not RS256";

/// The known refusals. The table is searched in this order.
pub static SERVER_HINTS: &[ServerHint] = &[
    ServerHint {
        error: "invalid_token",
        description: "could not match jwt signature",
        cause: Some(Cause::WrongKey),
        hint: WRONG_KEY,
        ..FROM_ADOBE
    },
    ServerHint {
        error: "invalid_signature",
        cause: Some(Cause::WrongKey),
        hint: WRONG_KEY,
        ..FROM_ADOBE
    },
    ServerHint {
        error: "invalid_token",
        description: "incorrectly formatted",
        cause: Some(Cause::ClockOrExp),
        hint: "the server cannot decode the JWT: exp (and jti, where sent) must be integers, not \
               strings or fractions, and the JWT must be sent whole, without line breaks",
        ..FROM_ADOBE
    },
    ServerHint {
        error: "invalid_token",
        description: "expired",
        cause: Some(Cause::ClockOrExp),
        hint: EXPIRED,
        ..FROM_ADOBE
    },
    ServerHint { error: "expired", cause: Some(Cause::ClockOrExp), hint: EXPIRED, ..FROM_ADOBE },
    ServerHint {
        error: "invalid_token",
        hint: "the server does not accept the JWT: check iss, sub, aud, exp and the key against the \
               credential in the Developer Console",
        ..FROM_ADOBE
    },
    ServerHint {
        http_status: Some(401),
        error: "invalid_client",
        hint: "the client secret is wrong, or this client may not use this grant: copy the secret \
               again from the Developer Console and see that the credential is of this type",
        ..FROM_ADOBE
    },
    ServerHint {
        http_status: Some(400),
        error: "invalid_client",
        description: "secret",
        hint: "the client secret is wrong: copy it again from the Developer Console",
        ..FROM_ADOBE
    },
    ServerHint {
        sent: Some(Sent::Assertion),
        error: "invalid_client",
        hint: "the client id is unknown here, or the JWT's aud names another environment or client \
               id: aud must be https://HOST/c/CLIENT_ID with the host that you call (stage and \
               production differ); if both are right, the client secret may be wrong",
        ..FROM_ADOBE
    },
    ServerHint {
        error: "invalid_client",
        hint: "the client id is unknown here, or the client secret is wrong: compare both with the \
               credential in the Developer Console, and the host (stage and production differ)",
        ..FROM_ADOBE
    },
    ServerHint {
        error: "invalid_scope",
        hint: "the JWT asks for no scope that Google knows: scope is a claim of the JWT, with blanks \
               between, such as https://www.googleapis.com/auth/cloud-platform",
        ..FROM_GOOGLE
    },
    ServerHint {
        error: "unauthorized_client",
        hint: "the service account may not act for this user: in the Admin console, allow \
               domain-wide delegation for its client id with each of the scopes, and see that sub \
               is a user of that domain",
        ..FROM_GOOGLE
    },
    ServerHint {
        error: "invalid_grant",
        description: "account not found",
        hint: "the service account does not exist (iss is its email), or sub is no user: compare them \
               with the console",
        ..FROM_GOOGLE
    },
    ServerHint {
        error: "invalid_grant",
        description: "signature",
        cause: Some(Cause::WrongKey),
        hint: "the key is not one of the service account's, or was deleted there: make a new key for \
               the account, and see that kid is its private_key_id",
        ..FROM_GOOGLE
    },
    ServerHint {
        error: "invalid_grant",
        description: "audience check",
        hint: "aud must be the token URL of Google, https://oauth2.googleapis.com/token: set aud to it, \
               or leave aud out",
        ..FROM_GOOGLE
    },
    ServerHint {
        error: "invalid_grant",
        description: "short-lived",
        cause: Some(Cause::ClockOrExp),
        hint: "exp may be at most an hour after iat, and iat must not be ahead: check this machine's \
               clock and the lifetime",
        ..FROM_GOOGLE
    },
    ServerHint {
        error: "invalid_grant",
        description: "approved this consumer",
        hint: NOT_APPROVED,
        ..FROM_SALESFORCE
    },
    ServerHint { error: "invalid_app_access", hint: NOT_APPROVED, ..FROM_SALESFORCE },
    ServerHint {
        error: "invalid_grant",
        description: "audience is invalid",
        hint: "aud must be https://login.salesforce.com, or https://test.salesforce.com for a \
               sandbox, whatever the host of the token URL",
        ..FROM_SALESFORCE
    },
    ServerHint {
        error: "invalid_grant",
        description: "invalid assertion",
        cause: Some(Cause::WrongKey),
        hint: "the key does not belong to the connected app's certificate, or exp is more than 3 \
               minutes ahead: upload the key's certificate, and let the JWT live 180 seconds at most \
               (lifetime 180)",
        ..FROM_SALESFORCE
    },
    ServerHint {
        sent: Some(Sent::Assertion),
        error: "invalid_client_id",
        hint: "iss must be the consumer key of the connected app, in the organization whose login \
               host aud names; a new app takes some minutes to become known",
        ..FROM_SALESFORCE
    },
    ServerHint {
        error: "consent_required",
        hint: "the user of sub has not consented yet: open https://HOST/oauth/auth with \
               response_type=code, scope=signature%20impersonation, client_id and a registered \
               redirect_uri once in a browser, as that user",
        ..FROM_DOCUSIGN
    },
    ServerHint {
        error: "invalid_grant",
        description: "no_valid_keys_or_signatures",
        cause: Some(Cause::WrongKey),
        hint: "the key is not one of the integration key's RSA key pairs, or aud is not the host \
               alone, such as account-d.docusign.com",
        ..FROM_DOCUSIGN
    },
    ServerHint {
        error: "invalid_grant",
        description: "issuer_not_found",
        hint: "iss must be the integration key of this environment: account-d.docusign.com is for \
               development, account.docusign.com for production",
        ..FROM_DOCUSIGN
    },
    ServerHint {
        error: "invalid_grant",
        description: "user_not_found",
        hint: "sub must be the user's id, a GUID, in this environment",
        ..FROM_DOCUSIGN
    },
    ServerHint {
        description: "aadsts7000215:",
        hint: "the client secret is wrong: use the secret's value, which is shown once, and not its id",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "aadsts7000222:",
        hint: "the client secret has expired: add a new one to the app registration",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "aadsts700027:",
        cause: Some(Cause::WrongKey),
        hint: "the app registration has no certificate for this signature: upload the key's \
               certificate there, and see that x5t#S256 (or x5t) in the JWT's header is its thumbprint",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "aadsts700024:",
        cause: Some(Cause::ClockOrExp),
        hint: "the JWT is not valid yet or not any more: check this machine's clock, and sign a new \
               one for each request",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "aadsts700023:",
        hint: "aud must be the token URL of this tenant: set aud to it, or leave aud out",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "aadsts700021:",
        hint: "iss and sub of the JWT must be the application's client id (client_id)",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "aadsts700016:",
        hint: "the tenant has no such application: compare client_id, and the tenant in the token URL",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "aadsts90002:",
        hint: "there is no such tenant: check the tenant in the token URL, and the cloud of its host",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "aadsts70011:",
        cause: Some(Cause::MetascopeMismatch),
        hint: "with client credentials, scope is one resource with /.default, such as \
               https://graph.microsoft.com/.default",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "aadsts1002012:",
        cause: Some(Cause::MetascopeMismatch),
        hint: "with client credentials, scope is one resource with /.default, such as \
               https://graph.microsoft.com/.default",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "aadsts500011:",
        hint: "the tenant does not know the resource of scope: check its name, and that the API's \
               application is installed in the tenant",
        ..FROM_ENTRA
    },
    ServerHint {
        description: "no matching federated identity record",
        hint: "the federated credential of the application has another issuer, subject or audience \
               than the assertion: compare the three, letter by letter",
        ..FROM_ENTRA
    },
    ServerHint {
        error: "access_denied",
        description: "service not enabled",
        hint: "audience (in parameters) is not the identifier of an API of this tenant: compare the \
               two letter by letter, and a slash at the end",
        ..FROM_AUTH0
    },
    ServerHint {
        error: "access_denied",
        description: "not authorized to access",
        hint: "the application may not call this API: authorize it among the API's machine-to-machine \
               applications, or correct audience (in parameters)",
        ..FROM_AUTH0
    },
    ServerHint {
        error: "invalid_client",
        hint: "Auth0 does not accept the client's proof, and the tenant's log (Failed Exchange) says \
               why: client_id must be the application's, kid and alg those of its credential, the key \
               that credential's, aud the issuer with the slash at its end, and lifetime at most 300",
        ..FROM_AUTH0
    },
    ServerHint {
        error: "invalid_client",
        hint: "client_id or client_secret is wrong: copy both from the app's configuration in the \
               Developer Console",
        ..FROM_BOX
    },
    ServerHint {
        error: "unauthorized_client",
        hint: "an administrator of the enterprise has not authorized the app, or has to do so once \
               more after a change: Admin Console, Platform Apps",
        ..FROM_BOX
    },
    ServerHint {
        error: "invalid_grant",
        description: "signature",
        cause: Some(Cause::WrongKey),
        hint: "the key is not the one whose public key kid names: set kid to the id that the app's \
               configuration shows next to this key's public key, or add the public key there",
        ..FROM_BOX
    },
    ServerHint {
        error: "invalid_grant",
        description: "'sub' claim",
        hint: "sub must be the enterprise's id where box_sub_type is enterprise, and a user's id where \
               it is user; the app must be authorized in that enterprise",
        ..FROM_BOX
    },
    ServerHint {
        error: "invalid_grant",
        description: "'exp' claim",
        cause: Some(Cause::ClockOrExp),
        hint: "the JWT may live for 60 seconds at most: set lifetime to 45, and check this machine's \
               clock",
        ..FROM_BOX
    },
    ServerHint {
        error: "invalid_grant",
        description: "'jti' claim",
        hint: "jti must be a text of 16 to 128 characters that is new in every JWT: set jti to uuid",
        ..FROM_BOX
    },
    ServerHint {
        error: "invalid_client",
        description: "audience",
        hint: "aud must be the realm's issuer, https://HOST/realms/REALM, as the realm's metadata \
               spells it",
        ..FROM_KEYCLOAK
    },
    ServerHint {
        error: "invalid_client",
        description: "unable to load public key",
        cause: Some(Cause::WrongKey),
        hint: "the client has no key with this kid: add the public key to the client's keys, or set kid \
               to the id that it has there",
        ..FROM_KEYCLOAK
    },
    ServerHint {
        error: "invalid_client",
        description: "signature on jwt",
        cause: Some(Cause::WrongKey),
        hint: "the key is not the one registered with the client under this kid, or alg is not the \
               algorithm that the client is set to: compare both with the client's keys",
        ..FROM_KEYCLOAK
    },
    ServerHint {
        error: "invalid_client",
        description: "invalid client or",
        hint: "the realm has no such client (client_id), it is disabled, the client secret is wrong, or \
               the client authenticator in its settings is not the one that client_auth means (Signed \
               Jwt for private_key_jwt)",
        ..FROM_KEYCLOAK
    },
    ServerHint {
        error: "invalid_request",
        description: "'kid' header",
        cause: Some(Cause::WrongKey),
        hint: "the application's JWKS has no key with this kid: register the public key's JWK with the \
               application in this environment, and set kid to its kid",
        ..FROM_NHS
    },
    ServerHint {
        error: "invalid_request",
        description: "'alg' header",
        hint: "set alg to RS512",
        ..FROM_NHS
    },
    ServerHint {
        error: "invalid_request",
        description: "'sub' claim",
        hint: "iss and sub must be the application's API key in this environment: set client_id to it",
        ..FROM_NHS
    },
    ServerHint {
        error: "invalid_request",
        description: "'aud' claim",
        hint: "aud must be the token URL of this environment, letter by letter: set aud to it, or leave \
               aud out",
        ..FROM_NHS
    },
    ServerHint {
        error: "invalid_request",
        description: "'exp' claim",
        cause: Some(Cause::ClockOrExp),
        hint: "exp may be 5 minutes ahead at most: set lifetime to 300 or less, and check this machine's \
               clock",
        ..FROM_NHS
    },
    ServerHint {
        error: "invalid_client",
        cause: Some(Cause::WrongKey),
        hint: NETSUITE_GIVES_NO_REASON,
        ..FROM_NETSUITE
    },
    ServerHint { error: "invalid_request", hint: NETSUITE_GIVES_NO_REASON, ..FROM_NETSUITE },
    ServerHint {
        error: "invalid_grant",
        description: "jwt claim aud",
        hint: "aud must be the issuer of this environment, with the slash at its end: \
               https://maskinporten.no/, or https://test.maskinporten.no/ for tests",
        ..FROM_MASKINPORTEN
    },
    ServerHint {
        error: "invalid_grant",
        description: "expired key",
        cause: Some(Cause::WrongKey),
        hint: "the key that is registered with the client has expired (keys last for a year): register \
               it again, or a new one",
        ..FROM_MASKINPORTEN
    },
    ServerHint {
        error: "invalid_grant",
        description: "jwt signature",
        cause: Some(Cause::WrongKey),
        hint: "the key is not the one that is registered with the client under this kid, or its \
               certificate is one for another environment",
        ..FROM_MASKINPORTEN
    },
    ServerHint {
        error: "invalid_grant",
        description: "client authentication failed",
        hint: "iss must be the client's id in this environment, and kid the id of a key that is \
               registered with the client",
        ..FROM_MASKINPORTEN
    },
    ServerHint {
        error: "invalid_scope",
        cause: Some(Cause::MetascopeMismatch),
        hint: "the scope is not registered with the client: compare it letter by letter, add it to the \
               client, and have its owner grant it to the organization",
        ..FROM_MASKINPORTEN
    },
    ServerHint {
        error: "server_error",
        hint: "if it stays, Zitadel cannot verify the JWT, and says no more: kid must be the keyId and the key \
               that of the service user's key file, iss and sub its userId, and aud the instance's \
               issuer, without a path",
        ..FROM_ZITADEL
    },
    ServerHint {
        error: "invalid_dpop_proof",
        hint: "the application asks for DPoP, which libims does not do: switch it off in the \
               application's settings (Proof of possession)",
        ..FROM_OKTA
    },
    ServerHint {
        error: "invalid_client",
        description: "expir",
        cause: Some(Cause::ClockOrExp),
        hint: "exp may be an hour ahead at most, and must not have passed: set lifetime to 300, and \
               check this machine's clock",
        ..FROM_OKTA
    },
    ServerHint {
        error: "invalid_client",
        description: "client_id",
        hint: "the organization has no such application: set client_id to the application's, and see \
               that the host is the organization's",
        ..FROM_OKTA
    },
    ServerHint {
        error: "invalid_client",
        description: "aud",
        hint: "aud must be the token URL or the issuer of this authorization server",
        ..FROM_OKTA
    },
    ServerHint {
        error: "invalid_client",
        description: "assertion",
        cause: Some(Cause::WrongKey),
        hint: "the key is not registered: add its public key as a JWK to the application, and see \
               that kid in the JWT's header is the key's; the application's client authentication \
               must be public key / private key",
        ..FROM_OKTA
    },
    ServerHint {
        error: "invalid_scope",
        cause: Some(Cause::MetascopeMismatch),
        hint: "a scope is not granted: grant okta.* scopes under Okta API Scopes, and add others to \
               the authorization server that the token URL names",
        ..FROM_OKTA
    },
    ServerHint {
        error: "access_denied",
        hint: "no access policy of the authorization server has a rule for this client and these \
               scopes with client credentials: add one",
        ..FROM_OKTA
    },
    ServerHint {
        sent: Some(Sent::PrivateKeyJwt),
        error: "invalid_client",
        hint: "the server does not know this client, or does not accept the JWT that authenticates \
               it: compare client id, kid, key, aud and exp (lifetime) with what the server has and \
               expects",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::ClientSecretJwt),
        error: "invalid_client",
        hint: "the server does not know this client, or does not accept the JWT that its secret \
               signs: compare client id, secret, alg, aud and exp (lifetime) with what the server has \
               and expects",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::ClientId),
        error: "invalid_client",
        hint: "the server does not know this client, or wants a proof of it: compare the client id \
               with the one registered at the server, and choose client_auth as it is registered \
               there",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::NoClient),
        error: "invalid_client",
        hint: "no client was sent, and the server does not know the one that the JWT names, or wants \
               client authentication too: compare iss with the client registered at the server, or \
               give client_id and its proof",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::ClientSecret),
        error: "invalid_client",
        hint: "the server does not know this client, or does not accept its secret: compare client \
               id and secret with those registered at the server, and whether it wants the secret \
               in the body or by Basic authentication (client_auth)",
        ..ANY
    },
    ServerHint {
        error: "invalid_scope",
        cause: Some(Cause::MetascopeMismatch),
        hint: "a metascope or scope is not granted to this technical account: compare them with \
               those that the Developer Console lists for the credential, and have a product \
               profile assigned",
        ..FROM_ADOBE
    },
    ServerHint {
        error: "invalid_scope",
        cause: Some(Cause::MetascopeMismatch),
        hint: "a scope is unknown, malformed or not granted to this client: compare the scopes with \
               those that the server has for the client",
        ..ANY
    },
    ServerHint {
        error: "invalid_jti",
        hint: "this account asks for a jti, an integer that is new in every JWT: add one, and send \
               each JWT once (max_attempts 1)",
        ..FROM_ADOBE
    },
    ServerHint {
        error: "unauthorized_client",
        hint: "this client is not set up for the grant: add OAuth Server-to-Server to the project \
               in the Developer Console, or use the grant that its credential was made for",
        ..FROM_ADOBE
    },
    ServerHint {
        error: "unauthorized_client",
        hint: "this client may not use the grant: have the server allow it, or use the grant that \
               the client is registered for",
        ..ANY
    },
    ServerHint {
        error: "bad_request",
        hint: "a claim has the wrong format: iss is ORG@AdobeOrg, sub is ID@techacct.adobe.com, exp \
               and jti are integers",
        ..FROM_ADOBE
    },
    ServerHint {
        sent: Some(Sent::SubjectToken),
        error: "invalid_grant",
        hint: "the server does not accept the subject token: see that it has not expired, and that \
               its issuer, subject and audience and subject_token_type are those that the server \
               expects",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::Fields),
        error: "invalid_grant",
        hint: "the server does not accept what the grant's fields hold, such as a code, a refresh \
               token or a password: it may be wrong, expired, used already, or of another client",
        ..ANY
    },
    ServerHint {
        sent: Some(Sent::Assertion),
        error: "invalid_grant",
        hint: "the server does not accept the JWT: check iss, sub, aud and exp against what the \
               server expects, the key against the one registered, and this machine's clock",
        ..ANY
    },
    ServerHint {
        error: "unsupported_grant_type",
        hint: "the token URL does not know this grant: check its path against the grant",
        ..ANY
    },
    ServerHint {
        error: "invalid_target",
        hint: "the server does not know the resource or audience that is asked for, or does not grant \
               it to this client: compare it with those that the server has",
        ..ANY
    },
    ServerHint {
        http_status: Some(500),
        error: "internal_error",
        cause: Some(Cause::MovedToOauth),
        hint: "if it stays, the credential may have been migrated from JWT to OAuth \
               Server-to-Server: switch to client credentials; else give the x-debug-id to Adobe's \
               support",
        ..FROM_ADOBE
    },
    ServerHint {
        http_status: Some(429),
        hint: "too many tokens were asked for: keep a token until it nears its end, and share it",
        ..ANY
    },
    ServerHint {
        http_status: Some(503),
        hint: "the server is overloaded or down for a while: nothing is wrong on this side",
        ..ANY
    },
    ServerHint {
        http_status: Some(407),
        cause: Some(Cause::ProxyPassword),
        hint: "a proxy asks for a password: put user:password@ into the proxy's URL",
        ..ANY
    },
    ServerHint {
        http_status: Some(404),
        cause: Some(Cause::NoErrorText),
        hint: "nothing responds at this path: check the host and path of the token URL",
        ..ANY
    },
];

/// Returns the hint for a refusal, where it is a known one.
pub(crate) fn server_hint(refusal: &Refusal<'_>) -> Option<&'static ServerHint> {
    let description = refusal.description.to_ascii_lowercase();
    SERVER_HINTS.iter().find(|row| {
        (row.server.is_none() || row.server == refusal.server)
            && (row.sent.is_none() || refusal.sent.contains(&row.sent))
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
                "AADSTS700213: No matching federated identity record found",
                "letter by letter",
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
        assert!(SERVER_HINTS.iter().all(|row| !row.hint.trim().is_empty()));
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
