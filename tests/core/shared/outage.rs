//! A server that fails and recovers.

use std::thread::sleep;
use std::time::{Duration, Instant};

use ims_sandbox::Fault;

use super::host::{Host, SharedPlace, soak};
use super::worker::{Asks, Worker, end, go};
use super::{PROCESSES, THREADS};

/// The requests that all processes together may make in this time: three attempts, then one after
/// each pause, which doubles from 1 to 30 s.
fn allowed(elapsed: Duration) -> u64 {
    let (mut requests, mut at, mut pause) = (3, 1, 1);
    while at <= elapsed.as_secs() {
        requests += 1;
        pause = 30.min(2 * pause);
        at += pause;
    }
    requests
}

#[test]
fn a_server_that_fails_is_asked_once_a_backoff_step_by_all_and_recovers_at_the_next() {
    for place in [SharedPlace::File, SharedPlace::Redis] {
        let host = Host::new(place, None);
        host.sandbox.inject(Fault::status(503)).unwrap();
        let begun = Instant::now();
        let workers = go(host.workers(PROCESSES, THREADS, Asks::UntilStopped));
        sleep(Duration::from_secs(soak(6, 60).into()));
        host.sandbox.clear_faults();
        while host.issued() == 0 {
            sleep(Duration::from_millis(20));
        }
        let allowed = allowed(begun.elapsed());
        while !workers.iter().all(Worker::has_token) {
            sleep(Duration::from_millis(50));
        }
        let ran = end(workers);

        assert!(ran.iter().all(|ran| ran.tokens.len() == 1 && ran.errors > 0), "{ran:?}");
        assert_eq!(host.issued(), 1);
        assert!(host.refused() <= allowed, "{} requests, {allowed} allowed", host.refused());
    }
}
