//! Forks. A child has only the thread that called fork: a lock that another thread of its parent
//! held stays locked for ever. For this reason a child reads its keys again, and no fork is made
//! while a thread is in OpenSSL. A fork waits only for a limited time. If it then happens while a
//! thread is in OpenSSL, the child does not use OpenSSL any more.
//!
//! The end of a process is similar: other users of OpenSSL, such as Python's `ssl`, make it free
//! everything when the process exits, while other threads still run.
//!
//! Code that runs at a fork may interrupt a thread at any instruction. It allocates nothing, takes
//! no lock, cannot panic, and uses no thread-local variable, which would be allocated at that time
//! in a library that was loaded late.

mod threads;
mod gate;

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::system::{self, AtomicU32, thread_id};

pub use gate::Stay;
use gate::{GATE, MAX_FORK_WAIT};

/// Counts the forks from the first process to this one.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// A process. A forked child never equals its parent, even if both have the same number, in
/// different PID namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    id: u32,
    generation: u32,
}

impl Process {
    /// Returns the calling process.
    pub fn current() -> Self {
        // The process id is needed too, because some forks call no hooks.
        Self { id: system::process_id(), generation: GENERATION.load(Ordering::Relaxed) }
    }
}

/// Prepares a fork of this process by the calling thread. Waits at most 50 ms: calls `wait` with a function that does,
/// and only where there is something to wait for. An interpreter gives up its lock around that.
///
/// The C library of the host calls this and its two counterparts by itself. A binding without the C ABI calls them in its
/// language's own hooks.
pub fn before_fork(wait: impl FnOnce(fn())) {
    if !GATE.close(thread_id, Duration::ZERO) {
        GATE.forking.remove(thread_id());
        wait(|| _ = GATE.close(thread_id, MAX_FORK_WAIT));
    }
}

/// Ends what [`before_fork`] began, in the parent, and where the fork failed.
pub fn after_fork_in_parent() {
    GATE.forking.remove(thread_id());
}

/// Ends what [`before_fork`] began, in the child, which has a new [`Process`] from now on.
pub fn after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    GATE.move_to(system::process_id());
}

/// Returns true if the calling thread is between [`before_fork`] and its counterpart, in a hook of
/// the program. A thread that it starts would wait for the end of the fork.
pub fn is_forking() -> bool {
    GATE.forking.contains(thread_id())
}

/// Prepares the end of this process by the calling thread, which alone uses OpenSSL from then on: other threads sign
/// without it. Waits at most 5 s for those that are in OpenSSL, as [`before_fork`] waits.
///
/// A binding calls it before the handlers that its language's runtime has registered with the C library's `atexit` run.
pub fn before_exit(wait: impl FnOnce(fn())) {
    if !GATE.leave_to(thread_id()) {
        wait(|| GATE.wait_at_exit(thread_id()));
    }
}

/// Returns whether the calling thread has called [`before_exit`]: what it starts on another thread goes without OpenSSL.
pub fn is_exiting() -> bool {
    GATE.exiting.load(Ordering::SeqCst) == thread_id()
}

/// Returns whether the calling thread may use OpenSSL. No thread may where another one was in it at the fork that made
/// this process: a lock that this one held would never be given back. While the process ends, only the thread that ends
/// it may.
pub fn may_use_openssl() -> bool {
    GATE.follow();
    !GATE.is_openssl_lost.load(Ordering::Relaxed) && !GATE.is_left_to_other(thread_id)
}

/// Returns whether another thread ends this process.
pub(crate) fn is_ending() -> bool {
    GATE.is_left_to_other(thread_id)
}

/// Makes this process one that has just been started: models run one after the other.
#[cfg(simulation)]
pub fn restart() {
    GATE.move_to(0);
    GATE.is_openssl_lost.store(false, Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_that_has_ended_holds_up_no_thread() {
        before_fork(|wait| wait());
        after_fork_in_parent();
        assert!(!GATE.forking.contains(thread_id()));
    }

    #[test]
    fn a_fork_that_had_to_wait_is_over_at_its_end() {
        static WAITS: AtomicU32 = AtomicU32::new(0);
        std::thread::scope(|scope| {
            let (begun, inside) = std::sync::mpsc::channel();
            let (over, ended) = std::sync::mpsc::channel::<()>();
            scope.spawn(move || {
                let _stay = Stay::begin();
                begun.send(()).unwrap();
                ended.recv().unwrap_err();
            });
            inside.recv().unwrap();
            before_fork(|wait| {
                WAITS.fetch_add(1, Ordering::SeqCst);
                wait();
            });
            drop(over);
        });
        after_fork_in_parent();
        assert!(WAITS.load(Ordering::SeqCst) == 1 && !GATE.forking.contains(thread_id()));
    }
}
