//! A host: a token server, credentials, a shared cache, and processes that ask for tokens.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use ims_sandbox::{Account, Config, Exchanges, PublicKey, Sandbox, Tls};
use support::directory::Directory;
use support::keys;
use support::redis::Redis;

use super::worker::{self, Asks, Worker};

/// `short` in `make test`, `whole` in `make soak`.
pub fn soak(short: u32, whole: u32) -> u32 {
    if env::var_os("IMS_SOAK").is_some() { whole } else { short }
}

/// Which cache.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SharedPlace {
    File,
    Redis,
}

pub struct Host {
    pub directory: Directory,
    pub sandbox: Sandbox,
    pub redis: Option<Redis>,
}

impl Host {
    pub fn new(place: SharedPlace, token_lifetime: Option<Duration>) -> Self {
        Self::over(Tls::Off, place, token_lifetime)
    }

    /// With a server that speaks HTTPS.
    pub fn over(tls: Tls, place: SharedPlace, token_lifetime: Option<Duration>) -> Self {
        let mut account = Account::default();
        account.token_lifetime = token_lifetime;
        account.public_keys.push(PublicKey::from_bytes(keys::public_key_pem().as_bytes()).unwrap());
        let mut config = Config::new(vec![account]);
        config.tls = tls;
        let sandbox = Sandbox::start(config).unwrap();
        let directory = Directory::new();
        if let Some(ca) = sandbox.ca_certificate() {
            directory.write("ca.pem", ca);
        }
        directory.write("private.key", keys::pkcs8_pem());
        let account = r#""client_id":"sandbox-client","client_secret":"sandbox-secret","org_id":"SANDBOX@AdobeOrg""#;
        let ims = sandbox.url();
        let jwt = r#""technical_account_id":"sandbox@techacct.adobe.com","metascopes":"ent_sandbox","private_key":"private.key""#;
        directory.write("jwt.json", format!(r#"{{"ims":"{ims}",{account},{jwt}}}"#));
        let oauth = r#""scope":"openid,AdobeID""#;
        directory.write("oauth.json", format!(r#"{{"ims":"{ims}",{account},{oauth}}}"#));
        let redis = (place == SharedPlace::Redis).then(|| Redis::start(&[]));
        Self { directory, sandbox, redis }
    }

    /// The cache as clients name it.
    pub fn cache(&self) -> String {
        match &self.redis {
            Some(redis) => redis.url(),
            None => format!("file:{}", self.cache_directory().display()),
        }
    }

    pub fn cache_directory(&self) -> PathBuf {
        self.directory.path().join("cache")
    }

    pub fn credentials(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn exchanges(&self) -> Exchanges {
        self.sandbox.exchanges("sandbox-client").unwrap()
    }

    pub fn issued(&self) -> u64 {
        self.exchanges().issued
    }

    pub fn refused(&self) -> u64 {
        self.exchanges().refused
    }

    /// `processes` of `threads` each that wait for [`go`](super::worker::go).
    pub fn workers(&self, processes: usize, threads: usize, asks: Asks) -> Vec<Worker> {
        let credentials = self.credentials("jwt.json");
        (0..processes)
            .map(|number| {
                let output = self.directory.path().join(format!("worker-{number}"));
                Worker::start(&mut self.command(&credentials, threads, asks), output)
            })
            .collect()
    }

    /// The command of a worker, which trusts the sandbox.
    pub fn command(&self, credentials: &Path, threads: usize, asks: Asks) -> Command {
        let mut command = worker::command(credentials, &self.cache(), threads, asks);
        if self.sandbox.ca_certificate().is_some() {
            command.env("WORKER_CA_FILE", self.directory.path().join("ca.pem"));
        }
        command
    }
}
