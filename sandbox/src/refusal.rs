//! IMS's error responses. The texts are Adobe's if they are known: see each `error`.

use std::borrow::Cow;

use ims::error::redact;

/// A refused request: HTTP status, `error` and `error_description`, and what IMS does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: u16,
    pub error: &'static str,
    pub description: Cow<'static, str>,
    /// The reason for the log alone; empty if there is nothing to add.
    pub cause: Cow<'static, str>,
}

const fn refusal(status: u16, error: &'static str, description: &'static str) -> Refusal {
    Refusal { status, error, description: Cow::Borrowed(description), cause: Cow::Borrowed("") }
}

impl Refusal {
    pub const UNKNOWN_CLIENT: Self = refusal(400, "invalid_client", "invalid client_id parameter");
    pub const AUDIENCE: Self =
        refusal(400, "invalid_client", "The JWT's aud names another environment or client.");
    pub const NO_JWT_EXCHANGE: Self =
        refusal(401, "invalid_client", "The client is not allowed to exchange JWTs.");
    pub const MALFORMED: Self = refusal(
        400,
        "invalid_token",
        "JWT token is incorrectly formatted, and can not be decoded.",
    );
    pub const SIGNATURE: Self =
        refusal(400, "invalid_token", "Could not match JWT signature to any of the bindings");
    pub const EXPIRED: Self = refusal(400, "invalid_token", "JWT token has expired.");
    pub const NOT_YET_VALID: Self =
        refusal(400, "invalid_token", "JWT token is not valid yet: iat or nbf lies ahead.");
    pub const TOKEN: Self = refusal(400, "invalid_token", "invalid token parameter");
    pub const METASCOPES: Self = refusal(
        400,
        "invalid_scope",
        "The metascopes in the JWT are not a subset of the metascopes in the binding.",
    );
    pub const SCOPES: Self =
        refusal(400, "invalid_scope", "A requested scope is not granted to the client.");
    pub const JTI_MISSING: Self = refusal(400, "invalid_jti", "A jti is required.");
    pub const JTI_USED: Self = refusal(400, "invalid_jti", "The jti was used before.");
    pub const NO_CLIENT_CREDENTIALS: Self = refusal(
        400,
        "unauthorized_client",
        "The client is not provisioned for client_credentials.",
    );
    pub const GRANT_TYPE: Self =
        refusal(400, "unsupported_grant_type", "This path does not accept this grant_type.");
    pub const NOT_FOUND: Self =
        refusal(404, "not_found", "There is nothing for this method at this path.");
    pub const WEB_PAGE: Self =
        refusal(403, "forbidden", "The sandbox serves programs at its own address, not web pages.");
    pub const NOT_A_FORM: Self =
        refusal(400, "bad_request", "The body is not a form, or names a field twice.");
    pub const INTERNAL: Self = refusal(500, "internal_error", "Please try again later");

    /// Returns the refusal for an HTTP status that a fault asks for.
    pub fn of_status(status: u16) -> Self {
        let error = match status {
            429 => "too_many_requests",
            500 => return Self::INTERNAL,
            503 => "temporarily_unavailable",
            ..500 => "bad_request",
            _ => "server_error",
        };
        refusal(status, error, "The sandbox was told to respond so.")
    }

    /// 401 on the JWT exchange, 400 on the newer paths.
    pub const fn wrong_secret(status: u16) -> Self {
        refusal(status, "invalid_client", "invalid client_secret parameter")
    }

    /// The claim or field `name` is missing, has the wrong form, or is not this account's.
    pub fn wrong(name: &str) -> Self {
        Self::bad_request(format!("{name} is missing or wrong."))
    }

    pub fn bad_request(description: String) -> Self {
        Self { description: Cow::Owned(description), ..Self::NOT_A_FORM }
    }

    /// Returns an error of RFC 6749 section 5.2.
    pub fn oauth(
        status: u16,
        error: &'static str,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, error, description: description.into(), cause: Cow::Borrowed("") }
    }

    /// A field of the form that the general issuer needs is not there.
    pub fn missing_field(field: &str) -> Self {
        Self::wrong_field(field, "is missing")
    }

    /// A field of the form is not what the general issuer takes. `problem` continues a sentence that begins
    /// with the field.
    pub fn wrong_field(field: &str, problem: &str) -> Self {
        let field = redact(field, &[]);
        let description = format!("The field {field} is missing or wrong.");
        Self::oauth(400, "invalid_request", description).because(format!("{field} {problem}"))
    }

    pub fn because(self, cause: impl Into<Cow<'static, str>>) -> Self {
        Self { cause: cause.into(), ..self }
    }

    /// Removes each of the `secrets` from the cause.
    pub fn without(self, secrets: &[&str]) -> Self {
        let cause = redact(&self.cause, secrets);
        self.because(cause)
    }

    /// Changes the error to the one that RFC 7523 section 3.1 has for a JWT that is not accepted.
    pub fn into_invalid_grant(self) -> Self {
        Self { error: "invalid_grant", ..self }
    }
}
