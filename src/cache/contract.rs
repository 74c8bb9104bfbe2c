//! The tests that every shared cache must pass, whatever stores its entries.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use support::directory::Directory;
use support::redis::Redis;

use super::account::Account;
use super::backend::LockRank;
use super::entry::{Entry, WorkedSecret};
use super::examples::{account, endpoint, entry, failure, read, soon};
use super::location::Cache;
use super::shared::{Locking, SharedCache};

/// A place for entries, which lasts as long as this.
struct Place {
    cache: Cache,
    _directory: Directory,
    _redis: Option<Redis>,
}

impl Place {
    /// Returns one place of each kind.
    fn all() -> Vec<Self> {
        vec![Self::file(), Self::redis()]
    }

    fn file() -> Self {
        let directory = Directory::new();
        set_permissions(directory.path(), Permissions::from_mode(0o700)).unwrap();
        Self {
            cache: Cache::File(Some(directory.path().to_owned())),
            _directory: directory,
            _redis: None,
        }
    }
    fn redis() -> Self {
        let redis = Redis::start(&[]);
        Self {
            cache: Cache::Redis(redis.url().into()),
            _directory: Directory::new(),
            _redis: Some(redis),
        }
    }

    /// Returns the cache as another process has it.
    fn open(&self) -> SharedCache {
        self.open_for(&account())
    }

    fn open_for(&self, account: &Account) -> SharedCache {
        SharedCache::new(&self.cache, account, None).unwrap().unwrap()
    }
}

/// Stores an entry like the process that made the exchange.
fn store(cache: &SharedCache, entry: &Entry) {
    let mut session = cache.session(soon());
    assert_eq!(session.try_lock(LockRank::First), Locking::Held);
    session.write(entry);
}

fn stored(cache: &SharedCache) -> Option<String> {
    read(&mut cache.session(soon()))
}

/// Remembers a failure of now for half a minute.
fn failed() -> Entry {
    let now = SystemTime::now();
    Entry { failure: Some(failure(now, now + Duration::from_secs(30))), ..Entry::default() }
}

#[test]
fn a_token_is_there_for_the_next_process_and_for_no_other_account() {
    for place in Place::all() {
        assert_eq!(stored(&place.open()), None, "{:?}", place.cache);
        store(&place.open(), &entry("t0ken", 3600));
        assert_eq!(stored(&place.open()).unwrap(), "t0ken", "{:?}", place.cache);
        for other in [
            Account { secret: b"other", ..account() },
            Account { client_id: "other", ..account() },
            Account { identity: vec!["other".into()], ..account() },
        ] {
            assert_eq!(stored(&place.open_for(&other)), None, "{:?}", place.cache);
        }
    }
}

#[test]
fn one_session_has_a_lock_and_the_others_see_it_busy_until_it_ends() {
    for place in Place::all() {
        let (ours, theirs) = (place.open(), place.open());
        let (mut holder, mut other) = (ours.session(soon()), theirs.session(soon()));
        for rank in LockRank::ALL {
            assert_eq!(holder.try_lock(rank), Locking::Held, "{:?}", place.cache);
            assert_eq!(holder.try_lock(rank), Locking::Held, "it has it already");
            assert_eq!(other.try_lock(rank), Locking::Busy, "{:?}", place.cache);
        }
        drop(holder);
        for rank in LockRank::ALL {
            assert_eq!(other.try_lock(rank), Locking::Held, "{:?}", place.cache);
        }
    }
}

#[test]
fn the_token_that_lives_longer_stays_and_a_failure_leaves_it() {
    for place in Place::all() {
        let cache = place.open();
        store(&cache, &entry("long", 7200));
        store(&cache, &entry("short", 3600));
        assert_eq!(stored(&cache).unwrap(), "long", "{:?}", place.cache);
        store(&cache, &failed());
        let both = cache.session(soon()).read().unwrap();
        assert!(both.failure.is_some() && both.token.is_some(), "{:?}", place.cache);
        store(&cache, &entry("longer", 9000));
        let healed = cache.session(soon()).read().unwrap();
        assert!(healed.failure.is_none(), "{:?}", place.cache);
        assert_eq!(stored(&cache).unwrap(), "longer", "{:?}", place.cache);
    }
}

#[test]
fn only_the_token_that_is_named_is_forgotten() {
    for place in Place::all() {
        let cache = place.open();
        cache.session(soon()).forget("t0ken");
        store(&cache, &entry("t0ken", 3600));
        cache.session(soon()).forget("other");
        assert_eq!(stored(&cache).unwrap(), "t0ken", "{:?}", place.cache);
        cache.session(soon()).forget("t0ken");
        assert!(cache.session(soon()).read().is_none(), "{:?}", place.cache);
    }
}

#[test]
fn the_endpoint_and_the_secret_that_worked_outlive_a_token_that_is_forgotten_and_a_failure_that_is_cleared()
 {
    for place in Place::all() {
        let cache = place.open();
        let endpoint = || Some(endpoint(SystemTime::now()));
        let worked = Some(WorkedSecret { proof: "4567".into(), worked_at: SystemTime::now() });
        store(&cache, &Entry { endpoint: endpoint(), worked, ..entry("t0ken", 3600) });
        cache.session(soon()).forget("t0ken");
        let left = cache.session(soon()).read().unwrap();
        assert!(left.token.is_none() && left.endpoint.is_some(), "{:?}", place.cache);
        assert_eq!(left.worked.unwrap().proof, "4567", "{:?}", place.cache);
        store(&cache, &Entry { endpoint: endpoint(), ..failed() });
        cache.session(soon()).clear_failure();
        let left = cache.session(soon()).read().unwrap();
        assert!(left.failure.is_none() && left.endpoint.is_some(), "{:?}", place.cache);
    }
}

#[test]
fn a_failure_is_cleared_and_a_token_next_to_it_stays() {
    for place in Place::all() {
        let cache = place.open();
        store(&cache, &failed());
        cache.session(soon()).clear_failure();
        assert!(cache.session(soon()).read().is_none(), "{:?}", place.cache);
        store(&cache, &Entry { failure: failed().failure, ..entry("t0ken", 3600) });
        cache.session(soon()).clear_failure();
        let left = cache.session(soon()).try_read().unwrap().unwrap();
        assert!(left.failure.is_none() && left.token.is_some(), "{:?}", place.cache);
    }
}

#[test]
fn a_probe_names_each_lock_that_another_keeps_and_leaves_the_entry_alone() {
    for place in Place::all() {
        let (ours, theirs) = (place.open(), place.open());
        store(&ours, &entry("t0ken", 3600));
        let mut holder = ours.session(soon());
        for (locked, rank) in LockRank::ALL.into_iter().enumerate() {
            let (found, problems) = theirs.session(soon()).probe(Duration::ZERO);
            assert!(found.token.is_some(), "{:?}", place.cache);
            assert_eq!(problems.len(), locked, "{problems:?}");
            assert_eq!(holder.try_lock(rank), Locking::Held);
        }
        drop(holder);
        assert_eq!(stored(&theirs).unwrap(), "t0ken", "{:?}", place.cache);
    }
}
