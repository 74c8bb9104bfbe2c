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

use std::env;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use cost::{Cost, SIMULATED, cost};
use fleet::Fleet;
use plot::{Line, Plot};
use scenario::{Scenario, Sharing};

fn main() -> ExitCode {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(folder) = env::var_os("PLOTS") {
        return plots(Path::new(&folder));
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

/// Draws what fleets of 10 to 100,000 hosts cost, and prints the numbers.
fn plots(folder: &Path) -> ExitCode {
    const HOSTS: [u64; 9] = [10, 32, 100, 316, 1000, 3162, 10_000, 31_623, 100_000];
    let costs = |sharing| -> Vec<Cost> {
        let (simulated, larger): (Vec<u64>, Vec<u64>) =
            HOSTS.into_iter().partition(|hosts| *hosts <= SIMULATED);
        let mut costs: Vec<Cost> =
            simulated.into_iter().map(|hosts| cost(sharing, hosts, false)).collect();
        let largest = costs.pop().expect("there is one");
        let scaled: Vec<Cost> =
            larger.into_iter().map(|hosts| largest.scaled(hosts, sharing)).collect();
        costs.push(largest);
        costs.extend(scaled);
        costs
    };
    let (memory, file, redis) =
        (costs(Sharing::Memory), costs(Sharing::File), costs(Sharing::Redis));
    let down = cost(Sharing::Redis, SIMULATED, true);
    let all = [("memory", &memory), ("file", &file), ("redis", &redis)];
    for (name, costs) in all {
        for Cost { hosts, server, redis } in costs {
            println!(
                "{name} {hosts} hosts: token server start {:.1}/s average {:.6}/s refresh {:.1}/s; Redis start {:.0}/s average {:.4}/s refresh {:.0}/s",
                server.start,
                server.average,
                server.refresh,
                redis.start,
                redis.average,
                redis.refresh
            );
        }
    }
    println!(
        "Redis down, {} hosts: token server start {:.1}/s average {:.6}/s refresh {:.1}/s",
        down.hosts, down.server.start, down.server.average, down.server.refresh
    );
    let simulated = HOSTS.iter().filter(|hosts| **hosts <= SIMULATED).count();
    let line = |label, costs: &[Cost], value: fn(&Cost) -> f64, is_accent| {
        let points = costs.iter().map(|cost| (cost.hosts as f64, value(cost))).collect();
        Line { label, is_accent, points, simulated }
    };
    let of_server = |value: fn(&Cost) -> f64| {
        vec![
            line("memory", &memory, value, false),
            line("file", &file, value, false),
            line("Redis", &redis, value, true),
        ]
    };
    let start = Plot {
        name: "fleet-start",
        title: "Requests to the token server while a fleet starts",
        description: "Requests in the busiest second while all processes are started within a minute, by the number of hosts. In memory, 10 at 10 hosts and 37,000 at 100,000. With a file cache, 6 and 23,000. With Redis, one, whatever the number of hosts.",
        unit: "requests in the busiest second",
        hosts: (1, 5),
        values: (0, 5),
        lines: of_server(|cost| cost.server.start),
    };
    let average = Plot {
        name: "fleet-average",
        title: "Requests to the token server on average",
        description: "Requests a second on average, by the number of hosts. In memory, 0.003 at 10 hosts and 25 at 100,000. With a file cache, a twentieth of that. With Redis, one in 22 hours, whatever the number of hosts.",
        unit: "requests a second on average",
        hosts: (1, 5),
        values: (-5, 2),
        lines: of_server(|cost| cost.server.average),
    };
    let redis_plot = Plot {
        name: "fleet-redis",
        title: "Commands to Redis",
        description: "Commands to Redis a second, by the number of hosts. In the busiest second while all processes are started within a minute, 63 at 10 hosts and 150,000 at 100,000. In the busiest second of a refresh, 11 and 2,100. On average, 0.003 and 25.",
        unit: "commands a second",
        hosts: (1, 5),
        values: (-3, 6),
        lines: vec![
            line("start", &redis, |cost| cost.redis.start, true),
            line("refresh", &redis, |cost| cost.redis.refresh, false),
            line("average", &redis, |cost| cost.redis.average, false),
        ],
    };
    for plot in [start, average, redis_plot] {
        fs::write(folder.join(format!("{}.svg", plot.name)), plot.svg())
            .expect("the folder is there");
    }
    ExitCode::SUCCESS
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
