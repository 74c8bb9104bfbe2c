//! Single flight by itself: what threads wait for, in every order that their steps can have.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use shuttle::thread::ThreadId;
use simulated_ims::simulated::World;
use simulated_ims::{Joined, SingleFlight};

use crate::world::{Bug, Process, catch};

const TIMEOUT: Duration = Duration::from_secs(30);

/// The flights of one process, and what is known of them without a step.
struct Flights {
    flight: SingleFlight<u32>,
    leading: AtomicU32,
    finished: AtomicU32,
}

impl Flights {
    fn new() -> Arc<Self> {
        let (leading, finished) = (AtomicU32::new(0), AtomicU32::new(0));
        Arc::new(Self { flight: SingleFlight::default(), leading, finished })
    }

    /// Joins as each caller does. Returns whether it led or got an outcome before its time was over.
    fn call(&self) -> bool {
        let process = Process::current();
        let deadline = process.now() + TIMEOUT;
        loop {
            match self.flight.join(deadline) {
                Joined::Leader(leader) => {
                    let others = self.leading.fetch_add(1, Ordering::SeqCst);
                    assert!(others == 0 || process.is_forked(), "two lead at once");
                    process.step();
                    let outcome = self.finished.fetch_add(1, Ordering::SeqCst) + 1;
                    self.leading.fetch_sub(1, Ordering::SeqCst);
                    leader.finish(outcome);
                    return true;
                }
                Joined::Finished(outcome) => {
                    let finished = self.finished.load(Ordering::SeqCst);
                    assert!(outcome > 0 && outcome <= finished, "an outcome that no leader had");
                    return true;
                }
                Joined::TimedOut => {
                    assert!(process.now() >= deadline, "it timed out before its time");
                    return false;
                }
                Joined::Abandoned => {}
                Joined::Forked => {
                    assert!(process.is_forked(), "it takes itself for a child");
                    return false;
                }
            }
        }
    }

    /// Leads, if no one does, and panics.
    fn panic(&self) {
        catch::<Bug>(|| {
            let leader = self.flight.try_lead();
            if leader.is_some() {
                resume_unwind(Box::new(Bug));
            }
        });
    }
}

/// Starts this many threads that call.
fn callers(process: &Process, flights: &Arc<Flights>, count: usize) -> Vec<ThreadId> {
    (0..count)
        .map(|_| {
            let flights = Arc::clone(flights);
            process.spawn(move || assert!(flights.call() || Process::current().is_forked()))
        })
        .collect()
}

/// Starts a thread that lets all time pass that a call has.
fn passing(process: &Process) {
    process.spawn(|| {
        let process = Process::current();
        process.step();
        process.time_out(TIMEOUT);
    });
}

/// Starts a thread that turns the process into a child with the thread `survivor` only.
fn forking(process: &Process, flights: &Arc<Flights>, survivor: ThreadId) {
    let flights = Arc::clone(flights);
    process.spawn(move || {
        let process = Process::current();
        process.step();
        let handle = move || assert!(!flights.flight.is_own(), "it takes it for its own");
        process.fork(survivor, Box::new(handle));
    });
}

/// One leads at a time, all others get its outcome, and all wake up.
pub fn outcomes(count: usize) {
    Process::run(|process| {
        let flights = Flights::new();
        callers(process, &flights, count);
        process.join();
        assert!(flights.flight.try_lead().is_some(), "no one leads when all have ended");
    });
}

/// A leader that panics wakes all, and the next leads.
pub fn panics(count: usize) {
    Process::run(|process| {
        let flights = Flights::new();
        callers(process, &flights, count);
        let panicking = Arc::clone(&flights);
        process.spawn(move || panicking.panic());
        process.join();
        assert!(flights.flight.try_lead().is_some(), "no one leads when all have ended");
    });
}

/// A leader that takes longer than the others have: those give up, and it goes on.
pub fn timeouts(count: usize) {
    Process::run(|process| {
        let flights = Flights::new();
        for _ in 0..count {
            let flights = Arc::clone(&flights);
            process.spawn(move || {
                flights.call();
            });
        }
        passing(process);
        process.join();
        assert!(flights.flight.try_lead().is_some(), "no one leads when all have ended");
    });
}

/// One calls whose leader, the thread of the model itself, never ends before its time does.
pub fn timed_out() {
    Process::run(|process| {
        let flights = Flights::new();
        let leader = flights.flight.try_lead();
        let calling = Arc::clone(&flights);
        process.spawn(move || assert!(!calling.call(), "it got what no leader had"));
        passing(process);
        process.join();
        drop(leader);
    });
}

/// One calls whose leader is left behind by a fork in a signal handler, anywhere in its call.
pub fn left_by_its_leader() {
    Process::run(|process| {
        let flights = Flights::new();
        let leader = flights.flight.try_lead();
        let calling = Arc::clone(&flights);
        let caller = process.spawn(move || assert!(!calling.call(), "it got what no leader had"));
        forking(process, &flights, caller);
        process.join();
        drop(leader);
    });
}

/// A fork in another thread, or in a signal handler of one that calls: the child knows that the flight is its
/// parent's, and waits for no thread of it.
pub fn forks(count: usize) {
    Process::run(|process| {
        let flights = Flights::new();
        let threads = callers(process, &flights, count);
        forking(process, &flights, threads[0]);
    });
}
