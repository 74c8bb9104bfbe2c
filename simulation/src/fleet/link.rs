//! A process's end of a connection to Redis.

use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::time::Duration;

use simulated_ims::simulated::Connection;

use super::state::{Event, Fleet, State};

/// The end of a connection to Redis in a process.
pub(super) struct LinkEnd {
    pub fleet: Rc<Fleet>,
    pub number: u64,
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
