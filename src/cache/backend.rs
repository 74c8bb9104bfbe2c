//! The interface of a cache's storage: a file's directory or Redis.

use std::time::Duration;

use super::problem::Problem;

/// A holder may be stopped for long, or wait for a server that it alone cannot reach. Those who have
/// waited long try the next lock, so that one of them goes on, and not all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockRank {
    First,
    Second,
    Third,
}

impl LockRank {
    pub const ALL: [Self; 3] = [Self::First, Self::Second, Self::Third];
}

/// One call's session with the place of one entry: sealed bytes in, sealed bytes out. Its drop
/// releases what it has locked.
pub(super) trait TokenCache {
    /// Returns `None` where nothing is there that can be used.
    fn read(&mut self) -> Result<Option<Vec<u8>>, Problem>;
    /// Returns whether the lock is now held; `false` where someone else has it.
    fn try_lock(&mut self, rank: LockRank) -> Result<bool, Problem>;
    /// Replaces the entry by one that is of use for `lifetime`.
    fn write(&mut self, entry: &[u8], lifetime: Duration) -> Result<(), Problem>;
    /// Removes the entry if it still is this one.
    fn remove(&mut self, entry: &[u8]) -> Result<(), Problem>;
    /// Switches to a separate entry for the probe, which no call reads. The locks stay those of the
    /// account.
    fn use_probe(&mut self);
    /// Describes a lock that someone else keeps.
    fn stuck(&self, rank: LockRank) -> Problem;
}

/// The place of a cache, and what is known of it before it is used.
pub(crate) struct Survey {
    pub place: String,
    pub problems: Vec<Problem>,
    /// The reason why a probe needs to be asked for, in words that follow `place`: the cache is on
    /// the network, or would be created by the probe. `None`: it may be probed.
    pub idle: Option<&'static str>,
}
