//! The state of a fleet, and the events that are to come.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Write;
use std::io::{self, ErrorKind};
use std::rc::Weak;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use simulated_ims::Credentials;
use simulated_ims::simulated::Posted;

use crate::chance::Chance;
use crate::coroutine::{Coroutine, Stacks};
use crate::host::Host;
use crate::invariants::Invariants;
use crate::process::Process;
use crate::queue::Queue;
use crate::redis::{self, Redis};
use crate::scenario::Scenario;
use crate::token_server::TokenServer;

/// The most coroutines at once: a system has a limit of mappings, and each stack takes two. A caller that finds
/// none free calls later.
pub(super) const MAX_TASKS: usize = 16_000;
/// The client secrets before and after the rotation.
pub const SECRETS: [&str; 2] = ["old-secret", "new-secret"];

/// An instant in the past of all that happens, for an [`Instant`] says nothing by itself.
pub(super) static BASE: LazyLock<Instant> =
    LazyLock::new(|| Instant::now() + Duration::from_secs(1 << 30));

pub struct Fleet {
    pub scenario: Scenario,
    pub(super) state: RefCell<State>,
    pub(super) me: Weak<Self>,
}

pub struct State {
    pub(super) now: Duration,
    pub(super) queue: Queue<Event>,
    /// Counts events and pauses.
    pub(super) count: u64,
    pub(super) chance: Chance,
    pub(super) hosts: Vec<Host>,
    pub(super) processes: Vec<Process>,
    pub(super) tasks: Vec<Option<Task>>,
    pub(super) free_tasks: Vec<usize>,
    pub(super) stacks: Stacks,
    /// The task that runs.
    pub(super) current: Option<usize>,
    /// The process that runs.
    pub(super) acting: usize,
    /// Which callers wait for their call to return.
    pub(super) calling: Vec<bool>,
    /// True while the stack of the current task is unwound.
    pub(super) is_killing: bool,
    /// The tasks that wait at a word of memory, by its address.
    pub(super) waiting: HashMap<usize, Vec<(usize, u64)>>,
    pub server: TokenServer,
    pub redis: Redis,
    pub(super) connections: BTreeMap<u64, Link>,
    /// The faults that are in effect, each with whom it concerns.
    pub(super) active: BTreeMap<usize, Vec<bool>>,
    pub invariants: Invariants,
    /// What happened, one event a line, where someone wants to read it.
    pub(super) trace: Option<String>,
    pub(super) credentials: Credentials,
}

/// A call of one caller.
pub(super) struct Task {
    pub(super) process: usize,
    pub(super) caller: usize,
    pub(super) coroutine: Option<Coroutine>,
    /// The pause that it is in; an event for another comes too late.
    pub(super) pause: u64,
    pub(super) reply: Option<io::Result<Posted>>,
    /// How long it waited for a processor.
    pub(super) waited: Duration,
}

/// A connection to Redis.
pub(super) struct Link {
    pub(super) host: usize,
    pub(super) is_open: bool,
    pub(super) failure: Option<ErrorKind>,
    pub(super) input: VecDeque<u8>,
    pub(super) waiting: Option<(usize, u64)>,
    pub(super) session: redis::Session,
    /// When the last bytes arrive, in each direction.
    pub(super) last: [Duration; 2],
}

#[derive(Clone, Debug)]
pub(super) enum Event {
    FaultStarts(usize),
    FaultEnds(usize),
    Start(usize),
    Call(usize),
    Resume { task: usize, pause: u64 },
    Request { task: usize, pause: u64, process: usize, form: String },
    Connected(u64),
    ToRedis(u64, Vec<u8>),
    FromRedis(u64, Vec<u8>),
    Response { task: usize, pause: u64, host: usize, response: Response },
}

#[derive(Clone, Debug)]
pub(super) enum Response {
    Whole(u16, Vec<(&'static str, String)>, String),
    Failed(ErrorKind),
}

impl State {
    pub(super) fn push(&mut self, at: Duration, event: Event) {
        self.queue.push(at.max(self.now), self.chance.number(), event);
    }

    pub(super) fn note(&mut self, text: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(trace) = &mut self.trace {
            let _ = writeln!(trace, "{:.9} {}", now.as_secs_f64(), text());
        }
    }

    /// Returns how long the thread that runs has waited for a processor.
    pub(super) fn waited(&self) -> Duration {
        let task = self.current.and_then(|task| self.tasks[task].as_ref());
        task.map_or(Duration::ZERO, |task| task.waited)
    }

    pub(super) fn host(&self) -> &Host {
        &self.hosts[self.processes[self.acting].host]
    }

    /// Returns what happened, one event a line.
    pub fn trace(&self) -> &str {
        self.trace.as_deref().unwrap_or_default()
    }
}
