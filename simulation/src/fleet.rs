//! The fleet and its world: all that happens, one event after the other, in an order that chance decides.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Write;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::rc::{Rc, Weak};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

use simulated_ims::simulated::{self, Connection, Disk, Posted, World};
use simulated_ims::{Cache, Client, Credentials, Proxy, Token};

use crate::chance::Chance;
use crate::coroutine::{Coroutine, Stacks, suspend};
use crate::fault::{Cut, Kind, Server};
use crate::host::Host;
use crate::invariants::{Call, Invariants};
use crate::process::Process;
use crate::queue::Queue;
use crate::redis::{self, Redis};
use crate::scenario::{Scenario, Sharing};
use crate::token_server::TokenServer;

/// The most coroutines at once: a system has a limit of mappings, and each stack takes two. A caller that finds
/// none free calls later.
const MAX_TASKS: usize = 16_000;
/// The client secrets before and after the rotation.
pub const SECRETS: [&str; 2] = ["old-secret", "new-secret"];

/// An instant in the past of all that happens, for an [`Instant`] says nothing by itself.
static BASE: LazyLock<Instant> = LazyLock::new(|| Instant::now() + Duration::from_secs(1 << 30));

pub struct Fleet {
    pub scenario: Scenario,
    state: RefCell<State>,
    me: Weak<Self>,
}

pub struct State {
    now: Duration,
    queue: Queue<Event>,
    /// Counts events and pauses.
    count: u64,
    chance: Chance,
    hosts: Vec<Host>,
    processes: Vec<Process>,
    tasks: Vec<Option<Task>>,
    free_tasks: Vec<usize>,
    stacks: Stacks,
    /// The task that runs.
    current: Option<usize>,
    /// The process that runs.
    acting: usize,
    /// Which callers wait for their call to return.
    calling: Vec<bool>,
    /// True while the stack of the current task is unwound.
    is_killing: bool,
    /// The tasks that wait at a word of memory, by its address.
    waiting: HashMap<usize, Vec<(usize, u64)>>,
    pub server: TokenServer,
    pub redis: Redis,
    connections: BTreeMap<u64, Link>,
    /// The faults that are in effect, each with whom it concerns.
    active: BTreeMap<usize, Vec<bool>>,
    pub invariants: Invariants,
    /// What happened, one event a line, where someone wants to read it.
    trace: Option<String>,
    credentials: Credentials,
}

/// A call of one caller.
struct Task {
    process: usize,
    caller: usize,
    coroutine: Option<Coroutine>,
    /// The pause that it is in; an event for another comes too late.
    pause: u64,
    reply: Option<io::Result<Posted>>,
    /// How long it waited for a processor.
    waited: Duration,
}

/// A connection to Redis.
struct Link {
    host: usize,
    is_open: bool,
    failure: Option<ErrorKind>,
    input: VecDeque<u8>,
    waiting: Option<(usize, u64)>,
    session: redis::Session,
    /// When the last bytes arrive, in each direction.
    last: [Duration; 2],
}

#[derive(Clone, Debug)]
enum Event {
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
enum Response {
    Whole(u16, Vec<(&'static str, String)>, String),
    Failed(ErrorKind),
}

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
    pub fn run(self: &Rc<Self>) -> std::cell::Ref<'_, State> {
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

    fn handle(&self, mut state: std::cell::RefMut<'_, State>, event: Event) {
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

    // ---- faults

    fn concerns(&self, state: &State, fault: usize, process: usize) -> bool {
        let concerned = &state.active[&fault];
        let by_process = matches!(self.scenario.faults[fault].kind, Kind::Stopped | Kind::Killed);
        concerned[if by_process { process } else { state.processes[process].host }]
    }

    /// Returns the kinds of faults that are in effect on a host.
    fn on_host<'a>(&'a self, state: &'a State, host: usize) -> impl Iterator<Item = Kind> + 'a {
        let on_host = move |(fault, concerned): (&usize, &Vec<bool>)| {
            let kind = self.scenario.faults[*fault].kind;
            let by_process = matches!(kind, Kind::Stopped | Kind::Killed);
            (!by_process && concerned[host]).then_some(kind)
        };
        state.active.iter().filter_map(on_host)
    }

    fn cut(&self, state: &State, host: usize, server: Server) -> Option<Cut> {
        self.on_host(state, host).find_map(|kind| match kind {
            Kind::Cut(cut, how) if cut == server => Some(how),
            _ => None,
        })
    }

    /// Returns the probability with which a thread waits for a processor at each step.
    fn busy(&self, state: &State, host: usize) -> Option<f64> {
        self.on_host(state, host).find_map(|kind| match kind {
            Kind::Busy(probability) => Some(probability),
            _ => None,
        })
    }

    fn start_fault(&self, number: usize) {
        let fault = &self.scenario.faults[number];
        let mut state = self.state.borrow_mut();
        let now = state.now;
        let by_process = matches!(fault.kind, Kind::Stopped | Kind::Killed);
        let count = if by_process { state.processes.len() } else { state.hosts.len() };
        let concerned: Vec<bool> = (0..count).map(|_| state.chance.is(fault.share)).collect();
        state.active.insert(number, concerned.clone());
        state.push(fault.end, Event::FaultEnds(number));
        let mut killed = Vec::new();
        match fault.kind {
            Kind::Failover => {
                state.redis.forget();
                let links: Vec<u64> = state.connections.keys().copied().collect();
                for link in links {
                    self.change_link(&mut state, link, |link| {
                        link.failure = Some(ErrorKind::ConnectionReset);
                    });
                }
            }
            Kind::ClockSet(seconds) => {
                for (host, _) in state.hosts.iter_mut().zip(&concerned).filter(|(_, is)| **is) {
                    host.clock_offset += seconds * 1_000_000_000;
                }
            }
            Kind::FullDisk => {
                for (host, _) in state.hosts.iter_mut().zip(&concerned).filter(|(_, is)| **is) {
                    host.is_full = true;
                }
            }
            Kind::Stopped | Kind::Suspended => {
                for process in 0..state.processes.len() {
                    if self.concerns(&state, number, process) {
                        state.processes[process].stop(now);
                    }
                }
                if fault.kind == Kind::Suspended {
                    for (host, _) in state.hosts.iter_mut().zip(&concerned).filter(|(_, is)| **is) {
                        host.suspend(now);
                    }
                }
            }
            Kind::Ended => state.server.end_all(),
            Kind::Rotated => state.server.secrets = SECRETS[1..].to_vec(),
            Kind::Killed => {
                killed = (0..count).filter(|process| concerned[*process]).collect();
            }
            _ => {}
        }
        drop(state);
        for process in killed {
            self.kill(process);
        }
    }

    fn end_fault(&self, state: &mut State, number: usize) {
        let now = state.now;
        let fault = &self.scenario.faults[number];
        let is_suspension = fault.kind == Kind::Suspended;
        match fault.kind {
            Kind::Stopped | Kind::Suspended => {
                for process in 0..state.processes.len() {
                    if self.concerns(state, number, process) {
                        state.processes[process].go_on(now);
                    }
                }
            }
            Kind::Killed => {
                for process in 0..state.processes.len() {
                    if self.concerns(state, number, process) {
                        state.push(now, Event::Start(process));
                    }
                }
            }
            _ => {}
        }
        let concerned = state.active.remove(&number).expect("it was in effect");
        let still = |fleet: &Self, state: &State, host, kind| {
            fleet.on_host(state, host).any(|other| other == kind)
        };
        for host in 0..state.hosts.len() {
            if !concerned.get(host).is_some_and(|is| *is) {
                continue;
            }
            if is_suspension && !still(self, state, host, Kind::Suspended) {
                state.hosts[host].resume(now);
            }
            if fault.kind == Kind::FullDisk && !still(self, state, host, Kind::FullDisk) {
                state.hosts[host].is_full = false;
            }
        }
    }

    // ---- processes

    fn start(&self, process: usize) {
        let mut state = self.state.borrow_mut();
        if state.processes[process].client.is_some() {
            return;
        }
        let scenario = &self.scenario;
        let cache = match scenario.sharing {
            Sharing::Memory => Cache::Memory,
            Sharing::File => Cache::File(Some("/cache".into())),
            Sharing::Redis => Cache::Redis("redis://127.0.0.1:6379".into()),
        };
        let builder = Client::builder()
            .cache(cache)
            .timeout(scenario.timeout)
            .max_attempts(scenario.max_attempts)
            .proxy(Proxy::None);
        let credentials = state.credentials.clone();
        state.count += 1;
        let id = u32::try_from(state.count).unwrap_or(u32::MAX);
        let identity = Rc::new(simulated::Process::new(id));
        state.invariants.started(process);
        state.processes[process].identity = identity;
        state.acting = process;
        drop(state);
        let client = Rc::new(builder.build(credentials).expect("the settings are right"));
        let mut state = self.state.borrow_mut();
        state.processes[process].client = Some(client);
        let now = state.now;
        if !std::mem::replace(&mut state.processes[process].has_callers, true) {
            let first_call = (scenario.between_calls / 4).min(Duration::from_secs(1));
            let callers = scenario.callers as usize;
            for caller in process * callers..(process + 1) * callers {
                let at = now + state.chance.part_of(first_call);
                state.push(at, Event::Call(caller));
            }
        }
    }

    fn kill(&self, process: usize) {
        let mut state = self.state.borrow_mut();
        let Some(_client) = state.processes[process].client.take() else { return };
        let is_its =
            |task: &Option<Task>| task.as_ref().is_some_and(|task| task.process == process);
        let tasks: Vec<usize> =
            (0..state.tasks.len()).filter(|task| is_its(&state.tasks[*task])).collect();
        drop(state);
        tasks.into_iter().for_each(|task| self.kill_task(task));
    }

    fn kill_task(&self, task: usize) {
        let mut state = self.state.borrow_mut();
        let Some(killed) = state.tasks[task].as_mut() else { return };
        let (coroutine, process, caller) = (killed.coroutine.take(), killed.process, killed.caller);
        (state.current, state.acting) = (Some(task), process);
        state.is_killing = true;
        drop(state);
        if let Some(coroutine) = coroutine {
            coroutine.kill();
        }
        let mut state = self.state.borrow_mut();
        state.current = None;
        state.is_killing = false;
        state.calling[caller] = false;
        state.tasks[task] = None;
        state.free_tasks.push(task);
    }

    // ---- callers

    fn call(&self, caller: usize) {
        let mut borrowed = self.state.borrow_mut();
        let state = &mut *borrowed;
        let now = state.now;
        let pause = state.chance.around(self.scenario.between_calls);
        let next =
            now + if state.chance.is(0.01) { 10 * pause } else { pause } + Duration::from_nanos(1);
        if next < self.scenario.length {
            state.push(next, Event::Call(caller));
        }
        let process = self.process_of(caller);
        let Some(client) = state.processes[process].client.clone() else { return };
        if state.calling[caller] || (state.free_tasks.is_empty() && state.tasks.len() >= MAX_TASKS)
        {
            return;
        }
        let invalidates = self.scenario.invalidates && state.chance.is(0.01);
        let is_busy = self.busy(state, state.processes[process].host).is_some();
        if !invalidates && !is_busy {
            // A token in memory needs no wait, and so no coroutine.
            state.acting = process;
            drop(borrowed);
            let token = client.token_in_memory();
            borrowed = self.state.borrow_mut();
            if let Some(token) = token {
                let call = self.begin(&borrowed, caller);
                if self.got(&mut borrowed, &call, &token) {
                    return;
                }
            }
        }
        let state = &mut *borrowed;
        let me = self.me();
        let coroutine = state.stacks.coroutine(move || me.run_call(caller, &client, invalidates));
        let task = Task {
            process,
            caller,
            coroutine: Some(coroutine),
            pause: 0,
            reply: None,
            waited: Duration::ZERO,
        };
        let number = match state.free_tasks.pop() {
            Some(number) => number,
            None => {
                state.tasks.push(None);
                state.tasks.len() - 1
            }
        };
        state.tasks[number] = Some(task);
        state.push(now, Event::Resume { task: number, pause: 0 });
        state.calling[caller] = true;
    }

    fn resume(&self, task: usize) {
        let mut state = self.state.borrow_mut();
        let resumed = state.tasks[task].as_mut().expect("it waits");
        let (process, caller) = (resumed.process, resumed.caller);
        let mut coroutine = resumed.coroutine.take().expect("it waits");
        (state.current, state.acting) = (Some(task), process);
        drop(state);
        let has_ended = coroutine.resume();
        let mut state = self.state.borrow_mut();
        state.current = None;
        if has_ended {
            state.stacks.take(coroutine);
            state.calling[caller] = false;
            state.tasks[task] = None;
            state.free_tasks.push(task);
        } else {
            state.tasks[task].as_mut().expect("it runs").coroutine = Some(coroutine);
        }
    }
}

impl Fleet {
    /// Makes one call, and uses the token.
    fn run_call(&self, caller: usize, client: &Client, invalidates: bool) {
        if invalidates {
            let call = self.begin(&self.state.borrow(), caller);
            let invalidated = client.invalidate();
            let mut state = self.state.borrow_mut();
            state.note(|| format!("caller {caller} invalidates: {invalidated:?}"));
            self.finish(&mut state, &call);
            if invalidated.is_ok() {
                let now = state.now;
                state.invariants.invalidated(&call, now);
            }
        }
        for _ in 0..2 {
            let call = self.begin(&self.state.borrow(), caller);
            let outcome = client.token();
            let refused = {
                let mut state = self.state.borrow_mut();
                self.finish(&mut state, &call);
                match outcome {
                    Ok(token) if self.got(&mut state, &call, &token) => return,
                    Ok(token) => token,
                    Err(error) => {
                        state.note(|| format!("caller {caller}: {error}"));
                        return state.invariants.failed(&self.scenario, &call, &error);
                    }
                }
            };
            let call = self.begin(&self.state.borrow(), caller);
            client.forget(&refused);
            let mut state = self.state.borrow_mut();
            state.note(|| format!("caller {caller} forgot {}", refused.access_token()));
            self.finish(&mut state, &call);
            let (now, steady) = (state.now, state.host().steady(state.now));
            state.invariants.forgot(&call, refused.access_token(), (now, steady));
        }
    }

    fn begin(&self, state: &State, caller: usize) -> Call {
        let process = self.process_of(caller);
        let steady = state.hosts[state.processes[process].host].steady(state.now);
        let stopped_for = state.processes[process].stopped_for() + state.waited();
        Call { caller, process, at: state.now, steady, stopped_for }
    }

    /// Checks the end of a call.
    fn finish(&self, state: &mut State, call: &Call) {
        let process = &state.processes[call.process];
        let stood_still = process.stopped_for() + state.waited() - call.stopped_for;
        let took = state.hosts[process.host].steady(state.now) - call.steady;
        state.invariants.ended(&self.scenario, call, took.saturating_sub(stood_still));
    }

    /// Checks a token that a call returned. Returns whether an API accepts it.
    fn got(&self, state: &mut State, call: &Call, token: &Token) -> bool {
        state.note(|| format!("caller {}: {}", call.caller, token.access_token()));
        let host = &state.hosts[state.processes[call.process].host];
        let times = (state.now, host.wall(state.now), host.steady(state.now));
        let issued = state.server.issued.get(token.access_token());
        state.invariants.handed_out(&self.scenario, call, token, issued, times);
        issued.is_some_and(|issued| !issued.is_ended)
    }

    // ---- the token server

    fn respond(&self, state: &mut State, (task, pause): (usize, u64), process: usize, form: &str) {
        let host = state.processes[process].host;
        if self.cut(state, host, Server::Token).is_some() {
            return;
        }
        let now = state.now;
        state.invariants.requested(now, process);
        let (mut refusal, mut slow, mut is_lost) = (None, Duration::ZERO, false);
        let kinds: Vec<Kind> = self.on_host(state, host).collect();
        for kind in kinds {
            match kind {
                Kind::Refusals(status, retry_after) => refusal = Some((status, retry_after)),
                Kind::SlowServer(by) => slow += by,
                Kind::LostResponses(probability) => is_lost |= state.chance.is(probability),
                _ => {}
            }
        }
        let posted = state.server.respond(now, process, form, refusal);
        let response = if is_lost {
            if state.chance.is(0.5) {
                return;
            }
            Response::Failed(ErrorKind::ConnectionReset)
        } else {
            Response::Whole(posted.status, posted.headers, posted.body)
        };
        let service = state.chance.around(self.scenario.service) + slow;
        let at = now + service + state.chance.around(self.scenario.to_server);
        state.push(at, Event::Response { task, pause, host, response });
    }

    // ---- Redis

    fn change_link(&self, state: &mut State, number: u64, change: impl FnOnce(&mut Link)) {
        let Some(host) = state.connections.get(&number).map(|link| link.host) else { return };
        if self.cut(state, host, Server::Redis).is_some() {
            return;
        }
        let link = state.connections.get_mut(&number).expect("it is there");
        change(link);
        if let Some((task, pause)) = link.waiting.take() {
            let now = state.now;
            state.push(now, Event::Resume { task, pause });
        }
    }

    fn to_redis(&self, state: &mut State, number: u64, bytes: &[u8]) {
        let now = state.now;
        let Some(host) = state.connections.get(&number).map(|link| link.host) else { return };
        if self.cut(state, host, Server::Redis).is_some() {
            return;
        }
        let State { connections, redis, .. } = state;
        let link = connections.get_mut(&number).expect("it is there");
        let replies = redis.receive(now, &mut link.session, bytes);
        let slow: Duration = self
            .on_host(state, host)
            .map(|kind| if let Kind::SlowRedis(by) = kind { by } else { Duration::ZERO })
            .sum();
        self.send(state, number, 1, slow, Event::FromRedis(number, replies));
    }

    /// Lets what is sent arrive after what was sent before it.
    fn send(&self, state: &mut State, number: u64, direction: usize, slow: Duration, event: Event) {
        let takes = state.chance.around(self.scenario.to_redis) + slow;
        let link = state.connections.get_mut(&number).expect("it is there");
        let at = (state.now + takes).max(link.last[direction] + Duration::from_nanos(1));
        link.last[direction] = at;
        state.push(at, event);
    }

    // ---- the threads of processes

    /// Lets the current thread wait until `at`, or until an event for this pause comes before. `register` is told
    /// the task and the pause.
    fn pause(&self, at: Duration, register: impl FnOnce(&mut State, (usize, u64))) {
        {
            let mut state = self.state.borrow_mut();
            let task = state.current.expect("only a caller waits");
            state.count += 1;
            let pause = state.count;
            state.tasks[task].as_mut().expect("it runs").pause = pause;
            state.push(at, Event::Resume { task, pause });
            register(&mut state, (task, pause));
        }
        suspend();
    }

    /// Lets other threads run first, where the host is busy. Returns false where the process is being killed:
    /// nothing waits any more.
    fn step(&self) -> bool {
        let mut state = self.state.borrow_mut();
        if state.is_killing {
            return false;
        }
        let Some(task) = state.current else { return true };
        let host = state.processes[state.acting].host;
        let busy = self.busy(&state, host);
        let is_busy = busy.is_some_and(|probability| state.chance.is(probability));
        if is_busy {
            let wait = state.chance.time_between(Duration::from_micros(1), Duration::from_secs(1));
            state.tasks[task].as_mut().expect("it runs").waited += wait;
            let at = state.now + wait;
            drop(state);
            self.pause(at, |_, _| ());
        }
        true
    }
}

impl State {
    fn push(&mut self, at: Duration, event: Event) {
        self.queue.push(at.max(self.now), self.chance.number(), event);
    }

    fn note(&mut self, text: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(trace) = &mut self.trace {
            let _ = writeln!(trace, "{:.9} {}", now.as_secs_f64(), text());
        }
    }

    /// Returns how long the thread that runs has waited for a processor.
    fn waited(&self) -> Duration {
        let task = self.current.and_then(|task| self.tasks[task].as_ref());
        task.map_or(Duration::ZERO, |task| task.waited)
    }

    fn host(&self) -> &Host {
        &self.hosts[self.processes[self.acting].host]
    }

    /// Returns what happened, one event a line.
    pub fn trace(&self) -> &str {
        self.trace.as_deref().unwrap_or_default()
    }
}

impl World for Fleet {
    fn now(&self) -> Instant {
        self.step();
        let state = self.state.borrow();
        *BASE + state.host().steady(state.now)
    }

    fn system_time(&self) -> SystemTime {
        self.step();
        let state = self.state.borrow();
        state.host().wall(state.now)
    }

    fn sleep(&self, duration: Duration) {
        if self.step() {
            let at = self.state.borrow().now + duration;
            self.pause(at, |_, _| ());
        }
    }

    fn wait(&self, word: &AtomicU32, expected: u32, timeout: Duration) {
        if !self.step() || word.load(Ordering::SeqCst) != expected {
            return;
        }
        let address = std::ptr::from_ref(word).addr();
        let at = self.state.borrow().now + timeout;
        let mut own = (0, 0);
        self.pause(at, |state, waiting| {
            own = waiting;
            state.waiting.entry(address).or_default().push(waiting);
        });
        let mut state = self.state.borrow_mut();
        if let Some(others) = state.waiting.get_mut(&address) {
            others.retain(|waiting| *waiting != own);
            if others.is_empty() {
                state.waiting.remove(&address);
            }
        }
    }

    fn wake_all(&self, word: &AtomicU32) {
        let mut state = self.state.borrow_mut();
        let now = state.now;
        for (task, pause) in
            state.waiting.remove(&std::ptr::from_ref(word).addr()).unwrap_or_default()
        {
            state.push(now, Event::Resume { task, pause });
        }
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.step();
        let mut state = self.state.borrow_mut();
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&state.chance.number().to_ne_bytes()[..chunk.len()]);
        }
    }

    fn process(&self) -> Rc<simulated::Process> {
        let state = self.state.borrow();
        Rc::clone(&state.processes[state.acting].identity)
    }

    fn disk(&self, writes: bool) -> io::Result<Rc<Disk>> {
        self.step();
        let state = self.state.borrow();
        let host = state.host();
        if writes && host.is_full {
            Err(ErrorKind::StorageFull.into())
        } else {
            Ok(Rc::clone(&host.disk))
        }
    }

    fn connect(&self, _: SocketAddr) -> Rc<dyn Connection> {
        self.step();
        let mut state = self.state.borrow_mut();
        let host = state.processes[state.acting].host;
        state.count += 1;
        let number = state.count;
        let last = [state.now; 2];
        let cut = self.cut(&state, host, Server::Redis);
        let failure = (cut == Some(Cut::Refused)).then_some(ErrorKind::ConnectionRefused);
        let link = Link {
            host,
            is_open: false,
            failure,
            input: VecDeque::new(),
            waiting: None,
            session: redis::Session::default(),
            last,
        };
        state.connections.insert(number, link);
        if cut.is_none() {
            self.send(&mut state, number, 1, Duration::ZERO, Event::Connected(number));
        }
        Rc::new(LinkEnd { fleet: self.me(), number })
    }

    fn post(
        &self,
        _: &str,
        _: &[(&str, &str)],
        (_, form): (&str, &str),
        deadline: Instant,
    ) -> io::Result<Posted> {
        if !self.step() {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        let (now, steady, cut, arrives) = {
            let mut state = self.state.borrow_mut();
            let host = state.processes[state.acting].host;
            let cut = self.cut(&state, host, Server::Token);
            // A connection, TLS, and the request: three ways there, and two back.
            let takes =
                (0..5).map(|_| state.chance.around(self.scenario.to_server)).sum::<Duration>();
            (state.now, state.host().steady(state.now), cut, state.now + takes)
        };
        let until = now + deadline.saturating_duration_since(*BASE + steady);
        if cut == Some(Cut::Refused) {
            self.pause(arrives.min(until), |_, _| ());
            return Err(ErrorKind::ConnectionRefused.into());
        }
        self.pause(until, |state, (task, pause)| {
            let (process, form) = (state.acting, form.to_owned());
            if cut.is_none() {
                state.push(arrives, Event::Request { task, pause, process, form });
            }
        });
        let mut state = self.state.borrow_mut();
        let task = state.current.expect("it runs");
        let reply = state.tasks[task].as_mut().expect("it runs").reply.take();
        let is_late = *BASE + state.host().steady(state.now) > deadline;
        let reply = reply.filter(|_| !is_late).unwrap_or(Err(ErrorKind::TimedOut.into()));
        if let Ok(posted) = &reply {
            state.server.delivered(&posted.body);
        }
        reply
    }
}

/// The end of a connection to Redis in a process.
struct LinkEnd {
    fleet: Rc<Fleet>,
    number: u64,
}

impl Connection for LinkEnd {
    fn wait(&self, within: Duration) -> bool {
        if !self.fleet.step() {
            return false;
        }
        let is_ready = |state: &State| {
            let link = &state.connections[&self.number];
            link.failure.is_some() || !link.input.is_empty()
        };
        let was_open = self.fleet.state.borrow().connections[&self.number].is_open;
        let at = {
            let state = self.fleet.state.borrow();
            if is_ready(&state) {
                return true;
            }
            state.now + within
        };
        self.fleet.pause(at, |state, waiting| {
            let link = state.connections.get_mut(&self.number).expect("it is there");
            link.waiting = Some(waiting);
        });
        let mut state = self.fleet.state.borrow_mut();
        state.connections.get_mut(&self.number).expect("it is there").waiting = None;
        is_ready(&state) || state.connections[&self.number].is_open != was_open
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.fleet.step() {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        let mut state = self.fleet.state.borrow_mut();
        let link = state.connections.get_mut(&self.number).expect("it is there");
        if link.input.is_empty() {
            return Err(link.failure.unwrap_or(ErrorKind::WouldBlock).into());
        }
        let length = link.input.len().min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(link.input.drain(..length)) {
            *place = byte;
        }
        Ok(length)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        if !self.fleet.step() {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        let mut state = self.fleet.state.borrow_mut();
        let link = &state.connections[&self.number];
        if let Some(failure) = link.failure {
            return Err(failure.into());
        }
        if !link.is_open {
            return Err(ErrorKind::WouldBlock.into());
        }
        if !bytes.is_empty() {
            let event = Event::ToRedis(self.number, bytes.to_vec());
            self.fleet.send(&mut state, self.number, 0, Duration::ZERO, event);
        }
        Ok(bytes.len())
    }
}

impl Drop for LinkEnd {
    fn drop(&mut self) {
        self.fleet.state.borrow_mut().connections.remove(&self.number);
    }
}
