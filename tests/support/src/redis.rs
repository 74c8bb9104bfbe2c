//! Redis itself.

use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::certificates::Identity;
use crate::directory::Directory;
use crate::processes::{Running, free_port, output};

/// A Redis on a free port of 127.0.0.1 that keeps nothing on disk, until dropped.
pub struct Redis {
    running: Running,
    _directory: Directory,
    port: u16,
}

impl Redis {
    /// With further options, such as `["--requirepass", "s3cret"]`.
    pub fn start(options: &[&str]) -> Self {
        let port = free_port();
        Self::run(port, Directory::new(), &["--port", &port.to_string()], options)
    }

    /// Over TLS alone; clients need no certificate.
    pub fn start_over_tls(identity: &Identity) -> Self {
        let (port, directory) = (free_port(), Directory::new());
        let certificate = directory.write("certificate.pem", identity.chain_pem());
        let key = directory.write("key.pem", identity.key_pem());
        let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
        let tls = [
            "--port",
            "0",
            "--tls-port",
            &port.to_string(),
            "--tls-cert-file",
            &text(&certificate),
            "--tls-key-file",
            &text(&key),
            "--tls-auth-clients",
            "no",
        ];
        Self::run(port, directory, &tls, &[])
    }

    fn run(port: u16, directory: Directory, place: &[&str], options: &[&str]) -> Self {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"]);
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

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What redis-cli prints.
    pub fn ask(&self, arguments: &[&str]) -> String {
        let port = self.port.to_string();
        output(Command::new("redis-cli").args(["-h", "127.0.0.1", "-p", &port]).args(arguments), "")
    }
}
