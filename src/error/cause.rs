//! Common causes, each with a section of the manual.

use serde::{Deserialize, Serialize};

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
    /// The response did not come from a token server, or it gives no reason.
    NoErrorText,
    /// The server's certificate comes from a CA that is not trusted on this machine, often a
    /// company's.
    UnknownCa,
    /// A proxy asks for a user and a password.
    ProxyPassword,
    /// A token that was kept is not valid any more.
    StaleToken,
    /// The claim `exp` or another time has a wrong unit or type, or this machine's clock is wrong.
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
