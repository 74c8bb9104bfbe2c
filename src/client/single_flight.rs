//! Single flight: of all threads that want the same work, one does it, the leader, and the others
//! wait for its outcome. It has no lock, so that it works in a forked child, even after a fork in a
//! signal handler of one of these threads.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::fork::Process;
use crate::system::{self, ArcSwap, AtomicU32};

/// The longest sleep of a waiting thread before it looks for an outcome by itself: after a fork in
/// its signal handler, no thread of the child wakes it.
const MAX_SLEEP: Duration = Duration::from_millis(250);

/// The work of one process.
pub struct SingleFlight<T> {
    process: Process,
    state: ArcSwap<State<T>>,
    /// Counts the leaders that have ended; the others sleep until it changes.
    ended: AtomicU32,
}

#[derive(Clone)]
struct State<T> {
    in_progress: bool,
    /// Counts the leaders.
    number: u64,
    outcome: Option<T>,
}

/// The result of [`SingleFlight::join`].
pub enum Joined<'a, T: Clone> {
    /// The caller is to do the work.
    Leader(Leader<'a, T>),
    /// The work has finished with this outcome.
    Finished(T),
    /// The work was in progress, and its leader left without an outcome.
    Abandoned,
    /// The deadline came first.
    TimedOut,
    /// The process was forked, and the leader is a thread of the parent.
    Forked,
}

impl<T: Clone> Default for SingleFlight<T> {
    /// Returns one for the calling process, with nothing in progress.
    fn default() -> Self {
        Self {
            process: Process::current(),
            state: ArcSwap::from_pointee(State { in_progress: false, number: 0, outcome: None }),
            ended: AtomicU32::new(0),
        }
    }
}

impl<T: Clone> SingleFlight<T> {
    /// Returns true if it belongs to the calling process, and not to a parent of it.
    pub fn is_own(&self) -> bool {
        self.process == Process::current()
    }

    /// Makes the caller the leader, unless there is one.
    pub fn try_lead(&self) -> Option<Leader<'_, T>> {
        loop {
            let state = self.state.load_full();
            if state.in_progress {
                return None;
            }
            if let Some(leader) = self.start(&state) {
                return Some(leader);
            }
        }
    }

    /// Waits for the outcome of the work in progress, or makes the caller its leader.
    pub fn join(&self, deadline: Instant) -> Joined<'_, T> {
        loop {
            let state = self.state.load_full();
            if state.in_progress {
                return self.wait(state.number, deadline);
            }
            if let Some(leader) = self.start(&state) {
                return Joined::Leader(leader);
            }
        }
    }

    fn wait(&self, number: u64, deadline: Instant) -> Joined<'_, T> {
        loop {
            // Read before the state: an end after this ends the sleep too.
            let ended = self.ended.load(Ordering::SeqCst);
            let state = self.state.load();
            if !state.in_progress || state.number != number {
                return state.outcome.clone().map_or(Joined::Abandoned, Joined::Finished);
            }
            let left = deadline.saturating_duration_since(system::now());
            if left.is_zero() {
                return Joined::TimedOut;
            }
            if !self.is_own() {
                return Joined::Forked;
            }
            // It does not begin if the leader has ended.
            system::wait(&self.ended, ended, left.min(MAX_SLEEP));
        }
    }

    /// Makes the caller the leader if nothing has changed since `state`, which has none.
    fn start(&self, state: &Arc<State<T>>) -> Option<Leader<'_, T>> {
        let new = State { in_progress: true, number: state.number + 1, outcome: None };
        let before = self.state.compare_and_swap(state, Arc::new(new));
        Arc::ptr_eq(&before, state).then(|| Leader(self))
    }

    /// Runs `change` again where another thread was first.
    fn change(&self, change: impl Fn(&mut State<T>)) {
        self.state.rcu(|state| {
            let mut state = State::clone(state);
            change(&mut state);
            state
        });
    }
}

/// The thread that does the work. When it is dropped, however that comes, the next may lead.
pub struct Leader<'a, T: Clone>(&'a SingleFlight<T>);

impl<T: Clone> Leader<'_, T> {
    /// Passes `outcome` to all waiting threads.
    pub fn finish(self, outcome: T) {
        self.0.change(|state| state.outcome = Some(outcome.clone()));
    }
}

impl<T: Clone> Drop for Leader<'_, T> {
    fn drop(&mut self) {
        self.0.change(|state| state.in_progress = false);
        self.0.ended.fetch_add(1, Ordering::SeqCst);
        system::wake_all(&self.0.ended);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn a_leader_that_panics_leaves_the_work_to_the_next() {
        let work = SingleFlight::<u32>::default();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _leader = work.try_lead().unwrap();
            panic!("a bug");
        }));
        assert!(panicked.is_err());
        assert!(matches!(work.join(soon()), Joined::Leader(_)));
    }

    #[test]
    fn those_who_wait_get_the_outcome_and_no_one_waits_beyond_the_deadline() {
        let work = SingleFlight::default();
        let leader = work.try_lead().unwrap();
        assert!(work.try_lead().is_none());
        assert!(matches!(work.join(Instant::now()), Joined::TimedOut));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let State { number, .. } = **work.state.load();
                work.wait(number, soon())
            });
            thread::sleep(Duration::from_millis(50));
            leader.finish(7);
            assert!(matches!(waiting.join().unwrap(), Joined::Finished(7)));
        });
        assert!(matches!(work.join(soon()), Joined::Leader(_)), "the next is new work");
    }

    #[test]
    fn those_who_wait_for_one_leader_do_not_wait_for_the_next() {
        let work = SingleFlight::<u32>::default();
        drop(work.try_lead().unwrap());
        let first = work.state.load().number;
        let _next = work.try_lead().unwrap();
        assert!(matches!(work.wait(first, soon()), Joined::Abandoned));
    }

    #[test]
    fn those_who_wait_are_told_that_a_leader_left_without_an_outcome() {
        let work = SingleFlight::<u32>::default();
        let leader = work.try_lead().unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| work.wait(1, soon()));
            drop(leader);
            assert!(matches!(waiting.join().unwrap(), Joined::Abandoned));
        });
    }
}
