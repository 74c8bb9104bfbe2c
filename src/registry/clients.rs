//! Clients that a process shares.

use std::env;
use std::ffi::OsString;
use std::path::{self, Path};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::digest::{Digest, Digester};
use super::table::Table;
use super::watched_file::WatchedFile;
use crate::cache::Cache;
use crate::client::Client;
use crate::credentials::{Credentials, CredentialsOptions, ENVIRONMENT_VARIABLES, MayRead, Source};
use crate::environment::{self, CLIENT_VARIABLES};
use crate::error::Error;
use crate::http::{Proxy, Transport};

/// How many clients a process keeps unless it says otherwise.
pub(crate) const MAX_SHARED_CLIENTS: usize = 32;

static CLIENTS: Table<SharedClient> = Table::new();

struct SharedClient {
    client: Arc<Client>,
    /// The files that the credentials consist of.
    files: Vec<WatchedFile>,
    ca_file: Option<WatchedFile>,
}

impl SharedClient {
    fn new(
        source: Source<'_>,
        options: &CredentialsOptions,
        cache: &Cache,
        transport: Transport,
    ) -> Result<Self, Error> {
        let ca_file = transport.ca_file.as_ref().and_then(|path| path::absolute(path).ok());
        let ca_file = ca_file.map(WatchedFile::new);
        let credentials = Credentials::read(source, options)?;
        let files = credentials.files_as_read().iter();
        let files = files.map(|(path, content)| WatchedFile::with_content(path.clone(), *content));
        let files = files.collect();
        let client = Arc::new(Client::new(credentials, cache, transport)?);
        Ok(Self { client, files, ca_file })
    }

    /// Returns whether its files are unchanged, and `may_read` allows all that the credentials consist of.
    fn is_current(&self, may_read: Option<&MayRead>) -> bool {
        let is_current = |file: &WatchedFile| {
            may_read.is_none_or(|may_read| may_read.check(file.path()).is_ok())
                && file.is_unchanged()
        };
        self.files.iter().all(is_current)
            && self.ca_file.as_ref().is_none_or(WatchedFile::is_unchanged)
    }
}

impl Client {
    /// Returns the client that an earlier call made from the same file, options, cache and transport, or makes it as
    /// [`Credentials::from_file`] and [`Client::new`] do.
    ///
    /// It is made again once the credentials file, the key or certificate that it names, the CA file, or a variable that
    /// clients read (of proxy, CA certificates, cache directory) has changed. `may_read` is asked about each credentials
    /// file, key and certificate in every call. The process keeps the 32 clients that were used last; a forked child, or
    /// another effective user, makes its own.
    ///
    /// # Errors
    /// Those of [`Credentials::from_file`] and [`Client::new`].
    pub fn shared_from_file(
        path: impl AsRef<Path>,
        options: &CredentialsOptions,
        cache: &Cache,
        transport: Transport,
    ) -> Result<Arc<Self>, Error> {
        let source = Source::File(path.as_ref());
        shared_client(source, options, cache, transport, MAX_SHARED_CLIENTS)
    }

    /// Returns the client of the JSON text of such a file, as [`Client::shared_from_file`] does.
    ///
    /// # Errors
    /// Those of [`Credentials::from_json`] and [`Client::new`].
    pub fn shared_from_json(
        json: &[u8],
        options: &CredentialsOptions,
        cache: &Cache,
        transport: Transport,
    ) -> Result<Arc<Self>, Error> {
        shared_client(Source::Json(json), options, cache, transport, MAX_SHARED_CLIENTS)
    }

    /// Returns the client of the credentials in the environment, as [`Client::shared_from_file`] does, and makes it again
    /// where they have changed.
    ///
    /// # Errors
    /// Those of [`Credentials::from_env`] and [`Client::new`].
    pub fn shared_from_env(
        options: &CredentialsOptions,
        cache: &Cache,
        transport: Transport,
    ) -> Result<Arc<Self>, Error> {
        shared_client(Source::Environment, options, cache, transport, MAX_SHARED_CLIENTS)
    }
}

/// Returns the one client of the process that is made from all this, and keeps the `max_clients` that were used last.
///
/// # Errors
/// Those of [`Credentials::read`] and [`Client::new`].
pub(crate) fn shared_client(
    source: Source<'_>,
    options: &CredentialsOptions,
    cache: &Cache,
    transport: Transport,
    max_clients: usize,
) -> Result<Arc<Client>, Error> {
    let digest = digest(source, options, cache, &transport);
    let make = || SharedClient::new(source, options, cache, transport);
    // Where the process runs in no directory that it could name, only reading can tell which files are meant.
    let Some(digest) = digest else { return Ok(make()?.client) };
    let is_current = |shared: &SharedClient| shared.is_current(options.may_read.as_ref());
    let shared = CLIENTS.get_or_make(&digest, max_clients, is_current, make)?;
    Ok(Arc::clone(&shared.client))
}

/// Returns `None` where a relative path leads nowhere.
fn digest(
    source: Source<'_>,
    options: &CredentialsOptions,
    cache: &Cache,
    transport: &Transport,
) -> Option<Digest> {
    let digest = match source {
        Source::File(path) => Digester::new("file").with_path(&path::absolute(path).ok()?),
        Source::Json(json) => Digester::new("JSON").with(json).with_path(&env::current_dir().ok()?),
        Source::Environment => {
            let digest = Digester::new("environment").with_path(&env::current_dir().ok()?);
            with_variables(digest, ENVIRONMENT_VARIABLES)
        }
    };
    let digest = with_variables(digest, &CLIENT_VARIABLES);
    let digest = with_options(digest, options);
    let digest = with_cache(digest, cache);
    Some(with_transport(digest, transport)?.finish())
}

fn with_variables(digest: Digester, names: &[&str]) -> Digester {
    names.iter().fold(digest, |digest, name| {
        let value = environment::variable(name).map(OsString::into_encoded_bytes);
        let value = value.map(Zeroizing::new);
        digest.with_optional(value.as_ref().map(|value| value.as_slice()))
    })
}

fn with_options(digest: Digester, options: &CredentialsOptions) -> Digester {
    let CredentialsOptions { name, passphrase, key, ims, may_read } = options;
    let key = key.as_ref().map(|key| key.unchecked());
    let ims = ims.as_ref().map(ToString::to_string);
    let digest = digest
        .with_optional(name.as_ref().map(String::as_bytes))
        .with_optional(passphrase.as_ref().map(|passphrase| passphrase.expose().as_slice()))
        .with_optional(key.as_ref().map(|key| key.pkcs1()))
        .with_optional(ims.as_ref().map(String::as_bytes));
    // A client that reads its files again may read what the caller allows who made it: so that no other caller's client
    // reads more, those of other rules have other clients. Functions all leave it with the files that it was made from.
    match may_read {
        None => digest.with(b"all files"),
        Some(may_read) => may_read
            .directories()
            .iter()
            .fold(digest.with(b"some files"), |digest, directory| digest.with_path(directory)),
    }
}

fn with_cache(digest: Digester, cache: &Cache) -> Digester {
    match cache {
        Cache::Memory => digest.with(b"memory"),
        Cache::None => digest.with(b"none"),
        Cache::File(None) => digest.with(b"file"),
        Cache::File(Some(directory)) => digest.with(b"directory").with_path(directory),
        Cache::Redis(url) => digest.with(b"redis").with(url.expose().as_bytes()),
    }
}

fn with_transport(digest: Digester, transport: &Transport) -> Option<Digester> {
    let Transport { timeout, max_attempts, ca_file, proxy } = transport;
    let ca_file = ca_file.as_ref().map(path::absolute).transpose().ok()?;
    let digest = digest
        .with(&timeout.as_nanos().to_le_bytes())
        .with(&max_attempts.to_le_bytes())
        .with_optional(ca_file.as_ref().map(|path| path.as_os_str().as_encoded_bytes()));
    Some(match proxy {
        Proxy::Environment => digest.with(b"environment"),
        Proxy::None => digest.with(b"none"),
        Proxy::Url(url) => digest.with(b"URL").with(url.expose().as_bytes()),
    })
}
