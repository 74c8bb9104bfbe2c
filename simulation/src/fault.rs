//! What goes wrong, when, and for how long.

use std::time::Duration;

use crate::chance::Chance;

/// One thing that goes wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: Kind,
    pub start: Duration,
    /// The end; the start where it takes no time.
    pub end: Duration,
    /// The part of the hosts or processes that it concerns.
    pub share: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// The token server responds with this HTTP status, and asks for a wait of these seconds.
    Refusals(u16, Option<u64>),
    /// The token server takes this much longer.
    SlowServer(Duration),
    /// Responses of the token server are lost with this probability, after it issued a token.
    LostResponses(f64),
    /// A server cannot be reached.
    Cut(Server, Cut),
    /// A Redis takes over that knows nothing.
    Failover,
    /// Redis takes this much longer for each command.
    SlowRedis(Duration),
    /// Processes are stopped (SIGSTOP).
    Stopped,
    /// Processes are killed (SIGKILL), and started again at the end.
    Killed,
    /// Hosts are suspended: nothing runs on them, and their steady clock stands still.
    Suspended,
    /// The wall clock of hosts is set, by this many seconds.
    ClockSet(i64),
    /// Disks are full: nothing can be written.
    FullDisk,
    /// Hosts are busy: threads wait for a processor, with this probability at each step.
    Busy(f64),
    /// The token server ends all tokens that it has issued.
    Ended,
    /// The token server accepts the new client secret alone.
    Rotated,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Server {
    Token,
    Redis,
}

/// How a server cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cut {
    /// It refuses connections.
    Refused,
    /// What is sent to it and from it is dropped.
    Dropped,
}

impl Fault {
    /// Draws a fault that begins within `length`.
    pub fn draw(chance: &mut Chance, length: Duration) -> Self {
        let kind = Kind::draw(chance);
        let start = chance.part_of(length);
        let longest = match kind {
            Kind::Failover | Kind::ClockSet(_) | Kind::Ended | Kind::Rotated => Duration::ZERO,
            _ => Duration::from_secs(3 * 3600).min(length / 3),
        };
        let lasts = if longest.is_zero() {
            longest
        } else {
            chance.time_between(Duration::from_millis(100).min(longest), longest)
        };
        let share = if chance.is(0.3) { 1.0 } else { chance.fraction() };
        Self { kind, start, end: start + lasts, share }
    }
}

impl Kind {
    fn draw(chance: &mut Chance) -> Self {
        let seconds = Duration::from_secs;
        match chance.number() % 16 {
            0 => Self::Refusals(503, None),
            1 => Self::Refusals(503, Some(chance.number_between(1, 1000))),
            2 => Self::Refusals(429, Some(chance.number_between(1, 5000))),
            3 => Self::Refusals(500, None),
            4 => Self::SlowServer(chance.time_between(seconds(1) / 10, seconds(30))),
            5 => Self::LostResponses(chance.fraction()),
            6 | 7 => {
                let server = chance.one_of(&[Server::Token, Server::Redis]);
                Self::Cut(server, chance.one_of(&[Cut::Refused, Cut::Dropped]))
            }
            8 => Self::Failover,
            9 => Self::SlowRedis(chance.time_between(seconds(1) / 1000, seconds(3))),
            10 => Self::Stopped,
            11 => Self::Killed,
            12 => chance.one_of(&[Self::Suspended, Self::FullDisk]),
            13 => {
                let seconds = chance.number_between(1, 100_000) as i64;
                Self::ClockSet(if chance.is(0.5) { seconds } else { -seconds })
            }
            14 => Self::Busy(chance.one_of(&[0.01, 0.1, 0.5])),
            _ => chance.one_of(&[Self::Ended, Self::Rotated]),
        }
    }
}
