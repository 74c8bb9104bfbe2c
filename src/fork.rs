//! Forks. A child has the forking thread alone: what its parent's other threads had locked stays locked for ever. So a
//! child reads its keys again, and no fork is made in the moments in which a thread may hold one of OpenSSL's own locks.
//!
//! What runs at a fork may interrupt a thread at any instruction. It allocates nothing, takes no lock, cannot panic, and
//! uses no thread-local variable: in a library that was loaded late, that would be allocated just there.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::thread::{Timespec, gettid, nanosleep};

/// A fork waits no longer for threads in OpenSSL. One that takes so long was not scheduled, most likely in the middle of
/// a computation, which holds no lock but the key's.
const MAX_FORK_WAIT: Duration = Duration::from_millis(50);
/// A thread waits no longer for forks to be over. One that takes so long was given up half-way, or waits itself for this
/// thread, in a hook of the program's own.
const MAX_ENTRY_WAIT: Duration = Duration::from_millis(250);
/// Between two looks.
const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000 };

static GATE: Gate = Gate::new();
/// Counts the forks from the first process to this one.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// A process. A forked child never equals its parent, even where it has the same number in a PID namespace of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    id: u32,
    generation: u32,
}

impl Process {
    /// Returns the calling process.
    pub fn current() -> Self {
        // The number too, for there are forks that call no hooks.
        Self { id: process::id(), generation: GENERATION.load(Ordering::Relaxed) }
    }
}

/// Prepares a fork of this process by the calling thread. Waits at most 50 ms: calls `wait` with a function that does,
/// and only where there is something to wait for. An interpreter gives up its lock around that.
///
/// The C library of the host calls this and its two counterparts by itself. A binding without the C ABI calls them in its
/// language's own hooks.
pub fn before_fork(wait: impl FnOnce(fn())) {
    let thread = this_thread();
    GATE.close(thread);
    if !GATE.inside.is_empty_but_for(thread) {
        wait(|| GATE.wait_for_others(this_thread()));
    }
}

/// Ends what [`before_fork`] began, in the parent, and where the fork failed.
pub fn after_fork_in_parent() {
    GATE.forking.remove(this_thread());
}

/// Ends what [`before_fork`] began, in the child, which has a new [`Process`] from now on.
pub fn after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    GATE.clear();
}

/// Returns whether the calling thread is between [`before_fork`] and its counterpart, in a hook of the program's own:
/// what it starts on another thread would wait for the end of the fork.
pub fn is_forking() -> bool {
    GATE.forking.contains(this_thread())
}

/// A thread's stay in OpenSSL. Keep it short: forks wait for its end.
pub(crate) struct Stay {
    place: Option<&'static AtomicU32>,
    thread: u32,
}

impl Stay {
    /// Waits while another thread forks.
    pub fn begin() -> Self {
        GATE.enter(this_thread())
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            leave(place, self.thread);
        }
    }
}

/// Keeps forks and stays in OpenSSL apart, as far as the two limits allow.
struct Gate {
    /// More than these at a time go unseen.
    inside: Threads<128>,
    /// Between the hooks before and after.
    forking: Threads<16>,
    /// The process that these threads are of: in a child before its own hook, not the current one.
    process: AtomicU32,
}

impl Gate {
    const fn new() -> Self {
        Self { inside: Threads::none(), forking: Threads::none(), process: AtomicU32::new(0) }
    }

    fn enter(&'static self, thread: u32) -> Stay {
        let begun = Instant::now();
        loop {
            let is_inside = self.inside.contains(thread);
            let stay = Stay { place: self.inside.add(thread), thread };
            // In this order: either this thread sees the fork, or the fork sees this thread.
            if is_inside || self.forking.is_empty() || self.forking.contains(thread) {
                return stay;
            }
            drop(stay);
            let is_stale = self.process.load(Ordering::Relaxed) != process::id();
            if is_stale || begun.elapsed() > MAX_ENTRY_WAIT {
                self.clear();
            } else {
                pause();
            }
        }
    }

    fn close(&self, thread: u32) {
        self.process.store(process::id(), Ordering::Relaxed);
        self.forking.add(thread);
    }

    /// Waits until no thread is inside but `thread` itself, which a signal may have interrupted there.
    fn wait_for_others(&self, thread: u32) {
        let begun = Instant::now();
        while !self.inside.is_empty_but_for(thread) && begun.elapsed() < MAX_FORK_WAIT {
            pause();
        }
    }

    fn clear(&self) {
        self.inside.clear();
        self.forking.clear();
    }
}

/// A set of threads by their numbers, which may hold one several times; 0 is a free place.
struct Threads<const PLACES: usize>([AtomicU32; PLACES]);

impl<const PLACES: usize> Threads<PLACES> {
    const fn none() -> Self {
        Self([const { AtomicU32::new(0) }; PLACES])
    }

    /// Returns where the thread stands now; `None` where the set is full.
    fn add(&self, thread: u32) -> Option<&AtomicU32> {
        // Each thread begins at a place of its own: they seldom meet.
        let (before, after) = self.0.split_at(thread as usize % PLACES);
        after.iter().chain(before).find(|place| {
            place.compare_exchange(0, thread, Ordering::SeqCst, Ordering::Relaxed).is_ok()
        })
    }

    fn remove(&self, thread: u32) {
        let _ = self.0.iter().any(|place| leave(place, thread));
    }

    fn clear(&self) {
        self.0.iter().for_each(|place| place.store(0, Ordering::SeqCst));
    }

    fn contains(&self, thread: u32) -> bool {
        self.0.iter().any(|place| place.load(Ordering::SeqCst) == thread)
    }

    fn is_empty(&self) -> bool {
        self.is_empty_but_for(0)
    }

    fn is_empty_but_for(&self, thread: u32) -> bool {
        self.0.iter().all(|place| [0, thread].contains(&place.load(Ordering::SeqCst)))
    }
}

/// Frees the place, and returns whether the thread stood there.
fn leave(place: &AtomicU32, thread: u32) -> bool {
    place.compare_exchange(thread, 0, Ordering::SeqCst, Ordering::Relaxed).is_ok()
}

fn pause() {
    // A signal ends it early, which does no harm.
    let _ = nanosleep(&PAUSE);
}

fn this_thread() -> u32 {
    gettid().as_raw_nonzero().get().cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: u32 = 1;
    const OTHER: u32 = 2;

    #[test]
    fn a_thread_that_forks_waits_for_none_of_its_own_stays() {
        static GATE: Gate = Gate::new();
        let _interrupted = GATE.enter(ONE);
        GATE.close(ONE);
        GATE.wait_for_others(ONE);
        // As a hook of the program's own does that asks for a token.
        drop(GATE.enter(ONE));
        assert!(!GATE.forking.is_empty(), "it waited for itself, and gave up");
    }

    #[test]
    fn a_fork_goes_on_though_a_thread_never_comes_out_of_openssl() {
        static GATE: Gate = Gate::new();
        let _stay = GATE.enter(OTHER);
        let begun = Instant::now();
        GATE.close(ONE);
        GATE.wait_for_others(ONE);
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
            GATE.wait_for_others(ONE);
            GATE.forking.remove(ONE);
            drop(entered.join().unwrap());
        });
        assert!(GATE.inside.is_empty());
    }

    #[test]
    fn a_full_set_of_threads_takes_no_more_and_loses_none() {
        let threads = Threads::<2>::none();
        assert!(threads.add(ONE).is_some() && threads.add(ONE).is_some());
        assert!(threads.add(OTHER).is_none());
        threads.remove(ONE);
        assert!(threads.contains(ONE) && !threads.is_empty() && threads.is_empty_but_for(ONE));
        threads.remove(ONE);
        threads.remove(OTHER);
        assert!(threads.is_empty());
    }
}
