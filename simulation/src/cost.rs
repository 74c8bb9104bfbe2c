//! What a fleet costs its token server and its Redis.

use std::time::Duration;

use crate::fault::{Cut, Fault, Kind, Server};
use crate::fleet::Fleet;
use crate::scenario::{Scenario, Sharing};

/// The processes of a host.
pub const PROCESSES: u64 = 20;
/// The lifetime of a token, which is that of Adobe's.
const DAY: u64 = 86_400;
/// The most hosts that are simulated. Each of these stands for several of a larger fleet: hosts share nothing but Redis
/// and the token server.
pub const SIMULATED: u64 = 1000;
/// The time within which all processes are started.
pub const START: u64 = 60;
/// Between two refreshes of a token, on average: a tenth of its lifetime is left, less a tenth of that by chance.
const BETWEEN: u64 = DAY - DAY / 10 * 9 / 10;
/// When all have long been started, and the first refresh has not begun.
const AFTER_START: u64 = DAY / 2;

/// Requests or commands in a second.
#[derive(Clone, Copy)]
pub struct Load {
    /// In the busiest second while the fleet is started.
    pub start: f64,
    /// On average, from one refresh to the next.
    pub average: f64,
    /// In the busiest second of the refreshes.
    pub refresh: f64,
}

/// What a fleet costs.
pub struct Cost {
    pub hosts: u64,
    pub server: Load,
    pub redis: Load,
}

/// Simulates a fleet until its tokens have been refreshed twice. Redis may be down all the time.
pub fn cost(sharing: Sharing, hosts: u64, is_redis_down: bool) -> Cost {
    let length = Duration::from_secs(AFTER_START + 2 * BETWEEN);
    let fault = Fault {
        kind: Kind::Cut(Server::Redis, Cut::Refused),
        start: Duration::ZERO,
        end: length,
        share: 1.0,
    };
    let scenario = Scenario {
        seed: hosts,
        sharing,
        hosts,
        processes: PROCESSES,
        callers: 1,
        lifetime: DAY,
        length,
        between_calls: Duration::from_secs(1200),
        starts_within: Duration::from_secs(START),
        timeout: Duration::from_secs(10),
        max_attempts: 3,
        to_server: Duration::from_millis(20),
        service: Duration::from_millis(100),
        to_redis: Duration::from_micros(500),
        skew: Duration::from_secs(1),
        invalidates: false,
        faults: is_redis_down.then_some(fault).into_iter().collect(),
    };
    let fleet = Fleet::new(scenario, false);
    let state = fleet.run();
    assert_eq!(state.invariants.violation(), None);
    let requests = state.invariants.requests.iter().map(|request| (request.at.as_secs(), 1));
    let commands = state.redis.commands.iter().map(|(second, count)| (*second, *count));
    Cost { hosts, server: load(requests), redis: load(commands) }
}

impl Cost {
    /// Returns the cost of a fleet of more hosts, for which these stand. All that share Redis make one exchange.
    pub fn scaled(&self, hosts: u64, sharing: Sharing) -> Self {
        let factor = hosts as f64 / self.hosts as f64;
        let of_server = if sharing == Sharing::Redis { 1.0 } else { factor };
        Self { hosts, server: self.server.scaled(of_server), redis: self.redis.scaled(factor) }
    }
}

impl Load {
    fn scaled(self, factor: f64) -> Self {
        let Self { start, average, refresh } = self;
        Self { start: start * factor, average: average * factor, refresh: refresh * factor }
    }
}

/// Makes the load of what happened in each second.
fn load(seconds: impl Iterator<Item = (u64, u64)>) -> Load {
    let mut counts = vec![0; (AFTER_START + 2 * BETWEEN) as usize + 60];
    seconds.for_each(|(second, count)| counts[second as usize] += count);
    let (start, later) = counts.split_at(AFTER_START as usize);
    let most = |counts: &[u64]| *counts.iter().max().expect("there are seconds") as f64;
    let average = later.iter().sum::<u64>() as f64 / (2 * BETWEEN) as f64;
    Load { start: most(start), average, refresh: most(later) }
}
