//! The fleet as the world of the core's code.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

use simulated_ims::simulated::{self, Connection, Disk, Posted, World};

use super::link::LinkEnd;
use super::state::{BASE, Event, Fleet, Link};
use crate::fault::{Cut, Server};
use crate::redis;

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

    /// The threads of a fleet take turns where one waits or asks the system: thousands of processes leave no time for
    /// more. The models do the rest.
    fn access(&self) {}

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

    fn thread_id(&self) -> u32 {
        let state = self.state.borrow();
        let task = state.current.map_or(0, |task| task + 1);
        u32::try_from(task + 1).unwrap_or(u32::MAX)
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
            let now = state.now;
            state.server.delivered(&posted.body, now);
        }
        reply
    }
}
