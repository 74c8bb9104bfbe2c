//! The fleet and its world: all that happens, one event after the other, in an order that chance decides.

// The modules are in the order of use: each uses only those above it.
mod state;
mod threads;
mod link;
mod faults;
mod network;
mod calls;
mod processes;
mod world;

use std::cell::{Ref, RefCell, RefMut};
use std::collections::{BTreeMap, HashMap};
use std::rc::{Rc, Weak};
use std::time::Duration;

use simulated_ims::Credentials;
use simulated_ims::simulated::{self, Posted, World};

use crate::chance::Chance;
use crate::coroutine::Stacks;
use crate::fault::{Kind, Server};
use crate::host::Host;
use crate::invariants::Invariants;
use crate::process::Process;
use crate::queue::Queue;
use crate::redis::Redis;
use crate::scenario::Scenario;
use crate::token_server::TokenServer;
use state::{Event, Response};
pub use state::{Fleet, SECRETS, State};

impl Fleet {
    pub fn new(scenario: Scenario, traces: bool) -> Rc<Self> {
        let json = r#"{"client_id":"fleet","client_secrets":["old-secret","new-secret"],"scope":"openid","token_url":"http://127.0.0.1:1/token"}"#;
        let credentials =
            Credentials::from_json(json.as_bytes(), &simulated_ims::CredentialsOptions::default());
        let mut chance = Chance::seeded(scenario.seed);
        let hosts: Vec<Host> = (0..scenario.hosts)
            .map(|_| {
                let skew = scenario.skew.as_nanos() as i64;
                let offset = ((chance.fraction() * 2.0 - 1.0) * skew as f64) as i64;
                Host::new(offset)
            })
            .collect();
        let count = scenario.hosts * scenario.processes;
        let process = |number: u64| Process::new((number / scenario.processes) as usize);
        let processes: Vec<Process> = (0..count).map(process).collect();
        let invariants = Invariants::new(&scenario, processes.len());
        let state = State {
            now: Duration::ZERO,
            queue: Queue::default(),
            count: 0,
            chance,
            hosts,
            processes,
            tasks: Vec::new(),
            free_tasks: Vec::new(),
            stacks: Stacks::default(),
            current: None,
            acting: 0,
            calling: vec![false; (count * scenario.callers) as usize],
            is_killing: false,
            waiting: HashMap::new(),
            server: TokenServer::new(scenario.lifetime, &SECRETS[..1]),
            redis: Redis::default(),
            connections: BTreeMap::new(),
            active: BTreeMap::new(),
            invariants,
            trace: traces.then(String::new),
            credentials: credentials.expect("the credentials are right"),
        };
        Rc::new_cyclic(|me| Self { scenario, state: RefCell::new(state), me: Weak::clone(me) })
    }

    fn me(&self) -> Rc<Self> {
        self.me.upgrade().expect("the world is there")
    }

    /// Runs all of it. Returns what is left of it.
    pub fn run(self: &Rc<Self>) -> Ref<'_, State> {
        simulated::enter(Rc::clone(self) as Rc<dyn World>);
        {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            for (number, fault) in self.scenario.faults.iter().enumerate() {
                state.push(fault.start, Event::FaultStarts(number));
            }
            for process in 0..state.processes.len() {
                let at = state.chance.part_of(self.scenario.starts_within);
                state.push(at, Event::Start(process));
            }
        }
        loop {
            let mut state = self.state.borrow_mut();
            if !state.invariants.hold() {
                break;
            }
            let Some((at, event)) = state.queue.pop() else { break };
            state.now = at;
            if self.is_held(&mut state, &event) {
                continue;
            }
            state.note(|| format!("{event:?}"));
            self.handle(state, event);
        }
        let mut state = self.state.borrow_mut();
        let now = state.now;
        if state.invariants.hold() {
            let running = state.tasks.iter().flatten().count();
            state.invariants.check(running == 0, || format!("{running} calls never return"));
            let files = state.hosts.iter().map(|host| host.disk.locks()).sum::<usize>();
            state.invariants.check(files == 0, || format!("{files} files stay locked"));
            let locks = if self.scenario.is_calm() { state.redis.locks(now) } else { 0 };
            state.invariants.check(locks == 0, || format!("{locks} locks stay in Redis"));
            let State { server, invariants, .. } = &mut *state;
            invariants.check_load(&self.scenario, server);
        }
        // What is left of a failed run ends as killed processes do.
        let left: Vec<usize> = (0..state.tasks.len()).collect();
        drop(state);
        left.into_iter().for_each(|task| self.kill_task(task));
        let mut state = self.state.borrow_mut();
        for process in &mut state.processes {
            process.client = None;
        }
        drop(state);
        simulated::leave();
        self.state.borrow()
    }

    /// Keeps what a process does that stands still for when it goes on.
    fn is_held(&self, state: &mut State, event: &Event) -> bool {
        let process = match event {
            Event::Resume { task, .. } => state.tasks[*task].as_ref().map(|task| task.process),
            Event::Call(caller) => Some(self.process_of(*caller)),
            Event::Start(process) => Some(*process),
            _ => None,
        };
        let Some(process) = process.filter(|process| state.processes[*process].stops > 0) else {
            return false;
        };
        let ends = state.active.keys().filter(|fault| {
            matches!(self.scenario.faults[**fault].kind, Kind::Stopped | Kind::Suspended)
                && self.concerns(state, **fault, process)
        });
        let end = ends.map(|fault| self.scenario.faults[*fault].end).max().unwrap_or(state.now);
        let at = end + state.chance.part_of(Duration::from_millis(10)) + Duration::from_nanos(1);
        state.push(at, event.clone());
        true
    }

    fn process_of(&self, caller: usize) -> usize {
        caller / self.scenario.callers as usize
    }

    fn handle(&self, mut state: RefMut<'_, State>, event: Event) {
        match event {
            Event::FaultStarts(number) => {
                drop(state);
                self.start_fault(number);
            }
            Event::FaultEnds(number) => self.end_fault(&mut state, number),
            Event::Start(process) => {
                drop(state);
                self.start(process);
            }
            Event::Call(caller) => {
                drop(state);
                self.call(caller);
            }
            Event::Resume { task, pause } => {
                if state.tasks[task].as_ref().is_some_and(|task| task.pause == pause) {
                    drop(state);
                    self.resume(task);
                }
            }
            Event::Request { task, pause, process, form } => {
                self.respond(&mut state, (task, pause), process, &form);
            }
            Event::Response { task, pause, host, response } => {
                let is_cut = self.cut(&state, host, Server::Token).is_some();
                let waits = state.tasks[task].as_ref().is_some_and(|task| task.pause == pause);
                if waits && !is_cut {
                    let reply = match response {
                        Response::Whole(status, headers, body) => {
                            Ok(Posted { status, headers, body })
                        }
                        Response::Failed(kind) => Err(kind.into()),
                    };
                    let waiting = state.tasks[task].as_mut().expect("it waits");
                    waiting.reply = Some(reply);
                    let now = state.now;
                    state.push(now, Event::Resume { task, pause });
                }
            }
            Event::Connected(link) => {
                self.change_link(&mut state, link, |link| link.is_open = true)
            }
            Event::ToRedis(link, bytes) => self.to_redis(&mut state, link, &bytes),
            Event::FromRedis(link, bytes) => {
                self.change_link(&mut state, link, |link| link.input.extend(&bytes));
            }
        }
    }
}
