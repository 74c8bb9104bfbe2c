//! Programs of others that tests run. `make test` installs them.

use std::array;
use std::env;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::root;

/// A program in the background; it ends with this value.
pub struct Running(pub Child);

impl Running {
    /// Starts `command`, writes `input` to its standard input, which stays open, and waits until
    /// it is `ready`.
    pub fn start(command: &mut Command, input: &str, ready: impl Fn() -> bool) -> Self {
        let mut running = Self(start(command.stdin(Stdio::piped())));
        running.0.stdin.as_mut().unwrap().write_all(input.as_bytes()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(120);
        while !ready() {
            if let Some(status) = running.0.try_wait().unwrap() {
                panic!("{command:?} ended with {status}");
            }
            assert!(Instant::now() < deadline, "{command:?} is not ready after 120 s");
            thread::sleep(Duration::from_millis(10));
        }
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The process may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs `command` with `input` on its standard input, and returns its standard output.
pub fn output(command: &mut Command, input: &str) -> String {
    let mut child = start(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
    let mut stdin = child.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "{command:?} ended with {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn start(command: &mut Command) -> Child {
    command.spawn().unwrap_or_else(|error| {
        panic!("cannot run {command:?} ({error}): run `make test`, which installs what tests need")
    })
}

/// Returns a command that makes `target`, run like a user whose files no one else may read.
pub fn make(target: &str) -> Command {
    let mut make = Command::new("sh");
    make.args(["-c", "umask 077; exec make \"$@\"", "sh", target]).current_dir(root());
    without_cargos_variables(&mut make);
    make
}

/// Removes the variables that cargo sets for a test. With them, build scripts would run again.
pub fn without_cargos_variables(command: &mut Command) {
    let ours = ["CARGO_HOME", "CARGO_TARGET_DIR"];
    let told = |name: &str| name.starts_with("CARGO_") && !ours.contains(&name);
    for (name, _) in env::vars().filter(|(name, _)| told(name) || name == "OUT_DIR") {
        command.env_remove(name);
    }
}

/// Returns a command that runs a script of tests/peers with Python and the packages of
/// tests/peers/requirements.txt.
pub fn python(script: &str) -> Command {
    installed(&root().join(".venv/installed"));
    let mut command = Command::new(root().join(".venv/bin/python"));
    command.arg(peers().join(script));
    command
}

/// Node, running a script of tests/peers with the packages of its package.json.
pub fn node(script: &str) -> Command {
    let mut command = Command::new(node_program());
    command.arg(peers().join(script));
    command
}

/// Returns Node's program, which is one of the packages: not every Debian has one that is new enough.
pub fn node_program() -> PathBuf {
    let processor = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => panic!("tests/peers/package.json has no Node for {other}"),
    };
    let program = peers().join(format!("node_modules/node-linux-{processor}/bin/node"));
    installed(&program);
    program
}

/// PHP, running a script of tests/peers.
pub fn php(script: &str) -> Command {
    let mut command = Command::new("php");
    command.arg(peers().join(script));
    command
}

/// Returns the path of the library that gives a program a different clock, for `LD_PRELOAD`.
pub fn faketime() -> PathBuf {
    let folders = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
    folders
        .iter()
        .map(|folder| Path::new("/usr/lib").join(folder).join("faketime/libfaketimeMT.so.1"))
        .find(|path| path.exists())
        .expect("libfaketime: run `make test`, which installs what tests need")
}

/// A port of 127.0.0.1 that no one listens on.
pub fn free_port() -> u16 {
    let [port] = free_ports();
    port
}

/// Returns this number of different free ports.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let listeners: [_; N] = array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

fn installed(path: &Path) {
    let shown = path.display();
    assert!(path.exists(), "{shown} is missing: run `make test`, which installs what tests need");
}

/// Returns the folder of the programs of others, and of the scripts that run them.
pub fn peers() -> PathBuf {
    root().join("tests/peers")
}
