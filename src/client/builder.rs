//! The builder of a client, for settings other than the defaults.

use std::path::PathBuf;
use std::time::Duration;

use crate::cache::Cache;
use crate::credentials::CredentialsOptions;
use crate::http::{Proxy, Transport};
use crate::ims_host::ImsHost;
use crate::key::Key;
use crate::may_read::MayRead;
use crate::secret::Secret;

/// Makes a [`Client`](crate::Client): choose what differs from the defaults, then name the credentials.
///
/// ```no_run
/// use std::time::Duration;
/// use ims::{Cache, Client};
///
/// # fn main() -> Result<(), ims::Error> {
/// let client = Client::builder()
///     .cache(Cache::File(None))
///     .timeout(Duration::from_secs(5))
///     .from_file("credentials.json")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "from_file, from_json, from_env or build makes the client"]
pub struct ClientBuilder {
    pub(crate) options: CredentialsOptions,
    pub(crate) cache: Cache,
    pub(crate) transport: Transport,
    pub(crate) max_shared_clients: Option<usize>,
}

impl ClientBuilder {
    /// Sets the cache of the token; default [`Cache::Memory`].
    pub fn cache(mut self, cache: Cache) -> Self {
        self.cache = cache;
        self
    }

    /// Sets the deadline of one call, see [`Transport::timeout`]; default 10 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.transport.timeout = timeout;
        self
    }

    /// Sets the number of attempts of one call, 1 (no retry) to 10; default 3.
    pub fn max_attempts(mut self, max_attempts: u32) -> Self {
        self.transport.max_attempts = max_attempts;
        self
    }

    /// Trusts the CA certificates of this PEM file instead of the system's.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.transport.ca_file = Some(path.into());
        self
    }

    /// Uses this proxy; default that of the environment.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.transport.proxy = proxy;
        self
    }

    /// Chooses the credential of a file that has several, by its name, id or client id.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.options.name = Some(name.into());
        self
    }

    /// Decrypts the private key of the credentials; wins over a passphrase that they hold.
    pub fn passphrase(mut self, passphrase: impl Into<Secret<Vec<u8>>>) -> Self {
        self.options.passphrase = Some(passphrase.into());
        self
    }

    /// Signs with this key, if the credentials have none.
    pub fn key(mut self, key: Key) -> Self {
        self.options.key = Some(key);
        self
    }

    /// Uses this host instead of the one that the credentials name, for tests and private
    /// installations.
    pub fn ims_host(mut self, host: ImsHost) -> Self {
        self.options.ims = Some(host);
        self
    }

    /// Asks for this scope instead of the one of the credentials; it is sent as given.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.options.scope = Some(scope.into());
        self
    }

    /// Acts for this user, the claim `sub`, instead of the one of the credentials.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.options.subject = Some(subject.into());
        self
    }

    /// Asks for a token for this service instead of the one of the credentials.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.options.audience = Some(audience.into());
        self
    }

    /// Sets whether the credentials may name a command that is run for a JWT; by default, they may not. Allow it
    /// only for credentials whose author you trust.
    pub fn allow_command(mut self, allow: bool) -> Self {
        self.options.allow_command = allow;
        self
    }

    /// Sets all options for reading the credentials.
    pub fn credentials_options(mut self, options: CredentialsOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets all options of the connection to the server.
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Sets the number of shared clients that the process keeps after the call, the most recently
    /// used ones; default 32.
    pub fn max_shared_clients(mut self, count: usize) -> Self {
        self.max_shared_clients = Some(count);
        self
    }

    /// Asks before each file is read; by default, every file may be.
    pub fn may_read(mut self, may_read: MayRead) -> Self {
        self.options.may_read = Some(may_read);
        self
    }
}
