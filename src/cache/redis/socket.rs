//! A TCP connection that waits with patience.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType};

use super::patience::Patience;

/// Reads and writes end with the session's patience, and reads with a budget of bytes.
pub(super) struct Socket {
    stream: TcpStream,
    patience: Rc<Patience>,
    budget: usize,
}

impl Socket {
    /// Connects to the first of `addresses` that accepts.
    pub fn connect(addresses: &[SocketAddr], patience: &Rc<Patience>) -> io::Result<Self> {
        let mut failure = io::Error::from(ErrorKind::AddrNotAvailable);
        for (tried, address) in addresses.iter().enumerate() {
            match patience.part(addresses.len() - tried, || connect(address, patience)) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    return Ok(Self { stream, patience: Rc::clone(patience), budget: 0 });
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Allows the server to send `budget` bytes from now on.
    pub fn allow(&mut self, budget: usize) {
        self.budget = budget;
    }

    /// Repeats `step` until it gets somewhere.
    fn until<T>(
        &self,
        ready: PollFlags,
        mut step: impl FnMut(&TcpStream) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            match step(&self.stream) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    wait(&self.stream, ready, &self.patience)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl Read for Socket {
    /// [`ErrorKind::TimedOut`] without patience, [`ErrorKind::FileTooLarge`] over the budget.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.until(PollFlags::IN, |mut stream| stream.read(buffer))?;
        self.budget = self.budget.checked_sub(read).ok_or(ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

impl Write for Socket {
    /// [`ErrorKind::TimedOut`] without patience.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.until(PollFlags::OUT, |mut stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn connect(address: &SocketAddr, patience: &Patience) -> io::Result<TcpStream> {
    let socket = open(address)?;
    match rustix::net::connect(&socket, address) {
        Err(Errno::INPROGRESS | Errno::INTR) => {
            let stream = TcpStream::from(socket);
            wait(&stream, PollFlags::OUT, patience)?;
            stream.take_error()?.map_or(Ok(stream), Err)
        }
        done => done.map(|()| socket.into()).map_err(io::Error::from),
    }
}

/// A socket that does not block and that programs which this process starts do not inherit.
fn open(address: &SocketAddr) -> rustix::io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    #[cfg(not(target_vendor = "apple"))]
    {
        use rustix::net::{SocketFlags, socket_with};
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        socket_with(family, SocketType::STREAM, flags, None)
    }
    #[cfg(target_vendor = "apple")]
    {
        let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&socket, true)?;
        rustix::net::sockopt::set_socket_nosigpipe(&socket, true)?;
        Ok(socket)
    }
}

/// Waits until `stream` is ready, or broken: the next step tells which.
fn wait(stream: &TcpStream, ready: PollFlags, patience: &Patience) -> io::Result<()> {
    let look = |slice: Duration| {
        let slice = Timespec::try_from(slice).ok()?;
        // The system looks once more after the slice is over.
        match poll(&mut [PollFd::new(stream, ready)], Some(&slice)) {
            Ok(0) | Err(Errno::INTR) => None,
            done => Some(done),
        }
    };
    patience.wait(look).ok_or(ErrorKind::TimedOut)??;
    Ok(())
}
