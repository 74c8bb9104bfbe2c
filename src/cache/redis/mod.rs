//! Entries in Redis, for machines that share it.

// The modules are in the order of use: each uses only those above it.
mod address;
mod failure;
mod wait_budget;
#[cfg_attr(simulation, path = "simulated_socket.rs")]
mod socket;
mod tls;
mod connection;
mod server;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use ::redis::{Cmd, Value, cmd};

use super::backend::{BackendSession, LockRank};
use super::breaker::Breaker;
use super::entry::MAX_ENTRY;
use super::problem::Problem;
use super::survey::Survey;
use crate::error::{Error, printable};
use crate::hex::hex;
use crate::net::is_loopback;
use crate::random;
use crate::secret::Secret;
use crate::system;
pub(super) use address::Address;
use failure::Failure;
use server::Server;
#[cfg(fuzzing)]
pub(crate) use server::problems;
use wait_budget::WaitBudget;

/// A lock outlives its holder's deadline by this much, and no dead holder blocks for longer: on a busy
/// host a call ends later than it should, and must still be the only one.
const LOCK_MARGIN: Duration = Duration::from_secs(5);
const MIN_LIFETIME: Duration = Duration::from_secs(1);

/// One account's keys in Redis. Nothing is kept open.
pub(super) struct RedisCache {
    address: Box<Address>,
    /// A cluster chooses the node by the part in braces: it is the same for all of an account's keys.
    key: String,
    ca_file: Option<PathBuf>,
    breaker: Breaker,
    first_node: AtomicUsize,
}

impl RedisCache {
    pub fn new(url: &Secret, name: &str, ca_file: Option<&Path>) -> Result<Self, Error> {
        Ok(Self {
            address: Box::new(Address::parse(url)?),
            key: format!("ims:{{{name}}}"),
            ca_file: ca_file.map(Path::to_owned),
            breaker: Breaker::new(),
            first_node: AtomicUsize::new(0),
        })
    }

    pub fn survey(&self) -> Survey {
        let Address { nodes, tls, sentinel, .. } = &*self.address;
        let is_clear = tls.is_none() && !nodes.iter().all(|node| is_loopback(&node.host));
        let nodes: Vec<String> = nodes.iter().map(ToString::to_string).collect();
        let at = match sentinel {
            Some(sentinel) => format!("service {} of the Sentinels at", sentinel.service),
            None => "at".to_owned(),
        };
        let place = format!("Redis {at} {}", nodes.join(", "));
        let clear = is_clear.then(|| {
            Problem::new(format!(
                "{place} is reached in clear over the network: entries are sealed, its password is not"
            ))
            .with_hint("use rediss://, or a network that only you can listen to")
        });
        Survey {
            place,
            problems: clear.into_iter().collect(),
            idle: Some("is asked with --online"),
        }
    }

    pub fn session(&self, deadline: Instant) -> RedisSession<'_> {
        self.session_with(WaitBudget::new(deadline), deadline)
    }

    fn session_with(&self, wait_budget: WaitBudget, deadline: Instant) -> RedisSession<'_> {
        let wait_budget = Rc::new(wait_budget);
        let (address, ca_file) = (&self.address, self.ca_file.as_deref());
        RedisSession {
            cache: self,
            deadline,
            server: Server::new(address, ca_file, &self.first_node, &wait_budget),
            wait_budget,
            lock_value: None,
            held: Vec::new(),
            key: self.key.clone(),
            responded: false,
            over: None,
        }
    }

    fn lock_key(&self, rank: LockRank) -> String {
        match rank {
            LockRank::First => format!("{}:lock", self.key),
            LockRank::Second => format!("{}:lock2", self.key),
            LockRank::Third => format!("{}:lock3", self.key),
        }
    }
}

/// One call's session with Redis: one connection, opened when it is needed, and its locks.
pub(super) struct RedisSession<'a> {
    cache: &'a RedisCache,
    deadline: Instant,
    server: Server<'a>,
    wait_budget: Rc<WaitBudget>,
    /// Tells this session's locks from all others.
    lock_value: Option<String>,
    held: Vec<LockRank>,
    /// The key of the entry.
    key: String,
    /// True if the last command had a valid response, which may be a refusal.
    responded: bool,
    /// The reason why the connection was given up. The rest of the session does not try again.
    over: Option<Problem>,
}

impl RedisSession<'_> {
    /// Sends one command; `take` gives a reply back that cannot be one to it.
    fn call<T>(
        &mut self,
        command: &Cmd,
        take: impl FnOnce(Value) -> Result<T, Value>,
    ) -> Result<T, Problem> {
        self.attempt(|server| {
            take(server.call(command)?).map_err(|unwanted| server.unwanted(&unwanted))
        })
    }

    fn attempt<T>(
        &mut self,
        step: impl FnOnce(&mut Server) -> Result<T, Failure>,
    ) -> Result<T, Problem> {
        if let Some(found) = &self.over {
            return Err(found.clone());
        }
        let failure = if !self.server.is_connected() && self.cache.breaker.rests(system::now()) {
            Failure::refused("failed too often and is left alone for a while")
        } else {
            match step(&mut self.server) {
                Ok(done) => {
                    self.responded = true;
                    return Ok(done);
                }
                Err(failure) => failure,
            }
        };
        let is_away = failure.is_away || self.wait_budget.is_spent();
        self.responded = self.server.is_connected() && !is_away;
        if is_away {
            self.cache.breaker.failed(system::now());
        }
        let node = printable(&self.server.node().to_string(), &self.cache.address.secrets());
        let problem = format!("Redis at {node} {}", failure.problem);
        let found = Problem { problem, hint: failure.hint };
        if !self.responded {
            self.over = Some(found.clone());
        }
        Err(found)
    }

    /// Removes a key only while it holds `value`, without a script: many servers refuse those.
    fn compare_and_delete(&mut self, key: &str, value: &[u8]) -> Result<(), Problem> {
        let watch = [cmd("WATCH").arg(key).to_owned(), get(key)];
        let mut replies = self.attempt(|server| server.exchange(&watch))?;
        // A user that may not use WATCH removes the entry just after it was read. A lock or a newer
        // token that is lost in between costs an exchange.
        let is_watched = replies[0] == Value::Okay;
        let there = match is_watched {
            true => replies.swap_remove(1),
            false => self.call(&get(key), Ok)?,
        };
        let delete = cmd("DEL").arg(key).to_owned();
        match (there, is_watched) {
            (Value::BulkString(there), true) if there == value => {
                let transaction = [cmd("MULTI"), delete, cmd("EXEC")];
                self.attempt(|server| {
                    let replies = server.exchange(&transaction)?;
                    let is_error = |reply: &&Value| matches!(reply, Value::ServerError(_));
                    match (replies.iter().find(is_error), &replies[1..]) {
                        // A user that may not begin a transaction has deleted the entry without
                        // one.
                        (_, [Value::Int(_), _]) | (None, [_, Value::Array(_) | Value::Nil]) => {
                            Ok(())
                        }
                        (error, rest) => Err(server.unwanted(error.unwrap_or(&rest[1]))),
                    }
                })
            }
            (Value::BulkString(there), false) if there == value => {
                self.call(&delete, |reply| match reply {
                    Value::Int(_) => Ok(()),
                    other => Err(other),
                })
            }
            (Value::BulkString(_) | Value::Nil, true) => self.call(&cmd("UNWATCH"), okay),
            (Value::BulkString(_) | Value::Nil, false) => Ok(()),
            (other, _) => self.attempt(|server| Err(server.unwanted(&other))),
        }
    }

    /// Returns the random value of this session's locks, which tells them from the locks of others.
    fn lock_value(&mut self) -> Result<String, Problem> {
        if let Some(value) = &self.lock_value {
            return Ok(value.clone());
        }
        let bytes: [u8; 16] = random::bytes()
            .map_err(|error| Problem::new(format!("no random bytes for a lock: {error}")))?;
        Ok(self.lock_value.insert(hex(&bytes)).clone())
    }
}

impl BackendSession for RedisSession<'_> {
    fn read(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        self.call(&get(&self.key), |value| match value {
            Value::BulkString(entry) => Ok(Some(entry)),
            Value::Nil => Ok(None),
            Value::ServerError(error) if error.code() == "WRONGTYPE" => Ok(None),
            other => Err(other),
        })
    }

    fn try_lock(&mut self, rank: LockRank) -> Result<bool, Problem> {
        if self.held.contains(&rank) {
            return Ok(true);
        }
        let left = self.deadline.saturating_duration_since(system::now()) + LOCK_MARGIN;
        let mut set = cmd("SET");
        set.arg(self.cache.lock_key(rank)).arg(self.lock_value()?);
        set.arg("NX").arg("PX").arg(milliseconds(left));
        let held = self.call(&set, |value| match value {
            Value::Okay => Ok(true),
            Value::Nil => Ok(false),
            other => Err(other),
        })?;
        if held {
            self.held.push(rank);
        }
        Ok(held)
    }

    fn write(&mut self, entry: &[u8], lifetime: Duration) -> Result<(), Problem> {
        let mut set = cmd("SET");
        set.arg(&self.key).arg(entry);
        set.arg("PX").arg(milliseconds(lifetime.max(MIN_LIFETIME)));
        self.call(&set, okay)
    }

    fn remove(&mut self, entry: &[u8]) -> Result<(), Problem> {
        self.compare_and_delete(&self.key.clone(), entry)
    }

    fn use_probe(&mut self) {
        self.key = format!("{}:probe", self.cache.key);
    }

    fn stuck(&self, rank: LockRank) -> Problem {
        let key = self.cache.lock_key(rank);
        Problem::new(format!(
            "someone else keeps the lock {key} in Redis, and calls that need a token wait for it, half of their time at most"
        ))
        .with_hint(format!(
            "it goes with the call that set it: see redis-cli PTTL {key}; where that is -1, or no \
             call is in progress, redis-cli DEL {key}"
        ))
    }
}

impl Drop for RedisSession<'_> {
    fn drop(&mut self) {
        // Without a working connection, a lock expires by itself.
        for rank in std::mem::take(&mut self.held) {
            let value = self.lock_value.clone().unwrap_or_default();
            if self.server.is_connected() {
                let _ = self.compare_and_delete(&self.cache.lock_key(rank), value.as_bytes());
            }
        }
        if self.responded {
            self.cache.breaker.succeeded();
        }
    }
}

/// Reads one byte more than an entry may have: enough to see that it is too long, so that the next
/// write replaces it.
fn get(key: &str) -> Cmd {
    cmd("GETRANGE").arg(key).arg(0).arg(MAX_ENTRY).to_owned()
}

fn okay(value: Value) -> Result<(), Value> {
    if value == Value::Okay { Ok(()) } else { Err(value) }
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::atomic::Ordering::Relaxed;
    use std::thread;

    use support::certificates::{Authority, Validity, self_signed_server};
    use support::directory::Directory;
    use support::hostile::{Deaf, Hostile};
    use support::redis::Redis;

    use super::*;
    use crate::cache::examples::{account, entry, read};
    use crate::cache::shared::Backend;
    use crate::cache::{Cache, Entry, Locking, Session, SharedCache};

    /// A deadline that is late enough for the slowest machine.
    pub fn soon() -> Instant {
        Instant::now() + Duration::from_secs(600)
    }

    pub fn cache(url: &str) -> SharedCache {
        SharedCache::new(&Cache::Redis(url.into()), &account(), None).unwrap().unwrap()
    }

    pub fn inner(cache: &SharedCache) -> &RedisCache {
        match &cache.backend {
            Backend::Redis(redis) => redis,
            Backend::File(_) => unreachable!(),
        }
    }

    pub fn store(session: &mut Session, entry: &Entry) -> Locking {
        let locking = session.try_lock(LockRank::First);
        session.write(entry);
        locking
    }

    pub fn found(cache: &SharedCache) -> Option<String> {
        read(&mut cache.session(soon()))
    }

    /// Returns Redis's reply to a command of the test.
    fn ask(cache: &SharedCache, command: &Cmd) -> Value {
        inner(cache).session(soon()).call(command, Ok).unwrap()
    }

    #[test]
    fn a_token_is_there_for_the_next_machine_until_it_expires() {
        let redis = Redis::start(&[]);
        let (ours, theirs) = (cache(&redis.url()), cache(&redis.url()));
        assert_eq!(found(&ours), None);
        assert_eq!(store(&mut ours.session(soon()), &entry("t0ken", 3600)), Locking::Held);
        assert_eq!(found(&theirs).unwrap(), "t0ken");
        let key = &inner(&ours).key;
        assert_eq!(key.len(), "ims:{}".len() + 32);
        let Value::Int(left) = ask(&ours, cmd("PTTL").arg(key)) else { panic!() };
        assert!((3_000_000..=3_600_000).contains(&left), "{left}");
        assert_eq!(ask(&ours, &cmd("DBSIZE")), Value::Int(1), "no lock is left");
    }

    #[test]
    fn a_lock_ends_by_itself_after_its_holders_deadline_and_a_later_holder_keeps_his() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        let mut killed = cache.session(soon());
        assert_eq!(killed.try_lock(LockRank::First), Locking::Held);
        let lock = inner(&cache).lock_key(LockRank::First);
        let Value::Int(left) = ask(&cache, cmd("PTTL").arg(&lock)) else { panic!() };
        assert!((5_000..=605_000).contains(&left), "{left}");
        // The lock expired, and another session took it.
        ask(&cache, cmd("DEL").arg(&lock));
        let mut later = cache.session(soon());
        assert_eq!(later.try_lock(LockRank::First), Locking::Held);
        drop(killed);
        assert_eq!(ask(&cache, cmd("EXISTS").arg(&lock)), Value::Int(1));
    }

    const ANOTHER_TYPE: &str =
        "redis.call('DEL', KEYS[1]) return redis.call('LPUSH', KEYS[1], 'x')";

    #[test]
    fn a_value_that_is_cut_or_altered_or_flushed_is_a_miss_that_the_next_exchange_heals() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        let key = inner(&cache).key.clone();
        store(&mut cache.session(soon()), &entry("t0ken", 3600));
        for damage in [
            cmd("SETRANGE").arg(&key).arg(60).arg("xxx"),
            cmd("APPEND").arg(&key).arg("x"),
            cmd("SET").arg(&key).arg(""),
            cmd("SET").arg(&key).arg(vec![b'x'; 200_000]),
            cmd("EVAL").arg(ANOTHER_TYPE).arg(1).arg(&key),
            &mut cmd("FLUSHALL"),
        ] {
            ask(&cache, damage);
            assert_eq!(found(&cache), None);
            store(&mut cache.session(soon()), &entry("again", 3600));
            assert_eq!(found(&cache).unwrap(), "again");
        }
    }

    #[test]
    fn password_and_database_of_the_url_are_used() {
        let redis = Redis::start(&["--requirepass", "s3c ret"]);
        let at = |user: &str| format!("redis://{user}127.0.0.1:{}/3", redis.port());
        for user in [":s3c%20ret@", "default:s3c%20ret@"] {
            let cache = cache(&at(user));
            store(&mut cache.session(soon()), &entry("t0ken", 3600));
            assert_eq!(found(&cache).unwrap(), "t0ken", "{user}");
            assert_eq!(ask(&cache, &cmd("DBSIZE")), Value::Int(1));
        }
        for (user, code) in [("", "NOAUTH"), (":s3cret@", "WRONGPASS")] {
            let cache = cache(&at(user));
            let problem = inner(&cache).session(soon()).read().unwrap_err().to_string();
            assert!(problem.contains(code) && !problem.contains("s3c"), "{problem}");
            assert_eq!(found(&cache), None);
        }
    }

    #[test]
    fn tls_to_redis_is_verified() {
        let authority = Authority::new("Redis's");
        let redis = Redis::start_over_tls(&authority.server(&["127.0.0.1"], Validity::now()));
        let stranger = Redis::start_over_tls(&self_signed_server(&["127.0.0.1"]));
        let directory = Directory::new();
        let ca_file = directory.write("ca.pem", authority.pem());
        let over_tls = |redis: &Redis, ca_file: Option<&Path>| {
            let url = Cache::Redis(format!("rediss://127.0.0.1:{}", redis.port()).into());
            SharedCache::new(&url, &account(), ca_file).unwrap().unwrap()
        };
        let cache = over_tls(&redis, Some(&ca_file));
        assert_eq!(store(&mut cache.session(soon()), &entry("t0ken", 3600)), Locking::Held);
        assert_eq!(found(&cache).unwrap(), "t0ken");
        for untrusted in [over_tls(&redis, None), over_tls(&stranger, Some(&ca_file))] {
            let problem = inner(&untrusted).session(soon()).read().unwrap_err().to_string();
            assert!(problem.contains("certificate is not trusted"), "{problem}");
            let mut session = untrusted.session(soon());
            assert_eq!(session.try_lock(LockRank::First), Locking::Unavailable);
        }
    }

    /// One session to a Redis that cannot be used: it fails no call.
    fn fruitless(cache: &SharedCache) {
        let mut session = cache.session(Instant::now() + Duration::from_secs(2));
        assert_eq!(read(&mut session), None);
        assert_eq!(session.try_lock(LockRank::First), Locking::Unavailable);
        session.write(&entry("t0ken", 3600));
        session.forget("t0ken");
    }

    #[test]
    fn a_redis_that_refuses_costs_no_call() {
        for reply in [
            "-NOAUTH Authentication required.\r\n",
            "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
            "-READONLY You can't write against a read only replica.\r\n",
            "-LOADING Redis is loading the dataset in memory\r\n",
            "-MOVED 1 127.0.0.1:1\r\n",
        ] {
            let server = Hostile::run(move |connection| {
                connection.send(reply)?;
                connection.hang()
            });
            let cache = cache(&format!("redis://{}", server.address()));
            fruitless(&cache);
            assert_eq!(server.connections(), 1, "{reply}");
        }
    }

    #[test]
    fn a_redis_that_cannot_store_still_hands_out_what_it_has() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        store(&mut cache.session(soon()), &entry("t0ken", 3600));
        ask(&cache, cmd("CONFIG").arg("SET").arg("maxmemory").arg(1));
        assert_eq!(found(&cache).unwrap(), "t0ken");
        let mut session = cache.session(soon());
        assert_eq!(store(&mut session, &entry("new", 7200)), Locking::Unavailable);
        assert_eq!(read(&mut session).unwrap(), "t0ken", "the same session still reads");
        assert!(!rests(&cache));
    }

    #[test]
    fn a_replica_hands_out_what_it_has_and_says_that_it_takes_no_writes() {
        let master = Redis::start(&[]);
        let replica = Redis::start(&["--replicaof", "127.0.0.1", &master.port().to_string()]);
        store(&mut cache(&master.url()).session(soon()), &entry("t0ken", 3600));
        master.wait_for(&replica);
        let cache = cache(&replica.url());
        let mut session = cache.session(soon());
        assert_eq!(session.try_lock(LockRank::First), Locking::Unavailable);
        assert_eq!(read(&mut session).unwrap(), "t0ken");
        let problem =
            inner(&cache).session(soon()).try_lock(LockRank::First).unwrap_err().to_string();
        assert!(problem.contains("READONLY") && problem.contains("name the master"), "{problem}");
        assert!(!rests(&cache));
    }

    #[test]
    fn a_lock_of_another_type_is_busy_as_any_strangers() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        redis.ask(&["LPUSH", &inner(&cache).lock_key(LockRank::First), "x"]);
        let mut session = cache.session(soon());
        assert_eq!(session.try_lock(LockRank::First), Locking::Busy);
        assert_eq!(session.try_lock(LockRank::Second), Locking::Held);
    }

    /// Starts a Redis that refuses some commands to the user `ims`.
    fn limited(rules: &[&str]) -> Redis {
        let user = ["--user", "ims", "on", ">s3cret", "~ims:*"];
        Redis::start(&[&user, rules].concat())
    }

    #[test]
    fn where_scripts_or_transactions_are_refused_locks_are_released_and_tokens_forgotten() {
        for redis in [
            limited(&["+@all", "--rename-command", "EVAL", "", "--rename-command", "EVALSHA", ""]),
            limited(&["+@all", "-@scripting"]),
            limited(&["+@read", "+@write", "+@connection"]),
            limited(&["+@all", "-multi"]),
            limited(&["+getrange", "+set", "+del", "+watch", "+unwatch", "+multi", "+exec"]),
        ] {
            let cache = cache(&format!("redis://ims:s3cret@127.0.0.1:{}", redis.port()));
            let mut session = cache.session(soon());
            for rank in [LockRank::First, LockRank::Second] {
                assert_eq!(session.try_lock(rank), Locking::Held);
            }
            session.write(&entry("t0ken", 3600));
            drop(session);
            assert_eq!(redis.ask(&["DBSIZE"]).trim(), "1", "both locks are released");
            let mut session = cache.session(soon());
            session.forget("another");
            session.forget("t0ken");
            assert_eq!(store(&mut session, &entry("new", 3600)), Locking::Held);
            assert_eq!(read(&mut session).unwrap(), "new", "the session goes on");
            assert!(!rests(&cache) && !cache.reported.load(Relaxed));
        }
    }

    #[test]
    fn an_entry_that_changes_while_it_is_looked_at_is_not_removed() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        let key = &inner(&cache).key;
        let mut session = inner(&cache).session(soon());
        session.write(b"old", Duration::from_secs(60)).unwrap();
        session.call(cmd("WATCH").arg(key), okay).unwrap();
        redis.ask(&["SET", key, "new"]);
        let gone = [cmd("MULTI"), cmd("DEL").arg(key).to_owned(), cmd("EXEC")];
        let replies = session.attempt(|server| server.exchange(&gone)).unwrap();
        assert_eq!(replies[2], Value::Nil);
        session.remove(b"old").unwrap();
        assert_eq!(redis.ask(&["GET", key]).trim(), "new");
        session.remove(b"new").unwrap();
        assert_eq!(redis.ask(&["EXISTS", key]).trim(), "0");
    }

    #[test]
    fn a_probe_does_what_a_call_does_and_leaves_the_entry_alone() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        store(&mut cache.session(soon()), &entry("t0ken", 3600));
        let key = &inner(&cache).key;
        redis.ask(&["SET", &format!("{key}:probe"), "by a doctor that was killed"]);
        assert!(cache.session(soon()).probe(Duration::ZERO).1.is_empty());
        assert_eq!(redis.ask(&["DBSIZE"]).trim(), "1");
        assert_eq!(found(&cache).unwrap(), "t0ken");
        for command in ["-set", "-del", "-getrange"] {
            let redis = limited(&["+@all", command]);
            let cache = self::cache(&format!("redis://ims:s3cret@127.0.0.1:{}", redis.port()));
            let (_, problems) = cache.session(soon()).probe(Duration::ZERO);
            assert_eq!(problems.len(), 1, "{command}: {problems:?}");
            assert!(
                problems[0].problem.contains("refuses (NOPERM): its user may not"),
                "{problems:?}"
            );
            assert!(problems[0].hint.as_ref().unwrap().starts_with("allow it"), "{problems:?}");
        }
    }

    #[test]
    fn garbage_is_taken_for_no_token() {
        let deep = "*1\r\n".repeat(20_000);
        let long = "-".repeat(200_000);
        for garbage in [
            "HTTP/1.1 400 Bad Request\r\n\r\n",
            "\0\0\0\0\r\n",
            "$99999999999999999999\r\n",
            "$9223372036854775807\r\n",
            "$-2\r\n\r\n",
            "*1000000000\r\n",
            "%1000000000\r\n",
            &deep,
            &long,
            "+OK\r\n+OK\r\n",
            ":7\r\n",
            "$3\r\nabcdefg\r\n",
            "$5\r\nab",
            "*2\r\n:1\r\n:1\r\n",
            "*2\r\n$0\r\n\r\n$1\r\n0\r\n",
            "*2\r\n$3\r\n\x1b[m\r\n$1\r\n7\r\n",
            "*2\r\n$9\r\n127.0.0.1\r\n$9\r\n123456789\r\n",
            "-MOVED\r\n",
            "-MOVED 1 :99999\r\n",
            "-ASK 1 nonsense\r\n",
            "",
        ] {
            let garbage = garbage.to_owned();
            let server = Hostile::run(move |connection| connection.send(&garbage));
            fruitless(&cache(&format!("redis://{}", server.address())));
            fruitless(&cache(&format!("redis+sentinel://{}/mine", server.address())));
        }
    }

    #[test]
    fn a_slow_reply_is_given_up_and_so_is_one_that_never_ends() {
        type Script = fn(&mut support::hostile::Connection) -> std::io::Result<()>;
        let scripts: [Script; 4] = [
            |connection| connection.hang(),
            |connection| connection.drip("+OK\r\n".repeat(100), Duration::from_millis(30)),
            |connection| connection.flood("$65536\r\nx"),
            |connection| connection.flood(":1"),
        ];
        for script in scripts {
            let server = Hostile::run(script);
            fruitless(&cache(&format!("redis://{}", server.address())));
            fruitless(&cache(&format!("rediss://{}", server.address())));
        }
    }

    #[test]
    fn a_redis_that_is_away_costs_no_call() {
        let closed = {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap()
        };
        let deaf = Deaf::new();
        for url in [
            format!("redis://{closed}"),
            format!("redis://{}", deaf.address()),
            "redis://no-such-host.invalid".into(),
        ] {
            fruitless(&cache(&url));
        }
    }

    #[test]
    fn nothing_is_done_after_the_deadline() {
        let server = Hostile::run(|connection| connection.hang());
        let cache = cache(&format!("redis://{}", server.address()));
        assert_eq!(read(&mut cache.session(Instant::now())), None);
        assert_eq!(server.connections(), 0);
    }

    /// The breaker's: whether the next session would not even connect.
    pub fn rests(cache: &SharedCache) -> bool {
        inner(cache).breaker.rests(Instant::now())
    }

    #[test]
    fn a_call_that_has_little_time_itself_says_nothing_about_the_server() {
        let server = Hostile::run(|connection| connection.hang());
        let cache = cache(&format!("redis://{}", server.address()));
        for _ in 0..5 {
            assert_eq!(read(&mut cache.session(Instant::now() + Duration::from_millis(60))), None);
        }
        assert!(!rests(&cache));
    }

    #[test]
    fn a_server_that_answers_is_not_left_alone_whatever_it_refuses() {
        let server = Hostile::run(|connection| {
            connection.send("-LOADING Redis is loading the dataset in memory\r\n")?;
            connection.hang()
        });
        let cache = cache(&format!("redis://{}", server.address()));
        for expected in 1..=5 {
            assert_eq!(found(&cache), None);
            assert_eq!(server.connections(), expected);
        }
    }

    #[test]
    fn after_three_failures_a_redis_is_left_alone_and_one_success_forgives_them() {
        let server = Hostile::run(|connection| {
            let good = connection.number == 2;
            connection.send(if good { "$-1\r\n" } else { ":7\r\n" })?;
            connection.hang()
        });
        let cache = cache(&format!("redis://{}", server.address()));
        for expected in [1, 2, 3, 4, 5, 6, 6, 6] {
            assert_eq!(found(&cache), None);
            assert_eq!(server.connections(), expected);
        }
        assert!(rests(&cache));
    }

    #[test]
    fn a_redis_that_is_gone_uses_up_the_sessions_patience_once() {
        let (hung, deaf) = (Hostile::run(|connection| connection.hang()), Deaf::new());
        for address in [hung.address(), deaf.address()] {
            let cache = cache(&format!("redis://{address}"));
            for _ in 0..3 {
                assert!(!rests(&cache));
                let wait_budget = WaitBudget::of(Duration::from_millis(100));
                let mut session = inner(&cache).session_with(wait_budget, soon());
                assert!(session.read().is_err());
                assert!(session.wait_budget.is_spent(), "nothing more will be waited for");
            }
            assert!(rests(&cache));
        }
    }

    #[test]
    fn a_redis_that_is_stopped_for_a_while_is_waited_for() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        store(&mut cache.session(soon()), &entry("t0ken", 3600));
        thread::scope(|scope| {
            redis.stop();
            let reading = scope.spawn(|| read(&mut cache.session(soon())));
            thread::sleep(Duration::from_millis(500));
            redis.go_on();
            assert_eq!(reading.join().unwrap().unwrap(), "t0ken");
        });
        assert!(!rests(&cache));
    }
}
