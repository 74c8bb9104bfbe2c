//! `simulate` runs fleets of clients, one for each seed, and checks what must be true of all.
//!
//! FROM is the first seed and SEEDS their number. TRACE prints what happens with one seed. PLOTS is the folder
//! into which the plots of the manual are drawn.

mod chance;
mod queue;
mod coroutine;
mod fault;
mod scenario;
mod host;
mod process;
mod token_server;
mod redis;
mod invariants;
mod fleet;
mod cost;
mod plot;
mod plots;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use fleet::Fleet;
use scenario::Scenario;

fn main() -> ExitCode {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(folder) = env::var_os("PLOTS") {
        plots::draw(Path::new(&folder));
        return ExitCode::SUCCESS;
    }
    if let Some(seed) = number("TRACE") {
        return trace(seed);
    }
    run(number("FROM").unwrap_or(0), number("SEEDS").unwrap_or(1000))
}

/// Prints the scenario of a seed, what happens, and what was not true.
fn trace(seed: u64) -> ExitCode {
    let fleet = Fleet::new(Scenario::draw(seed), true);
    println!("{:#?}", fleet.scenario);
    let state = fleet.run();
    print!("{}", state.trace());
    match state.invariants.violation() {
        None => ExitCode::SUCCESS,
        Some(violation) => {
            println!("{violation}");
            ExitCode::FAILURE
        }
    }
}

/// What the fleets of several seeds did.
#[derive(Default)]
struct Total {
    calls: u64,
    failures: u64,
    requests: u64,
    violations: Vec<(u64, String)>,
}

fn run(from: u64, count: u64) -> ExitCode {
    let (next, total) = (AtomicU64::new(from), Mutex::new(Total::default()));
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + count {
                        break;
                    }
                    run_one(seed, &total);
                }
            });
        }
    });
    let total = total.into_inner().unwrap();
    let Total { calls, failures, requests, mut violations } = total;
    println!(
        "{count} seeds from {from} in {:.0?}: {calls} calls, {failures} of them failed, {requests} requests",
        begun.elapsed()
    );
    violations.sort();
    for (seed, violation) in &violations {
        println!(
            "seed {seed}: {violation}\n    again: make simulate FROM={seed} SEEDS=1; each event: TRACE={seed} make simulate"
        );
    }
    if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_one(seed: u64, total: &Mutex<Total>) {
    let fleet = Fleet::new(Scenario::draw(seed), false);
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let state = fleet.run();
        let invariants = &state.invariants;
        let mut total = total.lock().unwrap();
        total.calls += invariants.calls;
        total.failures += invariants.failures;
        total.requests += invariants.requests.len() as u64;
        let violation = invariants.violation().map(|violation| (seed, violation.to_owned()));
        total.violations.extend(violation);
    }));
    if ran.is_err() {
        total.lock().unwrap().violations.push((seed, "it panicked".to_owned()));
    }
}
