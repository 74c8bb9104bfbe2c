//! What the network carries: requests to the token server, and commands to Redis.

use std::io::ErrorKind;
use std::time::Duration;

use super::state::{Event, Fleet, Link, Response, State};
use crate::fault::{Kind, Server};

impl Fleet {
    pub(super) fn respond(
        &self,
        state: &mut State,
        (task, pause): (usize, u64),
        process: usize,
        form: &str,
    ) {
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

    pub(super) fn change_link(
        &self,
        state: &mut State,
        number: u64,
        change: impl FnOnce(&mut Link),
    ) {
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

    pub(super) fn to_redis(&self, state: &mut State, number: u64, bytes: &[u8]) {
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
    pub(super) fn send(
        &self,
        state: &mut State,
        number: u64,
        direction: usize,
        slow: Duration,
        event: Event,
    ) {
        let takes = state.chance.around(self.scenario.to_redis) + slow;
        let link = state.connections.get_mut(&number).expect("it is there");
        let at = (state.now + takes).max(link.last[direction] + Duration::from_nanos(1));
        link.last[direction] = at;
        state.push(at, event);
    }
}
