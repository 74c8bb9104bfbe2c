//! The table of the refusals that token servers send, each with a hint.

use super::cause::Cause;

/// A refusal and what to do about it. The first row of [`SERVER_HINTS`] that fits counts.
pub struct ServerHint {
    /// The servers that mean this by it, such as [`ADOBE`]; `None`: all.
    pub server: Option<&'static str>,
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

const WRONG_KEY: &str = "the certificate registered for this technical account does not belong to \
    this private key, or has expired: compare the two in the Developer Console, and upload a new \
    certificate or use its key";
const EXPIRED: &str = "the JWT expired before it arrived: sign a new one for each exchange, let it \
    live a few minutes (lifetime 300), and check this machine's clock";

/// Any server: an `error` of RFC 6749 section 5.2, or an HTTP status.
const ANY: ServerHint = ServerHint {
    server: None,
    http_status: None,
    error: "",
    description: "",
    cause: None,
    hint: "",
};
const FROM_ADOBE: ServerHint = ServerHint { server: Some(ADOBE), ..ANY };

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
        error: "invalid_client",
        hint: "the client id is unknown here, or the JWT's aud names another environment or client \
               id: aud must be https://HOST/c/CLIENT_ID with the host that you call (stage and \
               production differ); if both are right, the client secret may be wrong",
        ..FROM_ADOBE
    },
    ServerHint {
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

/// Returns the hint for a refusal by `server`, where it is a known one.
pub(crate) fn server_hint(
    server: Option<&str>,
    http_status: u16,
    error: &str,
    description: &str,
) -> Option<&'static ServerHint> {
    let description = description.to_ascii_lowercase();
    SERVER_HINTS.iter().find(|row| {
        (row.server.is_none() || row.server == server)
            && row.http_status.is_none_or(|status| status == http_status)
            && (row.error.is_empty() || row.error == error)
            && description.contains(row.description)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let row = server_hint(Some(ADOBE), http_status, error, description);
            let hint = row.map(|row| row.hint).unwrap_or_default();
            assert!(hint.contains(advice), "{http_status} {error} {description}: {hint}");
        }
    }

    #[test]
    fn an_unknown_refusal_gets_no_guess() {
        assert!(server_hint(None, 400, "access_denied", "because").is_none());
    }

    #[test]
    fn what_is_true_of_adobe_alone_is_told_of_adobe_alone() {
        for error in ["invalid_client", "invalid_scope", "unauthorized_client", "invalid_grant"] {
            let hint = server_hint(None, 400, error, "").unwrap().hint;
            for adobes in ["Adobe", "Developer Console", "OAuth Server-to-Server", "metascope"] {
                assert!(!hint.contains(adobes), "{error}: {hint}");
            }
        }
        assert!(server_hint(None, 500, "internal_error", "").is_none());
        assert!(server_hint(None, 400, "bad_request", "").is_none());
    }
}
