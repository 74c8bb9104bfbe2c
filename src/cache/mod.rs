//! Where tokens are kept between processes and machines: sealed entries in a file or in Redis.
//!
//! A cache only saves exchanges. Whatever is wrong with it costs one more of these, never a call.

#[cfg(feature = "redis")]
mod breaker;
mod directory;
mod file;
#[cfg(feature = "cli")]
mod probe;
mod problem;
#[cfg(feature = "redis")]
mod redis;
mod seal;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, Field, Status};
use crate::secret::Secret;
use crate::token::Token;

use file::FileCache;
pub(crate) use problem::Problem;
#[cfg(feature = "redis")]
use redis::RedisCache;
use seal::Seal;

/// Longest entry, in bytes: the longest token with all that stands beside it.
const LONGEST_ENTRY: usize = 64 * 1024;

/// Where a client keeps its token.
///
/// A shared entry is sealed with a key that comes from the account's own private key or client
/// secret: whoever steals it learns the client id and when it expires, and nothing else.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Cache {
    /// In this process.
    #[default]
    Memory,
    /// Nowhere: every call is an exchange.
    None,
    /// In a file, for all processes of this user. The directory is absolute; `None` stands for
    /// `ims` in `XDG_RUNTIME_DIR` or else in the user's cache directory.
    File(Option<PathBuf>),
    /// In Redis, for all machines: `redis://[user:password@]host[:port][/database]`, or `rediss://`
    /// for TLS; with Sentinel `redis+sentinel://[user:password@]host,host/service[/database]`, as a
    /// cluster `redis+cluster://[user:password@]host,host`.
    Redis(Secret),
}

impl Cache {
    /// Reads `memory`, `none`, `file:`, `file:/DIRECTORY`, `redis://...` or `rediss://...`.
    ///
    /// # Errors
    /// [`Status::Cache`] for anything else; the text never repeats it, for it may hold a password.
    pub fn parse(text: &OsStr) -> Result<Self, Error> {
        let cache = match text.to_str() {
            Some("memory") => Self::Memory,
            Some("none") => Self::None,
            Some("file:") => Self::File(None),
            Some(url) if is_redis(url) => Self::Redis(url.into()),
            _ => Self::File(Some(directory(text).ok_or_else(unknown)?)),
        };
        cache.check()?;
        Ok(cache)
    }

    fn check(&self) -> Result<(), Error> {
        match self {
            Self::Memory | Self::None | Self::File(None) => Ok(()),
            Self::File(Some(directory)) if directory.is_absolute() => Ok(()),
            Self::File(Some(_)) => Err(misconfigured("is a directory that is not absolute")
                .with_hint("write the whole path, as in file:/var/lib/app/tokens")),
            #[cfg(feature = "redis")]
            Self::Redis(url) => redis::Address::parse(url).map(|_| ()),
            #[cfg(not(feature = "redis"))]
            Self::Redis(_) => Err(misconfigured("is Redis, which this build of libims leaves out")
                .with_hint("build libims with its feature redis")),
        }
    }
}

impl FromStr for Cache {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text.as_ref())
    }
}

/// Whether the scheme of `text` is one of Redis's; the rest is checked later.
fn is_redis(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| matches!(scheme.split('+').next(), Some("redis" | "rediss")))
}

/// What follows `file:`; a path is any bytes.
fn directory(text: &OsStr) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let path = text.as_bytes().strip_prefix(b"file:")?;
    Some(PathBuf::from(OsStr::from_bytes(path)))
}

fn misconfigured(problem: &str) -> Error {
    Error::new(Status::Cache, problem).with_field(Field::new("cache"))
}

fn unknown() -> Error {
    misconfigured("is of an unknown kind").with_hint(
        "write memory, none, file:, file:/DIRECTORY, redis://HOST:PORT/DATABASE or rediss://...",
    )
}

/// Whose entries: the sealing key comes from `secret`, and everything else is bound in.
pub(crate) struct Owner<'a> {
    pub secret: &'a [u8],
    pub client_id: &'a str,
    pub identity: &'a [String],
}

/// What is kept of one account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub token: Option<StoredToken>,
    pub failure: Option<StoredFailure>,
}

#[derive(Clone, Debug)]
pub(crate) struct StoredToken {
    pub token: Token,
    pub obtained_at: SystemTime,
}

#[derive(Clone, Debug)]
pub(crate) struct StoredFailure {
    pub error: Error,
    pub failed_at: SystemTime,
    /// Until then, nobody need try again.
    pub until: SystemTime,
    /// How many failures in a row.
    pub streak: u32,
}

/// A holder may be stopped for long, or wait for a server that it alone cannot reach. Those who have
/// waited long try the next lock, so that one of them goes on, and not all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockRank {
    First,
    Second,
    Third,
}

impl LockRank {
    pub const ALL: [Self; 3] = [Self::First, Self::Second, Self::Third];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locking {
    Held,
    /// Somebody else has it.
    Busy,
    /// The cache is out of order.
    Unavailable,
}

/// One visit to the place of one entry: sealed bytes in, sealed bytes out. The drop releases what
/// is locked.
trait TokenCache {
    /// `None` where nothing is there that can be used.
    fn read(&mut self) -> Result<Option<Vec<u8>>, Problem>;
    /// Whether the lock is now held; `false` where somebody else has it.
    fn try_lock(&mut self, rank: LockRank) -> Result<bool, Problem>;
    /// Replaces the entry by one that is of use for `lifetime`.
    fn write(&mut self, entry: &[u8], lifetime: Duration) -> Result<(), Problem>;
    /// Removes the entry if it still is this one.
    fn remove(&mut self, entry: &[u8]) -> Result<(), Problem>;
    /// Turns to an entry of the probe's own, which no call reads. Locks stay those of the account.
    #[cfg(feature = "cli")]
    fn use_probe(&mut self);
    /// Tells of a lock that somebody else keeps.
    #[cfg(feature = "cli")]
    fn stuck(&self, rank: LockRank) -> Problem;
}

/// A cache that others share, and one account's entry in it. Keeps no file and no connection open:
/// a forked child would share it.
pub(crate) struct SharedCache {
    place: Place,
    seal: Seal,
    /// One warning is enough: a cache stays out of order for thousands of calls.
    reported: AtomicBool,
}

enum Place {
    File(FileCache),
    #[cfg(feature = "redis")]
    Redis(RedisCache),
}

impl SharedCache {
    /// `None` for caches that nobody shares. Touches neither files nor the network. `ca_file` holds
    /// the authorities that `rediss://` trusts in place of the system's.
    ///
    /// # Errors
    /// [`Status::Cache`] for a relative directory and for a Redis URL that cannot be one.
    pub fn new(
        cache: &Cache,
        owner: &Owner,
        ca_file: Option<&Path>,
    ) -> Result<Option<Self>, Error> {
        cache.check()?;
        let seal = Seal::new(owner);
        let place = match cache {
            Cache::Memory | Cache::None => return Ok(None),
            Cache::File(directory) => {
                Place::File(FileCache::new(directory.as_deref(), seal.name()))
            }
            #[cfg(feature = "redis")]
            Cache::Redis(url) => Place::Redis(RedisCache::new(url, seal.name(), ca_file)?),
            #[cfg(not(feature = "redis"))]
            Cache::Redis(_) => return Ok(None),
        };
        #[cfg(not(feature = "redis"))]
        let _ = ca_file;
        Ok(Some(Self { place, seal, reported: AtomicBool::new(false) }))
    }

    /// Begins one call's dealings with it, all of them done before `deadline`.
    pub fn visit(&self, deadline: Instant) -> Visit<'_> {
        let place: Box<dyn TokenCache + '_> = match &self.place {
            Place::File(file) => Box::new(file.visit()),
            #[cfg(feature = "redis")]
            Place::Redis(redis) => Box::new(redis.visit(deadline)),
        };
        #[cfg(not(feature = "redis"))]
        let _ = deadline;
        Visit { shared: self, place }
    }
}

/// One call's dealings with a shared cache. None of them fails. One that does not work does not keep
/// the others from it: what cannot be written may still be read. The drop releases the locks.
pub(crate) struct Visit<'a> {
    shared: &'a SharedCache,
    place: Box<dyn TokenCache + 'a>,
}

impl Visit<'_> {
    /// What is there and can be believed now.
    pub fn read(&mut self) -> Option<Entry> {
        let sealed = self.attempt(|place| place.read()).flatten()?;
        self.shared.seal.open(&sealed, SystemTime::now())
    }

    /// As [`Visit::read`], but says what is wrong with the cache.
    ///
    /// # Errors
    /// [`Status::Cache`].
    pub fn try_read(&mut self) -> Result<Option<Entry>, Error> {
        let sealed = self.place.read().map_err(|Problem { text, hint }| {
            let error =
                Error::new(Status::Cache, format!("the token cache cannot be read: {text}"));
            match hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            }
        })?;
        Ok(sealed.and_then(|sealed| self.shared.seal.open(&sealed, SystemTime::now())))
    }

    /// Tries to become the one that exchanges.
    pub fn try_lock(&mut self, rank: LockRank) -> Locking {
        match self.attempt(|place| place.try_lock(rank)) {
            Some(true) => Locking::Held,
            Some(false) => Locking::Busy,
            None => Locking::Unavailable,
        }
    }

    /// Stores `entry`. Of its token and a valid one that is there, the one that lives longer stays.
    pub fn write(&mut self, entry: &Entry) {
        let there = self.read().and_then(|there| there.token);
        let token = match (&entry.token, &there) {
            (Some(ours), Some(theirs)) if theirs.token.expires_at() <= ours.token.expires_at() => {
                Some(ours)
            }
            (ours, None) => ours.as_ref(),
            (_, theirs) => theirs.as_ref(),
        };
        let merged = Entry { token: token.cloned(), failure: entry.failure.clone() };
        let Some(expiry) = merged.expiry() else { return };
        let Some(sealed) = self.shared.seal.close(&merged) else { return };
        let lifetime = expiry.duration_since(SystemTime::now()).unwrap_or_default();
        self.attempt(|place| place.write(&sealed, lifetime));
    }

    /// Removes a remembered failure, so that the next caller tries at once.
    pub fn clear_failure(&mut self) {
        let Some(sealed) = self.attempt(|place| place.read()).flatten() else { return };
        let entry = self.shared.seal.open(&sealed, SystemTime::now()).unwrap_or_default();
        match entry {
            Entry { failure: None, .. } => {}
            Entry { token: None, .. } => {
                self.attempt(|place| place.remove(&sealed));
            }
            // Where another process holds the lock, what it is about to write counts.
            Entry { token, .. } => {
                if self.try_lock(LockRank::First) == Locking::Held {
                    self.write(&Entry { token, failure: None });
                }
            }
        }
    }

    /// Removes the entry if its token is this one. A failure beside it goes too: it was of use only
    /// with the token.
    pub fn forget(&mut self, access_token: &str) {
        let Some(sealed) = self.attempt(|place| place.read()).flatten() else { return };
        let entry = self.shared.seal.open(&sealed, SystemTime::now());
        if entry
            .and_then(|entry| entry.token)
            .is_some_and(|stored| stored.token.access_token() == access_token)
        {
            self.attempt(|place| place.remove(&sealed));
        }
    }

    fn attempt<T>(
        &mut self,
        step: impl FnOnce(&mut dyn TokenCache) -> Result<T, Problem>,
    ) -> Option<T> {
        match step(&mut *self.place) {
            Ok(done) => Some(done),
            Err(problem) => {
                if !self.shared.reported.swap(true, Ordering::Relaxed) {
                    log::warn!(
                        target: "ims",
                        "the token cache is unavailable, and each process is on its own: {problem}"
                    );
                }
                None
            }
        }
    }
}

impl Entry {
    /// When nothing in it is of use any more; `None` where nothing is in it.
    fn expiry(&self) -> Option<SystemTime> {
        let token = self.token.as_ref().map(|stored| stored.token.expires_at());
        let failure = self.failure.as_ref().map(|failure| failure.until);
        token.max(failure)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    pub fn owner() -> Owner<'static> {
        Owner { secret: b"secret", client_id: "client", identity: &[] }
    }

    pub fn token(access_token: &str, expires_at: SystemTime) -> StoredToken {
        let token = Token::new(access_token, None, expires_at);
        StoredToken { token, obtained_at: SystemTime::now() }
    }

    pub fn failure(failed_at: SystemTime, until: SystemTime) -> StoredFailure {
        let error = Error::new(Status::Rejected, "the token server refused");
        StoredFailure { error, failed_at, until, streak: 1 }
    }

    /// An entry with a token that lives as many seconds.
    pub fn entry(access_token: &str, seconds: u64) -> Entry {
        let expires_at = SystemTime::now() + Duration::from_secs(seconds);
        Entry { token: Some(token(access_token, expires_at)), failure: None }
    }

    /// What `visit` reads, as the access token alone.
    pub fn read(visit: &mut Visit) -> Option<String> {
        Some(visit.read()?.token?.token.access_token().to_owned())
    }

    pub fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[test]
    fn every_kind_of_cache_has_a_text() {
        let parse = |text: &str| text.parse::<Cache>().unwrap();
        assert!(matches!(parse("memory"), Cache::Memory));
        assert!(matches!(parse("none"), Cache::None));
        assert!(matches!(parse("file:"), Cache::File(None)));
        let directory = Path::new("/var/lib/a b");
        assert!(matches!(parse("file:/var/lib/a b"), Cache::File(Some(path)) if path == directory));
    }

    #[cfg(feature = "redis")]
    #[test]
    fn redis_has_a_text_that_no_debug_shows() {
        for text in ["redis://host", "rediss://user:s3cret@[::1]:7000/3", "redis://:s3cret@host"] {
            let cache: Cache = text.parse().unwrap();
            assert_eq!(format!("{cache:?}"), "Redis([redacted])");
        }
    }

    #[test]
    fn any_other_text_is_an_error_that_repeats_none_of_it() {
        for text in [
            "",
            "disk",
            "Memory",
            "file",
            "file:s3cret",
            "file://s3cret/x",
            "redis:s3cret",
            "redis://",
            "redis://:s3cret@host:port",
            "redis://:s3cret@host/database",
            "rediss://:s3cret@host#insecure",
            "http://s3cret@host",
        ] {
            let Err(error) = text.parse::<Cache>() else {
                assert_eq!(text, "file://s3cret/x", "a path may begin with two slashes");
                continue;
            };
            assert_eq!(error.status(), Status::Cache, "{text}");
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn caches_that_nobody_shares_are_none_and_bad_ones_are_errors() {
        let new = |cache: &Cache| SharedCache::new(cache, &owner(), None);
        assert!(new(&Cache::Memory).unwrap().is_none());
        assert!(new(&Cache::None).unwrap().is_none());
        for bad in [Cache::File(Some("relative".into())), Cache::Redis("http://host".into())] {
            assert_eq!(new(&bad).err().unwrap().status(), Status::Cache);
        }
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
    fn a_cache_out_of_order_is_reported_once() {
        log::set_logger(&WARNINGS).unwrap();
        log::set_max_level(log::LevelFilter::Warn);
        // Its name would move the cursor of a terminal that shows the host's log.
        let place = Path::new("/dev/null/reported-once \u{1b}[2K\n");
        let cache = Cache::File(Some(place.into()));
        let shared = SharedCache::new(&cache, &owner(), None).unwrap().unwrap();
        for _ in 0..3 {
            let mut visit = shared.visit(soon());
            assert!(read(&mut visit).is_none());
            assert_eq!(visit.try_lock(LockRank::First), Locking::Unavailable);
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
