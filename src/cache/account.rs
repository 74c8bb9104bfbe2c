//! The account of an entry.

use crate::credentials::Credentials;

/// The sealing key comes from `secret`, and everything else is bound in.
pub(crate) struct Account<'a> {
    pub secret: &'a [u8],
    pub client_id: &'a str,
    pub identity: Vec<String>,
}

impl<'a> From<&'a Credentials> for Account<'a> {
    fn from(credentials: &'a Credentials) -> Self {
        Self {
            secret: credentials.secret(),
            client_id: credentials.client_id().unwrap_or_default(),
            identity: credentials.identity(),
        }
    }
}
