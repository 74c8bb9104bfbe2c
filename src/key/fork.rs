//! OpenSSL's locks at a fork: the child has the forking thread alone, and would wait for ever for a lock that another
//! held. So no fork begins while a thread is in OpenSSL.

use std::cell::{Cell, RefCell};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static GATE: RwLock<()> = RwLock::new(());

thread_local! {
    /// Whether this thread is in OpenSSL already.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    /// While this thread forks.
    static CLOSED: RefCell<Option<RwLockWriteGuard<'static, ()>>> = const { RefCell::new(None) };
}

/// A thread's stay in OpenSSL, which takes less than a millisecond: forks wait for its end.
pub(crate) struct Stay(Option<RwLockReadGuard<'static, ()>>);

impl Stay {
    pub fn begin() -> Self {
        let is_first = !IS_INSIDE.replace(true);
        Self(is_first.then(|| GATE.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        if self.0.is_some() {
            IS_INSIDE.set(false);
        }
    }
}

/// To be called before this process forks, by the thread that does, where the child shall sign.
///
/// The C library sees to it by itself; a binding that has no `pthread_atfork` calls both.
pub fn before_fork() {
    // One that forks in a signal handler, in the midst of a call, cannot wait for itself.
    if !IS_INSIDE.get() {
        CLOSED.set(Some(GATE.write().unwrap_or_else(PoisonError::into_inner)));
    }
}

/// To be called after it, in both processes.
pub fn after_fork() {
    CLOSED.take();
}
