//! A TCP connection that waits within a budget.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::wait_budget::WaitBudget;
use crate::fork::Process;
use crate::net::attempts::connect_by;
use crate::net::kept_by;

/// Reads and writes end with the session's budget of waiting, and reads with a budget of bytes.
pub(super) struct Socket {
    stream: TcpStream,
    process: Process,
    wait_budget: Rc<WaitBudget>,
    budget: usize,
}

impl Socket {
    /// Connects to the first of `addresses` that accepts (RFC 8305).
    pub fn connect(addresses: &[SocketAddr], wait_budget: &Rc<WaitBudget>) -> io::Result<Self> {
        let stream = connect_by(addresses, wait_budget.left(), |step| wait_budget.wait(step))?;
        stream.set_nodelay(true)?;
        let (process, wait_budget) = (Process::current(), Rc::clone(wait_budget));
        Ok(Self { stream, process, wait_budget, budget: 0 })
    }

    /// Allows the server to send `budget` bytes from now on.
    pub fn allow(&mut self, budget: usize) {
        self.budget = budget;
    }

    /// Repeats `step` until it makes progress.
    fn until<T>(
        &self,
        ready: PollFlags,
        mut step: impl FnMut(&TcpStream) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            kept_by(self.process)?;
            match step(&self.stream) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    wait(&self.stream, ready, &self.wait_budget)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl Read for Socket {
    /// [`ErrorKind::TimedOut`] with no waiting left, [`ErrorKind::FileTooLarge`] over the budget.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.until(PollFlags::IN, |mut stream| stream.read(buffer))?;
        self.budget = self.budget.checked_sub(read).ok_or(ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

impl Write for Socket {
    /// [`ErrorKind::TimedOut`] with no waiting left.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.until(PollFlags::OUT, |mut stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until `stream` is ready or broken. The next step detects which.
fn wait(stream: &TcpStream, ready: PollFlags, wait_budget: &WaitBudget) -> io::Result<()> {
    let look = |slice: Duration| {
        let slice = Timespec::try_from(slice).ok()?;
        // The system checks once more after the slice is over.
        match poll(&mut [PollFd::new(stream, ready)], Some(&slice)) {
            Ok(0) | Err(Errno::INTR) => None,
            done => Some(done),
        }
    };
    wait_budget.wait(look).ok_or(ErrorKind::TimedOut)??;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use support::hostile::Deaf;

    use super::*;

    #[test]
    fn a_dead_address_leaves_most_of_the_waiting_to_the_next() {
        let (dead, server) = (Deaf::new(), TcpListener::bind("127.0.0.1:0").unwrap());
        let addresses = [dead.address(), server.local_addr().unwrap()];
        let wait_budget = Rc::new(WaitBudget::of(Duration::from_secs(60)));
        let socket = Socket::connect(&addresses, &wait_budget).unwrap();
        assert_eq!(socket.stream.peer_addr().unwrap(), addresses[1]);
        assert!(wait_budget.left() > Duration::from_secs(30));
    }
}
