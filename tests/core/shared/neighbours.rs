//! Processes that cannot reach the server, next to others that can.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

use ims_sandbox::Tls;
use support::hostile::Deaf;

use super::host::{Host, SharedPlace};
use super::worker::{Asks, Worker, end, go};

const HEALTHY: usize = 32;
const THREADS: usize = 4;

fn healthy_next_to_misconfigured(place: SharedPlace) {
    let host = Host::over(Tls::SelfMade, place, None);
    let deaf = Deaf::new();
    let black_hole = format!("http://{}", deaf.address());
    let misconfigurations = [
        // It trusts none of the server's certificates.
        ("WORKER_CA_FILE", ""),
        ("WORKER_PROXY", "http://127.0.0.1:1"),
        ("WORKER_PROXY", &black_hole),
        ("WORKER_TIMEOUT_MS", "1"),
    ];
    let misconfigured: Vec<Worker> = misconfigurations
        .iter()
        .enumerate()
        .map(|(number, (name, value))| {
            let credentials = host.credentials("jwt.json");
            let mut command = host.command(&credentials, THREADS, Asks::UntilStopped);
            command.env(name, value);
            Worker::start(&mut command, host.directory.path().join(format!("bad-{number}")))
        })
        .collect();
    let misconfigured = go(misconfigured);
    // They come first, so that one of them holds the lock.
    sleep(Duration::from_millis(500));

    let healthy = go(host.workers(HEALTHY, THREADS, Asks::Once));
    let healthy: Vec<_> = healthy.into_iter().map(Worker::end).collect();

    assert!(healthy.iter().all(|ran| ran.errors == 0), "{healthy:?}");
    let tokens: BTreeSet<&String> = healthy.iter().flat_map(|ran| &ran.tokens).collect();
    assert_eq!((tokens.len(), host.issued()), (1, 1));
    // Afterwards, the token is in the cache for the misconfigured, too.
    while !misconfigured.iter().all(Worker::has_token) {
        sleep(Duration::from_millis(50));
    }
    end(misconfigured);
}

#[test]
fn healthy_processes_share_one_exchange_next_to_misconfigured_ones_with_a_file_cache() {
    healthy_next_to_misconfigured(SharedPlace::File);
}

#[test]
fn healthy_processes_share_one_exchange_next_to_misconfigured_ones_with_redis() {
    healthy_next_to_misconfigured(SharedPlace::Redis);
}
