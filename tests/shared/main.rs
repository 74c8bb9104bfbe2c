//! What the processes of a host share: promises held by real processes and the sandbox's own count.
//!
//! `make test` runs short forms; `make soak` sets IMS_SOAK and runs the whole.

#[path = "../c_programs/mod.rs"]
mod c_programs;
mod clocks;
mod entries;
mod host;
mod kills;

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use host::{Host, SharedPlace, soak};
use ims::sandbox::Fault;

/// As the issue of every host: processes, and threads in each.
const PROCESSES: usize = 64;
const THREADS: usize = 16;
/// Milliseconds that nobody but a refresher waits.
const SLOW: u32 = 400;

fn one_exchange_for_all_who_start_cold(place: SharedPlace) {
    for round in 0..soak(1, 20) {
        let host = Host::new(place, None);

        let ran = host.run(PROCESSES, THREADS, Duration::ZERO, SLOW);

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

fn one_exchange_an_expiry(place: SharedPlace) {
    let lifetime = Duration::from_secs(8);
    for round in 0..soak(1, 20) {
        let host = Host::new(place, Some(lifetime));
        host.sandbox.inject(Fault::latency(Duration::from_millis(600))).unwrap();
        let expiries = soak(2, 10);

        // A refresh begins with half of the lifetime left, or a tenth of it later.
        let lasts = lifetime / 2 * expiries + lifetime / 4;
        let ran = host.run(PROCESSES, THREADS, lasts, SLOW);

        let tokens: BTreeSet<&String> = ran.iter().flat_map(|ran| &ran.tokens).collect();
        let issued = host.issued();
        assert!(issued > u64::from(expiries) - 1, "round {round}: {issued} of {expiries}");
        assert_eq!(tokens.len() as u64, issued, "round {round}: every token served all");
        for gap in host.gaps() {
            assert!(gap > lifetime / 3, "round {round}: two exchanges for one expiry, {gap:?}");
        }
        let slow: u64 = ran.iter().map(|ran| ran.slow).sum();
        assert!(slow < issued, "round {round}: {slow} callers waited, {issued} tokens");
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

#[test]
fn a_server_that_fails_is_asked_a_handful_of_times_and_recovery_takes_one_backoff_step() {
    for place in [SharedPlace::File, SharedPlace::Redis] {
        let host = Host::new(place, None);
        host.sandbox.inject(Fault::status(503)).unwrap();
        // Backoff doubles from 1 s: after 6 s the next attempt comes at 7 s, after 60 s at 61 s.
        let (fails, longest_step) = if soak(0, 1) == 0 { (6, 8) } else { (60, 30) };
        let lasts = Duration::from_secs(fails + longest_step + 4);

        let ran = thread::scope(|scope| {
            let running = scope.spawn(|| host.run(PROCESSES, THREADS, lasts, SLOW));
            thread::sleep(Duration::from_secs(fails));
            host.sandbox.clear_faults();
            let recovering = Instant::now();
            while host.issued() == 0 {
                assert!(recovering.elapsed() < Duration::from_secs(longest_step), "no recovery");
                thread::sleep(Duration::from_millis(20));
            }
            running.join().unwrap()
        });

        assert!(ran.iter().all(|ran| ran.tokens.len() == 1 && ran.errors > 0), "{ran:?}");
        assert_eq!(host.issued(), 1);
        // Three attempts of the first exchange, then one a backoff step.
        assert!(host.refused() <= 9, "{} requests", host.refused());
    }
}
