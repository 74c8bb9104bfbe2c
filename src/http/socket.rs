//! A TCP connection that keeps a deadline and a budget of bytes, whatever the server does.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use ureq::Timeout;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};

use super::{bad_answer, lost, wrapped};

/// All that a server may send: handshake, 1xx answers and the framing of chunks come on top of
/// headers and body.
pub(super) const LONGEST_INPUT: usize = 256 * 1024;

/// Linux rounds a socket's timeout up, one of 30 s by as much as 2 s, a short one by milliseconds.
const LONGEST_STEP: Duration = Duration::from_millis(200);

/// ureq's own socket starts its timeout anew with each read and write; so does its reading of a
/// proxy's answer. This one counts from the start of the call.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    buffers: LazyBuffers,
    host: String,
    deadline: Instant,
    budget: usize,
}

impl Socket {
    /// Connects to the first of `addresses` that takes it. `host` is for texts.
    pub fn connect(
        addresses: &[SocketAddr],
        host: String,
        deadline: Instant,
        buffers: LazyBuffers,
    ) -> io::Result<Self> {
        let stream = connect(addresses, deadline)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffers, host, deadline, budget: LONGEST_INPUT })
    }

    fn failure(&self, error: &io::Error) -> ureq::Error {
        match error.kind() {
            ErrorKind::TimedOut => ureq::Error::Timeout(Timeout::Global),
            _ => wrapped(lost(&self.host)),
        }
    }
}

/// One address after the other, each but the last with half of what time is left.
fn connect(addresses: &[SocketAddr], deadline: Instant) -> io::Result<TcpStream> {
    let mut failure = io::Error::from(ErrorKind::AddrNotAvailable);
    for (tried, address) in addresses.iter().enumerate() {
        let left = left(deadline)?;
        let share = if tried + 1 == addresses.len() { left } else { left / 2 };
        match TcpStream::connect_timeout(address, share) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Time until the deadline; an error, and never zero, once it has passed.
fn left(deadline: Instant) -> io::Result<Duration> {
    deadline
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
        .ok_or_else(|| ErrorKind::TimedOut.into())
}

/// Runs `step` until it gets somewhere: a signal or the timeout of one system call is no failure.
fn until(
    deadline: Instant,
    mut step: impl FnMut(Duration) -> io::Result<usize>,
) -> io::Result<usize> {
    loop {
        match step(left(deadline)?.min(LONGEST_STEP)) {
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            done => return done,
        }
    }
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        use ErrorKind::{BrokenPipe, ConnectionReset};
        let mut rest = &self.buffers.output()[..amount];
        let mut stream = &self.stream;
        while !rest.is_empty() {
            let written = until(self.deadline, |left| {
                stream.set_write_timeout(Some(left))?;
                stream.write(rest)
            });
            match written {
                Ok(written) => rest = &rest[written..],
                // A server that refuses without reading on has said why: the answer is there to read.
                Err(error) if matches!(error.kind(), BrokenPipe | ConnectionReset) => break,
                Err(error) => return Err(self.failure(&error)),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let mut stream = &self.stream;
        let input = self.buffers.input_append_buf();
        let read = until(self.deadline, |left| {
            stream.set_read_timeout(Some(left))?;
            stream.read(input)
        });
        let read = read.map_err(|error| self.failure(&error))?;
        self.budget = self
            .budget
            .checked_sub(read)
            .ok_or_else(|| wrapped(bad_answer(&self.host, "is far over 64 KiB")))?;
        self.buffers.input_appended(read);
        Ok(read > 0)
    }

    /// Never kept for a next call.
    fn is_open(&mut self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use support::hostile::Deaf;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(1)
    }

    #[test]
    fn an_address_that_refuses_or_stays_silent_is_followed_by_the_next() {
        let (server, deaf) = (TcpListener::bind("127.0.0.1:0").unwrap(), Deaf::new());
        let open = server.local_addr().unwrap();
        for dead in ["127.0.0.1:1".parse().unwrap(), deaf.address()] {
            let stream = connect(&[dead, open], soon()).unwrap();
            assert_eq!(stream.peer_addr().unwrap(), open);
        }
    }

    #[test]
    fn a_request_that_nobody_reads_ends_at_the_deadline() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        // More than the kernel takes in for both sides.
        let buffers = LazyBuffers::new(1024, 16 * 1024 * 1024);
        let addresses = [server.local_addr().unwrap()];
        let mut socket = Socket::connect(&addresses, "host".into(), soon(), buffers).unwrap();
        let amount = socket.buffers().output().len();
        // Only now, for so large a buffer takes its time.
        socket.deadline = soon();
        let never = NextTimeout {
            after: Duration::MAX.into(),
            reason: Timeout::Global,
            per_read: None,
            per_write: None,
        };
        let error = socket.transmit_output(amount, never).unwrap_err();
        assert!(matches!(error, ureq::Error::Timeout(_)), "{error}");
        assert!(Instant::now() < socket.deadline + Duration::from_secs(1));
    }

    #[test]
    fn a_long_wait_is_made_of_short_ones_that_end_at_the_deadline() {
        let deadline = Instant::now() + Duration::from_secs(3600);
        let mut steps = 0;
        let done = until(deadline, |left| {
            assert!(left <= LONGEST_STEP);
            steps += 1;
            if steps < 10 { Err(ErrorKind::WouldBlock.into()) } else { Ok(7) }
        });
        assert_eq!((done.unwrap(), steps), (7, 10));
        let late = until(Instant::now(), |_| Ok(7)).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::TimedOut);
    }
}
