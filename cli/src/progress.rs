//! A line on a terminal that says what a call waits for.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The time after which a user begins to wonder, and the interval between two updates of the line.
const STEP: Duration = Duration::from_secs(1);

/// A line on standard error while a call takes over a second. It is shown on a terminal only, and
/// erased on drop.
pub(super) struct Progress {
    line: Arc<Mutex<Line>>,
    /// `None` once it has ended.
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

struct Line {
    host: String,
    since: Instant,
    /// Characters on the terminal now.
    shown: usize,
}

impl Progress {
    /// Starts the line of a call to `host`.
    pub fn start(host: String) -> Self {
        let line = Arc::new(Mutex::new(Line { host, since: Instant::now(), shown: 0 }));
        let (end, ended) = mpsc::channel();
        let ours = Arc::clone(&line);
        // Where no thread is to be had, there is no line.
        let thread = io::stderr()
            .is_terminal()
            .then(|| thread::Builder::new().spawn(move || show(&ours, &ended)).ok())
            .flatten();
        Self { line, thread: thread.map(|thread| (end, thread)) }
    }

    /// Lets `write` use the terminal. The time that is shown starts from zero after it.
    pub fn interrupt<T>(&self, write: impl FnOnce() -> T) -> T {
        let mut line = lock(&self.line);
        line.erase();
        line.since = Instant::now();
        write()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.thread.take() {
            drop(end);
            // It writes to the terminal, and does nothing else.
            let _ = thread.join();
        }
    }
}

fn show(line: &Mutex<Line>, ended: &Receiver<()>) {
    while ended.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
        lock(line).write();
    }
    lock(line).erase();
}

fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    // No panic can leave it half changed.
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    fn write(&mut self) {
        let waited = self.since.elapsed().as_secs();
        if waited >= STEP.as_secs() {
            self.erase();
            let text = format!("ims: waiting for {} ... {waited} s", self.host);
            self.shown = text.chars().count();
            put(&text);
        }
    }

    /// Writes spaces over the line, because every terminal knows them.
    fn erase(&mut self) {
        if self.shown > 0 {
            put(&format!("\r{:width$}\r", "", width = self.shown));
            self.shown = 0;
        }
    }
}

fn put(text: &str) {
    // If it cannot be written, no one waits for it.
    let _ = write!(io::stderr(), "{text}");
}
