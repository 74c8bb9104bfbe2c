//! A cache that processes share, as a call sees it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::account::Account;
use super::backend::{BackendSession, LockRank};
use super::entry::{Entry, StoredToken};
use super::file::FileCache;
use super::location::Cache;
use super::problem::Problem;
use super::redis::RedisCache;
use super::seal::Seal;
use crate::error::{Error, Status};
use crate::system;

/// The outcome of an attempt to lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locking {
    Held,
    /// Another session has the lock.
    Busy,
    /// The cache is unavailable.
    Unavailable,
}

/// A cache that others share, and one account's entry in it. Keeps no file and no connection open:
/// a forked child would share it.
pub(crate) struct SharedCache {
    pub(super) backend: Backend,
    pub(super) seal: Seal,
    /// One warning is enough: a cache stays unavailable for thousands of calls.
    pub(super) reported: AtomicBool,
}

pub(super) enum Backend {
    File(FileCache),
    Redis(RedisCache),
}

impl SharedCache {
    /// Returns `None` for caches that no one shares, and for an account that has no secret: anyone could
    /// open its entry. Touches neither files nor the network. `ca_file` holds the CA certificates that
    /// `rediss://` trusts instead of the system's.
    ///
    /// # Errors
    /// [`Status::Cache`] for a relative directory and for a Redis URL that cannot be one.
    pub fn new(
        cache: &Cache,
        account: &Account,
        ca_file: Option<&Path>,
    ) -> Result<Option<Self>, Error> {
        cache.check()?;
        if account.secret.is_empty() {
            return Ok(None);
        }
        let (seal, backend) = match cache {
            Cache::Memory | Cache::None => return Ok(None),
            Cache::File(directory) => {
                let seal = Seal::new(account);
                let file = FileCache::new(directory.as_deref(), seal.name());
                (seal, Backend::File(file))
            }
            Cache::Redis(url) => {
                let seal = Seal::new(account);
                let redis = RedisCache::new(url, seal.name(), ca_file)?;
                (seal, Backend::Redis(redis))
            }
        };
        Ok(Some(Self { backend, seal, reported: AtomicBool::new(false) }))
    }

    /// Begins one call's session with it, which ends before `deadline`.
    pub fn session(&self, deadline: Instant) -> Session<'_> {
        let backend: Box<dyn BackendSession + '_> = match &self.backend {
            Backend::File(file) => Box::new(file.session()),
            Backend::Redis(redis) => Box::new(redis.session(deadline)),
        };
        Session { shared: self, backend }
    }
}

/// One call's session with a shared cache. Its steps cannot fail: after a step that did not work,
/// the others are still tried, for a cache that cannot be written may still be read. Its drop
/// releases the locks.
pub(crate) struct Session<'a> {
    pub(super) shared: &'a SharedCache,
    pub(super) backend: Box<dyn BackendSession + 'a>,
}

impl Session<'_> {
    /// Reads the entry, without the parts that are not valid now.
    pub fn read(&mut self) -> Option<Entry> {
        let sealed = self.attempt(|backend| backend.read()).flatten()?;
        self.shared.seal.open(&sealed, system::system_time())
    }

    /// Reads like [`Session::read`], but returns the problem of the cache.
    ///
    /// # Errors
    /// [`Status::Cache`].
    pub fn try_read(&mut self) -> Result<Option<Entry>, Error> {
        let sealed = self.backend.read().map_err(|Problem { problem, hint }| {
            let error =
                Error::new(Status::Cache, format!("the token cache cannot be read: {problem}"));
            match hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            }
        })?;
        Ok(sealed.and_then(|sealed| self.shared.seal.open(&sealed, system::system_time())))
    }

    /// Tries to become the one that exchanges.
    pub fn try_lock(&mut self, rank: LockRank) -> Locking {
        match self.attempt(|backend| backend.try_lock(rank)) {
            Some(true) => Locking::Held,
            Some(false) => Locking::Busy,
            None => Locking::Unavailable,
        }
    }

    /// Stores `entry`. If the cache already holds a valid token that lives longer, that token
    /// stays.
    pub fn write(&mut self, entry: &Entry) {
        let there = self.read().and_then(|there| there.token);
        let token = match (&entry.token, &there) {
            (Some(ours), Some(theirs)) if theirs.token.expires_at() <= ours.token.expires_at() => {
                Some(ours)
            }
            (ours, None) => ours.as_ref(),
            (_, theirs) => theirs.as_ref(),
        };
        let merged = Entry { token: token.cloned(), ..entry.clone() };
        let Some(expiry) = merged.expiry() else { return };
        let Some(sealed) = self.shared.seal.close(&merged) else { return };
        let lifetime = expiry.duration_since(system::system_time()).unwrap_or_default();
        self.attempt(|backend| backend.write(&sealed, lifetime));
    }

    /// Removes a remembered failure, so that the next caller tries at once.
    pub fn clear_failure(&mut self) {
        let Some(sealed) = self.attempt(|backend| backend.read()).flatten() else { return };
        let entry = self.shared.seal.open(&sealed, system::system_time()).unwrap_or_default();
        match entry {
            Entry { failure: None, .. } => {}
            Entry { token: None, endpoint: None, worked: None, .. } => {
                self.attempt(|backend| backend.remove(&sealed));
            }
            // If another process holds the lock, nothing is written, because it is about to write.
            entry => {
                if self.try_lock(LockRank::First) == Locking::Held {
                    self.write(&Entry { failure: None, ..entry });
                }
            }
        }
    }

    /// Removes the entry if its token is this one. A failure next to it goes too: it was of use only
    /// with the token. The token endpoint and the secret that worked stay, for the next token.
    pub fn forget(&mut self, access_token: &str) {
        let Some(sealed) = self.attempt(|backend| backend.read()).flatten() else { return };
        let entry = self.shared.seal.open(&sealed, system::system_time()).unwrap_or_default();
        let is_it = |stored: &StoredToken| stored.token.access_token() == access_token;
        if !entry.token.as_ref().is_some_and(is_it) {
            return;
        }
        // Removed first, because that needs no lock.
        self.attempt(|backend| backend.remove(&sealed));
        let Entry { endpoint, worked, .. } = entry;
        let is_of_use = endpoint.is_some() || worked.is_some();
        let is_ours = is_of_use && self.try_lock(LockRank::First) == Locking::Held;
        if is_ours && self.read().is_none() {
            self.write(&Entry { endpoint, worked, ..Entry::default() });
        }
    }

    fn attempt<T>(
        &mut self,
        step: impl FnOnce(&mut dyn BackendSession) -> Result<T, Problem>,
    ) -> Option<T> {
        match step(&mut *self.backend) {
            Ok(done) => Some(done),
            Err(problem) => {
                if !self.shared.reported.swap(true, Ordering::Relaxed) {
                    log::warn!(
                        target: "ims",
                        "the token cache is unavailable, and each process gets its own token: {problem}"
                    );
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::cache::examples::{account, read, soon};

    #[test]
    fn caches_that_no_one_shares_are_none_and_bad_ones_are_errors() {
        let new = |cache: &Cache| SharedCache::new(cache, &account(), None);
        assert!(new(&Cache::Memory).unwrap().is_none());
        assert!(new(&Cache::None).unwrap().is_none());
        for bad in [Cache::File(Some("relative".into())), Cache::Redis("http://host".into())] {
            assert_eq!(new(&bad).err().unwrap().status(), Status::Cache);
        }
    }

    #[test]
    fn an_account_without_a_secret_has_no_entry_that_anyone_could_open() {
        let public = Account { secret: b"", ..account() };
        for cache in [Cache::File(None), Cache::Redis("redis://localhost".into())] {
            assert!(SharedCache::new(&cache, &account(), None).unwrap().is_some());
            assert!(SharedCache::new(&cache, &public, None).unwrap().is_none());
        }
        let bad = Cache::File(Some("relative".into()));
        assert_eq!(SharedCache::new(&bad, &public, None).err().unwrap().status(), Status::Cache);
    }

    struct Warnings(Mutex<Vec<String>>);

    static WARNINGS: Warnings = Warnings(Mutex::new(Vec::new()));

    impl log::Log for Warnings {
        fn enabled(&self, metadata: &log::Metadata) -> bool {
            metadata.target() == "ims"
        }

        fn log(&self, record: &log::Record) {
            if self.enabled(record.metadata()) {
                self.0.lock().unwrap().push(format!("{} {}", record.level(), record.args()));
            }
        }

        fn flush(&self) {}
    }

    #[test]
    fn a_cache_that_is_unavailable_is_reported_once() {
        log::set_logger(&WARNINGS).unwrap();
        log::set_max_level(log::LevelFilter::Warn);
        // Its name would move the cursor of a terminal that shows the host's log.
        let place = Path::new("/dev/null/reported-once \u{1b}[2K\n");
        let cache = Cache::File(Some(place.into()));
        let shared = SharedCache::new(&cache, &account(), None).unwrap().unwrap();
        for _ in 0..3 {
            let mut session = shared.session(soon());
            assert!(read(&mut session).is_none());
            assert_eq!(session.try_lock(LockRank::First), Locking::Unavailable);
        }
        let warnings = WARNINGS.0.lock().unwrap();
        let ours: Vec<_> =
            warnings.iter().filter(|text| text.contains("/reported-once ")).collect();
        assert_eq!(ours.len(), 1, "{ours:?}");
        assert!(ours[0].starts_with("WARN the token cache is unavailable"), "{ours:?}");
        assert!(!ours[0].contains(char::is_control), "{ours:?}");
    }

    #[test]
    fn a_shared_cache_can_be_used_by_all_threads() {
        fn used_by_all<T: Send + Sync>() {}
        used_by_all::<SharedCache>();
    }
}
