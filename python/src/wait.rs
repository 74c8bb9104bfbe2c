//! Calls that wait for the network or for other processes. Other threads continue meanwhile, and
//! Ctrl-C ends the wait.

use std::mem;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use ims::{Error, Process, is_exiting, is_forking, spawn_thread};
use pyo3::prelude::*;

use crate::failure::{Failure, guarded};
use crate::log::collected;

/// The interval at which signals are checked.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(50);

/// Waits for the result of `call`.
///
/// Python handles signals only on its main thread, between two of its instructions. For this reason
/// a call on the main thread is moved to a new thread, which never enters Python. If a handler
/// raises an exception, such as KeyboardInterrupt, that thread ends by the call's deadline. In a
/// hook at a fork, `call` runs on this thread, because another would wait until the fork is over;
/// and when the program ends too, because another may not use OpenSSL any more.
///
/// # Errors
/// The core's, [`Failure::Forked`] in a child that a signal's handler forks, and any exception that a handler raises.
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
            // The thread belongs to the parent. It may have been about to send, and even a drop
            // might wait for it.
            mem::forget((receiver, thread));
            handled?;
            return Err(Failure::Forked.into());
        }
        match answer {
            Ok(answer) => {
                // A later fork must not happen while the thread ends: OpenSSL then holds a lock
                // that a child needs.
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
        // Without this module, Python has only its main thread. To import it would be slow.
        return Ok(true);
    }
    let threading = py.import("threading")?;
    let main = threading.call_method0("main_thread")?.getattr("ident")?;
    threading.call_method0("get_ident")?.eq(main)
}
