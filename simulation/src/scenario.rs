//! What a seed decides before the first event: the fleet, its settings, the servers, and what goes wrong.

use std::time::Duration;

use crate::chance::Chance;
use crate::fault::{Fault, Kind};

/// The largest fleet: hosts, processes of a host, callers of a process.
pub const LARGEST: [u64; 3] = [500, 20, 8];

/// Where the processes keep their tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sharing {
    Memory,
    File,
    Redis,
}

#[derive(Clone, Debug)]
pub struct Scenario {
    pub seed: u64,
    pub sharing: Sharing,
    pub hosts: u64,
    /// Of each host.
    pub processes: u64,
    /// Of each process.
    pub callers: u64,
    /// Of a token, in seconds.
    pub lifetime: u64,
    pub length: Duration,
    /// The time between two calls of one caller.
    pub between_calls: Duration,
    /// The time within which all processes are started.
    pub starts_within: Duration,
    pub timeout: Duration,
    pub max_attempts: u32,
    /// The time of one way between a host and the token server.
    pub to_server: Duration,
    /// The time that the token server takes.
    pub service: Duration,
    /// The time of one way between a host and Redis.
    pub to_redis: Duration,
    /// The most that a host's wall clock is off.
    pub skew: Duration,
    /// Whether callers now and then end the token before its time.
    pub invalidates: bool,
    pub faults: Vec<Fault>,
}

impl Scenario {
    /// Draws the scenario of `seed`. Each thousandth has the largest fleet.
    pub fn draw(seed: u64) -> Self {
        let mut chance = Chance::seeded(seed ^ 0x05ce_7a21_0000_0000);
        let chance = &mut chance;
        let is_largest = seed.is_multiple_of(1000);
        // Callers that call many times in a backoff.
        let is_brisk = !is_largest && chance.is(0.1);
        let largest = if is_brisk { [2, 2, 8] } else { LARGEST };
        // Most fleets are small: they cost little, and most defects need no more.
        let [hosts, processes, callers] = largest.map(|most| {
            let most = if is_largest { return most } else { chance.number_between(1, most) };
            chance.number_between(1, most)
        });
        let seconds = Duration::from_secs;
        let lifetime = chance.number_between(100, if is_brisk { 400 } else { 86_400 });
        let length = seconds(lifetime).mul_f64(1.5 + 2.5 * chance.fraction());
        let all = hosts * processes * callers;
        // The number of calls decides what a seed costs.
        let most = if is_brisk { 4000 } else { chance.number_between(8, 500) };
        let calls_of_each = (4000 / all).clamp(4, most);
        let is_calm = chance.is(0.25);
        let count = if is_calm { 0 } else { chance.number_between(1, 8) };
        let starts_within =
            chance.one_of(&[Duration::ZERO, seconds(1), seconds(60).min(length / 10), length / 3]);
        Self {
            seed,
            sharing: chance.one_of(&[
                Sharing::Memory,
                Sharing::File,
                Sharing::Redis,
                Sharing::Redis,
            ]),
            hosts,
            processes,
            callers,
            lifetime,
            length,
            between_calls: length / u32::try_from(calls_of_each).unwrap_or(u32::MAX),
            starts_within,
            timeout: chance.one_of(&[seconds(3), seconds(10), seconds(30)]),
            max_attempts: chance.one_of(&[1, 3, 3, 5]),
            to_server: chance.time_between(seconds(1) / 1000, seconds(1) / 8),
            service: chance.time_between(seconds(1) / 1000, seconds(1) / 4),
            to_redis: chance.time_between(seconds(1) / 10_000, seconds(1) / 500),
            skew: chance.one_of(&[Duration::ZERO, seconds(1), seconds(29)]),
            invalidates: !is_calm && chance.is(0.3),
            faults: (0..count).map(|_| Fault::draw(chance, length.mul_f64(0.7))).collect(),
        }
    }

    /// Returns whether nothing goes wrong.
    pub fn is_calm(&self) -> bool {
        self.faults.is_empty()
    }

    /// Returns the time that a request to the token server takes: three ways there and two back for a connection,
    /// TLS and the request, and one for the response.
    pub fn request(&self) -> Duration {
        6 * self.to_server + self.service
    }

    pub fn has(&self, is_it: impl Fn(Kind) -> bool) -> bool {
        self.faults.iter().any(|fault| is_it(fault.kind))
    }

    /// Returns when the last fault has ended.
    pub fn faults_end(&self) -> Duration {
        self.faults.iter().map(|fault| fault.end).max().unwrap_or_default()
    }
}
