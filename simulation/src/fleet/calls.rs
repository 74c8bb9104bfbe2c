//! Callers and their calls.

use std::time::Duration;

use simulated_ims::{Client, Token};

use super::state::{Event, Fleet, MAX_TASKS, State, Task};
use crate::invariants::Call;

impl Fleet {
    pub(super) fn call(&self, caller: usize) {
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

    pub(super) fn resume(&self, task: usize) {
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

    /// Makes one call, and uses the token.
    pub(super) fn run_call(&self, caller: usize, client: &Client, invalidates: bool) {
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
            let was_told = self.state.borrow_mut().invariants.forgets(&call);
            client.forget(&refused);
            let mut state = self.state.borrow_mut();
            state.note(|| format!("caller {caller} forgot {}", refused.access_token()));
            self.finish(&mut state, &call);
            let times = (state.now, state.host().steady(state.now));
            let State { server, invariants, .. } = &mut *state;
            if let Some(issued) = server.find(refused.access_token()) {
                invariants.forgot(&call, issued.number, times, was_told);
            }
        }
    }

    pub(super) fn begin(&self, state: &State, caller: usize) -> Call {
        let process = self.process_of(caller);
        let host = &state.hosts[state.processes[process].host];
        let (steady, clock_offset) = (host.steady(state.now), host.clock_offset);
        let stopped_for = state.processes[process].stopped_for() + state.waited();
        Call { caller, process, at: state.now, steady, clock_offset, stopped_for }
    }

    /// Checks the end of a call.
    pub(super) fn finish(&self, state: &mut State, call: &Call) {
        let process = &state.processes[call.process];
        let stood_still = process.stopped_for() + state.waited() - call.stopped_for;
        let took = state.hosts[process.host].steady(state.now) - call.steady;
        state.invariants.ended(&self.scenario, call, took.saturating_sub(stood_still));
    }

    /// Checks a token that a call returned. Returns whether an API accepts it.
    pub(super) fn got(&self, state: &mut State, call: &Call, token: &Token) -> bool {
        state.note(|| format!("caller {}: {}", call.caller, token.access_token()));
        let host = &state.hosts[state.processes[call.process].host];
        // A clock that is set during a call may be set after the process looked at it last.
        let set_forward = u64::try_from(host.clock_offset - call.clock_offset).unwrap_or(0);
        let wall = host.wall(state.now) - Duration::from_nanos(set_forward);
        let times = (state.now, wall, host.steady(state.now));
        let issued = state.server.find(token.access_token());
        state.invariants.handed_out(&self.scenario, call, token, issued, times);
        issued.is_some_and(|issued| !issued.is_ended)
    }
}
