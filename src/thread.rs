//! Threads of libims in another program's process.

use std::thread::{Builder, JoinHandle};

use crate::error::{Error, Status, io_reason};
use crate::signals::Blocked;

/// Starts a thread that never runs a signal handler of the program. All signals are blocked in it
/// from its start, and in the threads that it starts.
///
/// # Errors
/// [`Status::Connect`] where the process or the machine has no thread left.
pub fn spawn_thread<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Error> {
    // The new thread inherits the signal mask of this one.
    let _blocked = Blocked::all();
    Builder::new().name(name.to_owned()).spawn(body).map_err(|error| {
        Error::new(Status::Connect, format!("no thread could be started: {}", io_reason(&error)))
            .with_hint("this process, container or machine is at its limit of threads or memory")
    })
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::{SigSet, Signal};

    use super::*;

    #[test]
    fn a_thread_of_ours_blocks_all_signals() {
        let mask = || SigSet::thread_get_mask().unwrap();
        let in_thread = spawn_thread("ims", mask).unwrap().join().unwrap();
        assert!(in_thread.contains(Signal::SIGINT) && in_thread.contains(Signal::SIGSEGV));
        assert!(!mask().contains(Signal::SIGINT));
    }
}
