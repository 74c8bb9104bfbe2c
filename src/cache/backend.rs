//! The interface of a cache's storage: a file's directory or Redis.

use std::time::Duration;

use super::problem::Problem;

/// The rank of a lock. The holder of a lock may be stopped, or wait for a server that only it
/// cannot reach. Those who have waited for a long time try the next lock, so that one of them
/// continues, but not all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockRank {
    First,
    Second,
    Third,
}

impl LockRank {
    pub const ALL: [Self; 3] = [Self::First, Self::Second, Self::Third];
}

/// One call's session with the storage of one entry. It reads and writes sealed bytes. Its drop
/// releases its locks.
pub(super) trait BackendSession {
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
