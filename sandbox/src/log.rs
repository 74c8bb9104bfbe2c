//! The log record of an answered request.

use std::fmt;
use std::time::Duration;

use super::Fault;
use ims::error::one_line;

/// A request and what it came to. No text in it holds a secret, a JWT or a token.
///
/// `Display` is one line that begins with the HTTP status.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogEntry {
    /// Such as `POST`.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The client that sent the request, if it is known.
    pub client_id: Option<String>,
    /// The HTTP status of the answer, even if the answer is lost on its way.
    pub status: u16,
    /// The content of the answer: IMS's error with its description, or a summary of the success.
    pub decision: String,
    /// The reason for the decision, in libims's words, which IMS does not send. Empty if there is
    /// nothing to add.
    pub cause: String,
    /// The fault that damaged the answer.
    pub fault: Option<Fault>,
    /// The time from the request's arrival to its answer.
    pub took: Duration,
}

impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, status, decision, cause, .. } = self;
        let client_id = self.client_id.as_deref().unwrap_or("-");
        let mut line = format!("{status} {method} {path} {client_id} {decision}");
        if !cause.is_empty() {
            line.push_str(&format!(": {cause}"));
        }
        if let Some(fault) = &self.fault {
            line.push_str(&format!(" [fault {fault}]"));
        }
        line.push_str(&format!(" ({} ms)", self.took.as_millis()));
        f.write_str(&one_line(line))
    }
}
