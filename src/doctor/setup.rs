//! The setup to examine.

use std::path::Path;

use crate::cache::Cache;
use crate::credentials::{CredentialsOptions, read_certificate};
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
    /// The certificate that is registered for the account, as PEM or DER, and the user's name of the
    /// parameter that holds it. It is checked next to the credentials' own.
    pub certificate: Option<(String, Result<Vec<u8>, Error>)>,
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

    /// Reads the certificate that is registered for the account from a file, if
    /// [`CredentialsOptions::may_read`] allows it. A file that cannot be read is a finding.
    pub fn read_certificate(&mut self, file: &Path) {
        let certificate = read_certificate(file, &self.options);
        self.certificate = Some(("certificate".to_owned(), certificate));
    }
}
