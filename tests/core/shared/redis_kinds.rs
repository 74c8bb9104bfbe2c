//! Every kind of Redis that people run: what it lacks costs exchanges, never a call.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

use support::redis::{Cluster, Redis, Watched};

use super::host::{Host, SharedPlace};
use super::worker::{Asks, Ran, Worker, command, end, go};

const PROCESSES: usize = 16;
const THREADS: usize = 4;

/// A server and its credentials, for caches elsewhere.
fn host() -> Host {
    Host::new(SharedPlace::File, None)
}

fn workers(host: &Host, cache: &str, asks: Asks) -> Vec<Worker> {
    (0..PROCESSES)
        .map(|number| {
            let mut command = command(&host.credentials("jwt.json"), cache, THREADS, asks);
            Worker::start(&mut command, host.directory.path().join(format!("worker-{number}")))
        })
        .collect()
}

fn run(host: &Host, cache: &str) -> Vec<Ran> {
    let ran = end(go(workers(host, cache, Asks::Once)));
    assert!(ran.iter().all(|ran| ran.errors == 0), "{ran:?}");
    ran
}

fn tokens(ran: &[Ran]) -> BTreeSet<&String> {
    ran.iter().flat_map(|ran| &ran.tokens).collect()
}

#[test]
fn without_scripts_and_in_a_cluster_processes_share_one_exchange() {
    let without_scripts = Redis::start(&["--rename-command", "EVAL", ""]);
    let (cluster, watched) = (Cluster::start(), Watched::start());
    for cache in [
        without_scripts.url(),
        format!("redis+cluster://{}", cluster.hosts().join(",")),
        format!("redis://{}", cluster.hosts()[1]),
        watched.url(),
    ] {
        let host = host();
        let ran = run(&host, &cache);
        assert_eq!((tokens(&ran).len(), host.issued()), (1, 1), "{cache}");
    }
}

#[test]
fn a_read_only_or_full_redis_hands_out_what_it_has_and_else_each_process_is_on_its_own() {
    let refusals: [&[&str]; 2] =
        [&["config", "set", "maxmemory", "1"], &["config", "set", "min-replicas-to-write", "1"]];
    for refusal in refusals {
        let (filled, its_host) = (Redis::start(&[]), host());
        run(&its_host, &filled.url());
        filled.ask(refusal);
        run(&its_host, &filled.url());
        assert_eq!(its_host.issued(), 1, "{refusal:?}: it still has the token");

        let (empty, its_host) = (Redis::start(&[]), host());
        empty.ask(refusal);
        let ran = run(&its_host, &empty.url());
        assert_eq!(tokens(&ran).len(), PROCESSES, "{refusal:?}: one of each process");
        assert_eq!(its_host.issued(), PROCESSES as u64, "{refusal:?}");
    }
}

#[test]
fn a_failover_by_sentinel_fails_no_call_and_costs_no_exchange() {
    let (mut watched, host) = (Watched::start(), host());
    let workers = go(workers(&host, &watched.url(), Asks::UntilStopped));
    while !workers.iter().all(Worker::has_token) {
        sleep(Duration::from_millis(50));
    }
    let master = watched.kill_master();
    watched.fail_over(master);
    let late = run(&host, &watched.url());
    let ran = end(workers);
    assert!(ran.iter().all(|ran| ran.errors == 0), "{ran:?}");
    assert_eq!((tokens(&late), host.issued()), (tokens(&ran), 1), "it was replicated");
}
