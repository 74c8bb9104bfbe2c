//! Secret and key that are replaced under running processes.

use std::fs;
use std::thread;
use std::time::Duration;

use ims_sandbox::{Account, PublicKey};
use openssl::pkey::PKey;
use support::keys;

use super::host::{Host, SharedPlace, soak};
use super::worker::{self, Asks};
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

#[test]
fn no_call_fails_while_secret_and_key_are_rotated() {
    let host = Host::new(SharedPlace::File, Some(LIFETIME));
    let (processes, threads) = match soak(0, 1) {
        0 => (8, 4),
        _ => (PROCESSES, THREADS),
    };
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
