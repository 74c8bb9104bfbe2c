//! What the processes of a host share: promises held by real processes and the sandbox's own count.
//!
//! None depends on how fast the machine is: what is compared is counted, and where time passes, with
//! the time that really passed. `make test` runs short forms; `make soak` sets IMS_SOAK and runs the
//! whole.

mod clocks;
mod entries;
mod expiry;
mod host;
mod kills;
mod neighbours;
mod outage;
mod redis_kinds;
mod rotated;
mod start;
mod strangers;
mod worker;

/// As a busy host has them: processes, and threads in each.
const PROCESSES: usize = 64;
const THREADS: usize = 16;
