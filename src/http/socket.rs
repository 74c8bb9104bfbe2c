//! The TCP connection in the form that ureq needs.

use std::io::{self, ErrorKind, Read, Write};

use ureq::Timeout;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};

use super::problem::{bad_response, lost, wrapped};
use super::wiped::wipe;
use crate::net::Stream;

/// The limit in bytes of all that a server may send. Besides headers and body, it includes the
/// handshake, 1xx responses and the framing of chunks.
pub(super) const MAX_INPUT: usize = 256 * 1024;

/// A socket whose deadline counts from the start of the call. ureq's own socket starts its timeout
/// again with each read and write, and also while it reads a proxy's response.
#[derive(Debug)]
pub(super) struct Socket {
    stream: Stream,
    buffers: LazyBuffers,
    host: String,
}

impl Socket {
    /// `host` is for texts.
    pub fn new(stream: Stream, buffers: LazyBuffers, host: String) -> Self {
        Self { stream, buffers, host }
    }

    fn failure(&self, error: &io::Error) -> ureq::Error {
        match error.kind() {
            ErrorKind::TimedOut => ureq::Error::Timeout(Timeout::Global),
            ErrorKind::FileTooLarge => wrapped(bad_response(&self.host, "is far over 64 KiB")),
            _ => wrapped(lost(&self.host)),
        }
    }
}

/// Below TLS, too: the request to a proxy holds its password.
impl Drop for Socket {
    fn drop(&mut self) {
        wipe(&mut self.buffers);
    }
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        use ErrorKind::{BrokenPipe, ConnectionReset};
        let mut rest = &self.buffers.output()[..amount];
        while !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(written) => rest = &rest[written..],
                // A server that refuses before it has read everything has sent its reason: read the response.
                Err(error) if matches!(error.kind(), BrokenPipe | ConnectionReset) => break,
                Err(error) => return Err(self.failure(&error)),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let read = self.stream.read(self.buffers.input_append_buf());
        let read = read.map_err(|error| self.failure(&error))?;
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
    use std::time::{Duration, Instant};

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(1)
    }

    #[test]
    fn a_request_that_nobody_reads_ends_at_the_deadline() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        // More than the kernel buffers for both sides.
        let buffers = LazyBuffers::new(1024, 16 * 1024 * 1024);
        let addresses = [server.local_addr().unwrap()];
        let stream = Stream::connect(&addresses, soon(), MAX_INPUT).unwrap();
        let mut socket = Socket::new(stream, buffers, "host".into());
        let amount = socket.buffers().output().len();
        // The deadline begins after the buffer is made, which takes time.
        let deadline = soon();
        socket.stream.allow(deadline, 0);
        let never = NextTimeout {
            after: Duration::MAX.into(),
            reason: Timeout::Global,
            per_read: None,
            per_write: None,
        };
        let error = socket.transmit_output(amount, never).unwrap_err();
        assert!(matches!(error, ureq::Error::Timeout(_)), "{error}");
        assert!(Instant::now() < deadline + Duration::from_secs(1));
    }
}
