//! Clients that a process shares.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{self, Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::digest::{Digest, Digester};
use super::table::Table;
use super::watched_file::WatchedFile;
use crate::cache::Cache;
use crate::client::{Client, ClientBuilder};
use crate::credentials::{Credentials, CredentialsOptions, ENVIRONMENT_VARIABLES, Source};
use crate::environment::{self, CLIENT_VARIABLES};
use crate::error::Error;
use crate::http::{Proxy, Transport};
use crate::may_read::MayRead;
use crate::user_path;

/// The default limit of the number of clients that a process keeps.
const MAX_SHARED_CLIENTS: usize = 32;

static CLIENTS: Table<SharedClient> = Table::new();

struct SharedClient {
    client: Arc<Client>,
    /// The files that the credentials consist of.
    files: Vec<WatchedFile>,
    /// All that `may_read` was asked about.
    named: Vec<PathBuf>,
    ca_file: Option<WatchedFile>,
}

impl SharedClient {
    fn new(builder: ClientBuilder, source: Source<'_>) -> Result<Self, Error> {
        let ca_file = ca_file(&builder.transport).and_then(Result::ok).map(WatchedFile::new);
        let credentials = Credentials::read(source, &builder.options)?;
        let files = credentials.files_as_read().iter();
        let files = files.map(|(path, content)| WatchedFile::with_content(path.clone(), *content));
        let files = files.collect();
        let named = credentials.named().to_vec();
        Ok(Self { client: Arc::new(builder.build(credentials)?), files, named, ca_file })
    }

    /// Returns whether its files are unchanged, and `may_read` allows all that the credentials consist of.
    fn is_current(&self, may_read: Option<&MayRead>) -> bool {
        may_read.is_none_or(|may_read| self.named.iter().all(|named| may_read.check(named).is_ok()))
            && self.files.iter().all(WatchedFile::is_unchanged)
            && self.ca_file.as_ref().is_none_or(WatchedFile::is_unchanged)
    }
}

impl ClientBuilder {
    /// Returns the client that an earlier call made from the same file and settings, or makes it as
    /// [`ClientBuilder::from_file`] does.
    ///
    /// It is made again once the credentials file, the key or certificate that it names, the CA file, or a variable that
    /// clients read (of proxy, CA certificates, cache directory) has changed. `may_read` is asked about all that the
    /// credentials name in every call. The process keeps the [`max_shared_clients`](Self::max_shared_clients) that
    /// were used last; a forked child, or another effective user, makes its own.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::from_file`].
    pub fn shared_from_file(self, path: impl AsRef<Path>) -> Result<Arc<Client>, Error> {
        self.shared(Source::File(&user_path::resolved(path.as_ref())))
    }

    /// Returns the client of the JSON text of such a file, as [`ClientBuilder::shared_from_file`] does.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::from_json`].
    pub fn shared_from_json(self, json: &[u8]) -> Result<Arc<Client>, Error> {
        self.shared(Source::Json(json))
    }

    /// Returns the client of the process's environment variables, as [`ClientBuilder::shared_from_file`] does, and makes it
    /// again once they have changed.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::from_env`].
    pub fn shared_from_env(self) -> Result<Arc<Client>, Error> {
        self.shared(Source::Environment)
    }

    /// Returns the client of any source, as [`ClientBuilder::shared_from_file`] does.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::from_file`].
    pub(crate) fn shared(self, source: Source<'_>) -> Result<Arc<Client>, Error> {
        let digest = digest(&self, source);
        let limit = self.max_shared_clients.unwrap_or(MAX_SHARED_CLIENTS);
        let may_read = self.options.may_read.clone();
        let make = || SharedClient::new(self, source);
        // If the current directory has no name, the files must be read to know which ones are
        // meant.
        let Some(digest) = digest else { return Ok(make()?.client) };
        let is_current = |shared: &SharedClient| shared.is_current(may_read.as_ref());
        let shared = CLIENTS.get_or_make(&digest, limit, is_current, make)?;
        Ok(Arc::clone(&shared.client))
    }
}

/// Returns `None` where a relative path leads nowhere.
fn digest(builder: &ClientBuilder, source: Source<'_>) -> Option<Digest> {
    // The limit of shared clients does not make a different client.
    let ClientBuilder { options, cache, transport, max_shared_clients: _ } = builder;
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
    let CredentialsOptions {
        name,
        passphrase,
        key,
        ims,
        scope,
        subject,
        audience,
        allow_command,
        may_read,
    } = options;
    let key = key.as_ref().map(|key| key.unchecked());
    let ims = ims.as_ref().map(ToString::to_string);
    let digest = digest
        .with_optional(name.as_ref().map(String::as_bytes))
        .with_optional(passphrase.as_ref().map(|passphrase| passphrase.expose().as_slice()))
        .with_optional(key.as_ref().map(|key| key.secret()))
        .with_optional(ims.as_ref().map(String::as_bytes))
        .with(if *allow_command { b"commands" } else { b"no commands" });
    let digest = [scope, subject, audience]
        .into_iter()
        .fold(digest, |digest, text| digest.with_optional(text.as_ref().map(String::as_bytes)));
    // A client may read its files again, within the rule of the caller who made it. Callers with
    // different rules have different clients, so that no caller's client reads more than its caller
    // allows. All functions share a client, because it reads only the files that it was made from.
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

/// Returns the absolute path of the CA file.
fn ca_file(transport: &Transport) -> Option<io::Result<PathBuf>> {
    transport.ca_file.as_ref().map(|path| path::absolute(user_path::resolved(path)))
}

fn with_transport(digest: Digester, transport: &Transport) -> Option<Digester> {
    let Transport { timeout, max_attempts, ca_file: _, proxy } = transport;
    let ca_file = ca_file(transport).transpose().ok()?;
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
