//! A host: its two clocks, and its disk.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use simulated_ims::simulated::Disk;

/// The wall clock's time at the beginning, in seconds since 1970.
const BEGINNING: u64 = 1_800_000_000;

#[derive(Default)]
pub struct Host {
    pub disk: Rc<Disk>,
    /// How far the wall clock is ahead, in nanoseconds.
    pub clock_offset: i64,
    pub is_full: bool,
    suspended_at: Option<Duration>,
    suspended_for: Duration,
}

impl Host {
    /// Makes a host whose wall clock is so many nanoseconds ahead.
    pub fn new(clock_offset: i64) -> Self {
        Self { clock_offset, ..Self::default() }
    }

    /// Returns the time by the steady clock.
    pub fn steady(&self, now: Duration) -> Duration {
        self.suspended_at.unwrap_or(now) - self.suspended_for
    }

    /// Returns the time by the wall clock.
    pub fn wall(&self, now: Duration) -> SystemTime {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(BEGINNING) + now;
        let offset = Duration::from_nanos(self.clock_offset.unsigned_abs());
        if self.clock_offset < 0 { time - offset } else { time + offset }
    }

    pub fn suspend(&mut self, now: Duration) {
        self.suspended_at.get_or_insert(now);
    }

    pub fn resume(&mut self, now: Duration) {
        if let Some(at) = self.suspended_at.take() {
            self.suspended_for += now - at;
        }
    }
}
