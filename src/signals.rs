//! The signals of the program. Its handlers do not run while libims does something that they must
//! not interrupt.

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

/// Blocks signals in the thread that made it until it is dropped. A signal that is sent meanwhile
/// is delivered then.
pub(crate) struct Blocked(Option<SigSet>);

impl Blocked {
    pub fn all() -> Self {
        Self::begin(SigSet::all())
    }

    /// Blocks all signals except those that an instruction of the thread itself raises, because
    /// these cannot wait.
    pub fn asynchronous() -> Self {
        use Signal::{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
        let mut signals = SigSet::all();
        for raised in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP] {
            signals.remove(raised);
        }
        Self::begin(signals)
    }

    fn begin(signals: SigSet) -> Self {
        Self(signals.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok())
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if let Some(before) = self.0 {
            // The system gave it, and takes it back.
            let _ = before.thread_set_mask();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_blocks_signals_for_a_while_and_has_its_own_mask_again() {
        let own = SigSet::thread_get_mask().unwrap();
        let kinds: [(fn() -> Blocked, bool); 2] =
            [(Blocked::all, true), (Blocked::asynchronous, false)];
        for (begin, blocks_faults) in kinds {
            let blocked = begin();
            let mask = SigSet::thread_get_mask().unwrap();
            assert!(mask.contains(Signal::SIGINT) && mask.contains(Signal::SIGPROF));
            assert_eq!(mask.contains(Signal::SIGSEGV), blocks_faults);
            drop(blocked);
        }
        assert_eq!(SigSet::thread_get_mask().unwrap(), own);
    }
}
