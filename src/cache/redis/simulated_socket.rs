//! A connection to a simulated Redis.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;

use super::wait_budget::WaitBudget;
use crate::system::simulated::{Connection, world};

/// Reads and writes end with the session's budget of waiting, and reads with a budget of bytes.
pub(super) struct Socket {
    connection: Rc<dyn Connection>,
    wait_budget: Rc<WaitBudget>,
    budget: usize,
}

impl Socket {
    pub fn connect(addresses: &[SocketAddr], wait_budget: &Rc<WaitBudget>) -> io::Result<Self> {
        if wait_budget.left().is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        let (connection, wait_budget) = (world().connect(addresses[0]), Rc::clone(wait_budget));
        let socket = Self { connection, wait_budget, budget: 0 };
        socket.until(|connection| connection.write(&[]))?;
        Ok(socket)
    }

    pub fn allow(&mut self, budget: usize) {
        self.budget = budget;
    }

    /// Repeats `step` until it makes progress.
    fn until<T>(&self, mut step: impl FnMut(&dyn Connection) -> io::Result<T>) -> io::Result<T> {
        loop {
            match step(&*self.connection) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let look = |slice| self.connection.wait(slice).then_some(());
                    self.wait_budget.wait(look).ok_or(ErrorKind::TimedOut)?;
                }
                done => return done,
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.until(|connection| connection.read(buffer))?;
        self.budget = self.budget.checked_sub(read).ok_or(ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.until(|connection| connection.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
