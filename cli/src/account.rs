//! The options of whose token it is, and where it is kept.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::input;
use ims::{
    Cache, Client, Credentials, CredentialsOptions, Error, ImsHost, Key, Secret, Transport,
    environment,
};

/// The environment variable that names the cache if --cache does not.
const CACHE: &str = "IMS_CACHE";

#[derive(clap::Args)]
pub(super) struct AccountArgs {
    /// Which credential, if the file has several: its name, id or client id
    #[arg(long)]
    name: Option<String>,
    /// The private key, if the credentials have none; - for standard input
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// File with the key's passphrase; - for standard input [default: the variable IMS_PASSPHRASE]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Read no credentials, key or certificate outside of DIR; may be given several times [default:
    /// any file]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    allow_read: Vec<PathBuf>,
    /// Run the command that the credentials name for a JWT (assertion_command); only for credentials
    /// whose author you trust
    #[arg(long)]
    allow_command: bool,
    /// The scope to ask for instead of the one in the credentials
    #[arg(long)]
    scope: Option<String>,
    /// The user to act for, the claim sub, instead of the one in the credentials
    #[arg(long, value_name = "USER")]
    subject: Option<String>,
    /// The service that the token is for, instead of the one in the credentials
    #[arg(long, value_name = "SERVICE")]
    audience: Option<String>,
    /// The IMS host to use instead of the one in the credentials
    #[arg(long, value_name = "HOST", value_hint = ValueHint::Hostname)]
    pub ims: Option<ImsHost>,
    /// Where tokens are kept: file:, file:/DIR, redis://HOST, rediss://HOST or none [default:
    /// file:, shared by all processes of this user]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    cache: Option<OsString>,
}

impl AccountArgs {
    /// Checks that standard input is used by at most one of these options and the account's own.
    pub fn check_stdin(&self, others: &[&Option<PathBuf>]) -> Result<(), Error> {
        let own = [&self.key, &self.passphrase_file];
        input::check_stdin(own.into_iter().chain(others.iter().copied()).flatten())
    }

    /// Reads the credentials from the file, or else from the environment.
    pub fn credentials(&self, file: Option<&Path>) -> Result<Credentials, Error> {
        self.check_stdin(&[])?;
        let passphrase = self.passphrase()?;
        let key = self.key(passphrase.as_ref()).transpose()?;
        let options = self.options(passphrase, key)?;
        match file {
            Some(file) => Credentials::from_file(file, &options),
            None => Credentials::from_env(&options),
        }
    }

    pub fn passphrase(&self) -> Result<Option<Secret<Vec<u8>>>, Error> {
        input::secret_bytes("--passphrase-file", self.passphrase_file.as_deref(), "IMS_PASSPHRASE")
    }

    pub fn key(&self, passphrase: Option<&Secret<Vec<u8>>>) -> Option<Result<Key, Error>> {
        let passphrase = passphrase.map(|passphrase| passphrase.expose().as_slice());
        Some(input::key(self.key.as_deref()?, passphrase))
    }

    pub fn options(
        &self,
        passphrase: Option<Secret<Vec<u8>>>,
        key: Option<Key>,
    ) -> Result<CredentialsOptions, Error> {
        let mut options = CredentialsOptions::default();
        options.name = self.name.clone();
        options.passphrase = passphrase;
        options.key = key;
        options.ims = self.ims.clone();
        options.scope = self.scope.clone();
        options.subject = self.subject.clone();
        options.audience = self.audience.clone();
        options.allow_command = self.allow_command;
        options.may_read = input::may_read(&self.allow_read)?;
        Ok(options)
    }

    pub fn client(&self, credentials: &Credentials, to: Transport) -> Result<Client, Error> {
        Client::new(credentials.clone(), &self.cache()?, to)
    }

    /// Reads the cache's setting. A cache in memory is useless to a process that ends after one
    /// call.
    pub fn cache(&self) -> Result<Cache, Error> {
        if let Some(url) = &self.cache {
            input::check_no_password("--cache", url, CACHE)?;
        }
        let variable = environment::variable(CACHE).filter(|url| !url.is_empty());
        match self.cache.clone().or(variable) {
            Some(url) => Cache::parse(&url),
            None => Ok(Cache::File(None)),
        }
    }
}
