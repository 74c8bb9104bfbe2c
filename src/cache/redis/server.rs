//! The server that holds an account's keys: the one of the URL, the master that a Sentinel names,
//! or the node that a cluster sends us to.
//!
//! Crate redis has connections for Sentinel and cluster, which keep none of our promises: they look
//! names up without a deadline, for as long as the system's resolver takes; give each address and
//! each node its whole timeout; believe any length that a server announces; bring a TLS of their
//! own; and keep connections, which a forked child would share. So the crate has the commands, the
//! replies and the redirects, and the sockets are our own.

use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use ::redis::{Cmd, RedisError, ServerErrorKind, Value, cmd};

use super::address::{Address, Login, Node, Sentinel};
use super::connection::Connection;
use super::failure::{Failure, Garbage};
use super::socket::Socket;
use super::tls;
use super::wait_budget::WaitBudget;
use crate::error::{Status, printable};
use crate::net::lookup;

/// A cluster that is being changed sends from one node to another; one that sends on and on is
/// broken.
const MAX_REDIRECTS: usize = 3;

/// One session's way to the server. Connects when the first command is sent.
pub(super) struct Server<'a> {
    address: &'a Address,
    ca_file: Option<&'a Path>,
    /// The index of the URL's node that responded last. It is the first that is asked the next
    /// time.
    first: &'a AtomicUsize,
    wait_budget: Rc<WaitBudget>,
    /// The node that is spoken to.
    node: Node,
    connection: Option<Connection>,
}

impl<'a> Server<'a> {
    pub fn new(
        address: &'a Address,
        ca_file: Option<&'a Path>,
        first: &'a AtomicUsize,
        wait_budget: &Rc<WaitBudget>,
    ) -> Self {
        let node = address.nodes[0].clone();
        Self {
            address,
            ca_file,
            first,
            wait_budget: Rc::clone(wait_budget),
            node,
            connection: None,
        }
    }

    /// The node that the last command, or failure, was about.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Returns true if a lock can be released without another connection.
    pub fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// Sends one command and returns the reply.
    pub fn call(&mut self, command: &Cmd) -> Result<Value, Failure> {
        let command = std::slice::from_ref(command);
        let mut values = self.exchange(command)?;
        for _ in 0..MAX_REDIRECTS {
            let Some((node, is_for_good)) = self.redirect(&values[0]) else { break };
            if is_for_good {
                self.connection = None;
                self.connection = Some(self.open_server(node)?);
                values = self.exchange(command)?;
            } else {
                // While a slot moves, some of its keys are on the other node already.
                let home = self.node.clone();
                let asking = [cmd("ASKING"), command[0].clone()];
                values = self.open_server(node)?.exchange(&asking)?.split_off(1);
                self.node = home;
            }
        }
        Ok(values.swap_remove(0))
    }

    /// Sends commands at once and returns the reply to each, of which there is at least one.
    pub fn exchange(&mut self, commands: &[Cmd]) -> Result<Vec<Value>, Failure> {
        if self.wait_budget.is_late() {
            return Err(Failure::refused("is not asked: the call has no time left"));
        }
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.open()?,
        };
        let values = connection.exchange(commands)?;
        self.wait_budget.answered();
        self.connection = Some(connection);
        Ok(values)
    }

    /// Returns the node that has the key, and true if it has all keys of the slot.
    fn redirect(&self, value: &Value) -> Option<(Node, bool)> {
        let Value::ServerError(error) = value else { return None };
        let is_for_good = error.kind() == Some(ServerErrorKind::Moved);
        let error = RedisError::from(error.clone());
        let (node, _) = error.redirect_node()?;
        Some((Node::parse(node, &self.node)?, is_for_good))
    }

    /// Tries the URL's nodes, each with an equal part of the budget.
    fn open(&mut self) -> Result<Connection, Failure> {
        let (address, wait_budget) = (self.address, Rc::clone(&self.wait_budget));
        let (count, first) = (address.nodes.len(), self.first.load(Relaxed));
        let mut tried = 0;
        loop {
            let place = (first + tried) % count;
            let node = address.nodes[place].clone();
            let opened = wait_budget.part(count - tried, || match &address.sentinel {
                Some(sentinel) => {
                    let master = self.ask_sentinel(node, sentinel)?;
                    self.open_server(master)
                }
                None => self.open_server(node),
            });
            tried += 1;
            match opened {
                Ok(connection) => {
                    self.first.store(place, Relaxed);
                    return Ok(connection);
                }
                Err(failure) if tried == count => return Err(failure),
                Err(_) => {}
            }
        }
    }

    /// The node of the service's master.
    fn ask_sentinel(&mut self, node: Node, sentinel: &Sentinel) -> Result<Node, Failure> {
        let mut connection = self.connect(node)?;
        self.log_in(&mut connection, &sentinel.login, 0)?;
        let mut ask = cmd("SENTINEL");
        ask.arg("GET-MASTER-ADDR-BY-NAME").arg(&sentinel.service);
        match connection.exchange(&[ask])?.swap_remove(0) {
            Value::Array(master) => match master.as_slice() {
                [Value::BulkString(host), Value::BulkString(port)] => {
                    let port = str::from_utf8(port).ok().and_then(|port| port.parse().ok());
                    let host = String::from_utf8(host.clone()).ok();
                    let master = host.zip(port).map(|(host, port)| Node { host, port });
                    master.ok_or_else(|| Failure::from(Garbage))
                }
                _ => Err(Failure::from(Garbage)),
            },
            Value::Nil => Err(Failure::refused(format!(
                "is a Sentinel that does not know the service {}",
                sentinel.service
            ))
            .with_hint("see SENTINEL MASTERS")),
            Value::ServerError(error)
                if error.details().is_some_and(|text| text.contains("unknown command")) =>
            {
                Err(Failure::refused("is no Sentinel")
                    .with_hint("check its port, which is 26379 in general"))
            }
            Value::ServerError(error) if error.code() == "NOAUTH" => Err(Failure::refused(
                "is a Sentinel and refuses (NOAUTH): it wants a password of its own",
            )
            .with_hint("write it into the URL as sentinel_password")),
            other => Err(self.unwanted(&other)),
        }
    }

    fn open_server(&mut self, node: Node) -> Result<Connection, Failure> {
        let mut connection = self.connect(node)?;
        self.log_in(&mut connection, &self.address.login, self.address.database)?;
        Ok(connection)
    }

    fn log_in(
        &self,
        connection: &mut Connection,
        login: &Login,
        database: i64,
    ) -> Result<(), Failure> {
        let mut commands = Vec::new();
        if let Some(password) = &login.password {
            let mut auth = cmd("AUTH");
            if let Some(user) = &login.user {
                auth.arg(user);
            }
            auth.arg(password.expose());
            commands.push(auth);
        }
        if database != 0 {
            let mut select = cmd("SELECT");
            select.arg(database);
            commands.push(select);
        }
        let values = connection.exchange(&commands)?;
        match values.iter().find(|value| **value != Value::Okay) {
            None => Ok(()),
            Some(value) => Err(self.unwanted(value)),
        }
    }

    fn connect(&mut self, node: Node) -> Result<Connection, Failure> {
        self.node = node;
        let Node { host, port } = &self.node;
        let client = match &self.address.tls {
            Some(files) => {
                Some(tls::client(host, files, self.ca_file).map_err(|error| Failure {
                    problem: format!("cannot be asked: {}", error.message()),
                    hint: error.hint().map(str::to_owned),
                    is_away: false,
                })?)
            }
            None => None,
        };
        let wait = |look: &dyn Fn(Duration) -> Option<lookup::Found>| self.wait_budget.wait(look);
        let addresses = lookup::addresses_by(host, *port, wait).map_err(|error| Failure {
            is_away: error.status() != Status::Timeout,
            problem: format!(
                "cannot be reached: {}",
                printable(error.message(), &self.address.secrets())
            ),
            hint: error.hint().map(str::to_owned),
        })?;
        let socket = Socket::connect(&addresses, &self.wait_budget)
            .map_err(|error| Failure::network("cannot be reached", &error))?;
        match client {
            Some(client) => Connection::over_tls(client, socket),
            None => Ok(Connection::plain(socket)),
        }
    }

    /// Returns the failure for a reply that does not fit the command.
    pub fn unwanted(&self, value: &Value) -> Failure {
        match value {
            Value::ServerError(error) => Failure::server(error, self.address),
            _ => Failure::from(Garbage),
        }
    }
}

/// Reads `input`, which a server at `url` sent, and returns the problem that each reply would be.
#[cfg(fuzzing)]
pub(crate) fn problems(url: &crate::secret::Secret, mut input: Vec<u8>) -> Vec<String> {
    let Ok(address) = Address::parse(url) else { return Vec::new() };
    let (first, wait_budget) = (AtomicUsize::new(0), WaitBudget::new(crate::system::now()));
    let mut server = Server::new(&address, None, &first, &Rc::new(wait_budget));
    let mut problems = Vec::new();
    while let Ok(Some(reply)) = super::connection::take_reply(&mut input) {
        if let Some((node, _)) = server.redirect(&reply) {
            server.node = node;
        }
        let node = printable(&server.node.to_string(), &address.secrets());
        problems.push(format!("Redis at {node} {}", server.unwanted(&reply).problem));
    }
    problems
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use support::certificates::{Authority, Validity};
    use support::directory::Directory;
    use support::redis::{Cluster, Redis, Watched};

    use super::super::tests::{cache, found, inner, rests, soon, store};
    use crate::cache::backend::BackendSession;
    use crate::cache::examples::{entry, read};
    use crate::cache::{LockRank, Locking, SharedCache};

    fn problem(cache: &SharedCache) -> String {
        inner(cache).session(soon()).try_lock(LockRank::First).unwrap_err().to_string()
    }

    #[test]
    fn a_cluster_serves_through_each_of_its_nodes() {
        let cluster = Cluster::start();
        for node in &cluster.nodes {
            node.ask(&["CONFIG", "SET", "requirepass", "s3cret"]);
        }
        let [one, two, three] =
            cluster.hosts().map(|host| cache(&format!("redis://:s3cret@{host}")));
        let all = cache(&format!("redis+cluster://:s3cret@{}", cluster.hosts().join(",")));
        let caches = [one, two, three, all];
        let mut holder = caches[0].session(soon());
        assert_eq!(store(&mut holder, &entry("t0ken", 3600)), Locking::Held);
        for cache in &caches[1..] {
            assert_eq!(found(cache).unwrap(), "t0ken");
            assert_eq!(cache.session(soon()).try_lock(LockRank::First), Locking::Busy);
        }
        drop(holder);
        caches[1].session(soon()).forget("t0ken");
        for cache in &caches {
            assert_eq!(found(cache), None);
            assert_eq!(cache.session(soon()).try_lock(LockRank::First), Locking::Held);
            assert!(!rests(cache));
        }
    }

    #[test]
    fn a_cluster_is_followed_over_tls_as_well() {
        let authority = Authority::new("Redis's");
        let identity = authority.server(&["127.0.0.1"], Validity::now());
        let cluster = Cluster::start_over_tls(&identity);
        let directory = Directory::new();
        let ca = directory.write("ca.pem", authority.pem());
        for (count, host) in cluster.hosts().iter().enumerate() {
            let cache = cache(&format!("rediss://{host}?ssl_ca_certs={}", ca.display()));
            assert_eq!(found(&cache).is_some(), count > 0);
            let locking = store(&mut cache.session(soon()), &entry("t0ken", 3600));
            assert_eq!(locking, Locking::Held);
        }
    }

    #[test]
    fn while_a_cluster_moves_the_slot_its_keys_are_found_where_they_are() {
        let cluster = Cluster::start();
        let cache = cache(&format!("redis+cluster://{}", cluster.hosts().join(",")));
        store(&mut cache.session(soon()), &entry("old", 3600));
        let key = &inner(&cache).key;
        let (home, others) = cluster.home(key);
        let id = |node: &Redis| node.ask(&["CLUSTER", "MYID"]).trim().to_owned();
        let slot = home.ask(&["CLUSTER", "KEYSLOT", key]).trim().to_owned();
        others[0].ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id(home)]);
        home.ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id(others[0])]);
        assert_eq!(found(&cache).unwrap(), "old");
        let port = others[0].port().to_string();
        home.ask(&["MIGRATE", "127.0.0.1", &port, key, "0", "60000"]);
        let mut session = cache.session(soon());
        assert_eq!(read(&mut session).unwrap(), "old");
        assert_eq!(store(&mut session, &entry("new", 7200)), Locking::Held);
        drop(session);
        assert_eq!(found(&cache).unwrap(), "new");
        assert_eq!(cache.session(soon()).try_lock(LockRank::First), Locking::Held, "was released");
        cache.session(soon()).forget("new");
        assert_eq!(found(&cache), None);
        assert!(!rests(&cache));
    }

    #[test]
    fn a_node_that_is_down_is_passed_over_and_a_cluster_that_is_down_says_so() {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let redis = Redis::start(&[]);
        let both = cache(&format!("redis+cluster://{closed},127.0.0.1:{}", redis.port()));
        assert_eq!(store(&mut both.session(soon()), &entry("t0ken", 3600)), Locking::Held);
        assert_eq!(found(&both).unwrap(), "t0ken");
        assert_eq!(inner(&both).first_node.load(super::Relaxed), 1, "is asked first from now on");
        let alone = Redis::start(&["--cluster-enabled", "yes", "--cluster-port", "0"]);
        let down = cache(&alone.url());
        let problem = problem(&down);
        assert!(
            problem.contains("CLUSTERDOWN") && problem.contains("--cluster check"),
            "{problem}"
        );
        assert!(!rests(&down));
    }

    #[test]
    fn a_node_that_is_called_as_the_password_is_not_shown() {
        let server = support::hostile::Hostile::run(|connection| {
            connection.read("*2 $4 AUTH $12 127.99.99.99".len() + 6)?;
            connection.send("+OK\r\n")?;
            connection.read(1)?;
            connection.send("-MOVED 1 127.99.99.99:1\r\n")?;
            connection.hang()
        });
        let problem = problem(&cache(&format!("redis://:127.99.99.99@{}", server.address())));
        assert!(problem.contains("cannot be reached"), "{problem}");
        assert!(!problem.contains("127.99.99.99"), "{problem}");
    }

    #[test]
    fn nodes_that_send_from_one_to_the_other_are_given_up() {
        use support::hostile::Hostile;
        let node = Hostile::run(|connection| {
            connection.send("-MOVED 1 :1\r\n")?;
            connection.hang()
        });
        let port = node.address().port();
        let round = Hostile::run(move |connection| {
            connection.send(format!("-MOVED 1 :{port}\r\n"))?;
            connection.hang()
        });
        let away = problem(&cache(&format!("redis://{}", round.address())));
        assert!(away.contains("127.0.0.1:1 cannot be reached"), "{away}");
        let own = Hostile::run(|connection| {
            let port = connection.port();
            connection.send(format!("-MOVED 1 :{port}\r\n"))?;
            connection.hang()
        });
        let round = problem(&cache(&format!("redis://{}", own.address())));
        assert!(
            round.contains("MOVED") && own.connections() == 1 + super::MAX_REDIRECTS,
            "{round}"
        );
    }

    #[test]
    fn sentinel_names_the_master_before_and_after_a_failover() {
        let mut watched = Watched::start();
        let cache = cache(&watched.url());
        assert_eq!(store(&mut cache.session(soon()), &entry("t0ken", 3600)), Locking::Held);
        assert_eq!(found(&cache).unwrap(), "t0ken");
        let master = watched.kill_master();
        let mut session = cache.session(soon());
        assert_eq!(session.try_lock(LockRank::First), Locking::Unavailable, "costs no call");
        drop(session);
        watched.fail_over(master);
        assert_eq!(found(&cache).unwrap(), "t0ken", "it was replicated");
        assert_eq!(store(&mut cache.session(soon()), &entry("new", 7200)), Locking::Held);
        assert_eq!(found(&cache).unwrap(), "new");
    }

    #[test]
    fn sentinels_and_their_master_have_passwords_of_their_own() {
        let watched = Watched::start();
        watched.servers[0].ask(&["CONFIG", "SET", "requirepass", "s3cret"]);
        watched.sentinel.ask(&["ACL", "SETUSER", "ada", "on", ">an other", "+@all"]);
        watched.sentinel.ask(&["ACL", "SETUSER", "default", "off"]);
        let url = watched.url().replacen("://", "://:s3cret@", 1);
        let with_both = cache(&format!("{url}?sentinel_username=ada&sentinel_password=an%20other"));
        assert_eq!(store(&mut with_both.session(soon()), &entry("t0ken", 3600)), Locking::Held);
        assert_eq!(found(&with_both).unwrap(), "t0ken");
        let without = problem(&cache(&url));
        assert!(without.contains("NOAUTH") && without.contains("sentinel_password"), "{without}");
    }

    #[test]
    fn a_service_that_no_sentinel_knows_and_a_server_that_is_no_sentinel_are_told() {
        let watched = Watched::start();
        let at = |port: u16, service: &str| {
            problem(&cache(&format!("redis+sentinel://127.0.0.1:{port}/{service}")))
        };
        let unknown = at(watched.sentinel.port(), "other");
        assert!(unknown.contains("does not know the service other"), "{unknown}");
        let no_sentinel = at(watched.servers[0].port(), "mine");
        assert!(no_sentinel.contains("is no Sentinel"), "{no_sentinel}");
        let sentinel = problem(&cache(&format!("redis://127.0.0.1:{}", watched.sentinel.port())));
        assert!(sentinel.contains("must not name a Sentinel"), "{sentinel}");
    }
}
