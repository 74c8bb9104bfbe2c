//! The probe of a cache for `ims doctor`: it does what a call does.

use std::time::{Duration, Instant};

use super::backend::LockRank;
use super::entry::Entry;
use super::problem::Problem;
use super::shared::{Backend, Session, SharedCache};
use super::survey::Survey;
use crate::system;

/// An entry as long as one with a token: a file system that is full may still take a few bytes.
const ENTRY: [u8; 4096] = [b'.'; 4096];
/// The lifetime of the probe's entries in Redis, which removes them if the probe is killed.
const LIFETIME: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

impl SharedCache {
    pub fn survey(&self) -> Survey {
        match &self.backend {
            Backend::File(file) => file.survey(),
            Backend::Redis(redis) => redis.survey(),
        }
    }
}

impl Session<'_> {
    /// Does what a call does: reads what is there for the account, takes a lock, for which it waits
    /// as long as `wait`, then writes, reads and removes an entry that no call reads. Returns what
    /// the account has, and all that a call would suffer. From then on, this session sees the other
    /// entry alone.
    pub fn probe(&mut self, wait: Duration) -> (Entry, Vec<Problem>) {
        let (mut entry, mut problems) = (Entry::default(), Vec::new());
        if let Err(problem) = self.try_all(wait, &mut entry, &mut problems) {
            problems.push(problem);
        }
        (entry, problems)
    }

    fn try_all(
        &mut self,
        wait: Duration,
        entry: &mut Entry,
        locked: &mut Vec<Problem>,
    ) -> Result<(), Problem> {
        if let Some(sealed) = self.backend.read()? {
            *entry = self.shared.seal.open(&sealed, system::system_time()).unwrap_or_default();
        }
        let until = system::now() + wait;
        for rank in LockRank::ALL {
            if self.lock_by(rank, until)? {
                return self.try_entry();
            }
            locked.push(self.backend.stuck(rank));
        }
        // A call that finds all locks taken writes nothing.
        Ok(())
    }

    fn try_entry(&mut self) -> Result<(), Problem> {
        self.backend.use_probe();
        self.backend.write(&ENTRY, LIFETIME)?;
        if self.backend.read()?.is_none_or(|there| there != ENTRY) {
            return Err(Problem::new("what was written to the cache is not there"));
        }
        self.backend.remove(&ENTRY)
    }

    /// Returns whether the lock is held by this session before `until`; tries once at least.
    fn lock_by(&mut self, rank: LockRank, until: Instant) -> Result<bool, Problem> {
        loop {
            if self.backend.try_lock(rank)? {
                return Ok(true);
            }
            if system::now() >= until {
                return Ok(false);
            }
            system::sleep(LOOK_AGAIN);
        }
    }
}
