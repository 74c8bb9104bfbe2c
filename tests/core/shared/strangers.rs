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

/// With one lock left, the one who gets it makes the exchange for all who have the time to wait for it.
fn check_with_locks_held(host: &Host, locks: usize) {
    let before = host.issued();
    let ran = end(go(host.workers(PROCESSES, 2, Asks::Once)));
    assert!(ran.iter().all(|ran| ran.errors == 0), "{locks} locks: {ran:?}");
    let issued = host.issued() - before;
    let late = ran.iter().filter(|ran| ran.late > 0).count() as u64;
    let most = if locks < LOCKS.len() { 1 + late } else { PROCESSES as u64 };
    assert!((1..=most).contains(&issued), "{locks} locks: {issued} exchanges, {ran:?}");
}

#[test]
fn file_locks_that_strangers_hold_keep_no_one_from_a_token() {
    for held in [2, 3] {
        let host = Host::new(SharedPlace::File, None);
        let entry = entry(&host);
        fs::remove_file(&entry).unwrap();
        let locks: Vec<File> = LOCKS[..held]
            .iter()
            .map(|lock| File::create(entry.with_extension(lock)).unwrap())
            .collect();
        locks.iter().for_each(|lock| lock.lock().unwrap());
        check_with_locks_held(&host, held);
    }
}

#[test]
fn redis_locks_that_strangers_hold_keep_no_one_from_a_token() {
    for held in [2, 3] {
        let host = Host::new(SharedPlace::Redis, None);
        end(go(host.workers(1, 1, Asks::Once)));
        let redis = host.redis.as_ref().unwrap();
        let entry = redis.ask(&["--scan", "--pattern", "ims:*"]);
        let entry = entry.trim();
        redis.ask(&["del", entry]);
        for lock in &LOCKS[..held] {
            redis.ask(&["set", &format!("{entry}:{lock}"), "a stranger's"]);
        }
        check_with_locks_held(&host, held);
    }
}
