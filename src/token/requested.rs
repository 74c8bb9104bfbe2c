//! The request's part in the meaning of a token response.

use std::time::Duration;

use crate::error::Sent;
use crate::grant::GrantType;

/// A request, as far as the meaning of its response depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requested<'a> {
    pub grant_type: GrantType,
    /// The kind of server, as the tables of hints call it.
    pub server: Option<&'static str>,
    /// The proof of the client and the grant that were sent.
    pub sent: [Option<Sent>; 2],
    /// The scopes that were asked for, with blanks or commas between.
    pub scope: Option<&'a str>,
    /// Whether an ID token was asked for. It may be the only token of the response.
    pub id_token: bool,
    /// The lifetime that is believed where the server names none.
    pub default_lifetime: Duration,
}

/// Five minutes: short, because nothing is known.
pub(crate) const DEFAULT_LIFETIME: Duration = Duration::from_secs(300);
