//! Options of the program that reads credentials.

use crate::ims_host::ImsHost;
use crate::key::Key;
use crate::may_read::MayRead;
use crate::secret::Secret;

/// The options for reading credentials.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CredentialsOptions {
    /// The name, id or client id of the credential to use, if a file holds several.
    pub name: Option<String>,
    /// The passphrase of the key that the credentials hold or name; wins over one that they hold.
    pub passphrase: Option<Secret<Vec<u8>>>,
    /// The key, if the credentials have none.
    pub key: Option<Key>,
    /// The host instead of the one that the credentials name, for tests and private installations.
    pub ims: Option<ImsHost>,
    /// The scope instead of the one of the credentials; sent as given.
    pub scope: Option<String>,
    /// The user to act for, instead of the one of the credentials: the claim `sub`.
    pub subject: Option<String>,
    /// The service that the token is for, instead of the one of the credentials.
    pub audience: Option<String>,
    /// Whether the credentials may name a command that is run for a JWT. Credentials from a stranger must not.
    pub allow_command: bool,
    /// Decides about each file before it is read; `None` allows every file.
    pub may_read: Option<MayRead>,
}
