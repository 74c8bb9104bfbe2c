//! Calls that wait, for the network or for other processes: other threads go on meanwhile, and Ctrl-C ends them.

use std::mem;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use ims::{Error, Process, is_exiting, is_forking, spawn_thread};
use pyo3::prelude::*;

use crate::failure::{Failure, guarded};
use crate::log::collected;

/// How often signals are looked for.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(50);

/// Waits for the answer of `call`.
///
/// Python handles signals on its main thread alone, between two of its instructions: there `call` runs on a thread of
/// its own, which never enters Python. What a handler raises, as KeyboardInterrupt, leaves it to end by its deadline. In
/// a hook at a fork it runs on this thread, for another would wait until the fork is over; when the program ends too, for
/// another may use OpenSSL no more.
///
/// # Errors
/// The core's, [`Failure::Forked`] in a child that a signal's handler forks, and whatever a handler raises.
pub fn wait<T: Send + 'static>(
    py: Python<'_>,
    call: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    let call = || collected(|| guarded(call));
    let on_this_thread = is_forking() || is_exiting() || !is_main_thread(py)?;
    let (answer, lines) = if on_this_thread { py.detach(call) } else { on_a_thread(py, call)? };
    lines.hand_over(py)?;
    Ok(answer?)
}

fn on_a_thread<T: Send + 'static>(
    py: Python<'_>,
    call: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    let process = Process::current();
    let (sender, mut receiver) = mpsc::channel();
    let thread = spawn_thread("ims", move || sender.send(call())).map_err(Failure::Core)?;
    loop {
        let answer;
        (answer, receiver) = py.detach(move || (receiver.recv_timeout(BETWEEN_SIGNALS), receiver));
        let is_waiting = matches!(answer, Err(RecvTimeoutError::Timeout));
        let handled = if is_waiting { py.check_signals() } else { Ok(()) };
        if Process::current() != process {
            // The thread is the parent's. It may have been about to send: even dropping this might wait for it.
            mem::forget((receiver, thread));
            handled?;
            return Err(Failure::Forked.into());
        }
        match answer {
            Ok(answer) => {
                // A fork that follows must not meet the thread's end: OpenSSL has a lock then, which a child needs.
                let _ = py.detach(|| thread.join());
                return Ok(answer);
            }
            Err(RecvTimeoutError::Timeout) => handled?,
            Err(RecvTimeoutError::Disconnected) => return Err(Failure::Bug.into()),
        }
    }
}

fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    let modules = py.import("sys")?.getattr("modules")?;
    if !modules.contains("threading")? {
        // No other thread of Python's, then; and the import is slow.
        return Ok(true);
    }
    let threading = py.import("threading")?;
    let main = threading.call_method0("main_thread")?.getattr("ident")?;
    threading.call_method0("get_ident")?.eq(main)
}
