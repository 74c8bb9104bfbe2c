//! The refusals by DocuSign.

use super::row::{ANY, ServerHint};
use crate::error::cause::Cause;

/// DocuSign.
pub const DOCUSIGN: &str = "DocuSign";

const FROM: ServerHint = ServerHint { server: Some(DOCUSIGN), ..ANY };

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        error: "consent_required",
        hint: "the user of sub has not consented yet: open https://HOST/oauth/auth with \
               response_type=code, scope=signature%20impersonation, client_id and a registered \
               redirect_uri once in a browser, as that user",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "no_valid_keys_or_signatures",
        cause: Some(Cause::WrongKey),
        hint: "the key is not one of the integration key's RSA key pairs, or aud is not the host \
               alone, such as account-d.docusign.com",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "issuer_not_found",
        hint: "iss must be the integration key of this environment: account-d.docusign.com is for \
               development, account.docusign.com for production",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "user_not_found",
        hint: "sub must be the user's id, a GUID, in this environment",
        ..FROM
    },
];
