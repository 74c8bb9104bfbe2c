//! Secret, key and platform's JWT that are replaced under running processes.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use ims_sandbox::{Account, Config, Platform, PublicKey, Sandbox};
use openssl::pkey::PKey;
use serde_json::json;
use support::directory::Directory;
use support::keys;

use super::host::{Host, SharedPlace, soak};
use super::worker::{self, Asks, Worker};
use super::{PROCESSES, THREADS};

/// The lifetime of a token: each process needs a new one at least this often. Adobe's responses arrive with a
/// millisecond less, and what a worker counts are whole seconds, of which one must be left at the mandatory refresh.
const LIFETIME: Duration = Duration::from_millis(5001);

impl Host {
    /// Replaces a file in one step, as `ims rotate` does.
    fn replace(&self, name: &str, content: &[u8]) {
        let new = self.directory.write("new", content);
        fs::rename(new, self.credentials(name)).unwrap();
    }

    fn set(&self, secrets: [&str; 2], keys: &[Vec<u8>]) {
        let mut account = Account::default();
        account.token_lifetime = Some(LIFETIME);
        account.client_secret = secrets[0].into();
        account.further_secrets = vec![secrets[1].into()];
        let public_key = |pem: &Vec<u8>| {
            let key = PKey::private_key_from_pem(pem).unwrap();
            PublicKey::from_bytes(&key.public_key_to_pem().unwrap()).unwrap()
        };
        account.public_keys = keys.iter().map(public_key).collect();
        self.sandbox.set_account(account).unwrap();
    }
}

/// The number of processes, and of threads in each.
fn size() -> (usize, usize) {
    match soak(0, 1) {
        0 => (8, 4),
        _ => (PROCESSES, THREADS),
    }
}

#[test]
fn no_call_fails_while_secret_and_key_are_rotated() {
    let host = Host::new(SharedPlace::File, Some(LIFETIME));
    let (processes, threads) = size();
    let workers = worker::go(host.workers(processes, threads, Asks::UntilStopped));
    let (mut secret, mut key) = ("sandbox-secret".to_owned(), keys::pkcs8_pem());
    let rounds = soak(1, 6);
    for round in 0..rounds {
        // The server takes both, the file gets the new one, and the server forgets the old one.
        let new_secret = format!("secret-number-{round}");
        host.set([&new_secret, &secret], &[key.clone()]);
        let file = fs::read_to_string(host.credentials("jwt.json")).unwrap();
        host.replace("jwt.json", file.replace(&secret, &new_secret).as_bytes());
        host.set([&new_secret, &new_secret], &[key.clone()]);
        secret = new_secret;
        // Each process needs a new token within this time.
        thread::sleep(LIFETIME);
        let new_key = keys::new_pkcs8_pem();
        host.set([&secret, &secret], &[key, new_key.clone()]);
        host.replace("private.key", &new_key);
        key = new_key;
        host.set([&secret, &secret], &[key.clone()]);
        thread::sleep(LIFETIME);
    }
    let mut calls = 0;
    for ran in worker::end(workers) {
        assert_eq!(ran.errors, 0, "{ran:?}");
        calls += ran.calls;
    }
    let (issued, refused) = (host.issued(), host.refused());
    println!("{rounds} rounds: {calls} calls, {issued} tokens, {refused} refusals");
    // At most one refusal of each process for each rotation, and for each at least one.
    let rotations = u64::from(2 * rounds);
    let processes = processes as u64;
    assert!((rotations..=rotations * processes).contains(&refused), "{refused} refusals");
}

/// The lifetime of a pod's token. Its processes share none: where there are many, one may get no processor for seconds
/// between a call's return and the look at its token.
fn lifetime_of_pod() -> Duration {
    match soak(0, 1) {
        0 => LIFETIME,
        _ => Duration::from_secs(30),
    }
}

/// A pod whose projected token gets tokens at a server that trusts its platform.
fn pod() -> Host {
    let directory = Directory::new();
    let file = directory.path().join("pod/token");
    let mut account = Account::default();
    account.token_lifetime = Some(lifetime_of_pod());
    account.workload = Some(Platform::SUBJECT.to_owned());
    let mut config = Config::new(vec![account]);
    config.platform.token_file = Some(file.clone());
    // Far over what passes until the first rotation, however busy the machine is.
    config.platform.lifetime = Duration::from_secs(3600);
    let sandbox = Sandbox::start(config).unwrap();
    let url = format!("{}/oauth/token", sandbox.url());
    let account = json!({ "grant": "jwt_bearer", "token_url": url, "assertion_file": file });
    directory.write("workload.json", account.to_string());
    Host { directory, sandbox, redis: None }
}

#[test]
fn no_call_fails_while_a_projected_token_is_swapped_and_its_platforms_key_rotated() {
    let host = pod();
    let (processes, threads) = size();
    // Each process has its own token: without a secret, nothing seals one that they could share.
    let start = |number: usize| {
        let credentials = host.credentials("workload.json");
        let mut command = worker::command(&credentials, "memory", threads, Asks::UntilStopped);
        Worker::start(&mut command, host.directory.path().join(format!("worker-{number}")))
    };
    let begun = Instant::now();
    let workers = worker::go((0..processes).map(start).collect());
    let rotations = soak(3, 30);
    for _ in 0..rotations {
        thread::sleep(Duration::from_secs(2));
        host.sandbox.rotate_platform_key().unwrap();
    }
    let mut calls = 0;
    for ran in worker::end(workers) {
        assert_eq!(ran.errors, 0, "{ran:?}");
        calls += ran.calls;
    }
    let (issued, refused) = (host.issued(), host.refused());
    println!("{rotations} rotations: {calls} calls, {issued} tokens, {refused} refusals");
    assert_eq!(refused, 0);
    // A process needs a new one at most once in half of its lifetime.
    let processes = processes as u64;
    let halves = begun.elapsed().as_secs_f64() / (lifetime_of_pod() / 2).as_secs_f64();
    assert!((processes..=processes * (1 + halves as u64)).contains(&issued), "{issued} tokens");
}
