//! Processes that ask for tokens: tests/c/worker.c.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use crate::c_programs::compile;

/// How long a worker asks.
#[derive(Clone, Copy)]
pub enum Asks {
    /// Each thread once.
    Once,
    For(Duration),
    UntilStopped,
}

/// A worker process, whose output goes to a file.
pub struct Worker {
    pub child: Child,
    output: PathBuf,
}

/// What a worker said.
#[derive(Debug, Default)]
pub struct Ran {
    pub tokens: Vec<String>,
    pub failures: Vec<String>,
    pub calls: u64,
    pub errors: u64,
    pub expired: u64,
    pub waited: u64,
    pub late: u64,
}

/// The command of a worker.
pub fn command(credentials: &Path, cache: &str, threads: usize, asks: Asks) -> Command {
    let milliseconds = match asks {
        Asks::Once => 0,
        Asks::For(time) => i64::try_from(time.as_millis()).unwrap(),
        Asks::UntilStopped => -1,
    };
    let mut command = Command::new(program());
    command
        .arg(credentials)
        .args([cache.to_owned(), threads.to_string(), milliseconds.to_string()])
        .env("LD_LIBRARY_PATH", program().parent().unwrap())
        .env_remove("HTTPS_PROXY")
        .env_remove("https_proxy");
    command
}

/// tests/c/worker.c, compiled once.
fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        compile("worker", &folder);
        folder.join("worker")
    });
    &PROGRAM
}

impl Worker {
    pub fn start(command: &mut Command, output: PathBuf) -> Self {
        let file = File::create(&output).unwrap();
        let child = command.stdin(Stdio::piped()).stdout(file).spawn().unwrap();
        Self { child, output }
    }

    pub fn go(&mut self) {
        // A worker that was killed does not read it.
        let _ = self.child.stdin.as_mut().unwrap().write_all(b"go\n");
    }

    pub fn has_token(&self) -> bool {
        fs::read_to_string(&self.output).unwrap().lines().any(|line| line.starts_with("token "))
    }

    /// Ends its standard input.
    pub fn stop(&mut self) {
        self.child.stdin.take();
    }

    pub fn end(mut self) -> Ran {
        self.stop();
        let status = self.child.wait().unwrap();
        let text = fs::read_to_string(&self.output).unwrap();
        assert!(status.success(), "{status}: {text}");
        let mut ran = Ran::default();
        for line in text.lines() {
            match line.split_once(' ').unwrap() {
                ("token", token) => ran.tokens.push(token.to_owned()),
                ("error", error) => ran.failures.push(error.to_owned()),
                _ => {
                    let numbers: Vec<u64> =
                        line.split(' ').filter_map(|word| word.parse().ok()).collect();
                    [ran.calls, ran.errors, ran.expired, ran.waited, ran.late] =
                        numbers.try_into().unwrap();
                }
            }
        }
        assert!(ran.calls > 0 && ran.expired == 0, "{text}");
        // Threads print one each.
        ran.tokens.sort();
        ran.tokens.dedup();
        ran
    }
}

/// Has all of them begin at once.
pub fn go(mut workers: Vec<Worker>) -> Vec<Worker> {
    workers.iter_mut().for_each(Worker::go);
    workers
}

/// Stops all of them and returns what they said.
pub fn end(mut workers: Vec<Worker>) -> Vec<Ran> {
    workers.iter_mut().for_each(Worker::stop);
    workers.into_iter().map(Worker::end).collect()
}
