//! A configuration as JSON. Paths in it count from its directory.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::{Account, Config, Fault, Platform, PublicKey, Requirements, json};
use ims::FileKind as Kind;
use ims::error::{File, Place};
use ims::{Credentials, CredentialsOptions, Error, Secret, Status};

const CONFIG_FILE: Kind =
    Kind { status: Status::Argument, noun: "config file", max_len: 1024 * 1024 };
const CERTIFICATE: Kind =
    Kind { status: Status::Argument, noun: "certificate file", max_len: 64 * 1024 };

/// The shortest lifetime in seconds. One second is too short, because Adobe's answers arrive with
/// one less.
const MIN_LIFETIME: u32 = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    ims: Option<String>,
    /// Seconds.
    token_lifetime: Option<u32>,
    platform: Option<PlatformEntry>,
    #[serde(default)]
    accounts: Vec<Entry>,
    #[serde(default)]
    faults: Vec<Fault>,
}

/// The fields of [`Platform`] that are not the default ones.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlatformEntry {
    subject: Option<String>,
    /// Seconds.
    lifetime: Option<u32>,
    request_token: Option<String>,
    token_file: Option<PathBuf>,
    token_audience: Option<String>,
}

/// An account: the path of its credentials, and the fields that replace theirs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    credentials: Option<PathBuf>,
    /// The name, id or client id of the credential to use, if the file holds several.
    name: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    org_id: Option<String>,
    technical_account_id: Option<String>,
    certificates: Option<Vec<PathBuf>>,
    metascopes: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
    requires_jti: Option<bool>,
    migrated: Option<bool>,
    /// Seconds.
    token_lifetime: Option<u32>,
    lenient: Option<bool>,
    workload: Option<String>,
    requires: Option<Requirements>,
}

impl Config {
    /// Reads a JSON file with `accounts`. Optional are `ims`, the host to play; `token_lifetime` in
    /// seconds, for accounts without one; `platform`, with the fields of [`Platform`], its `lifetime` in
    /// seconds; and `faults`, a list of [`Fault`]s. Each account has the
    /// fields of [`Account`], but `certificates`, a list of paths, instead of its public keys. Or
    /// it has `credentials`, the path of a file that [`Credentials::from_file`] reads, and `name`
    /// if that file holds several; its other fields replace those of the file. Paths are relative
    /// to the file's directory. `passphrase` is that of the credentials' keys.
    ///
    /// # Errors
    /// [`Status::Argument`], naming the file and the setting; those of
    /// [`Account::from_credentials`].
    pub fn from_file(path: impl AsRef<Path>, passphrase: Option<&[u8]>) -> Result<Self, Error> {
        let path = path.as_ref();
        let here = || Place::file(CONFIG_FILE.noun, path);
        let bytes = CONFIG_FILE.read(path)?;
        let document: Document = json::from_slice(&bytes).map_err(|error| {
            let problem = format!("is malformed: {}", error.problem());
            error.with_problem(problem).at(here())
        })?;
        let directory = path.parent().unwrap_or(Path::new(""));
        let platform = document.platform.map(|entry| entry.platform(directory));
        let platform = platform.unwrap_or_default();
        let subject = &platform.subject;
        let accounts = document.accounts.into_iter().enumerate().map(|(position, entry)| {
            entry
                .account(directory, passphrase, document.token_lifetime, subject)
                .and_then(|account| account.check().map(|()| account))
                .map_err(|error| {
                    error.at(Place::Part(format!("account {}", position + 1))).at(here())
                })
        });
        let mut config = Self::new(accounts.collect::<Result<_, Error>>()?);
        platform
            .check()
            .map_err(|error| error.at(Place::Part("platform".to_owned())).at(here()))?;
        config.platform = platform;
        if let Some(ims) = document.ims {
            config.ims = ims.parse().map_err(|error: Error| error.at(here()))?;
        }
        for fault in &document.faults {
            fault.check().map_err(|error| error.at(Place::Part("fault".to_owned())).at(here()))?;
        }
        config.faults = document.faults;
        Ok(config)
    }
}

impl PlatformEntry {
    fn platform(self, directory: &Path) -> Platform {
        let mut platform = Platform::default();
        put(&mut platform.subject, self.subject);
        put(&mut platform.lifetime, self.lifetime.map(seconds));
        put(&mut platform.request_token, self.request_token.map(Secret::from));
        platform.token_file = self.token_file.map(|file| directory.join(file));
        platform.token_audience = self.token_audience;
        platform
    }
}

impl Entry {
    /// Makes the account. `subject` is the platform's workload.
    fn account(
        self,
        directory: &Path,
        passphrase: Option<&[u8]>,
        token_lifetime: Option<u32>,
        subject: &str,
    ) -> Result<Account, Error> {
        if self.name.is_some() && self.credentials.is_none() {
            return Err(Error::argument("name", "is given, but no credentials to pick from"));
        }
        let lifetime = self.token_lifetime.or(token_lifetime);
        if lifetime.is_some_and(|seconds| seconds < MIN_LIFETIME) {
            return Err(Error::argument("token_lifetime", "is under 2 seconds"));
        }
        let mut account = match &self.credentials {
            Some(file) => {
                let passphrase = passphrase.map(Secret::new);
                let mut options = CredentialsOptions::default();
                (options.name, options.passphrase) = (self.name, passphrase);
                // No command runs: the sandbox asks for no JWT.
                options.allow_command = true;
                let credentials = Credentials::from_file(directory.join(file), &options)?;
                let mut account = Account::from_credentials(&credentials)?;
                account.workload = account.workload.map(|_| subject.to_owned());
                account
            }
            None => Account::default(),
        };
        if let Some(files) = self.certificates {
            account.public_keys = files
                .iter()
                .map(|file| public_keys(&directory.join(file)))
                .collect::<Result<Vec<_>, _>>()?
                .concat();
        }
        let Account { client_id, client_secret, org_id, .. } = &mut account;
        put(client_id, self.client_id);
        put(client_secret, self.client_secret.map(Secret::from));
        put(org_id, self.org_id);
        put(&mut account.technical_account_id, self.technical_account_id);
        put(&mut account.metascopes, self.metascopes);
        put(&mut account.scopes, self.scopes);
        put(&mut account.requires_jti, self.requires_jti);
        put(&mut account.migrated, self.migrated);
        put(&mut account.lenient, self.lenient);
        put(&mut account.workload, self.workload.map(Some));
        put(&mut account.requires, self.requires);
        account.token_lifetime = lifetime.map(seconds);
        Ok(account)
    }
}

fn seconds(number: u32) -> Duration {
    Duration::from_secs(number.into())
}

fn put<T>(place: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *place = given;
    }
}

fn public_keys(file: &Path) -> Result<Vec<PublicKey>, Error> {
    PublicKey::all_from_bytes(&CERTIFICATE.read(file)?)
        .map_err(|error| error.with_file(File::new(CERTIFICATE.noun, file)))
}
