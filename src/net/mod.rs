//! A TCP connection with a deadline and a limit of received bytes.

mod deadline;
pub(crate) mod attempts;
pub(crate) mod lookup;
mod loopback;
pub(crate) mod trust;

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::fork::Process;
use deadline::left;

pub(crate) use deadline::timed_out;

pub(crate) use loopback::{bare_host, is_link_local, is_loopback};

/// Linux rounds a socket's timeout up, one of 30 s by as much as 2 s, a short one by milliseconds.
const MAX_STEP: Duration = Duration::from_millis(200);

/// A connection whose reads and writes end at one deadline, and not each at its own.
pub(crate) struct Stream {
    stream: TcpStream,
    process: Process,
    deadline: Instant,
    budget: usize,
}

impl Stream {
    /// Connects to the first of `addresses` that accepts; they are tried in the order given. The
    /// server may send `budget` bytes.
    pub fn connect(addresses: &[SocketAddr], deadline: Instant, budget: usize) -> io::Result<Self> {
        let stream = attempts::connect(addresses, deadline)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, process: Process::current(), deadline, budget })
    }

    /// Sets a new deadline, and a new number of bytes that the server may send.
    #[cfg(test)]
    pub fn allow(&mut self, deadline: Instant, budget: usize) {
        (self.deadline, self.budget) = (deadline, budget);
    }
}

impl Read for Stream {
    /// [`ErrorKind::TimedOut`] at the deadline, [`ErrorKind::FileTooLarge`] over the budget.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut stream = &self.stream;
        let read = until(self.deadline, |left| {
            kept_by(self.process)?;
            stream.set_read_timeout(Some(left))?;
            stream.read(buffer)
        })?;
        self.budget = self.budget.checked_sub(read).ok_or(ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

impl Write for Stream {
    /// [`ErrorKind::TimedOut`] at the deadline.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut stream = &self.stream;
        until(self.deadline, |left| {
            kept_by(self.process)?;
            stream.set_write_timeout(Some(left))?;
            stream.write(bytes)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

/// Checks that a connection of `process` is used by it alone. A child that a signal handler forks in the middle of an
/// exchange has the connection too: it would take bytes from its parent, and send others in between.
///
/// # Errors
/// [`ErrorKind::ConnectionAborted`] in a child.
pub(crate) fn kept_by(process: Process) -> io::Result<()> {
    if process == Process::current() { Ok(()) } else { Err(ErrorKind::ConnectionAborted.into()) }
}

/// Runs `step` until it makes progress. A signal, or the timeout of one system call, is not a
/// failure.
fn until(
    deadline: Instant,
    mut step: impl FnMut(Duration) -> io::Result<usize>,
) -> io::Result<usize> {
    loop {
        match step(left(deadline)?.min(MAX_STEP)) {
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_wait_is_made_of_short_ones_that_end_at_the_deadline() {
        let deadline = Instant::now() + Duration::from_secs(3600);
        let mut steps = 0;
        let done = until(deadline, |left| {
            assert!(left <= MAX_STEP);
            steps += 1;
            if steps < 10 { Err(ErrorKind::WouldBlock.into()) } else { Ok(7) }
        });
        assert_eq!((done.unwrap(), steps), (7, 10));
        let late = until(Instant::now(), |_| Ok(7)).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::TimedOut);
    }
}
