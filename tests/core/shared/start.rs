//! Processes that start without any token.

use std::collections::BTreeSet;

use super::host::{Host, SharedPlace, soak};
use super::worker::{Asks, end, go};
use super::{PROCESSES, THREADS};

fn one_exchange_for_all_who_start_cold(place: SharedPlace) {
    for round in 0..soak(1, 20) {
        let host = Host::new(place, None);

        let ran = end(go(host.workers(PROCESSES, THREADS, Asks::Once)));

        let tokens: BTreeSet<&String> = ran.iter().flat_map(|ran| &ran.tokens).collect();
        let calls: u64 = ran.iter().map(|ran| ran.calls).sum();
        assert_eq!(calls, (PROCESSES * THREADS) as u64);
        assert_eq!((tokens.len(), host.issued()), (1, 1), "round {round}");
    }
}

#[test]
fn processes_that_start_cold_with_a_file_cache_make_one_exchange() {
    one_exchange_for_all_who_start_cold(SharedPlace::File);
}

#[test]
fn processes_that_start_cold_with_redis_make_one_exchange() {
    one_exchange_for_all_who_start_cold(SharedPlace::Redis);
}
