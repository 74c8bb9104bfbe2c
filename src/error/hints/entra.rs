//! The refusals by Entra.

use super::row::{ANY, ServerHint};
use crate::error::cause::Cause;

/// Microsoft Entra ID.
pub const ENTRA: &str = "Entra";

const FROM: ServerHint = ServerHint { server: Some(ENTRA), ..ANY };

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        description: "aadsts7000215:",
        hint: "the client secret is wrong: use the secret's value, which is shown once, and not its id",
        ..FROM
    },
    ServerHint {
        description: "aadsts7000222:",
        hint: "the client secret has expired: add a new one to the app registration",
        ..FROM
    },
    ServerHint {
        description: "aadsts700027:",
        cause: Some(Cause::WrongKey),
        hint: "the app registration has no certificate for this signature: upload the key's \
               certificate there, and see that x5t#S256 (or x5t) in the JWT's header is its thumbprint",
        ..FROM
    },
    ServerHint {
        description: "aadsts700024:",
        cause: Some(Cause::ClockOrExp),
        hint: "the JWT is not valid yet or not any more: check this machine's clock, and sign a new \
               one for each request",
        ..FROM
    },
    ServerHint {
        description: "aadsts700023:",
        hint: "aud must be the token URL of this tenant: set aud to it, or leave aud out",
        ..FROM
    },
    ServerHint {
        description: "aadsts700021:",
        hint: "iss and sub of the JWT must be the application's client id (client_id)",
        ..FROM
    },
    ServerHint {
        description: "aadsts700016:",
        hint: "the tenant has no such application: compare client_id, and the tenant in the token URL",
        ..FROM
    },
    ServerHint {
        description: "aadsts90002:",
        hint: "there is no such tenant: check the tenant in the token URL, and the cloud of its host",
        ..FROM
    },
    ServerHint {
        description: "aadsts70011:",
        cause: Some(Cause::MetascopeMismatch),
        hint: "with client credentials, scope is one resource with /.default, such as \
               https://graph.microsoft.com/.default",
        ..FROM
    },
    ServerHint {
        description: "aadsts1002012:",
        cause: Some(Cause::MetascopeMismatch),
        hint: "with client credentials, scope is one resource with /.default, such as \
               https://graph.microsoft.com/.default",
        ..FROM
    },
    ServerHint {
        description: "aadsts500011:",
        hint: "the tenant does not know the resource of scope: check its name, and that the API's \
               application is installed in the tenant",
        ..FROM
    },
    ServerHint {
        description: "aadsts700211:",
        hint: "the application has no federated credential for iss of the platform's JWT: compare it with the \
               issuer of the federated credential, letter by letter",
        ..FROM
    },
    ServerHint {
        description: "aadsts700212:",
        hint: "aud of the platform's JWT is not the audience of the federated credential, which is \
               api://AzureADTokenExchange unless it names another: have the platform make the JWT for that one",
        ..FROM
    },
    ServerHint {
        description: "aadsts700213:",
        hint: "sub of the platform's JWT is not the subject of the federated credential: compare them letter by \
               letter, and in GitHub see whether sub has the numbers of owner and repository",
        ..FROM
    },
    ServerHint {
        description: "aadsts700222:",
        hint: "the JWT must be of another issuer than Entra: have another platform make it",
        ..FROM
    },
    ServerHint {
        description: "no matching federated identity record",
        hint: "the federated credential of the application has another issuer, subject or audience \
               than the assertion: compare the three, letter by letter",
        ..FROM
    },
];
