//! The part of a token server's response that explains a failure.

use serde::{Deserialize, Serialize};

/// The response of a server that refused. Texts are already clean: printable, cut, and without
/// secrets.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ServerResponse {
    /// The HTTP status; `None` if there was no response.
    pub http_status: Option<u16>,
    /// The response's `error` (RFC 6749 section 5.2).
    pub oauth_error: Option<String>,
    /// The response's `error_description`.
    pub oauth_description: Option<String>,
    /// The response's `error_uri`.
    pub uri: Option<String>,
    /// The server's name for the request, such as its `x-debug-id`.
    pub debug_id: Option<String>,
    /// Seconds to wait before the next request.
    pub retry_after: Option<u64>,
    /// By how many seconds the server's clock is ahead of this machine's; `None` if they agree.
    pub clock_offset: Option<i64>,
}
