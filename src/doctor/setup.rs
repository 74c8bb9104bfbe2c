//! The setup to examine.

use std::path::Path;

use crate::cache::Cache;
use crate::credentials::CredentialsOptions;
use crate::error::Error;
use crate::http::Transport;

/// A program's setup to examine: its credentials, and all that it uses them with.
#[non_exhaustive]
pub struct Setup<'a> {
    /// The credentials file; `None`: the environment.
    pub file: Option<&'a Path>,
    /// The options for reading the credentials.
    pub options: CredentialsOptions,
    /// The reason why the key that was given next to the credentials cannot be used.
    pub key_error: Option<Error>,
    /// PEM or DER of the certificate that is registered for the account; instead of the
    /// credentials' own.
    pub certificate: Option<Result<Vec<u8>, Error>>,
    /// The cache, or the reason why its setting is invalid.
    pub cache: Result<Cache, Error>,
    /// The transport to the token server.
    pub transport: Transport,
}

impl<'a> Setup<'a> {
    /// Sets up the credentials of `file`, or of the environment, with every setting's default and a
    /// cache in memory.
    pub fn new(file: Option<&'a Path>) -> Self {
        Self {
            file,
            options: CredentialsOptions::default(),
            key_error: None,
            certificate: None,
            cache: Ok(Cache::Memory),
            transport: Transport::default(),
        }
    }
}
