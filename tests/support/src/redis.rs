//! Redis itself: one, a cluster, or a master that Sentinel watches.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::certificates::{Authority, Identity};
use crate::directory::Directory;
use crate::processes::{Running, free_port, free_ports, output};

/// A Redis on a free port of 127.0.0.1 that keeps nothing on disk, until dropped.
pub struct Redis {
    running: Running,
    _directory: Directory,
    port: u16,
}

impl Redis {
    /// Starts a server with further options, such as `["--requirepass", "s3cret"]`.
    pub fn start(options: &[&str]) -> Self {
        let port = free_port();
        Self::run(port, Directory::new(), &["--port", &port.to_string()], options)
    }

    /// Starts a server over TLS only. Clients need no certificate.
    pub fn start_over_tls(identity: &Identity) -> Self {
        Self::tls(identity, None)
    }

    /// Starts a server over TLS only, for clients with a certificate of `authority`.
    pub fn start_over_tls_for(identity: &Identity, authority: &Authority) -> Self {
        Self::tls(identity, Some(authority))
    }

    fn tls(identity: &Identity, clients: Option<&Authority>) -> Self {
        let (port, directory) = (free_port(), Directory::new());
        let certificate = directory.write("certificate.pem", identity.chain_pem());
        let key = directory.write("key.pem", identity.key_pem());
        let ca = clients.map(|authority| directory.write("clients.pem", authority.pem()));
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let port_text = port.to_string();
        let (certificate, key) = (text(&certificate), text(&key));
        let mut options = vec!["--port", "0", "--tls-port", &port_text];
        options.extend(["--tls-cert-file", &certificate, "--tls-key-file", &key]);
        let ca = ca.as_deref().map(text);
        match &ca {
            Some(ca) => options.extend(["--tls-ca-cert-file", ca, "--tls-auth-clients", "yes"]),
            None => options.extend(["--tls-auth-clients", "no"]),
        }
        Self::run(port, directory, &options, &[])
    }

    fn run(port: u16, directory: Directory, place: &[&str], options: &[&str]) -> Self {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        // A replica need not wait for others to come.
        command.args(["--repl-diskless-sync-delay", "0", "--dir"]);
        command.arg(directory.path()).args(place).args(options).stdout(Stdio::null());
        let ready = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        Self { running: Running::start(&mut command, "", ready), _directory: directory, port }
    }

    /// Keeps it from running until [`Redis::go_on`].
    pub fn stop(&self) {
        self.signal("STOP");
    }

    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let id = self.running.0.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Runs one command with redis-cli and returns what it prints.
    pub fn ask(&self, command: &[&str]) -> String {
        let port = self.port.to_string();
        output(Command::new("redis-cli").args(["-p", &port]).args(command), "")
    }

    /// Waits until `replica` has all that this master has.
    pub fn wait_for(&self, replica: &Self) {
        self.ask(&["SET", "marker", "set"]);
        wait("the replica", || replica.ask(&["GET", "marker"]).trim() == "set");
        self.ask(&["DEL", "marker"]);
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

/// A cluster of three masters, each with a third of the slots.
pub struct Cluster {
    pub nodes: [Redis; 3],
    /// The ports that the nodes announce to clients.
    ports: [u16; 3],
}

impl Cluster {
    const SLOTS: [[&str; 2]; 3] = [["0", "5460"], ["5461", "10921"], ["10922", "16383"]];

    pub fn start() -> Self {
        Self::run(None)
    }

    /// Clients are sent from one node to the other over TLS.
    pub fn start_over_tls(identity: &Identity) -> Self {
        Self::run(Some(identity))
    }

    fn run(identity: Option<&Identity>) -> Self {
        let ports: [u16; 9] = free_ports();
        let [own, buses, announced] =
            [0, 3, 6].map(|first| [0, 1, 2].map(|node| ports[first + node]));
        let nodes = [0, 1, 2].map(|node| {
            let [port, bus, over_tls] =
                [own, buses, announced].map(|ports| ports[node].to_string());
            let mut options =
                vec!["--port", &port, "--cluster-enabled", "yes", "--cluster-port", &bus];
            let directory = Directory::new();
            let files = identity.map(|identity| {
                let certificate = directory.write("certificate.pem", identity.chain_pem());
                let key = directory.write("key.pem", identity.key_pem());
                [certificate, key].map(|path| path.to_str().unwrap().to_owned())
            });
            if let Some([certificate, key]) = &files {
                options.extend(["--tls-port", &over_tls, "--cluster-announce-port", &over_tls]);
                options.extend(["--tls-cert-file", certificate, "--tls-key-file", key]);
                options.extend(["--tls-auth-clients", "no"]);
            }
            Redis::run(own[node], directory, &options, &[])
        });
        for (node, [first, last]) in nodes.iter().zip(Self::SLOTS) {
            node.ask(&["CLUSTER", "ADDSLOTSRANGE", first, last]);
        }
        for node in [1, 2] {
            let [port, bus] = [own, buses].map(|ports| ports[node].to_string());
            nodes[0].ask(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
        }
        for node in &nodes {
            wait("the cluster", || node.ask(&["CLUSTER", "INFO"]).contains("cluster_state:ok"));
            wait("its nodes", || node.ask(&["CLUSTER", "NODES"]).lines().count() == 3);
        }
        Self { nodes, ports: if identity.is_some() { announced } else { own } }
    }

    /// The node that has the slot of `key`, and the others.
    pub fn home(&self, key: &str) -> (&Redis, Vec<&Redis>) {
        let slot: usize = self.nodes[0].ask(&["CLUSTER", "KEYSLOT", key]).trim().parse().unwrap();
        let home = (slot / 5461).min(2);
        let others = self.nodes.iter().enumerate().filter(|(place, _)| *place != home);
        (&self.nodes[home], others.map(|(_, node)| node).collect())
    }

    /// `127.0.0.1:PORT` of each node, as clients reach it.
    pub fn hosts(&self) -> [String; 3] {
        self.ports.map(|port| format!("127.0.0.1:{port}"))
    }
}

/// A master, its replica, and a Sentinel that watches them as the service `mine`.
pub struct Watched {
    pub servers: Vec<Redis>,
    pub sentinel: Redis,
}

impl Watched {
    pub fn start() -> Self {
        let master = Redis::start(&[]);
        let master_port = master.port().to_string();
        let replica = Redis::start(&["--replicaof", "127.0.0.1", &master_port]);
        wait("the replica", || replica.ask(&["INFO"]).contains("master_link_status:up"));
        let (port, directory) = (free_port(), Directory::new());
        // It writes what it learns into its file.
        let settings = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor mine 127.0.0.1 {master_port} 1\n\
             sentinel down-after-milliseconds mine 600000\nsentinel failover-timeout mine 5000\n"
        );
        let file = directory.write("sentinel.conf", settings);
        // Debian has `redis-sentinel`, which is this, in a package of its own, with a service.
        let mut command = Command::new("redis-server");
        command.arg(file).arg("--sentinel").stdout(Stdio::null());
        let ready = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        let running = Running::start(&mut command, "", ready);
        let sentinel = Redis { running, _directory: directory, port };
        wait("the Sentinel", || {
            sentinel.ask(&["SENTINEL", "MASTER", "mine"]).contains("num-slaves\n1\n")
        });
        Self { servers: vec![master, replica], sentinel }
    }

    /// The port of the master, as the Sentinel knows it.
    pub fn master(&self) -> u16 {
        let master = self.sentinel.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mine"]);
        master.lines().nth(1).unwrap().parse().unwrap()
    }

    /// Kills the master, once its replica has all that it has, and returns its port.
    pub fn kill_master(&mut self) -> u16 {
        let port = self.master();
        let master = self.servers.iter().find(|server| server.port() == port).unwrap();
        for replica in self.servers.iter().filter(|server| server.port() != port) {
            master.wait_for(replica);
        }
        self.servers.retain(|server| server.port() != port);
        port
    }

    /// Waits until the Sentinel has noticed that the master at port `old` is gone, however slow the
    /// machine is, and until it knows a different master that accepts writes.
    pub fn fail_over(&self, old: u16) {
        self.sentinel.ask(&["SENTINEL", "SET", "mine", "down-after-milliseconds", "500"]);
        wait("another master", || self.master() != old);
        let new = self.servers.iter().find(|server| server.port() == self.master()).unwrap();
        wait("the new master", || new.ask(&["ROLE"]).starts_with("master"));
    }

    /// `redis+sentinel://127.0.0.1:PORT/mine`.
    pub fn url(&self) -> String {
        format!("redis+sentinel://127.0.0.1:{}/mine", self.sentinel.port())
    }
}

fn wait(what: &str, ready: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !ready() {
        assert!(Instant::now() < deadline, "{what} is not ready after 120 s");
        thread::sleep(Duration::from_millis(20));
    }
}
