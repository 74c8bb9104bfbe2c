//! Processes that start and are killed.

use std::rc::Rc;
use std::time::Duration;

use simulated_ims::simulated;
use simulated_ims::{Cache, Client, Proxy};

use super::state::{Event, Fleet, Task};
use crate::scenario::Sharing;

impl Fleet {
    pub(super) fn start(&self, process: usize) {
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

    pub(super) fn kill(&self, process: usize) {
        let mut state = self.state.borrow_mut();
        let Some(_client) = state.processes[process].client.take() else { return };
        let is_its =
            |task: &Option<Task>| task.as_ref().is_some_and(|task| task.process == process);
        let tasks: Vec<usize> =
            (0..state.tasks.len()).filter(|task| is_its(&state.tasks[*task])).collect();
        drop(state);
        tasks.into_iter().for_each(|task| self.kill_task(task));
    }

    pub(super) fn kill_task(&self, task: usize) {
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
}
