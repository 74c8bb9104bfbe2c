//! Tokens that come to their end under load.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::{Duration, Instant};

use ims_sandbox::Fault;

use super::host::{Host, SharedPlace, soak};
use super::worker::{Asks, end, go};
use super::{PROCESSES, THREADS};

const LIFETIME: Duration = Duration::from_secs(12);

fn one_exchange_an_expiry(place: SharedPlace) {
    for round in 0..soak(1, 20) {
        // When IMS responds, the first millisecond is over, and whole seconds are counted.
        let host = Host::new(place, Some(LIFETIME + Duration::from_millis(1)));
        host.sandbox.inject(Fault::latency(Duration::from_millis(300))).unwrap();
        let expiries = u64::from(soak(2, 10));
        let begun = Instant::now();
        let workers = go(host.workers(PROCESSES, THREADS, Asks::UntilStopped));
        while host.issued() < 1 + expiries {
            sleep(Duration::from_millis(20));
        }
        // Time for exchanges that were too many.
        sleep(LIFETIME / 6);
        let ran = end(workers);

        let issued = host.issued();
        // A refresh begins with half of the lifetime left at the earliest.
        let halves = begun.elapsed().as_secs_f64() / (LIFETIME / 2).as_secs_f64();
        assert!(issued <= 1 + halves as u64, "round {round}: {issued} in {halves} half lifetimes");
        let tokens: BTreeSet<&String> = ran.iter().flat_map(|ran| &ran.tokens).collect();
        assert_eq!(tokens.len() as u64, issued, "round {round}: every token served");
        assert!(ran.iter().all(|ran| ran.errors == 0), "round {round}: {ran:?}");
        // One thread of a process asks for the new token, and the others have the old one meanwhile:
        // were they to wait, it would be all of them. The double is for threads that sleep for
        // something else, such as the allocator.
        let waited: u64 = ran.iter().map(|ran| ran.waited).sum();
        let refreshers = PROCESSES as u64 * (issued - 1);
        assert!(waited <= 2 * refreshers, "round {round}: {waited} waited, {refreshers} refreshed");
    }
}

#[test]
fn an_expiry_costs_one_exchange_and_no_caller_but_the_refresher_waits_with_a_file_cache() {
    one_exchange_an_expiry(SharedPlace::File);
}

#[test]
fn an_expiry_costs_one_exchange_and_no_caller_but_the_refresher_waits_with_redis() {
    one_exchange_an_expiry(SharedPlace::Redis);
}
