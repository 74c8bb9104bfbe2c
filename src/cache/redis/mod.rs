//! Entries in Redis, for machines that share it.

mod address;
mod connection;
mod failure;
mod patience;
mod socket;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use ::redis::{Cmd, Value, cmd};
use zeroize::Zeroizing;

use super::breaker::Breaker;
use super::{LONGEST_ENTRY, LockRank, Problem, TokenCache};
use crate::error::{Error, Status};
use crate::net::look_up;
use crate::secret::{Secret, printable};
pub(super) use address::Address;
use connection::{Connection, GARBAGE, tls_client};
use failure::Failure;
use patience::Patience;
use socket::Socket;

/// As many bytes may come in answer to one command: an entry, and what TLS and AUTH add.
const LONGEST_INPUT: usize = LONGEST_ENTRY + 32 * 1024;
/// A lock outlives its holder's deadline by this much, and no dead holder blocks for longer.
const LOCK_MARGIN: Duration = Duration::from_secs(1);
const SHORTEST_LIFETIME: Duration = Duration::from_secs(1);
/// Removes a key only while it holds what we put there.
const COMPARE_AND_DELETE: &str =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

/// One account's keys in Redis. Nothing is kept open.
pub(super) struct RedisCache {
    address: Address,
    key: String,
    ca_file: Option<PathBuf>,
    breaker: Breaker,
}

impl RedisCache {
    pub fn new(url: &Secret, name: &str, ca_file: Option<&Path>) -> Result<Self, Error> {
        Ok(Self {
            address: Address::parse(url)?,
            key: format!("ims:{name}"),
            ca_file: ca_file.map(Path::to_owned),
            breaker: Breaker::new(),
        })
    }

    /// The server, and what is wrong with the way to it, with what to do.
    #[cfg(feature = "cli")]
    pub fn survey(&self) -> (String, Option<(String, String)>) {
        let Address { host, port, tls, .. } = &self.address;
        let is_here = host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let flaw = (!tls && !is_here).then(|| {
            let flaw = "goes in clear over the network: entries are sealed, its password is not";
            (flaw.to_owned(), "use rediss://, or a network that nobody else listens to".to_owned())
        });
        (format!("Redis at {host}:{port}"), flaw)
    }

    pub fn visit(&self, deadline: Instant) -> RedisVisit<'_> {
        RedisVisit {
            cache: self,
            deadline,
            patience: Rc::new(Patience::new(deadline)),
            connection: None,
            lock_value: None,
            held: Vec::new(),
            answered: false,
        }
    }

    fn lock_key(&self, rank: LockRank) -> String {
        match rank {
            LockRank::First => format!("{}:lock", self.key),
            LockRank::Second => format!("{}:lock2", self.key),
            LockRank::Third => format!("{}:lock3", self.key),
        }
    }

    fn problem(&self, problem: &str) -> Problem {
        Problem(format!("Redis at {}:{} {problem}", self.address.host, self.address.port))
    }
}

/// One call's dealings with Redis: one connection, opened when it is needed, and its locks.
pub(super) struct RedisVisit<'a> {
    cache: &'a RedisCache,
    deadline: Instant,
    patience: Rc<Patience>,
    connection: Option<Connection>,
    /// Tells this visit's locks from all others.
    lock_value: Option<String>,
    held: Vec<LockRank>,
    /// Whether all went well so far, and something did.
    answered: bool,
}

impl RedisVisit<'_> {
    /// Sends one command; `take` gives a reply back that cannot be one to it.
    fn call<T>(
        &mut self,
        command: &Cmd,
        take: impl FnOnce(Value) -> Result<T, Value>,
    ) -> Result<T, Problem> {
        if self.cache.breaker.rests(Instant::now()) {
            return Err(self.cache.problem("failed too often and is left alone for a while"));
        }
        let answer = self.exchange(command);
        let answer =
            answer.and_then(|value| take(value).map_err(|unwanted| self.unwanted(&unwanted)));
        self.answered = answer.is_ok();
        answer.map_err(|failure| {
            if failure.is_away || self.patience.is_spent() {
                self.cache.breaker.failed(Instant::now());
            }
            self.cache.problem(&failure.text)
        })
    }

    /// Sends one command, after what opens the connection, and reads its reply. A connection that
    /// failed is not used again: the next reply might be an earlier command's.
    fn exchange(&mut self, command: &Cmd) -> Result<Value, Failure> {
        if self.patience.is_late() {
            return Err(Failure::refused("is not asked: the call has no time left"));
        }
        let mut output = Zeroizing::new(Vec::new());
        let mut welcomes = 0;
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                for command in self.welcome() {
                    output.extend(command.get_packed_command());
                    welcomes += 1;
                }
                self.connect()?
            }
        };
        output.extend(command.get_packed_command());
        connection.allow(LONGEST_INPUT);
        connection.send(&output)?;
        for _ in 0..welcomes {
            let value = connection.reply()?;
            if value != Value::Okay {
                return Err(self.unwanted(&value));
            }
        }
        let value = connection.reply()?;
        // What nobody asked for would be taken for the next reply.
        if !connection.is_drained() {
            return Err(Failure::away(GARBAGE));
        }
        self.patience.answered();
        self.connection = Some(connection);
        Ok(value)
    }

    /// What comes before the first command.
    fn welcome(&self) -> Vec<Cmd> {
        let address = &self.cache.address;
        let mut commands = Vec::new();
        if let Some(password) = &address.password {
            let mut auth = cmd("AUTH");
            if let Some(user) = &address.user {
                auth.arg(user);
            }
            auth.arg(password.expose());
            commands.push(auth);
        }
        if address.database != 0 {
            let mut select = cmd("SELECT");
            select.arg(address.database);
            commands.push(select);
        }
        commands
    }

    fn connect(&self) -> Result<Connection, Failure> {
        let address = &self.cache.address;
        let client = address
            .tls
            .then(|| tls_client(&address.host, self.cache.ca_file.as_deref()))
            .transpose()
            .map_err(|error| Failure::refused(format!("has no TLS: {error}")))?;
        let wait = |look: &dyn Fn(Duration) -> Option<look_up::Found>| self.patience.wait(look);
        let addresses =
            look_up::addresses_by(&address.host, address.port, wait).map_err(|error| Failure {
                is_away: error.status() != Status::Timeout,
                text: format!("cannot be reached: {error}"),
            })?;
        let mut socket = Socket::connect(&addresses, &self.patience)
            .map_err(|error| Failure::network("cannot be reached", &error))?;
        let Some(client) = client else { return Ok(Connection::plain(socket)) };
        socket.allow(LONGEST_INPUT);
        Connection::over_tls(client, socket)
    }

    fn unwanted(&self, value: &Value) -> Failure {
        let Value::ServerError(error) = value else { return Failure::away(GARBAGE) };
        let password = self.cache.address.password.as_ref();
        let secrets: Vec<&str> =
            password.iter().map(|password| password.expose().as_str()).collect();
        Failure::refused(format!("refuses: {}", printable(error.code(), &secrets)))
    }

    fn compare_and_delete(&mut self, key: &str, value: &[u8]) -> Result<(), Problem> {
        let command = cmd("EVAL").arg(COMPARE_AND_DELETE).arg(1).arg(key).arg(value).to_owned();
        self.call(&command, |value| match value {
            Value::Int(_) => Ok(()),
            other => Err(other),
        })
    }

    /// Random, so that nobody else's lock is taken for ours.
    fn lock_value(&mut self) -> Result<String, Problem> {
        if let Some(value) = &self.lock_value {
            return Ok(value.clone());
        }
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)
            .map_err(|error| Problem(format!("no random bytes for a lock: {error}")))?;
        let value: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(self.lock_value.insert(value).clone())
    }
}

impl TokenCache for RedisVisit<'_> {
    fn read(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        // No more than tells that it is too long: then the next write can replace it.
        let command = cmd("GETRANGE").arg(&self.cache.key).arg(0).arg(LONGEST_ENTRY).to_owned();
        self.call(&command, |value| match value {
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
        let value = self.lock_value()?;
        let left = self.deadline.saturating_duration_since(Instant::now()) + LOCK_MARGIN;
        let key = self.cache.lock_key(rank);
        let mut set = cmd("SET");
        set.arg(key).arg(value).arg("NX").arg("PX").arg(milliseconds(left));
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
        let lifetime = milliseconds(lifetime.max(SHORTEST_LIFETIME));
        let mut set = cmd("SET");
        set.arg(&self.cache.key).arg(entry).arg("PX").arg(lifetime);
        self.call(&set, |value| match value {
            Value::Okay => Ok(()),
            other => Err(other),
        })
    }

    fn remove(&mut self, entry: &[u8]) -> Result<(), Problem> {
        self.compare_and_delete(&self.cache.key, entry)
    }
}

impl Drop for RedisVisit<'_> {
    fn drop(&mut self) {
        // Without a connection that works, a lock ends by itself.
        for rank in std::mem::take(&mut self.held) {
            let value = self.lock_value.clone().unwrap_or_default();
            if self.connection.is_some() {
                let _ = self.compare_and_delete(&self.cache.lock_key(rank), value.as_bytes());
            }
        }
        if self.answered {
            self.cache.breaker.succeeded();
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;
    use std::time::SystemTime;

    use support::certificates::{Authority, Validity, self_signed_server};
    use support::directory::Directory;
    use support::hostile::{Deaf, Hostile};
    use support::redis::Redis;

    use super::*;
    use crate::cache::tests::{entry, failure, owner, read};
    use crate::cache::{Cache, Entry, Locking, Place, SharedCache, Visit};

    /// Far enough for the slowest machine.
    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(600)
    }

    fn cache(url: &str) -> SharedCache {
        SharedCache::new(&Cache::Redis(url.into()), &owner(), None).unwrap().unwrap()
    }

    fn inner(cache: &SharedCache) -> &RedisCache {
        match &cache.place {
            Place::Redis(redis) => redis,
            Place::File(_) => unreachable!(),
        }
    }

    fn store(visit: &mut Visit, entry: &Entry) -> Locking {
        let locking = visit.try_lock(LockRank::First);
        visit.write(entry);
        locking
    }

    fn found(cache: &SharedCache) -> Option<String> {
        read(&mut cache.visit(soon()))
    }

    /// What Redis says to a command of ours.
    fn ask(cache: &SharedCache, command: &Cmd) -> Value {
        inner(cache).visit(soon()).call(command, Ok).unwrap()
    }

    #[test]
    fn a_token_is_there_for_the_next_machine_until_it_expires() {
        let redis = Redis::start(&[]);
        let (ours, theirs) = (cache(&redis.url()), cache(&redis.url()));
        assert_eq!(found(&ours), None);
        assert_eq!(store(&mut ours.visit(soon()), &entry("t0ken", 3600)), Locking::Held);
        assert_eq!(found(&theirs).unwrap(), "t0ken");
        let key = &inner(&ours).key;
        assert_eq!(key.len(), "ims:".len() + 32);
        let Value::Int(left) = ask(&ours, cmd("PTTL").arg(key)) else { panic!() };
        assert!((3_000_000..=3_600_000).contains(&left), "{left}");
        assert_eq!(ask(&ours, &cmd("DBSIZE")), Value::Int(1), "no lock is left");
    }

    #[test]
    fn one_holds_a_lock_and_the_others_see_it_busy_until_it_is_let_go() {
        let redis = Redis::start(&[]);
        let (ours, theirs) = (cache(&redis.url()), cache(&redis.url()));
        let (mut holder, mut other) = (ours.visit(soon()), theirs.visit(soon()));
        for rank in LockRank::ALL {
            assert_eq!(holder.try_lock(rank), Locking::Held);
            assert_eq!(holder.try_lock(rank), Locking::Held, "it has it already");
            assert_eq!(other.try_lock(rank), Locking::Busy);
        }
        drop(holder);
        assert_eq!(other.try_lock(LockRank::First), Locking::Held);
        assert_eq!(other.try_lock(LockRank::Second), Locking::Held);
    }

    #[test]
    fn a_lock_ends_by_itself_after_its_holders_deadline_and_a_later_holder_keeps_his() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        let mut killed = cache.visit(soon());
        assert_eq!(killed.try_lock(LockRank::First), Locking::Held);
        let lock = inner(&cache).lock_key(LockRank::First);
        let Value::Int(left) = ask(&cache, cmd("PTTL").arg(&lock)) else { panic!() };
        assert!((1_000..=601_000).contains(&left), "{left}");
        // It ran out, and somebody else took it.
        ask(&cache, cmd("DEL").arg(&lock));
        let mut later = cache.visit(soon());
        assert_eq!(later.try_lock(LockRank::First), Locking::Held);
        drop(killed);
        assert_eq!(ask(&cache, cmd("EXISTS").arg(&lock)), Value::Int(1));
    }

    #[test]
    fn the_token_that_lives_longer_stays_and_only_the_one_named_is_forgotten() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        store(&mut cache.visit(soon()), &entry("long", 7200));
        store(&mut cache.visit(soon()), &entry("short", 3600));
        let now = SystemTime::now();
        let failed = Some(failure(now, now + Duration::from_secs(30)));
        store(&mut cache.visit(soon()), &Entry { token: None, failure: failed });
        assert!(cache.visit(soon()).read().unwrap().failure.is_some());
        assert_eq!(found(&cache).unwrap(), "long");
        cache.visit(soon()).forget("short");
        assert_eq!(found(&cache).unwrap(), "long");
        cache.visit(soon()).forget("long");
        assert_eq!(found(&cache), None);
    }

    const ANOTHER_TYPE: &str =
        "redis.call('DEL', KEYS[1]) return redis.call('LPUSH', KEYS[1], 'x')";

    #[test]
    fn a_value_that_is_cut_or_altered_or_flushed_is_a_miss_that_the_next_exchange_heals() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        let key = inner(&cache).key.clone();
        store(&mut cache.visit(soon()), &entry("t0ken", 3600));
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
            store(&mut cache.visit(soon()), &entry("again", 3600));
            assert_eq!(found(&cache).unwrap(), "again");
        }
    }

    #[test]
    fn password_and_database_of_the_url_are_used() {
        let redis = Redis::start(&["--requirepass", "s3c ret"]);
        let at = |user: &str| format!("redis://{user}127.0.0.1:{}/3", redis.port());
        for user in [":s3c%20ret@", "default:s3c%20ret@"] {
            let cache = cache(&at(user));
            store(&mut cache.visit(soon()), &entry("t0ken", 3600));
            assert_eq!(found(&cache).unwrap(), "t0ken", "{user}");
            assert_eq!(ask(&cache, &cmd("DBSIZE")), Value::Int(1));
        }
        for (user, code) in [("", "NOAUTH"), (":s3cret@", "WRONGPASS")] {
            let cache = cache(&at(user));
            let Problem(problem) = inner(&cache).visit(soon()).read().unwrap_err();
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
            SharedCache::new(&url, &owner(), ca_file).unwrap().unwrap()
        };
        let cache = over_tls(&redis, Some(&ca_file));
        assert_eq!(store(&mut cache.visit(soon()), &entry("t0ken", 3600)), Locking::Held);
        assert_eq!(found(&cache).unwrap(), "t0ken");
        for untrusted in [over_tls(&redis, None), over_tls(&stranger, Some(&ca_file))] {
            let Problem(problem) = inner(&untrusted).visit(soon()).read().unwrap_err();
            assert!(problem.contains("certificate is not trusted"), "{problem}");
            let mut visit = untrusted.visit(soon());
            assert_eq!(visit.try_lock(LockRank::First), Locking::Unavailable);
        }
    }

    /// One visit to a Redis that cannot be used: it fails no call.
    fn fruitless(cache: &SharedCache) {
        let mut visit = cache.visit(Instant::now() + Duration::from_secs(2));
        assert_eq!(read(&mut visit), None);
        assert_eq!(visit.try_lock(LockRank::First), Locking::Unavailable);
        visit.write(&entry("t0ken", 3600));
        visit.forget("t0ken");
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
        store(&mut cache.visit(soon()), &entry("t0ken", 3600));
        ask(&cache, cmd("CONFIG").arg("SET").arg("maxmemory").arg(1));
        assert_eq!(found(&cache).unwrap(), "t0ken");
        let mut visit = cache.visit(soon());
        assert_eq!(store(&mut visit, &entry("new", 7200)), Locking::Unavailable);
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
            "",
        ] {
            let garbage = garbage.to_owned();
            let server = Hostile::run(move |connection| connection.send(&garbage));
            fruitless(&cache(&format!("redis://{}", server.address())));
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
        assert_eq!(read(&mut cache.visit(Instant::now())), None);
        assert_eq!(server.connections(), 0);
    }

    /// The breaker's: whether the next session would not even connect.
    fn rests(cache: &SharedCache) -> bool {
        inner(cache).breaker.rests(Instant::now())
    }

    #[test]
    fn a_call_that_has_little_time_itself_says_nothing_about_the_server() {
        let server = Hostile::run(|connection| connection.hang());
        let cache = cache(&format!("redis://{}", server.address()));
        for _ in 0..5 {
            assert_eq!(read(&mut cache.visit(Instant::now() + Duration::from_millis(60))), None);
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
                let mut visit = inner(&cache).visit(soon());
                visit.patience = Rc::new(Patience::of(Duration::from_millis(100)));
                assert!(visit.read().is_err());
                assert!(visit.patience.is_spent(), "nothing more will be waited for");
            }
            assert!(rests(&cache));
        }
    }

    #[test]
    fn a_redis_that_is_stopped_for_a_while_is_waited_for() {
        let redis = Redis::start(&[]);
        let cache = cache(&redis.url());
        store(&mut cache.visit(soon()), &entry("t0ken", 3600));
        thread::scope(|scope| {
            redis.stop();
            let reading = scope.spawn(|| read(&mut cache.visit(soon())));
            thread::sleep(Duration::from_millis(500));
            redis.go_on();
            assert_eq!(reading.join().unwrap().unwrap(), "t0ken");
        });
        assert!(!rests(&cache));
    }
}
