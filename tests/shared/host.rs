//! A host: a token server, credentials, a shared cache, and processes that ask for tokens.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use ims::sandbox::{Account, Config, Exchanges, PublicKey, Sandbox};
use support::directory::Directory;
use support::keys;
use support::redis::Redis;

use crate::c_programs::compile;

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
    issued_at: Arc<Mutex<Vec<Instant>>>,
    redis: Option<Redis>,
}

/// What a worker process said.
#[derive(Debug, Default)]
pub struct Ran {
    pub tokens: Vec<String>,
    pub failures: Vec<String>,
    pub calls: u64,
    pub errors: u64,
    pub expired: u64,
    pub slow: u64,
}

impl Host {
    pub fn new(place: SharedPlace, token_lifetime: Option<Duration>) -> Self {
        let mut account = Account::default();
        account.token_lifetime = token_lifetime;
        account.public_keys.push(PublicKey::from_bytes(keys::public_key_pem().as_bytes()).unwrap());
        let mut config = Config::new(vec![account]);
        let issued_at = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&issued_at);
        config.log = Box::new(move |entry| {
            if entry.status == 200 {
                noted.lock().unwrap().push(Instant::now());
            }
        });
        let sandbox = Sandbox::start(config).unwrap();
        let directory = Directory::new();
        directory.write("private.key", keys::pkcs8_pem());
        let account = r#""client_id":"sandbox-client","client_secret":"sandbox-secret","org_id":"SANDBOX@AdobeOrg""#;
        let ims = sandbox.url();
        let jwt = r#""technical_account_id":"sandbox@techacct.adobe.com","metascopes":"ent_sandbox","private_key":"private.key""#;
        directory.write("jwt.json", format!(r#"{{"ims":"{ims}",{account},{jwt}}}"#));
        let oauth = r#""scope":"openid,AdobeID""#;
        directory.write("oauth.json", format!(r#"{{"ims":"{ims}",{account},{oauth}}}"#));
        let redis = (place == SharedPlace::Redis).then(|| Redis::start(&[]));
        Self { directory, sandbox, issued_at, redis }
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

    /// Times between tokens.
    pub fn gaps(&self) -> Vec<Duration> {
        let times = self.issued_at.lock().unwrap();
        times.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// Starts `processes` of `threads` that ask for as long, all at once, and waits for them. None
    /// may hand out an expired token.
    pub fn run(&self, processes: usize, threads: usize, lasts: Duration, slow: u32) -> Vec<Ran> {
        let credentials = self.credentials("jwt.json");
        let mut workers: Vec<Worker> = (0..processes)
            .map(|number| {
                let output = self.directory.path().join(format!("worker-{number}"));
                let mut command = self.worker(&credentials, threads, lasts, slow);
                Worker::start(&mut command, output)
            })
            .collect();
        workers.iter_mut().for_each(Worker::go);
        workers.into_iter().map(Worker::end).collect()
    }

    /// The command of a worker.
    pub fn worker(&self, file: &Path, threads: usize, lasts: Duration, slow: u32) -> Command {
        let mut command = Command::new(program());
        command
            .arg(file)
            .args([self.cache(), threads.to_string(), lasts.as_millis().to_string()])
            .arg(slow.to_string())
            .env("LD_LIBRARY_PATH", program().parent().unwrap())
            .env_remove("HTTPS_PROXY")
            .env_remove("https_proxy");
        command
    }
}

/// tests/c/worker.c, compiled once.
fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        compile("worker", &folder);
        folder.join("worker")
    });
    &PROGRAM
}

/// A worker process.
pub struct Worker {
    pub child: Child,
    output: PathBuf,
}

impl Worker {
    pub fn start(command: &mut Command, output: PathBuf) -> Self {
        let file = File::create(&output).unwrap();
        let child = command.stdin(Stdio::piped()).stdout(file).spawn().unwrap();
        Self { child, output }
    }

    pub fn go(&mut self) {
        // A worker that was killed does not read it.
        let _ = self.child.stdin.take().unwrap().write_all(b"go\n");
    }

    pub fn end(mut self) -> Ran {
        let status = self.child.wait().unwrap();
        let text = fs::read_to_string(&self.output).unwrap();
        assert!(status.success(), "{status}: {text}");
        let mut ran = Ran::default();
        for line in text.lines() {
            match line.split_once(' ').unwrap() {
                ("token", token) => ran.tokens.push(token.to_owned()),
                ("error", error) => ran.failures.push(error.to_owned()),
                _ => {
                    let numbers: Vec<u64> =
                        line.split(' ').filter_map(|word| word.parse().ok()).collect();
                    [ran.calls, ran.errors, ran.expired, ran.slow] = numbers.try_into().unwrap();
                }
            }
        }
        assert!(ran.calls > 0 && ran.expired == 0, "{text}");
        // Threads print one each.
        ran.tokens.sort();
        ran.tokens.dedup();
        ran
    }
}
