//! Locks that strangers hold, for ever.

use std::fs::{self, File};
use std::path::PathBuf;

use super::host::{Host, SharedPlace};
use super::worker::{Asks, end, go};

const PROCESSES: usize = 8;
const LOCKS: [&str; 3] = ["lock", "lock2", "lock3"];

/// The account's entry, which one exchange has made.
fn entry(host: &Host) -> PathBuf {
    end(go(host.workers(1, 1, Asks::Once)));
    let files = fs::read_dir(host.cache_directory()).unwrap().map(|file| file.unwrap().path());
    files.into_iter().find(|path| path.extension().is_some_and(|found| found == "token")).unwrap()
}

fn run_with_locks_held(host: &Host, locks: usize) -> u64 {
    let before = host.issued();
    let ran = end(go(host.workers(PROCESSES, 2, Asks::Once)));
    assert!(ran.iter().all(|ran| ran.errors == 0), "{locks} locks: {ran:?}");
    host.issued() - before
}

#[test]
fn file_locks_that_strangers_hold_keep_no_one_from_a_token() {
    // With one lock left, the one who gets it makes the exchange for all.
    for (held, most) in [(2, 1), (3, PROCESSES as u64)] {
        let host = Host::new(SharedPlace::File, None);
        let entry = entry(&host);
        fs::remove_file(&entry).unwrap();
        let locks: Vec<File> = LOCKS[..held]
            .iter()
            .map(|lock| File::create(entry.with_extension(lock)).unwrap())
            .collect();
        locks.iter().for_each(|lock| lock.lock().unwrap());
        let issued = run_with_locks_held(&host, held);
        assert!((1..=most).contains(&issued), "{held} locks: {issued} exchanges");
    }
}

#[test]
fn redis_locks_that_strangers_hold_keep_no_one_from_a_token() {
    for (held, most) in [(2, 1), (3, PROCESSES as u64)] {
        let host = Host::new(SharedPlace::Redis, None);
        end(go(host.workers(1, 1, Asks::Once)));
        let redis = host.redis.as_ref().unwrap();
        let entry = redis.ask(&["--scan", "--pattern", "ims:*"]);
        let entry = entry.trim();
        redis.ask(&["del", entry]);
        for lock in &LOCKS[..held] {
            redis.ask(&["set", &format!("{entry}:{lock}"), "a stranger's"]);
        }
        let issued = run_with_locks_held(&host, held);
        assert!((1..=most).contains(&issued), "{held} locks: {issued} exchanges");
    }
}
