//! What went wrong, and what to do about it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::secret::one_line;

/// The kind of an error. The numbers are those of `ims.h`; kinds are only ever added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum Status {
    /// A parameter is missing, malformed or contradicts another; the message names it.
    Argument = 1,
    /// The private key cannot be read, is not RSA, or is too weak.
    Key = 2,
    /// The key is encrypted and the passphrase is missing or wrong.
    Passphrase = 3,
    /// A credentials file is unreadable, of no known form, or incomplete.
    Credentials = 4,
    /// No connection: name look-up, refused, proxy.
    Connect = 5,
    /// The server's certificate or the TLS handshake failed.
    Tls = 6,
    /// The deadline of the whole call passed.
    Timeout = 7,
    /// The server refused: any 4xx but 408 and 429.
    Rejected = 8,
    /// The server asks to slow down: 429.
    RateLimited = 9,
    /// 5xx, 408, or the connection was lost before a whole answer came.
    Unavailable = 10,
    /// The answer is not a token answer.
    Response = 11,
    /// The token cache is misconfigured.
    Cache = 12,
    /// A bug in libims.
    Internal = 13,
}

impl Status {
    /// All, by their numbers.
    pub const ALL: [Self; 13] = [
        Self::Argument,
        Self::Key,
        Self::Passphrase,
        Self::Credentials,
        Self::Connect,
        Self::Tls,
        Self::Timeout,
        Self::Rejected,
        Self::RateLimited,
        Self::Unavailable,
        Self::Response,
        Self::Cache,
        Self::Internal,
    ];
}

/// A common cause of a failure, by the name that `ims doctor` and the manual have for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cause {
    /// The certificate that belongs to the key has expired.
    ExpiredCertificate,
    /// The certificate that the server has belongs to another key, or has expired there.
    WrongKey,
    /// The key is encrypted, and its passphrase is missing or wrong.
    KeyPassphrase,
    /// The private key is cut, altered, or of another kind.
    UnreadableKey,
    /// A metascope or scope is not granted, or is one of another host.
    MetascopeMismatch,
    /// Something answered that is no token server, or one that gives no reason.
    NoErrorText,
    /// The server's certificate comes from an authority that is not trusted here, often a company's.
    UnknownCa,
    /// A proxy asks for a user and a password.
    ProxyPassword,
    /// A token that was kept is not valid any more.
    StaleToken,
    /// `exp` or another time is of a wrong unit or type, or this machine's clock is wrong.
    ClockOrExp,
    /// The credential was moved from JWT to OAuth Server-to-Server.
    MovedToOauth,
}

impl Cause {
    /// Such as `wrong-key`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ExpiredCertificate => "expired-certificate",
            Self::WrongKey => "wrong-key",
            Self::KeyPassphrase => "key-passphrase",
            Self::UnreadableKey => "unreadable-key",
            Self::MetascopeMismatch => "metascope-mismatch",
            Self::NoErrorText => "no-error-text",
            Self::UnknownCa => "unknown-ca",
            Self::ProxyPassword => "proxy-password",
            Self::StaleToken => "stale-token",
            Self::ClockOrExp => "clock-or-exp",
            Self::MovedToOauth => "moved-to-oauth",
        }
    }
}

/// A failed call: one line for a log and, where the cause is known, what to do.
///
/// No text in it ever holds a key, a passphrase, a client secret, a JWT or a token.
#[derive(Clone, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<Details>);

#[derive(Clone, Serialize, Deserialize)]
struct Details {
    #[serde(serialize_with = "number", deserialize_with = "status")]
    status: Status,
    message: String,
    hint: Option<Cow<'static, str>>,
    cause: Option<Cause>,
    server: ServerAnswer,
    #[serde(default)]
    transient: Option<Transient>,
}

/// Why a later attempt may succeed, where the status does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Transient {
    /// No server was reached, and one may be soon: a port where nothing listens yet, a name server
    /// that does not answer.
    Unreached,
    /// There is no file descriptor left.
    Descriptors,
}

/// What a server's failed answer said beside its status. Texts are already clean: printable, cut,
/// and without secrets.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ServerAnswer {
    pub http_status: Option<u16>,
    pub oauth_error: Option<String>,
    pub oauth_description: Option<String>,
    pub debug_id: Option<String>,
    pub retry_after: Option<u64>,
}

impl Error {
    /// Makes an error of `message`, which becomes one line. A program that builds on libims says its own failures so.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        let message = one_line(message.into());
        let server = ServerAnswer::default();
        Self(Box::new(Details {
            status,
            message,
            hint: None,
            cause: None,
            server,
            transient: None,
        }))
    }

    /// Makes the error of a bad parameter: `problem` continues a sentence that begins with the parameter's name.
    pub fn argument(name: &str, problem: impl fmt::Display) -> Self {
        Self::new(Status::Argument, format!("{name} {problem}"))
    }

    /// Puts the subject before a message that begins with its verb.
    pub fn about(mut self, subject: impl fmt::Display) -> Self {
        self.0.message = one_line(format!("{subject} {}", self.0.message));
        self
    }

    /// Says what the user can do about it.
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(shown(hint.into()));
        self
    }

    /// Adds to what the user can do about it.
    pub(crate) fn with_more_hint<'a>(mut self, more: impl Into<Option<&'a str>>) -> Self {
        if let Some(more) = more.into() {
            self.0.hint = Some(match self.0.hint.take() {
                Some(hint) => shown(format!("{hint}; {more}").into()),
                None => shown(more.to_owned().into()),
            });
        }
        self
    }

    /// Says which common cause it has.
    pub fn with_cause(mut self, cause: impl Into<Option<Cause>>) -> Self {
        self.0.cause = cause.into();
        self
    }

    pub(crate) fn with_transient(mut self, transient: Transient) -> Self {
        self.0.transient = Some(transient);
        self
    }

    /// Whether no server was reached, and one may be soon.
    pub(crate) fn is_unreached(&self) -> bool {
        self.0.transient == Some(Transient::Unreached)
    }

    /// Whether no setting of an account is the cause: what is wrong is this process's limit of file
    /// descriptors, or the password of a proxy.
    pub(crate) fn is_no_accounts(&self) -> bool {
        self.0.transient == Some(Transient::Descriptors)
            || self.0.cause == Some(Cause::ProxyPassword)
    }

    pub(crate) fn with_status(mut self, status: Status) -> Self {
        self.0.status = status;
        self
    }

    /// Changes its texts, as where secrets are removed.
    pub fn without(mut self, change: impl Fn(&str) -> String) -> Self {
        self.0.message = change(&self.0.message);
        self.0.hint = self.0.hint.map(|hint| change(&hint).into());
        self
    }

    /// Calls the setting `name`, with which the message begins, as the user calls it.
    pub fn renamed(mut self, name: &str, users: &str) -> Self {
        let rest = self.0.message.strip_prefix(name).filter(|rest| rest.starts_with([' ', ':']));
        if let Some(rest) = rest {
            self.0.message = one_line(format!("{users}{rest}"));
        }
        self
    }

    pub(crate) fn with_server_answer(mut self, server: ServerAnswer) -> Self {
        self.0.server = server;
        self
    }

    /// The same some time later, which is less to wait.
    pub(crate) fn with_retry_after_since(mut self, since: Duration) -> Self {
        if let Some(seconds) = &mut self.0.server.retry_after {
            *seconds = seconds.saturating_sub(since.as_secs());
        }
        self
    }

    /// The kind of error.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// One line for a log; the same as `to_string()`.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the user can do about it, where the cause is known.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The cause, where it is a common one.
    pub fn cause(&self) -> Option<Cause> {
        self.0.cause.or(match self.0.status {
            Status::Key => Some(Cause::UnreadableKey),
            Status::Passphrase => Some(Cause::KeyPassphrase),
            _ => None,
        })
    }

    /// The server's `error`, such as `invalid_token` (RFC 6749 section 5.2).
    pub fn oauth_error(&self) -> Option<&str> {
        self.0.server.oauth_error.as_deref()
    }

    /// The server's `error_description`: printable, at most 200 characters, secrets removed.
    pub fn oauth_description(&self) -> Option<&str> {
        self.0.server.oauth_description.as_deref()
    }

    /// The server's `x-debug-id`, which Adobe's support asks for.
    pub fn debug_id(&self) -> Option<&str> {
        self.0.server.debug_id.as_deref()
    }

    /// The HTTP status of the answer; `None` where no answer came.
    pub fn http_status(&self) -> Option<u16> {
        self.0.server.http_status
    }

    /// Seconds to wait before the next call, where the server said so.
    pub fn retry_after(&self) -> Option<u64> {
        self.0.server.retry_after
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.0.transient.is_some()
            || matches!(
                self.0.status,
                Status::Connect | Status::Timeout | Status::RateLimited | Status::Unavailable
            )
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("status", &self.0.status)
            .field("message", &self.0.message)
            .field("hint", &self.0.hint)
            .field("cause", &self.0.cause)
            .field("server", &self.0.server)
            .finish()
    }
}

/// An error as a cache keeps it, for `#[serde(with)]`: the public type promises no such form.
pub(crate) mod stored {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Details, Error};

    pub fn serialize<S: Serializer>(error: &Error, serializer: S) -> Result<S::Ok, S::Error> {
        error.0.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Error, D::Error> {
        Details::deserialize(deserializer).map(|details| Error(Box::new(details)))
    }
}

fn number<S: Serializer>(status: &Status, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i32(*status as i32)
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
    let number = i32::deserialize(deserializer)?;
    Status::ALL
        .into_iter()
        .find(|status| *status as i32 == number)
        .ok_or_else(|| D::Error::custom("no such status"))
}

/// What a token server's refusal means and what to do about it. The first row that fits counts.
///
/// Source: what Adobe IMS and its clients' public threads say; RFC 6749 section 5.2.
pub struct ServerHint {
    /// The HTTP status; `None`: any.
    pub http_status: Option<u16>,
    /// The answer's `error`; empty: any.
    pub error: &'static str,
    /// Stands in the answer's `error_description`, in lower case; empty: any.
    pub description: &'static str,
    /// What it comes from, where that is a common cause.
    pub cause: Option<Cause>,
    /// What to do.
    pub hint: &'static str,
}

const fn row(
    http_status: Option<u16>,
    error: &'static str,
    description: &'static str,
    cause: Option<Cause>,
    hint: &'static str,
) -> ServerHint {
    ServerHint { http_status, error, description, cause, hint }
}

const WRONG_KEY: &str = "the certificate registered for this technical account does not belong to \
    this private key, or has expired: compare the two in the Developer Console, and upload a new \
    certificate or use its key";
const EXPIRED: &str = "the JWT expired before it arrived: sign a new one for each exchange, let it \
    live a few minutes (lifetime 300), and check this machine's clock";

/// The table that hints about a server's refusals come from, in the order in which it is searched.
pub const SERVER_HINTS: &[ServerHint] = &[
    row(None, "invalid_token", "could not match jwt signature", Some(Cause::WrongKey), WRONG_KEY),
    row(None, "invalid_signature", "", Some(Cause::WrongKey), WRONG_KEY),
    row(
        None,
        "invalid_token",
        "incorrectly formatted",
        Some(Cause::ClockOrExp),
        "the server cannot decode the JWT: exp (and jti, where sent) must be whole numbers, not \
         strings or fractions, and the JWT must be sent whole, without line breaks",
    ),
    row(None, "invalid_token", "expired", Some(Cause::ClockOrExp), EXPIRED),
    row(None, "expired", "", Some(Cause::ClockOrExp), EXPIRED),
    row(
        None,
        "invalid_token",
        "",
        None,
        "the server does not accept the JWT: check iss, sub, aud, exp and the key against the \
         credential in the Developer Console",
    ),
    row(
        Some(401),
        "invalid_client",
        "",
        None,
        "the client secret is wrong, or this client may not use this grant: copy the secret anew \
         from the Developer Console and see that the credential is of this type",
    ),
    row(
        Some(400),
        "invalid_client",
        "secret",
        None,
        "the client secret is wrong: copy it anew from the Developer Console",
    ),
    row(
        None,
        "invalid_client",
        "",
        None,
        "the client id is unknown here, or the JWT's aud names another environment or client id: \
         aud must be https://HOST/c/CLIENT_ID with the host that you call (stage and production \
         differ); if both are right, the client secret may be wrong",
    ),
    row(
        None,
        "invalid_scope",
        "",
        Some(Cause::MetascopeMismatch),
        "a metascope or scope is not granted to this technical account: compare them with those \
         that the Developer Console lists for the credential, and have a product profile assigned",
    ),
    row(
        None,
        "invalid_jti",
        "",
        None,
        "this account asks for a jti, an integer that is new in every JWT: add one, and send each \
         JWT once (max_attempts 1)",
    ),
    row(
        None,
        "unauthorized_client",
        "",
        None,
        "this client is not set up for the grant: add OAuth Server-to-Server to the project in the \
         Developer Console, or use the grant that its credential was made for",
    ),
    row(
        None,
        "bad_request",
        "",
        None,
        "a claim has the wrong form: iss is ORG@AdobeOrg, sub is ID@techacct.adobe.com, exp and \
         jti are whole numbers",
    ),
    row(
        None,
        "invalid_grant",
        "",
        None,
        "the server does not accept the JWT: check iss, sub, aud and exp against what the server \
         expects, the key against the one registered, and this machine's clock",
    ),
    row(
        None,
        "unsupported_grant_type",
        "",
        None,
        "the token URL does not know this grant: check its path against the grant",
    ),
    row(
        Some(500),
        "internal_error",
        "",
        Some(Cause::MovedToOauth),
        "if it stays, the credential may have been migrated from JWT to OAuth Server-to-Server: \
         switch to client credentials; else give the x-debug-id to Adobe's support",
    ),
    row(
        Some(429),
        "",
        "",
        None,
        "too many tokens were asked for: keep a token until it nears its end, and share it",
    ),
    row(
        Some(503),
        "",
        "",
        None,
        "the server is overloaded or down for a while: nothing is wrong on this side",
    ),
    row(
        Some(407),
        "",
        "",
        Some(Cause::ProxyPassword),
        "a proxy asks for a password: put user:password@ into the proxy's URL",
    ),
    row(
        Some(404),
        "",
        "",
        Some(Cause::NoErrorText),
        "nothing answers at this path: check the host and path of the token URL",
    ),
];

/// The hint for a server's refusal, where it is a known one.
pub(crate) fn server_hint(
    http_status: u16,
    error: &str,
    description: &str,
) -> Option<&'static ServerHint> {
    let description = description.to_ascii_lowercase();
    SERVER_HINTS.iter().find(|row| {
        row.http_status.is_none_or(|status| status == http_status)
            && (row.error.is_empty() || row.error == error)
            && description.contains(row.description)
    })
}

/// A hint that holds texts of others, such as a path, is one line too.
fn shown(hint: Cow<'static, str>) -> Cow<'static, str> {
    match hint {
        Cow::Owned(text) => one_line(text).into(),
        ours => ours,
    }
}

/// Longest value of a setting or claim, in bytes.
const LONGEST_TEXT: usize = 4096;

/// Checks a setting or claim: given, without control characters, at most 4 KiB.
///
/// # Errors
/// [`Status::Argument`], naming it.
pub fn check_text(name: &str, value: &str) -> Result<(), Error> {
    if value.is_empty() {
        return Err(Error::argument(name, "is missing or empty"));
    }
    if value.len() > LONGEST_TEXT {
        return Err(Error::argument(name, "is over 4 KiB"));
    }
    if value.chars().any(char::is_control) {
        return Err(Error::argument(name, "holds a control character, such as a line break"));
    }
    Ok(())
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
            (400, "invalid_token", not_decoded, "whole numbers"),
            (400, "invalid_token", "JWT has expired", "sign a new one"),
            (400, "invalid_token", "", "check iss, sub, aud"),
            (400, "invalid_client", "", "https://HOST/c/CLIENT_ID"),
            (401, "invalid_client", "invalid client_secret parameter", "copy the secret anew"),
            (400, "invalid_client", "invalid client_secret parameter", "copy it anew"),
            (400, "invalid_scope", not_granted, "not granted to this technical account"),
            (400, "invalid_jti", "", "new in every JWT"),
            (400, "unauthorized_client", "", "add OAuth Server-to-Server"),
            (400, "bad_request", "", "ORG@AdobeOrg"),
            (400, "invalid_grant", "", "check iss, sub, aud and exp"),
            (500, "internal_error", "Please try again later", "switch to client credentials"),
            (429, "", "", "keep a token"),
            (503, "", "", "overloaded"),
        ] {
            let row = server_hint(http_status, error, description);
            let hint = row.map(|row| row.hint).unwrap_or_default();
            assert!(hint.contains(advice), "{http_status} {error} {description}: {hint}");
        }
    }

    #[test]
    fn an_unknown_refusal_gets_no_guess() {
        assert!(server_hint(400, "access_denied", "because").is_none());
    }

    #[test]
    fn a_message_is_one_line_whatever_a_file_is_called() {
        let error = Error::new(Status::Key, "a\nb\x1b[31m: cannot be read");
        assert_eq!(error.to_string(), "a b [31m: cannot be read");
    }

    #[test]
    fn only_what_may_pass_by_itself_is_retryable() {
        let retryable = |status| Error::new(status, "").is_retryable();
        for status in [Status::Connect, Status::Timeout, Status::RateLimited, Status::Unavailable] {
            assert!(retryable(status), "{status:?}");
        }
        for status in [Status::Argument, Status::Tls, Status::Rejected, Status::Response] {
            assert!(!retryable(status), "{status:?}");
        }
    }
}
