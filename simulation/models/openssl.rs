//! Forks and threads in OpenSSL: a child that may use OpenSSL has none that another thread was in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use shuttle::rand::Rng;
use shuttle::thread;
use simulated_ims::{
    Stay, after_fork_in_child, after_fork_in_parent, before_fork, may_use_openssl, restart,
};

use crate::world::Process;

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
                    process.step();
                    process.step();
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
