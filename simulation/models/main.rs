//! `models` runs code that threads share one step at a time, in many orders, and checks what must be true in each.
//!
//! Small models are run in all orders. Of each larger one, TIMES is the number of orders, which chance chooses from SEED on.

mod world;
mod flights;
mod clients;
mod openssl;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use shuttle::scheduler::{DfsScheduler, PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};
use simulated_ims::Cache;

/// A call has hundreds. What has more never ends.
const MAX_STEPS: usize = 100_000;
const STACK: usize = 256 * 1024;
/// The number of places in an order at which a thread stands still that could go on: few are enough for most faults.
const STOPS: usize = 3;

fn main() -> ExitCode {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let (times, seed) = (number("TIMES").unwrap_or(1000), number("SEED").unwrap_or(0));
    let is_kept = small() & chosen(&Chosen { times, seed: seed as u64 });
    if is_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs small models in all orders, which takes less than a second.
fn small() -> bool {
    all("flight: one leads, the other gets its outcome", || flights::outcomes(2))
        & all("flight: a leader panics", || flights::panics(1))
        & all("flight: the time of one who waits ends", flights::timed_out)
        & all("flight: a fork of one who waits", flights::left_by_its_leader)
        & all("flight: a fork of one who leads", || flights::forks(1))
}

/// Runs each model in orders that chance chooses.
fn chosen(chosen: &Chosen) -> bool {
    let file = Cache::File(Some("/cache".into()));
    chosen.run("flight: one leads, all get its outcome", || flights::outcomes(4))
        & chosen.run("flight: a leader panics", || flights::panics(4))
        & chosen.run("flight: a leader takes too long", || flights::timeouts(4))
        & chosen.run("flight: a fork", || flights::forks(4))
        & chosen.run("client: no token", || clients::cold(4))
        & chosen.run("client: a refusal", || clients::refused(4))
        & chosen.run("client: a caller panics", || clients::panics(4))
        & chosen.run("client: a token near its end", || clients::refreshed(4))
        & chosen.run("client: a token is forgotten", || clients::forgotten(2, &Cache::Memory))
        & chosen.run("client: one of a file", move || clients::forgotten(2, &file))
        & chosen.run("client: a fork", || clients::forked(3))
        & chosen.run("client: a fork in a signal handler", || clients::forked_in_handler(3))
        & chosen.run("OpenSSL: a fork", || openssl::forks(3))
        & chosen.run("OpenSSL: forks one after the other", || openssl::successive_forks(2))
        & chosen.run("OpenSSL: forks without end", openssl::forks_without_end)
}

/// Runs all orders of a model.
fn all(name: &str, model: impl Fn() + Send + Sync + 'static) -> bool {
    run(&format!("{name}, all orders"), DfsScheduler::new(None, false), model)
}

/// How often chance chooses, and from which seed on.
struct Chosen {
    times: usize,
    seed: u64,
}

impl Chosen {
    /// Runs a model in orders in which any thread may be next, and in those in which few threads are stopped.
    fn run(&self, name: &str, model: impl Fn() + Send + Sync + Clone + 'static) -> bool {
        let Self { times, seed } = *self;
        let any = RandomScheduler::new_from_seed(seed, times);
        let few = PctScheduler::new_from_seed(seed, STOPS + 1, times);
        run(name, any, model.clone()) && run(&format!("{name}, {STOPS} stops"), few, model)
    }
}

/// Returns whether all promises were kept in all orders.
fn run(
    name: &str,
    scheduler: impl Scheduler + 'static,
    model: impl Fn() + Send + Sync + 'static,
) -> bool {
    let mut config = Config::new();
    config.stack_size = STACK;
    // It can be as long as the order, and SEED gives the same again.
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::FailAfter(MAX_STEPS);
    let begun = Instant::now();
    let ran = catch_unwind(AssertUnwindSafe(|| Runner::new(scheduler, config).run(model)));
    match &ran {
        Ok(count) => println!("{name}: {count} orders in {:.1?}", begun.elapsed()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            println!("{name}: not kept: {}", text.unwrap_or("it panicked"));
        }
    }
    ran.is_ok()
}
