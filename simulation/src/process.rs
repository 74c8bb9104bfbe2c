//! A process with one client, which its callers share.

use std::rc::Rc;
use std::time::Duration;

use simulated_ims::Client;
use simulated_ims::simulated::Process as Identity;

pub struct Process {
    pub host: usize,
    pub identity: Rc<Identity>,
    /// `None` while it does not run.
    pub client: Option<Rc<Client>>,
    /// Whether its callers have begun to call.
    pub has_callers: bool,
    /// The number of reasons for which it stands still.
    pub stops: u32,
    stopped_at: Duration,
    /// How long it stood still.
    stopped_for: Duration,
}

impl Process {
    pub fn new(host: usize) -> Self {
        Self {
            host,
            identity: Rc::new(Identity::new(0)),
            client: None,
            has_callers: false,
            stops: 0,
            stopped_at: Duration::ZERO,
            stopped_for: Duration::ZERO,
        }
    }

    pub fn stop(&mut self, now: Duration) {
        if self.stops == 0 {
            self.stopped_at = now;
        }
        self.stops += 1;
    }

    /// Returns whether it goes on.
    pub fn go_on(&mut self, now: Duration) -> bool {
        self.stops -= 1;
        if self.stops == 0 {
            self.stopped_for += now - self.stopped_at;
        }
        self.stops == 0
    }

    pub fn stopped_for(&self) -> Duration {
        self.stopped_for
    }
}
