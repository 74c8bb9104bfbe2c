//! One process, whose threads shuttle runs one step at a time: it decides after each which thread makes the next.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use shuttle::future::block_on;
use shuttle::thread::{self, ThreadId};
use simulated_ims::simulated::{self, Connection, Disk, Posted, World};

/// The longest sleep of a caller whose leader is a thread of the parent.
const MAX_SLEEP: Duration = Duration::from_millis(250);
/// The least time that a pause takes, on a busy machine.
const MIN_PAUSE: Duration = Duration::from_millis(10);

static BASE: LazyLock<Instant> = LazyLock::new(|| Instant::now() + Duration::from_secs(1 << 30));

/// What shuttle has between two steps.
static STEP: shuttle::sync::atomic::AtomicBool = shuttle::sync::atomic::AtomicBool::new(false);

thread_local! {
    /// The process whose threads all run on this one.
    static PROCESS: RefCell<Option<Rc<Process>>> = const { RefCell::new(None) };
}

/// What a signal handler does in a forked child.
pub type Handler = Box<dyn FnOnce()>;

/// What the token server does with a request.
#[derive(Clone, Copy)]
pub enum Server {
    Issues,
    Refuses,
    /// The first thread that asks panics.
    Panics,
}

/// The process.
pub struct Process(RefCell<State>);

struct State {
    now: Duration,
    /// Who it is: another after a fork.
    identity: Rc<simulated::Process>,
    id: u32,
    server: Server,
    disk: Rc<Disk>,
    /// The threads that have not ended, and who waits for all of them.
    threads: Vec<ThreadId>,
    joining: Option<Bell>,
    /// The threads that a forked child does not have.
    left_behind: Vec<ThreadId>,
    /// What ends those of them that stand still.
    bells: Vec<Bell>,
    /// The thread of the child, and what it does before it goes on.
    handler: Option<(ThreadId, Handler)>,
    waiting: Vec<Waiting>,
    /// For how long the child has waited for another thread, which it does not have.
    waited: Duration,
    /// How often a thread began to wait for another.
    waits: usize,
    /// The processes that asked the token server.
    requests: Vec<u32>,
    has_timed_out: bool,
    is_over: bool,
}

/// A thread that waits at a word, by its address.
struct Waiting {
    word: usize,
    thread: ThreadId,
    bell: Bell,
}

impl Process {
    /// Starts a process, with the calling thread as the one that watches all others, runs `model`, and waits until its
    /// threads have ended.
    pub fn run(model: impl FnOnce(&Process)) {
        let state = State {
            now: Duration::ZERO,
            identity: Rc::new(simulated::Process::new(1)),
            id: 1,
            server: Server::Issues,
            disk: Rc::default(),
            threads: Vec::new(),
            joining: None,
            left_behind: Vec::new(),
            bells: Vec::new(),
            handler: None,
            waiting: Vec::new(),
            waited: Duration::ZERO,
            waits: 0,
            requests: Vec::new(),
            has_timed_out: false,
            is_over: false,
        };
        let process = Rc::new(Self(RefCell::new(state)));
        PROCESS.set(Some(Rc::clone(&process)));
        simulated::enter(Rc::clone(&process) as Rc<dyn World>);
        model(&process);
        process.join();
        // From here on, nothing is a step: what is left of the threads is dropped.
        let waited = process.waited();
        assert!(waited <= MAX_SLEEP, "a child waits for threads that it does not have: {waited:?}");
        process.end();
    }

    /// The process of the calling thread.
    pub fn current() -> Rc<Self> {
        PROCESS.with_borrow(|process| process.clone().expect("a model runs"))
    }

    /// Starts a thread. Where it panics, the model has failed.
    pub fn spawn(&self, body: impl FnOnce() + Send + 'static) -> ThreadId {
        let handle = thread::spawn(|| {
            let process = Self::current();
            catch::<LeftBehind>(|| {
                process.interrupt();
                body();
            });
            process.ended();
        });
        let thread = handle.thread().id();
        self.0.borrow_mut().threads.push(thread);
        thread
    }

    fn ended(&self) {
        let mut state = self.0.borrow_mut();
        let me = thread::current().id();
        state.threads.retain(|thread| *thread != me);
        let joining = if state.threads.is_empty() { state.joining.take() } else { None };
        drop(state);
        joining.into_iter().for_each(Bell::ring);
    }

    /// Waits until all threads have ended. A thread that sleeps for ever makes that a deadlock, which shuttle reports.
    pub fn join(&self) {
        if !self.0.borrow().threads.is_empty() {
            sleep(|bell| self.0.borrow_mut().joining = Some(bell));
        }
    }

    /// From here on, nothing is a step: those that a child left behind go too.
    fn end(&self) {
        let mut state = self.0.borrow_mut();
        state.is_over = true;
        let waiting = std::mem::take(&mut state.waiting).into_iter().map(|waiting| waiting.bell);
        let bells: Vec<Bell> = waiting.chain(std::mem::take(&mut state.bells)).collect();
        drop(state);
        bells.into_iter().for_each(Bell::ring);
    }

    /// Turns it into a child that was forked just now: of its threads, it has `survivor` only. That one may have been
    /// interrupted anywhere by a signal, whose handler forked, and does `handle` in the child.
    pub fn fork(&self, survivor: ThreadId, handle: Handler) {
        let mut state = self.0.borrow_mut();
        state.id += 1;
        state.identity = Rc::new(state.identity.fork(state.id));
        let (kept, left): (Vec<ThreadId>, Vec<ThreadId>) =
            state.threads.drain(..).partition(|thread| *thread == survivor);
        // Where it had ended, the child ends at once.
        let joining = if kept.is_empty() { state.joining.take() } else { None };
        state.threads = kept;
        state.left_behind.extend(left);
        state.handler = Some((survivor, handle));
        // The signal ends its sleep.
        let asleep = state.waiting.extract_if(.., |waiting| waiting.thread == survivor).next();
        drop(state);
        asleep.into_iter().for_each(|asleep| asleep.bell.ring());
        joining.into_iter().for_each(Bell::ring);
    }

    /// Lets shuttle decide which thread is next.
    pub fn step(&self) {
        if !self.0.borrow().is_over {
            STEP.load(Ordering::SeqCst);
        }
        self.interrupt();
    }

    /// Does what a fork did to the calling thread since it last ran.
    fn interrupt(&self) {
        let me = thread::current().id();
        if self.0.borrow().left_behind.contains(&me) {
            if !self.0.borrow().is_over {
                sleep(|bell| self.0.borrow_mut().bells.push(bell));
            }
            if !thread::panicking() {
                resume_unwind(Box::new(LeftBehind));
            }
        }
        let handler = self.0.borrow_mut().handler.take_if(|(survivor, _)| *survivor == me);
        if let Some((_, handle)) = handler {
            handle();
        }
    }

    /// Returns whether it is a child.
    pub fn is_forked(&self) -> bool {
        self.0.borrow().id > 1
    }

    /// Lets time pass while no thread sleeps.
    pub fn pass(&self, time: Duration) {
        self.0.borrow_mut().now += time;
    }

    /// Lets so much time pass that all sleeps end, also those that begin later.
    pub fn time_out(&self, time: Duration) {
        let mut state = self.0.borrow_mut();
        state.now += time;
        state.has_timed_out = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(|waiting| waiting.bell.ring());
    }

    pub fn set_server(&self, server: Server) {
        self.0.borrow_mut().server = server;
    }

    /// Returns the number of requests that this process has made, without those of its parent.
    pub fn requests(&self) -> usize {
        let state = self.0.borrow();
        state.requests.iter().filter(|process| **process == state.id).count()
    }

    /// Returns how often a thread began to wait for another.
    pub fn waits(&self) -> usize {
        self.0.borrow().waits
    }

    /// Returns for how long the child has waited for threads of its parent.
    pub fn waited(&self) -> Duration {
        self.0.borrow().waited
    }
}

impl World for Process {
    fn now(&self) -> Instant {
        *BASE + self.0.borrow().now
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + self.0.borrow().now
    }

    fn sleep(&self, duration: Duration) {
        self.0.borrow_mut().now += duration.max(MIN_PAUSE);
        thread::yield_now();
        self.interrupt();
    }

    fn access(&self) {
        self.step();
    }

    fn wait(&self, word: &AtomicU32, expected: u32, timeout: Duration) {
        if word.load(Ordering::SeqCst) != expected {
            return;
        }
        let mut state = self.0.borrow_mut();
        state.waits += 1;
        if state.id > 1 {
            state.waited += timeout;
            state.now += timeout;
            let is_endless = state.waited > MAX_SLEEP;
            drop(state);
            assert!(!is_endless, "a child waits for threads that it does not have");
            return;
        }
        if state.has_timed_out {
            state.now += timeout;
            return;
        }
        // The timeout is not awaited: what is not woken sleeps for ever, and is found.
        drop(state);
        let (word, thread) = (std::ptr::from_ref(word).addr(), thread::current().id());
        sleep(|bell| self.0.borrow_mut().waiting.push(Waiting { word, thread, bell }));
        self.interrupt();
    }

    fn wake_all(&self, word: &AtomicU32) {
        let address = std::ptr::from_ref(word).addr();
        let mut state = self.0.borrow_mut();
        let woken: Vec<Waiting> =
            state.waiting.extract_if(.., |waiting| waiting.word == address).collect();
        drop(state);
        woken.into_iter().for_each(|waiting| waiting.bell.ring());
    }

    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0x55);
    }

    fn thread_id(&self) -> u32 {
        u32::try_from(usize::from(thread::current().id())).expect("there are few") + 1
    }

    fn process(&self) -> Rc<simulated::Process> {
        Rc::clone(&self.0.borrow().identity)
    }

    fn disk(&self, _: bool) -> io::Result<Rc<Disk>> {
        self.step();
        Ok(Rc::clone(&self.0.borrow().disk))
    }

    fn connect(&self, _: SocketAddr) -> Rc<dyn Connection> {
        unreachable!("no model has Redis")
    }

    fn post(&self, _: &str, _: &[(&str, &str)], _: (&str, &str), _: Instant) -> io::Result<Posted> {
        self.step();
        let mut state = self.0.borrow_mut();
        let id = state.id;
        state.requests.push(id);
        let number = state.requests.len();
        let server = state.server;
        drop(state);
        self.step();
        let (status, body) = match server {
            Server::Panics if number == 1 => resume_unwind(Box::new(Bug)),
            Server::Issues | Server::Panics => {
                (200, format!(r#"{{"access_token":"token-{number}","expires_in":3600}}"#))
            }
            Server::Refuses => (401, r#"{"error":"invalid_client"}"#.to_owned()),
        };
        Ok(Posted { status, headers: vec![("content-type", "application/json".to_owned())], body })
    }
}

/// What wakes a thread, and no other thing does.
struct Bell {
    has_rung: Rc<Cell<bool>>,
    waker: Waker,
}

impl Bell {
    fn ring(self) {
        self.has_rung.set(true);
        self.waker.wake();
    }
}

/// Sleeps until the bell rings that `register` is given.
fn sleep(register: impl FnOnce(Bell)) {
    let has_rung = Rc::new(Cell::new(false));
    let mut register = Some(register);
    block_on(poll_fn(|context| {
        if let Some(register) = register.take() {
            register(Bell { has_rung: Rc::clone(&has_rung), waker: context.waker().clone() });
        }
        if has_rung.get() { Poll::Ready(()) } else { Poll::Pending }
    }));
}

/// The panic of a leader.
pub struct Bug;

/// What ends a thread that a child left behind.
struct LeftBehind;

/// Runs `body`, which may panic with a `P`.
pub fn catch<P: 'static>(body: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(body))
        && !panic.is::<P>()
    {
        resume_unwind(panic);
    }
}
