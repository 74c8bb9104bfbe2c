//! Errors as values: the problem, the setting, its place, and a hint.
//!
//! An error consists of these parts. Only this module makes a text of them, at the end. No other
//! code searches the text: it asks for a part by name. A program that uses libims makes its own
//! errors in the same way, and shows texts of others as safely.

mod visible;
mod echo;
mod text;
mod status;
mod cause;
mod server;
mod place;
mod field;
mod hints;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use cause::Cause;
pub use field::Field;
pub(crate) use field::text_problem;
pub use hints::{
    ADOBE, AUTH0, BOX, DOCUSIGN, ENTRA, GOOGLE, KEYCLOAK, MASKINPORTEN, NETSUITE, NHS,
};
pub use hints::{ANTHROPIC, OPENAI, OPENROUTER};
pub use hints::{OKTA, SALESFORCE, Sent, ServerHint, ZITADEL, server_hints};
pub(crate) use hints::{Refusal, server_hint};
pub use place::{File, Place};
pub(crate) use server::ServerResponse;
pub use status::Status;
pub(crate) use text::{base64, is_path, printable, remove, shown};
pub use text::{io_reason, one_line, printable_json, redact};
pub use visible::is_printable;

/// A failed call: one line for a log and, where the cause is known, what to do.
///
/// No text in it ever holds a key, a passphrase, a client secret, a JWT or a token.
#[derive(Clone)]
pub struct Error(Box<Details>);

#[derive(Clone, Serialize, Deserialize)]
struct Details {
    #[serde(with = "status")]
    status: Status,
    /// The rest of a sentence whose subject is the field, the file or the innermost place. Without
    /// any of them, a whole sentence.
    problem: String,
    field: Option<Field>,
    /// The file that the field names, or the file that was read itself.
    file: Option<File>,
    /// The places that hold the field, the outermost first.
    places: Vec<Place>,
    hint: Option<Cow<'static, str>>,
    cause: Option<Cause>,
    server: ServerResponse,
    transient: Option<Transient>,
    /// All of it in one line.
    #[serde(skip)]
    message: String,
}

/// The reason why a later attempt may succeed, if the status does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Transient {
    /// No server was reached, but may be reached soon: nothing listens on the port yet, or a name
    /// server does not respond.
    Unreached,
    /// No file descriptor is left.
    Descriptors,
}

impl Error {
    /// Makes an error whose `problem` is a whole sentence, or begins with a verb where a field, file
    /// or place is added.
    pub fn new(status: Status, problem: impl Into<String>) -> Self {
        Self(Box::new(Details {
            status,
            problem: problem.into(),
            field: None,
            file: None,
            places: Vec::new(),
            hint: None,
            cause: None,
            server: ServerResponse::default(),
            transient: None,
            message: String::new(),
        }))
        .rendered()
    }

    /// Makes the error of a bad parameter: `problem` continues a sentence that begins with its name.
    pub fn argument(name: &str, problem: impl fmt::Display) -> Self {
        Self::new(Status::Argument, problem.to_string()).with_field(Field::new(name.to_owned()))
    }

    /// Sets the parameter or setting at fault.
    pub fn with_field(mut self, field: Field) -> Self {
        self.0.field = Some(field);
        self.rendered()
    }

    /// Sets the file that the field names.
    pub fn with_file(mut self, file: File) -> Self {
        self.0.file = Some(file);
        self.rendered()
    }

    /// Adds a place around the field or place that the error names so far.
    pub fn at(mut self, place: Place) -> Self {
        self.0.places.insert(0, place);
        self.rendered()
    }

    /// Joins the parts to one sentence in one line, even if a file name has line breaks.
    fn rendered(mut self) -> Self {
        let Details { problem, field, file, places, server, .. } = &*self.0;
        let mut parts: Vec<String> = places
            .iter()
            .filter(|place| field.is_none() || place.is_named_with_field())
            .map(Place::to_string)
            .collect();
        match (field, file) {
            (Some(field), Some(file)) => parts.push(format!("{field} {}", file.name())),
            (Some(field), None) => parts.push(field.to_string()),
            (None, Some(file)) => parts.push(file.to_string()),
            (None, None) => {}
        }
        let subject = parts.join(": ");
        let blank = if subject.is_empty() { "" } else { " " };
        let wait = server
            .retry_after
            .filter(|seconds| *seconds > 0)
            .map(|seconds| format!("; retry after {seconds} s"));
        let wait = wait.unwrap_or_default();
        self.0.message = one_line(format!("{subject}{blank}{problem}{wait}"));
        self
    }

    /// Sets the hint: the step that the user can take.
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(one_line_hint(hint.into()));
        self
    }

    /// Adds to what the user can do about it.
    pub(crate) fn with_more_hint<'a>(mut self, more: impl Into<Option<&'a str>>) -> Self {
        if let Some(more) = more.into() {
            self.0.hint = Some(match self.0.hint.take() {
                Some(hint) => one_line(format!("{hint}; {more}")).into(),
                None => one_line(more).into(),
            });
        }
        self
    }

    /// Sets the common cause of the error.
    pub fn with_cause(mut self, cause: impl Into<Option<Cause>>) -> Self {
        self.0.cause = cause.into();
        self
    }

    pub(crate) fn with_transient(mut self, transient: Transient) -> Self {
        self.0.transient = Some(transient);
        self
    }

    /// Returns whether no server was reached, and one may be soon.
    pub(crate) fn is_unreached(&self) -> bool {
        self.0.transient == Some(Transient::Unreached)
    }

    /// Returns whether no setting of an account is the cause, but this process's limit of file
    /// descriptors or the password of a proxy.
    pub(crate) fn is_no_accounts(&self) -> bool {
        self.0.transient == Some(Transient::Descriptors)
            || self.0.cause == Some(Cause::ProxyPassword)
    }

    /// Replaces the problem by a longer one.
    pub fn with_problem(mut self, problem: impl Into<String>) -> Self {
        self.0.problem = problem.into();
        self.rendered()
    }

    /// Sets what the user calls the field.
    pub fn called(mut self, called: &str) -> Self {
        self.0.field = self.0.field.map(|field| field.renamed(called.to_owned()));
        self.rendered()
    }

    /// Sets what the core calls the field.
    pub(crate) fn named(mut self, name: &'static str) -> Self {
        self.0.field = self.0.field.map(|field| field.named(name));
        self
    }

    pub(crate) fn with_status(mut self, status: Status) -> Self {
        self.0.status = status;
        self
    }

    /// Changes the texts that may hold a user's input, for example to remove secrets.
    pub fn without(mut self, change: impl Fn(&str) -> String) -> Self {
        self.0.problem = change(&self.0.problem);
        if let Some(file) = &mut self.0.file {
            file.map_name(&change);
        }
        self.0.hint = self.0.hint.map(|hint| change(&hint).into());
        self.rendered()
    }

    pub(crate) fn with_server_response(mut self, server: ServerResponse) -> Self {
        self.0.server = server;
        self.rendered()
    }

    /// Returns the same error some time later, which is less to wait.
    pub(crate) fn with_retry_after_since(mut self, since: Duration) -> Self {
        if let Some(seconds) = &mut self.0.server.retry_after {
            *seconds = seconds.saturating_sub(since.as_secs());
        }
        self.rendered()
    }

    /// Returns the kind of error.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// Returns one line for a log; the same as `to_string()`.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the name in `ims.h` of the parameter or setting at fault, such as `client_secret`.
    /// Returns `None` if the error has none.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_ref().and_then(Field::name)
    }

    /// Returns the message without the place and the field that it begins with, such as `is over
    /// 64 KiB`: for a program that names the parameter in its own words. The whole message where
    /// [`Error::field`] is `None`.
    pub fn problem(&self) -> Cow<'_, str> {
        match (self.field(), &self.0.file) {
            (Some(_), Some(file)) => one_line(format!("{} {}", file.name(), self.0.problem)).into(),
            (Some(_), None) => one_line(self.0.problem.as_str()).into(),
            (None, _) => self.message().into(),
        }
    }

    /// Returns what the user can do about it, where the cause is known.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns the cause, where it is a common one.
    pub fn cause(&self) -> Option<Cause> {
        self.0.cause.or(match self.0.status {
            Status::Key => Some(Cause::UnreadableKey),
            Status::Passphrase => Some(Cause::KeyPassphrase),
            _ => None,
        })
    }

    /// Returns the server's `error`, such as `invalid_token` (RFC 6749 section 5.2), or its own code
    /// for it.
    pub fn oauth_error(&self) -> Option<&str> {
        self.0.server.oauth_error.as_deref()
    }

    /// Returns the server's `error_description`: printable, at most 1,000 characters, secrets removed.
    /// Where its response has none, its own words, such as a `message`, `detail` or plain text.
    pub fn oauth_description(&self) -> Option<&str> {
        self.0.server.oauth_description.as_deref()
    }

    /// Returns the address of a page about the error, the server's `error_uri` (RFC 6749 section 5.2).
    pub fn uri(&self) -> Option<&str> {
        self.0.server.uri.as_deref()
    }

    /// Returns by how many seconds the server's clock is ahead of this machine's, if they differ by
    /// more than servers tolerate.
    pub(crate) fn clock_offset(&self) -> Option<i64> {
        self.0.server.clock_offset
    }

    /// Returns the server's name for the request, which its support asks for: `x-debug-id` at Adobe,
    /// `x-ms-request-id` at Entra, `x-okta-request-id` at Okta, or a usual header such as `x-request-id`.
    pub fn debug_id(&self) -> Option<&str> {
        self.0.server.debug_id.as_deref()
    }

    /// Returns the HTTP status of the response, or `None` if there was no response.
    pub fn http_status(&self) -> Option<u16> {
        self.0.server.http_status
    }

    /// Returns how long to wait before the next call, in whole seconds, where the server said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.server.retry_after.map(Duration::from_secs)
    }

    /// Returns whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.0.transient.is_some()
            || matches!(
                self.0.status,
                Status::Connect | Status::Timeout | Status::RateLimited | Status::Unavailable
            )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("status", &self.0.status)
            .field("message", &self.0.message)
            .field("field", &self.field())
            .field("hint", &self.0.hint)
            .field("cause", &self.0.cause)
            .field("server", &self.0.server)
            .finish()
    }
}

/// Checks a setting or claim: given, without control characters, at most 4 KiB.
///
/// # Errors
/// [`Status::Argument`], naming it.
pub fn check_text(name: &str, value: &str) -> Result<(), Error> {
    text_problem(value).map_or(Ok(()), |problem| Err(Error::argument(name, problem)))
}

/// A hint that holds texts of others, such as a path, is one line too.
fn one_line_hint(hint: Cow<'static, str>) -> Cow<'static, str> {
    match hint {
        Cow::Owned(text) => one_line(text).into(),
        ours => ours,
    }
}

/// An error as a cache keeps it, for `#[serde(with)]`: the public type promises no such format.
pub(crate) mod stored {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::error::{Details, Error};

    pub fn serialize<S: Serializer>(error: &Error, serializer: S) -> Result<S::Ok, S::Error> {
        error.0.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Error, D::Error> {
        Details::deserialize(deserializer).map(|details| Error(Box::new(details)).rendered())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_message_is_one_line_whatever_a_file_is_called() {
        let error = Error::new(Status::Key, "cannot be read")
            .with_file(File::new("key file", Path::new("a\tb\x1b[31m")));
        assert_eq!(error.to_string(), "key file a b [31m cannot be read");
    }

    #[test]
    fn place_field_file_and_problem_are_one_sentence() {
        let error = || Error::new(Status::Key, "is encrypted");
        let setting = || Field::called("PRIVATE_KEY").named("private_key");
        let file = || File::new("key file", Path::new("a.key"));
        let account = || Place::file("credentials file", Path::new("account.env"));
        for (error, message) in [
            (error().with_file(file()), "key file a.key is encrypted"),
            (error().with_field(setting()), "PRIVATE_KEY is encrypted"),
            (error().with_file(file()).with_field(setting()), "PRIVATE_KEY a.key is encrypted"),
            (error().at(account()), "credentials file account.env is encrypted"),
            (
                error().with_file(file()).with_field(setting()).at(account()),
                "credentials file account.env: PRIVATE_KEY a.key is encrypted",
            ),
            (error().with_field(setting()).at(Place::Environment), "PRIVATE_KEY is encrypted"),
            (error().at(Place::Environment), "the environment is encrypted"),
        ] {
            assert_eq!(error.message(), message);
        }
        let error = error().with_file(file()).with_field(setting()).at(account());
        assert_eq!(error.field(), Some("private_key"));
        assert_eq!(error.problem(), "a.key is encrypted");
    }

    #[test]
    fn what_looks_like_a_secret_is_no_files_name() {
        for secret in ["{\"client_secret\":\"s\"}", "-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBg"]
        {
            let file = File::new("key file", Path::new(secret));
            let error = Error::new(Status::Key, "cannot be read").with_file(file);
            assert!(!error.message().contains(secret), "{error}");
        }
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
