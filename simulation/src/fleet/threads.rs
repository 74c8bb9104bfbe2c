//! Threads that wait.

use std::time::Duration;

use super::state::{Event, Fleet, State};
use crate::coroutine::suspend;

impl Fleet {
    /// Lets the current thread wait until `at`, or until an event for this pause comes before. `register` is told
    /// the task and the pause.
    pub(super) fn pause(&self, at: Duration, register: impl FnOnce(&mut State, (usize, u64))) {
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
    pub(super) fn step(&self) -> bool {
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
