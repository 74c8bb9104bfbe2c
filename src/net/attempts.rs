//! A connection to the first of several addresses that takes it (RFC 8305), without threads.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::mem;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use socket2::{Domain, Socket, Type};

use super::deadline::left;

/// RFC 8305 section 5: the Connection Attempt Delay.
const DELAY: Duration = Duration::from_millis(250);

/// Puts addresses into the order in which they are tried: the families alternate, and the first
/// stays the resolver's choice (RFC 8305 section 4).
pub(super) fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addresses.first().copied() else { return addresses };
    let mut distinct = Vec::with_capacity(addresses.len());
    for address in addresses {
        if !distinct.contains(&address) {
            distinct.push(address);
        }
    }
    let (same, other): (VecDeque<_>, VecDeque<_>) =
        distinct.into_iter().partition(|address| address.is_ipv4() == first.is_ipv4());
    let mut families = [same, other];
    let mut ordered = Vec::new();
    while families.iter().any(|family| !family.is_empty()) {
        ordered.extend(families.iter_mut().filter_map(VecDeque::pop_front));
    }
    ordered
}

/// Connects to the first of `addresses` that accepts. The waiting is left to `wait` and should last
/// no longer than `within`. `wait` gets a function that waits for the given time, and may call it
/// again as long as there is no connection. The connection does not block.
///
/// # Errors
/// [`ErrorKind::TimedOut`] where `wait` gives up; else, of all failures, the one that says most.
pub(crate) fn connect_by(
    addresses: &[SocketAddr],
    within: Duration,
    wait: impl FnOnce(
        &mut dyn FnMut(Duration) -> Option<io::Result<TcpStream>>,
    ) -> Option<io::Result<TcpStream>>,
) -> io::Result<TcpStream> {
    let now = Instant::now();
    let mut connecting = Connecting {
        attempts: Attempts::new(addresses, now),
        deadline: now + within,
        pending: Vec::new(),
        failures: Vec::new(),
    };
    wait(&mut |within| connecting.step(within).transpose())
        .unwrap_or(Err(ErrorKind::TimedOut.into()))
}

/// Connects until `deadline`. The connection blocks.
///
/// # Errors
/// Those of [`connect_by`].
pub(super) fn connect(addresses: &[SocketAddr], deadline: Instant) -> io::Result<TcpStream> {
    let within = deadline.saturating_duration_since(Instant::now());
    let stream = connect_by(addresses, within, |step| {
        while let Ok(left) = left(deadline) {
            if let Some(done) = step(left) {
                return Some(done);
            }
        }
        None
    })?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

struct Connecting {
    attempts: Attempts,
    /// The deadline by which every address should have been tried.
    deadline: Instant,
    pending: Vec<Socket>,
    failures: Vec<io::Error>,
}

impl Connecting {
    /// Begins the attempt that is due and waits for those in progress, until the next is due and no longer than `within`.
    fn step(&mut self, within: Duration) -> io::Result<Option<TcpStream>> {
        let now = Instant::now();
        while let Some(address) = self.attempts.due(now, self.deadline) {
            match begin(address) {
                Ok(socket) => self.pending.push(socket),
                Err(error) => self.failed(error, now),
            }
        }
        if self.pending.is_empty() {
            return Err(most_telling(mem::take(&mut self.failures)));
        }
        let until_next = self.attempts.until_next(now).unwrap_or(within);
        // From the last, so that the places of the others stay.
        for place in wait(&self.pending, within.min(until_next))?.into_iter().rev() {
            let socket = self.pending.remove(place);
            match socket.take_error()? {
                None => return Ok(Some(socket.into())),
                Some(error) => self.failed(error, Instant::now()),
            }
        }
        Ok(None)
    }

    fn failed(&mut self, error: io::Error, now: Instant) {
        self.failures.push(error);
        self.attempts.failed(now);
    }
}

/// The schedule of the attempts, one for each address. Time is an argument.
struct Attempts {
    waiting: VecDeque<SocketAddr>,
    next_at: Instant,
}

impl Attempts {
    fn new(addresses: &[SocketAddr], now: Instant) -> Self {
        Self { waiting: addresses.iter().copied().collect(), next_at: now }
    }

    /// Returns the address to try at `now`, if it is time for one.
    fn due(&mut self, now: Instant, deadline: Instant) -> Option<SocketAddr> {
        if now < self.next_at {
            return None;
        }
        let address = self.waiting.pop_front()?;
        // A short deadline is shared out, so that each address has its turn before the end.
        let others = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.next_at = now + DELAY.min(deadline.saturating_duration_since(now) / others);
        Some(address)
    }

    /// The next address need not wait for its turn.
    fn failed(&mut self, now: Instant) {
        self.next_at = now;
    }

    /// Returns how long after `now` the next address is due; `None` after the last.
    fn until_next(&self, now: Instant) -> Option<Duration> {
        (!self.waiting.is_empty()).then(|| self.next_at.saturating_duration_since(now))
    }
}

/// Begins a connection and does not wait for it.
fn begin(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    match socket.connect(&address.into()) {
        Err(error) if !is_in_progress(&error) => Err(error),
        _ => Ok(socket),
    }
}

/// A signal does not end a connection attempt either.
fn is_in_progress(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR))
}

/// Returns the places of the sockets that are connected or have failed; none after `within`, or where
/// a signal came.
fn wait(sockets: &[Socket], within: Duration) -> io::Result<Vec<usize>> {
    let mut polled: Vec<PollFd> =
        sockets.iter().map(|socket| PollFd::new(socket, PollFlags::OUT)).collect();
    let timeout = within.try_into().map_err(|_| ErrorKind::InvalidInput)?;
    match poll(&mut polled, Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let is_ready =
        |(place, polled): (usize, &PollFd)| (!polled.revents().is_empty()).then_some(place);
    Ok(polled.iter().enumerate().filter_map(is_ready).collect())
}

/// Returns the failure that says most. An unreachable network says little, because many machines
/// have no IPv6.
fn most_telling(failures: Vec<io::Error>) -> io::Error {
    let says_little = |error: &io::Error| {
        matches!(
            error.kind(),
            ErrorKind::NetworkUnreachable
                | ErrorKind::HostUnreachable
                | ErrorKind::AddrNotAvailable
        ) || error.raw_os_error() == Some(libc::EAFNOSUPPORT)
    };
    let nothing_tried = io::Error::from(ErrorKind::AddrNotAvailable);
    failures.into_iter().min_by_key(says_little).unwrap_or(nothing_tried)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use support::hostile::Deaf;

    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_alternate_and_the_first_address_stays_first() {
        let given =
            addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "[::1]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let tried = addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(alternating(given), tried);
        let given = addresses(&["1.1.1.1:1", "2.2.2.2:1", "[::1]:1"]);
        assert_eq!(alternating(given), addresses(&["1.1.1.1:1", "[::1]:1", "2.2.2.2:1"]));
        assert!(alternating(Vec::new()).is_empty());
    }

    #[test]
    fn the_next_address_is_tried_after_a_quarter_of_a_second_or_at_once_after_a_failure() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let deadline = at(10_000);
        let given = addresses(&["1.1.1.1:1", "2.2.2.2:1", "3.3.3.3:1"]);
        let mut attempts = Attempts::new(&given, start);
        assert_eq!(attempts.due(at(0), deadline), Some(given[0]));
        assert_eq!(attempts.until_next(at(50)), Some(Duration::from_millis(200)));
        assert_eq!(attempts.due(at(249), deadline), None);
        assert_eq!(attempts.due(at(250), deadline), Some(given[1]));
        attempts.failed(at(260));
        assert_eq!(attempts.due(at(260), deadline), Some(given[2]));
        // From then on, the attempts in progress have all the time that is left.
        assert_eq!(attempts.until_next(at(260)), None);
        assert_eq!(attempts.due(at(9_000), deadline), None);
    }

    #[test]
    fn a_short_deadline_leaves_each_address_its_turn() {
        let start = Instant::now();
        let given = addresses(&["1.1.1.1:1", "2.2.2.2:1", "3.3.3.3:1", "4.4.4.4:1"]);
        let deadline = start + Duration::from_millis(100);
        let mut attempts = Attempts::new(&given, start);
        let mut now = start;
        for address in given {
            assert_eq!(attempts.due(now, deadline), Some(address));
            now = attempts.next_at;
        }
        assert_eq!(now, deadline);
    }

    #[test]
    fn what_an_address_answered_says_more_than_a_network_out_of_reach() {
        let kinds = [ErrorKind::NetworkUnreachable, ErrorKind::ConnectionRefused];
        for order in [kinds, [kinds[1], kinds[0]]] {
            let error = most_telling(order.map(io::Error::from).into());
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    #[test]
    fn addresses_that_refuse_or_stay_silent_are_followed_by_the_next() {
        let (server, deaf) = (TcpListener::bind("127.0.0.1:0").unwrap(), Deaf::new());
        let open = server.local_addr().unwrap();
        let refusing = "127.0.0.1:1".parse().unwrap();
        for dead in [vec![refusing; 4], vec![deaf.address(); 4], vec![refusing, deaf.address()]] {
            let stream = connect(&[dead, vec![open]].concat(), soon()).unwrap();
            assert_eq!(stream.peer_addr().unwrap(), open);
        }
    }

    #[test]
    fn the_first_connection_wins_though_a_later_attempt_made_it() {
        let (server, deaf) = (TcpListener::bind("127.0.0.1:0").unwrap(), Deaf::new());
        let open = server.local_addr().unwrap();
        let stream = connect(&[deaf.address(), open, deaf.address()], soon()).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), open);
    }

    #[test]
    fn a_connection_reads_and_writes_as_any_other() {
        use std::io::{Read, Write};
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut stream = connect(&[server.local_addr().unwrap()], soon()).unwrap();
        let (mut peer, _) = server.accept().unwrap();
        let sender = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            peer.write_all(b"later").unwrap();
        });
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        sender.join().unwrap();
        assert_eq!(text, "later");
    }

    #[test]
    fn silence_ends_at_the_deadline_and_no_address_is_an_error() {
        let deaf = Deaf::new();
        let soon = Instant::now() + Duration::from_millis(50);
        let error = connect(&[deaf.address()], soon).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        let error = connect(&[], self::soon()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    }
}
