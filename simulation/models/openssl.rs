//! Forks and threads in OpenSSL: a child that may use OpenSSL has none that another thread was in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use shuttle::rand::Rng;
use shuttle::thread;
use simulated_ims::simulated::World;
use simulated_ims::{
    Stay, after_fork_in_child, after_fork_in_parent, before_fork, may_use_openssl, restart,
};

use crate::world::Process;

/// How long a fork waits for short stays (ims.h, 'Fork').
const MAX_FORK_WAIT: Duration = Duration::from_millis(50);
/// How long a thread waits for a fork.
const MAX_ENTRY_WAIT: Duration = Duration::from_millis(250);

/// Threads make stays, short ones and one that a fork does not wait for, while another one forks.
pub fn forks(count: usize) {
    restart();
    Process::run(|process| {
        let inside = Arc::new(AtomicU32::new(0));
        for number in 0..count {
            let inside = Arc::clone(&inside);
            process.spawn(move || {
                let process = Process::current();
                for _ in 0..2 {
                    let stay = if number == 0 { Stay::begin_long() } else { Stay::begin() };
                    inside.fetch_add(1, Ordering::SeqCst);
                    // A fork takes as many steps.
                    let steps = shuttle::rand::thread_rng().gen_range(1..1000);
                    (0..steps).for_each(|_| process.step());
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(stay);
                }
            });
        }
        process.spawn(move || {
            let process = Process::current();
            before_fork(|wait| wait());
            process.step();
            if shuttle::rand::thread_rng().gen_bool(0.5) {
                return after_fork_in_parent();
            }
            process.fork(thread::current().id(), Box::new(|| ()));
            after_fork_in_child();
            let inside = inside.load(Ordering::SeqCst);
            assert!(inside == 0 || !may_use_openssl(), "OpenSSL may be locked for ever");
            // It is not shut.
            drop(Stay::begin());
        });
    });
}

/// Threads make short stays while another one forks time after time: a child loses OpenSSL only if its fork waited in
/// vain, or took so long that a thread gave it up.
pub fn successive_forks(count: usize) {
    const FORKS: usize = 8;
    restart();
    Process::run(|process| {
        for _ in 0..count {
            process.spawn(|| {
                let process = Process::current();
                for _ in 0..4 {
                    let stay = Stay::begin();
                    process.step();
                    drop(stay);
                    process.step();
                }
            });
        }
        process.spawn(|| {
            let process = Process::current();
            let last = shuttle::rand::thread_rng().gen_range(0..FORKS);
            for number in 0..=last {
                let begun = process.now();
                before_fork(|wait| wait());
                let closed = process.now();
                process.step();
                if number < last {
                    after_fork_in_parent();
                    continue;
                }
                let is_in_vain = closed - begun >= MAX_FORK_WAIT;
                let is_given_up = process.now() - begun > MAX_ENTRY_WAIT;
                process.fork(thread::current().id(), Box::new(|| ()));
                after_fork_in_child();
                assert!(may_use_openssl() || is_in_vain || is_given_up, "it had waited for no one");
            }
        });
    });
}

/// Forks follow each other so closely that the gate is never open: a thread waits no longer than for all forks together.
pub fn forks_without_end() {
    // Five seconds, and what passes until it looks again.
    const MAX_WAIT: Duration = Duration::from_secs(6);
    const BETWEEN: Duration = Duration::from_millis(200);
    restart();
    Process::run(|process| {
        let has_entered = Arc::new(AtomicU32::new(0));
        let entered = Arc::clone(&has_entered);
        process.spawn(move || {
            let process = Process::current();
            let begun = process.now();
            drop(Stay::begin());
            let waited = process.now() - begun;
            assert!(waited <= MAX_WAIT, "a thread waited for {waited:?}");
            entered.store(1, Ordering::SeqCst);
        });
        process.spawn(move || {
            let process = Process::current();
            before_fork(|wait| wait());
            while has_entered.load(Ordering::SeqCst) == 0 {
                before_fork(|wait| wait());
                process.pass(BETWEEN);
                after_fork_in_parent();
                thread::yield_now();
            }
            after_fork_in_parent();
        });
    });
}
