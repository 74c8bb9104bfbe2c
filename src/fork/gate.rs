//! The gate between forks and threads in OpenSSL.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::threads::{PENDING, ThreadEntry, Threads};
use crate::system::{self, AtomicBool, AtomicU32, thread_id};

/// A fork waits no longer for other threads. One that takes so long is not scheduled.
pub(super) const MAX_FORK_WAIT: Duration = Duration::from_millis(50);
/// A thread waits no longer for a fork to be over. One that takes so long was given up half-way, or waits itself for this
/// thread, in a hook of the program's own.
const MAX_ENTRY_WAIT: Duration = Duration::from_millis(250);
/// A thread that has waited so long for forks, which follow each other closely, is let in by the next one. If each fork
/// let in all threads that wait, no time would be left to wait for those inside.
const OVERDUE: Duration = Duration::from_millis(125);
/// A thread waits no longer for all forks together.
const MAX_ENTRY_WAIT_IN_ALL: Duration = Duration::from_secs(5);
/// The longest that the end of a process waits for threads in OpenSSL. They only compute there; most
/// need a few milliseconds.
const MAX_EXIT_WAIT: Duration = Duration::from_secs(5);
/// The pause between two checks.
const PAUSE: Duration = Duration::from_micros(50);

/// The gate of this process.
pub(super) static GATE: Gate = Gate::new();

/// A thread's stay in OpenSSL, from its beginning to its drop. A program that itself calls OpenSSL in one thread while
/// another may fork keeps locks of OpenSSL's from being copied into the child.
pub struct Stay(ThreadEntry<'static>);

impl Stay {
    /// Begins a stay of microseconds, for whose end forks wait. Waits itself while another thread forks.
    pub fn begin() -> Self {
        GATE.enter(thread_id())
    }

    /// Begins a stay that forks do not wait for. A child that is forked meanwhile
    /// signs without OpenSSL.
    pub fn begin_long() -> Self {
        GATE.follow();
        Self(GATE.unawaited.add(thread_id()))
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// A gate that keeps forks apart from threads in OpenSSL, within the limits of time above.
pub(super) struct Gate {
    /// The threads that are in OpenSSL for a moment.
    awaited: Threads<128>,
    /// The threads that are in OpenSSL for longer than a fork may wait.
    unawaited: Threads<128>,
    /// The threads that wait to enter and are overdue.
    overdue: Threads<128>,
    /// The threads between the hooks before and after a fork.
    pub(super) forking: Threads<16>,
    /// Counts the times that a fork closed the gate.
    closings: AtomicU32,
    /// The thread that ends the process; 0 until then.
    pub(super) exiting: AtomicU32,
    /// The process that these threads are of, once there were any.
    process: AtomicU32,
    /// True if this process can no longer use OpenSSL, after a fork while a thread was in it.
    pub(super) is_openssl_lost: AtomicBool,
}

impl Gate {
    const fn new() -> Self {
        Self {
            awaited: Threads::none(),
            unawaited: Threads::none(),
            overdue: Threads::none(),
            forking: Threads::none(),
            closings: AtomicU32::new(0),
            exiting: AtomicU32::new(0),
            process: AtomicU32::new(0),
            is_openssl_lost: AtomicBool::new(false),
        }
    }

    /// Detects a fork whose hooks did not run, or have not run yet.
    pub(super) fn follow(&self) {
        let current = system::process_id();
        match self.process.compare_exchange(0, current, Ordering::SeqCst, Ordering::SeqCst) {
            Err(known) if known != current => self.move_to(current),
            _ => {}
        }
    }

    /// Takes the gate over into a child, where it still holds the threads that the parent had at
    /// the fork.
    pub(super) fn move_to(&self, process: u32) {
        if self.awaited.has_confirmed() || self.unawaited.has_confirmed() {
            self.is_openssl_lost.store(true, Ordering::SeqCst);
        }
        self.awaited.clear();
        self.unawaited.clear();
        self.overdue.clear();
        self.forking.clear();
        self.exiting.store(0, Ordering::SeqCst);
        self.process.store(process, Ordering::SeqCst);
    }

    fn enter(&'static self, thread: u32) -> Stay {
        self.follow();
        if let Some(stay) = self.try_to_enter(thread, false) {
            return stay;
        }
        let mut closings = self.closings.load(Ordering::SeqCst);
        let begun = system::now();
        let (mut closed, mut overdue) = (begun, None);
        loop {
            if let Some(stay) = self.try_to_enter(thread, overdue.is_some()) {
                return stay;
            }
            let now = system::now();
            let latest = self.closings.load(Ordering::SeqCst);
            // The child of the latest fork loses OpenSSL if a thread enters now: it has as much time as any before it.
            if latest != closings {
                (closings, closed) = (latest, system::now());
            }
            if now - begun > MAX_ENTRY_WAIT_IN_ALL {
                return Stay(self.awaited.add(thread));
            }
            if now - closed > MAX_ENTRY_WAIT {
                self.forking.clear();
                continue;
            }
            if now - begun > OVERDUE {
                overdue.get_or_insert_with(|| Stay(self.overdue.add(thread)));
            }
            system::pause(PAUSE);
        }
    }

    /// Returns `None` if another thread forks, or this process was forked just now, by a signal handler.
    fn try_to_enter(&'static self, thread: u32, is_overdue: bool) -> Option<Stay> {
        if self.awaited.contains(thread) {
            return Some(Stay(self.awaited.add(thread)));
        }
        let is_open = || {
            let is_closed =
                if is_overdue { self.forking.has_confirmed() } else { !self.forking.is_empty() };
            !is_closed || self.forking.contains(thread)
        };
        if !is_open() {
            return None;
        }
        let entry = self.awaited.add(thread | PENDING);
        // In this order: either this thread sees the fork, or the fork sees this thread.
        if !is_open() {
            entry.leave();
            return None;
        }
        let stay = entry.confirm().map(Stay)?;
        // A fork that waited in vain for this thread, while it only looked, may copy the process now.
        is_open().then_some(stay)
    }

    /// Closes the gate for a fork by `thread`, at first to all but the threads that are overdue, and waits, at most for
    /// `limit`, until no other thread is inside. It may be inside itself, if a signal interrupted it there. Half of the
    /// time is for those that are overdue. Returns whether nothing is left to wait for.
    pub(super) fn close(&self, thread: fn() -> u32, limit: Duration) -> bool {
        self.follow();
        let begun = system::now();
        let wait_until = |is_over: &dyn Fn() -> bool, limit: Duration| {
            while !is_over() {
                if system::now() - begun >= limit {
                    return false;
                }
                system::pause(PAUSE);
            }
            true
        };
        // Where it has closed the gate before, none can enter.
        let is_closed = self.forking.contains(thread());
        let closing = self.forking.add(thread() | PENDING);
        let are_let_in =
            is_closed || wait_until(&|| self.overdue.is_empty_but_for(thread()), limit / 2);
        if closing.confirm().is_none() {
            self.forking.add(thread());
        }
        self.closings.fetch_add(1, Ordering::SeqCst);
        wait_until(&|| self.awaited.is_empty_but_for(thread()), limit) && are_let_in
    }

    /// Leaves OpenSSL to the thread that ends the process. Returns whether no other is inside.
    pub(super) fn leave_to(&self, thread: u32) -> bool {
        self.follow();
        self.exiting.store(thread, Ordering::SeqCst);
        self.is_empty_but_for(thread)
    }

    pub(super) fn is_left_to_other(&self, thread: fn() -> u32) -> bool {
        let exiting = self.exiting.load(Ordering::SeqCst);
        exiting != 0 && exiting != thread()
    }

    pub(super) fn wait_at_exit(&self, thread: u32) {
        let begun = system::now();
        while !self.is_empty_but_for(thread) && system::now() - begun < MAX_EXIT_WAIT {
            system::pause(PAUSE);
        }
    }

    fn is_empty_but_for(&self, thread: u32) -> bool {
        self.awaited.is_empty_but_for(thread) && self.unawaited.is_empty_but_for(thread)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const ONE: u32 = 1;
    const OTHER: u32 = 2;
    /// Long enough for any machine.
    const LONG: Duration = Duration::from_secs(300);

    fn one() -> u32 {
        ONE
    }

    #[test]
    fn a_thread_that_forks_waits_for_none_of_its_own_stays() {
        static GATE: Gate = Gate::new();
        let _interrupted = GATE.enter(ONE);
        let _pending = Stay(GATE.awaited.add(ONE | PENDING));
        assert!(GATE.close(one, Duration::ZERO));
        // A hook of the program may do this when it asks for a token.
        drop(GATE.enter(ONE));
        assert!(!GATE.forking.is_empty(), "it waited for itself, and gave up");
    }

    #[test]
    fn a_fork_goes_on_though_a_thread_never_comes_out_of_openssl() {
        static GATE: Gate = Gate::new();
        let _stay = GATE.enter(OTHER);
        let begun = Instant::now();
        assert!(!GATE.close(one, MAX_FORK_WAIT));
        assert!(begun.elapsed() >= MAX_FORK_WAIT);
    }

    #[test]
    fn a_thread_that_waits_for_one_fork_is_let_in_by_the_next() {
        static GATE: Gate = Gate::new();
        let was_inside = AtomicBool::new(false);
        GATE.close(one, Duration::ZERO);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let stay = GATE.enter(OTHER);
                was_inside.store(true, Ordering::SeqCst);
                drop(stay);
            });
            // It gives up none of these forks, unless a busy machine does not let them follow each other.
            let (mut is_busy, mut latest) = (false, Instant::now());
            while !GATE.overdue.contains(OTHER) && !was_inside.load(Ordering::SeqCst) {
                GATE.closings.fetch_add(1, Ordering::SeqCst);
                is_busy |= latest.elapsed() > MAX_ENTRY_WAIT / 2;
                latest = Instant::now();
                std::thread::sleep(PAUSE);
            }
            let is_early = was_inside.load(Ordering::SeqCst);
            is_busy |= latest.elapsed() > MAX_ENTRY_WAIT / 2;
            assert!(!is_early || is_busy, "it entered in the middle of a fork");
            GATE.forking.remove(ONE);
            assert!(GATE.close(one, LONG) && was_inside.load(Ordering::SeqCst));
        });
        assert!(GATE.awaited.is_empty() && GATE.overdue.is_empty());
    }

    #[test]
    fn while_a_fork_lets_in_threads_that_are_overdue_no_other_enters() {
        static GATE: Gate = Gate::new();
        let closing = GATE.forking.add(ONE | PENDING);
        assert!(GATE.try_to_enter(OTHER, false).is_none());
        assert!(GATE.try_to_enter(OTHER, true).is_some());
        closing.confirm();
        assert!(GATE.try_to_enter(OTHER, true).is_none());
    }

    #[test]
    fn a_thread_that_forks_in_a_hook_of_a_fork_does_not_wait_for_those_whom_it_keeps_out() {
        static GATE: Gate = Gate::new();
        GATE.close(one, Duration::ZERO);
        let _kept_out = Stay(GATE.overdue.add(OTHER));
        assert!(GATE.close(one, Duration::ZERO));
        GATE.forking.clear();
        assert!(!GATE.close(one, Duration::ZERO), "a fork of its own does");
    }

    #[test]
    fn a_thread_waits_for_the_end_of_a_fork_but_not_for_one_that_was_given_up() {
        static GATE: Gate = Gate::new();
        GATE.close(one, Duration::ZERO);
        let begun = Instant::now();
        drop(GATE.enter(OTHER));
        assert!(begun.elapsed() > MAX_ENTRY_WAIT && GATE.forking.is_empty(), "it was given up");
        assert!(GATE.awaited.is_empty() && GATE.overdue.is_empty());
    }

    #[test]
    fn a_thread_that_waited_for_one_fork_gives_the_next_as_much_time() {
        static GATE: Gate = Gate::new();
        GATE.close(one, Duration::ZERO);
        let begun = Instant::now();
        let other = std::thread::spawn(|| {
            drop(GATE.enter(OTHER));
            Instant::now()
        });
        std::thread::sleep(MAX_ENTRY_WAIT / 2);
        let next = Instant::now();
        GATE.close(one, Duration::ZERO);
        // Otherwise it may have given up the first one, on a busy machine.
        let is_in_time = begun.elapsed() <= MAX_ENTRY_WAIT;
        let entered = other.join().unwrap();
        assert!(!is_in_time || entered - next > MAX_ENTRY_WAIT, "{:?}", entered - next);
    }

    #[test]
    fn a_child_that_was_forked_while_another_thread_was_in_openssl_and_no_other_loses_it() {
        static GATE: Gate = Gate::new();
        let is_lost = || GATE.is_openssl_lost.load(Ordering::Relaxed);
        drop(GATE.enter(OTHER));
        let _pending = Stay(GATE.awaited.add(OTHER | PENDING));
        let _waits = Stay(GATE.overdue.add(OTHER));
        GATE.move_to(1);
        assert!(!is_lost() && GATE.awaited.is_empty() && GATE.close(one, Duration::ZERO));

        for inside in [&GATE.awaited, &GATE.unawaited] {
            let _stay = Stay(inside.add(OTHER));
            GATE.move_to(2);
            assert!(is_lost() && inside.is_empty());
            // Children of this child may not use OpenSSL either.
            GATE.move_to(3);
            assert!(is_lost());
            GATE.is_openssl_lost.store(false, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_thread_that_a_signal_handler_interrupted_before_the_gate_enters_in_a_child_too() {
        static GATE: Gate = Gate::new();
        let entry = GATE.awaited.add(ONE | PENDING);
        GATE.move_to(1);
        assert!(entry.confirm().is_none() && GATE.awaited.is_empty());
        drop(GATE.enter(ONE));
    }

    #[test]
    fn the_end_of_a_process_waits_for_threads_in_openssl_and_no_other_begins() {
        static GATE: Gate = Gate::new();
        let short = GATE.enter(OTHER);
        let long = Stay(GATE.unawaited.add(OTHER));
        assert!(!GATE.leave_to(ONE));
        assert!(GATE.is_left_to_other(|| OTHER) && !GATE.is_left_to_other(|| ONE));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| GATE.wait_at_exit(ONE));
            drop(short);
            assert!(!waiting.is_finished());
            drop(long);
        });
        assert!(GATE.leave_to(ONE));
        // A child that is forked meanwhile does not end.
        GATE.move_to(1);
        assert!(!GATE.is_left_to_other(|| OTHER));
    }

    #[test]
    fn a_fork_that_called_no_hooks_is_noticed_by_the_next_stay() {
        static GATE: Gate = Gate::new();
        let _stay = Stay(GATE.unawaited.add(OTHER));
        // As the memory of a child is that has another number than its parent.
        GATE.process.store(system::process_id() + 1, Ordering::Relaxed);
        drop(GATE.enter(ONE));
        assert!(GATE.is_openssl_lost.load(Ordering::Relaxed) && GATE.unawaited.is_empty());
    }
}
