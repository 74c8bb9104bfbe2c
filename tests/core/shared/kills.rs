//! Processes that are killed or stopped while they write or hold the lock.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use ims_sandbox::Fault;
use support::random::Random;

use super::host::{Host, SharedPlace, soak};
use super::worker::{Asks, Worker};

#[test]
fn kill_9_at_any_point_of_a_write_leaves_the_old_entry_or_the_new() {
    let host = Host::new(SharedPlace::File, None);
    let mut random = Random::seeded(9);
    let credentials = host.credentials("oauth.json");
    let output = || host.directory.path().join("output");
    let start = || Worker::start(&mut host.command(&credentials, 1, Asks::Once), output());
    let mut killed_in_time = 0;
    for round in 0..soak(100, 10_000) {
        // Cold each time, and a stray file of the last stays.
        for file in fs::read_dir(host.cache_directory()).into_iter().flatten().flatten() {
            if file.path().extension().is_some_and(|extension| extension == "token") {
                fs::remove_file(file.path()).unwrap();
            }
        }
        let mut worker = start();
        worker.go();
        thread::sleep(Duration::from_micros(random.below(6_000)));
        killed_in_time += u64::from(worker.child.try_wait().unwrap().is_none());
        worker.child.kill().unwrap();
        worker.child.wait().unwrap();

        let mut next = start();
        next.go();
        let begun = Instant::now();
        let ran = next.end();
        assert_eq!((ran.tokens.len(), ran.errors), (1, 0), "round {round}: {ran:?}");
        assert!(host.issued() > 0 && ran.tokens[0].split('.').count() == 3, "round {round}");
        // A lock that the killed process still held would keep it waiting for 5 s.
        assert!(begun.elapsed() < Duration::from_secs(5), "round {round}: hindered");
        let mut strays = 0;
        for file in fs::read_dir(host.cache_directory()).unwrap() {
            let file = file.unwrap();
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            strays += usize::from(file.file_name().to_string_lossy().contains(".new"));
        }
        assert!(strays <= 1, "round {round}: {strays} stray files");
    }
    assert!(killed_in_time > 10, "the kills came too late: {killed_in_time}");
}

#[test]
fn a_stopped_holder_of_the_lock_keeps_no_one_from_a_token() {
    let host = Host::new(SharedPlace::File, None);
    let output = |name: &str| host.directory.path().join(name);
    let credentials = host.credentials("oauth.json");
    let worker = || host.command(&credentials, 1, Asks::Once);
    host.sandbox.inject(Fault::latency(Duration::from_secs(1))).unwrap();
    let mut holder = Worker::start(&mut worker(), output("holder"));
    holder.go();
    let locked = || {
        let is_lock = |name: &str| name.ends_with(".lock");
        let files = fs::read_dir(host.cache_directory());
        files.into_iter().flatten().flatten().any(|f| is_lock(&f.file_name().to_string_lossy()))
    };
    while !locked() {
        thread::sleep(Duration::from_millis(1));
    }
    // It has the lock at once, and the answer only a second later.
    thread::sleep(Duration::from_millis(300));
    let signal = |name: &str| {
        Command::new("kill").args([name, &holder.child.id().to_string()]).status().unwrap()
    };
    assert!(signal("-STOP").success());
    host.sandbox.clear_faults();

    let mut next = Worker::start(&mut worker(), output("next"));
    next.go();
    let ran = next.end();

    assert_eq!((ran.tokens.len(), ran.errors), (1, 0), "{ran:?}");
    assert!(signal("-CONT").success());
    let ran = holder.end();
    assert_eq!(ran.errors, 0, "{ran:?}");
}
