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

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::system::{self, AtomicBool, AtomicU32, thread_id};

/// A fork waits no longer for threads in OpenSSL. One that takes so long is not scheduled.
const MAX_FORK_WAIT: Duration = Duration::from_millis(50);
/// A thread waits no longer for forks to be over. One that takes so long was given up half-way, or waits itself for this
/// thread, in a hook of the program's own.
const MAX_ENTRY_WAIT: Duration = Duration::from_millis(250);
/// The longest that the end of a process waits for threads in OpenSSL. They only compute there; most
/// need a few milliseconds.
const MAX_EXIT_WAIT: Duration = Duration::from_secs(5);
/// The pause between two checks.
const PAUSE: Duration = Duration::from_micros(50);

static GATE: Gate = Gate::new();
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

/// Prepares a fork of this process by the calling thread. Where there is something to wait for, calls `wait` with a
/// function that prepares it and waits at most 50 ms. An interpreter gives up its lock around that.
///
/// The C library of the host calls this and its two counterparts by itself. A binding without the C ABI calls them in its
/// language's own hooks.
pub fn before_fork(wait: impl FnOnce(fn())) {
    if GATE.is_free_for(thread_id()) {
        GATE.close(thread_id());
    } else {
        wait(|| GATE.close(thread_id()));
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

/// A gate that keeps forks apart from threads in OpenSSL, within the two limits of time.
struct Gate {
    /// The threads that are in OpenSSL for a moment.
    awaited: Threads<128>,
    /// The threads that are in OpenSSL for longer than a fork may wait.
    unawaited: Threads<128>,
    /// The threads before the gate, which are not in OpenSSL, even where they are in `awaited`. Each fork lets them in
    /// before it closes the gate: forks that follow each other closely would keep them out, until they take the last one
    /// for given up while it copies the process.
    waiting: Threads<128>,
    /// The threads between the hooks before and after a fork.
    forking: Threads<16>,
    /// The thread that ends the process; 0 until then.
    exiting: AtomicU32,
    /// The process that these threads are of, once there were any.
    process: AtomicU32,
    /// True if this process can no longer use OpenSSL, after a fork while a thread was in it.
    is_openssl_lost: AtomicBool,
}

impl Gate {
    const fn new() -> Self {
        Self {
            awaited: Threads::none(),
            unawaited: Threads::none(),
            waiting: Threads::none(),
            forking: Threads::none(),
            exiting: AtomicU32::new(0),
            process: AtomicU32::new(0),
            is_openssl_lost: AtomicBool::new(false),
        }
    }

    /// Detects a fork whose hooks did not run, or have not run yet.
    fn follow(&self) {
        let current = system::process_id();
        match self.process.compare_exchange(0, current, Ordering::SeqCst, Ordering::SeqCst) {
            Err(known) if known != current => self.move_to(current),
            _ => {}
        }
    }

    /// Takes the gate over into a child, where it still holds the threads that the parent had at
    /// the fork.
    fn move_to(&self, process: u32) {
        if !(self.awaited.are_all_in(&self.waiting) && self.unawaited.is_empty()) {
            self.is_openssl_lost.store(true, Ordering::SeqCst);
        }
        self.awaited.clear();
        self.unawaited.clear();
        self.waiting.clear();
        self.forking.clear();
        self.exiting.store(0, Ordering::SeqCst);
        self.process.store(process, Ordering::SeqCst);
    }

    fn enter(&'static self, thread: u32) -> Stay {
        self.follow();
        if self.awaited.contains(thread) {
            return Stay(self.awaited.add(thread));
        }
        let mut begun = None;
        let _waiting = Stay(self.waiting.add(thread));
        loop {
            let stay = Stay(self.awaited.add(thread));
            // In this order: either this thread sees the fork, or the fork sees this thread.
            if self.forking.is_empty() || self.forking.contains(thread) {
                return stay;
            }
            drop(stay);
            let begun = *begun.get_or_insert_with(system::now);
            if system::now() - begun > MAX_ENTRY_WAIT {
                self.forking.clear();
            } else {
                system::pause(PAUSE);
            }
        }
    }

    /// Returns whether a fork by `thread` has nothing to wait for.
    fn is_free_for(&self, thread: u32) -> bool {
        self.waiting.is_empty_but_for(thread) && self.awaited.is_empty_but_for(thread)
    }

    /// Lets in the threads that wait, keeps out those that come later, and waits until no thread is inside but `thread`
    /// itself, which a signal may have interrupted there.
    fn close(&self, thread: u32) {
        self.follow();
        let begun = system::now();
        let wait_for = |others: &Threads<128>| {
            while !others.is_empty_but_for(thread) && system::now() - begun < MAX_FORK_WAIT {
                system::pause(PAUSE);
            }
        };
        wait_for(&self.waiting);
        self.forking.add(thread);
        wait_for(&self.awaited);
    }

    /// Leaves OpenSSL to the thread that ends the process. Returns whether no other is inside.
    fn leave_to(&self, thread: u32) -> bool {
        self.follow();
        self.exiting.store(thread, Ordering::SeqCst);
        self.is_empty_but_for(thread)
    }

    fn is_left_to_other(&self, thread: fn() -> u32) -> bool {
        let exiting = self.exiting.load(Ordering::SeqCst);
        exiting != 0 && exiting != thread()
    }

    fn wait_at_exit(&self, thread: u32) {
        let begun = system::now();
        while !self.is_empty_but_for(thread) && system::now() - begun < MAX_EXIT_WAIT {
            system::pause(PAUSE);
        }
    }

    fn is_empty_but_for(&self, thread: u32) -> bool {
        self.awaited.is_empty_but_for(thread) && self.unawaited.is_empty_but_for(thread)
    }
}

/// A set of threads by their numbers, which may hold one several times; 0 is a free place.
struct Threads<const PLACES: usize> {
    places: [AtomicU32; PLACES],
    /// The number of further threads, for which no place is left.
    unnamed: AtomicU32,
}

impl<const PLACES: usize> Threads<PLACES> {
    const fn none() -> Self {
        Self { places: [const { AtomicU32::new(0) }; PLACES], unnamed: AtomicU32::new(0) }
    }

    fn add(&self, thread: u32) -> ThreadEntry<'_> {
        // Each thread begins its search at a different place, so that threads seldom meet.
        let (before, after) = self.places.split_at(thread as usize % PLACES);
        let free = after.iter().chain(before).find(|place| {
            place.compare_exchange(0, thread, Ordering::SeqCst, Ordering::Relaxed).is_ok()
        });
        free.map_or_else(
            || {
                self.unnamed.fetch_add(1, Ordering::SeqCst);
                ThreadEntry::Unnamed(&self.unnamed)
            },
            |place| ThreadEntry::Named(place, thread),
        )
    }

    fn remove(&self, thread: u32) {
        let is_named = self.places.iter().any(|place| ThreadEntry::Named(place, thread).leave());
        if !is_named {
            ThreadEntry::Unnamed(&self.unnamed).leave();
        }
    }

    fn clear(&self) {
        self.places.iter().for_each(|place| place.store(0, Ordering::SeqCst));
        self.unnamed.store(0, Ordering::SeqCst);
    }

    /// Returns whether each of these threads is one of `others` too.
    fn are_all_in(&self, others: &Self) -> bool {
        self.unnamed.load(Ordering::SeqCst) == 0
            && self
                .places
                .iter()
                .map(|place| place.load(Ordering::SeqCst))
                .all(|thread| thread == 0 || others.contains(thread))
    }

    fn contains(&self, thread: u32) -> bool {
        self.places.iter().any(|place| place.load(Ordering::SeqCst) == thread)
    }

    fn is_empty(&self) -> bool {
        self.is_empty_but_for(0)
    }

    fn is_empty_but_for(&self, thread: u32) -> bool {
        self.unnamed.load(Ordering::SeqCst) == 0
            && self.places.iter().all(|place| [0, thread].contains(&place.load(Ordering::SeqCst)))
    }
}

/// The place of a thread in a set.
enum ThreadEntry<'a> {
    Named(&'a AtomicU32, u32),
    Unnamed(&'a AtomicU32),
}

impl ThreadEntry<'_> {
    /// Returns whether the thread still stood there: in a child, its place has been cleared.
    fn leave(&self) -> bool {
        let (ordering, otherwise) = (Ordering::SeqCst, Ordering::Relaxed);
        match self {
            Self::Named(place, thread) => place.compare_exchange(*thread, 0, ordering, otherwise),
            Self::Unnamed(count) => {
                count.fetch_update(ordering, otherwise, |now| now.checked_sub(1))
            }
        }
        .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const ONE: u32 = 1;
    const OTHER: u32 = 2;

    #[test]
    fn a_thread_that_forks_waits_for_none_of_its_own_stays() {
        static GATE: Gate = Gate::new();
        let _interrupted = GATE.enter(ONE);
        GATE.close(ONE);
        // A hook of the program may do this when it asks for a token.
        drop(GATE.enter(ONE));
        assert!(!GATE.forking.is_empty(), "it waited for itself, and gave up");
    }

    #[test]
    fn a_fork_that_has_ended_holds_up_no_thread() {
        before_fork(|wait| wait());
        after_fork_in_parent();
        assert!(!GATE.forking.contains(thread_id()));
    }

    #[test]
    fn a_fork_goes_on_though_a_thread_never_comes_out_of_openssl() {
        static GATE: Gate = Gate::new();
        let _stay = GATE.enter(OTHER);
        let begun = Instant::now();
        GATE.close(ONE);
        assert!(begun.elapsed() >= MAX_FORK_WAIT);
    }

    #[test]
    fn a_fork_waits_until_those_are_in_whom_the_fork_before_it_kept_out() {
        static GATE: Gate = Gate::new();
        let _kept_out = Stay(GATE.waiting.add(OTHER));
        assert!(!GATE.is_free_for(ONE));
        let begun = Instant::now();
        GATE.close(ONE);
        assert!(begun.elapsed() >= MAX_FORK_WAIT);
    }

    #[test]
    fn a_thread_waits_for_the_end_of_a_fork_but_not_for_one_that_was_given_up() {
        static GATE: Gate = Gate::new();
        GATE.close(ONE);
        let begun = Instant::now();
        drop(GATE.enter(OTHER));
        assert!(begun.elapsed() > MAX_ENTRY_WAIT && GATE.forking.is_empty(), "it was given up");

        GATE.close(ONE);
        std::thread::scope(|scope| {
            let entered = scope.spawn(|| GATE.enter(OTHER));
            while GATE.waiting.is_empty() && !entered.is_finished() {
                std::thread::yield_now();
            }
            GATE.forking.remove(ONE);
            drop(entered.join().unwrap());
        });
        assert!(GATE.waiting.is_empty() && GATE.awaited.is_empty());
    }

    #[test]
    fn a_child_that_was_forked_while_another_thread_was_in_openssl_and_no_other_loses_it() {
        static GATE: Gate = Gate::new();
        let is_lost = || GATE.is_openssl_lost.load(Ordering::Relaxed);
        drop(GATE.enter(OTHER));
        let _waits = Stay(GATE.waiting.add(OTHER));
        GATE.move_to(1);
        assert!(!is_lost() && GATE.waiting.is_empty());

        let _stay = Stay(GATE.unawaited.add(OTHER));
        GATE.move_to(2);
        assert!(is_lost() && GATE.unawaited.is_empty());
        // Children of this child may not use OpenSSL either.
        GATE.move_to(3);
        assert!(is_lost());
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

    #[test]
    fn a_full_set_of_threads_counts_those_that_have_no_place() {
        let threads = Threads::<2>::none();
        threads.add(ONE);
        threads.add(ONE);
        let last = threads.add(OTHER);
        threads.remove(ONE);
        threads.remove(ONE);
        assert!(!threads.contains(OTHER) && !threads.is_empty());
        assert!(last.leave() && threads.is_empty());
        assert!(!last.leave(), "it left twice");
    }
}
