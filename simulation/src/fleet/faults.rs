//! Faults that begin and end, and whom they concern.

use std::io::ErrorKind;

use super::state::{Event, Fleet, SECRETS, State};
use crate::fault::{Cut, Kind, Server};

impl Fleet {
    pub(super) fn concerns(&self, state: &State, fault: usize, process: usize) -> bool {
        let concerned = &state.active[&fault];
        let by_process = matches!(self.scenario.faults[fault].kind, Kind::Stopped | Kind::Killed);
        concerned[if by_process { process } else { state.processes[process].host }]
    }

    /// Returns the kinds of faults that are in effect on a host.
    pub(super) fn on_host<'a>(
        &'a self,
        state: &'a State,
        host: usize,
    ) -> impl Iterator<Item = Kind> + 'a {
        let on_host = move |(fault, concerned): (&usize, &Vec<bool>)| {
            let kind = self.scenario.faults[*fault].kind;
            let by_process = matches!(kind, Kind::Stopped | Kind::Killed);
            (!by_process && concerned[host]).then_some(kind)
        };
        state.active.iter().filter_map(on_host)
    }

    pub(super) fn cut(&self, state: &State, host: usize, server: Server) -> Option<Cut> {
        self.on_host(state, host).find_map(|kind| match kind {
            Kind::Cut(cut, how) if cut == server => Some(how),
            _ => None,
        })
    }

    /// Returns the probability with which a thread waits for a processor at each step.
    pub(super) fn busy(&self, state: &State, host: usize) -> Option<f64> {
        self.on_host(state, host).find_map(|kind| match kind {
            Kind::Busy(probability) => Some(probability),
            _ => None,
        })
    }

    pub(super) fn start_fault(&self, number: usize) {
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

    pub(super) fn end_fault(&self, state: &mut State, number: usize) {
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
}
