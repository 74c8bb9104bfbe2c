//! Name lookup under a deadline.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use dns_lookup::{AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};

use super::attempts;
use super::deadline::timed_out;
use crate::descriptors;
use crate::error::{Error, Status, Transient, io_reason};
use crate::thread::spawn_thread;

/// Returns the addresses of `host`, at least one, in the order in which they are tried. The
/// system's resolver finds them. IP addresses need no thread. An IPv6 address has no brackets here.
///
/// # Errors
/// [`Status::Connect`], and [`Status::Timeout`] where it takes longer than `within`.
pub(crate) fn addresses(host: &str, port: u16, within: Duration) -> Result<Vec<SocketAddr>, Error> {
    addresses_by(host, port, |look| look(within))
}

/// Finds what [`addresses`] finds, but leaves the waiting to `wait`. It is given a function that waits
/// for the time that it is told, and may call it again while nothing is found.
pub(crate) fn addresses_by(
    host: &str,
    port: u16,
    wait: impl FnOnce(&dyn Fn(Duration) -> Option<Found>) -> Option<Found>,
) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let name = host.to_owned();
    let addresses = lookup(host, wait, move || resolve(&name, port))?;
    if addresses.is_empty() {
        let problem = io::Error::other("it has no address");
        return Err(failure(host, LookupErrorKind::NoName, &problem));
    }
    Ok(attempts::alternating(addresses))
}

/// Asks the system's resolver, and waits as long as that takes.
fn resolve(host: &str, port: u16) -> Found {
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let found =
        getaddrinfo(Some(host), None, Some(hints)).map_err(|error| (error.kind(), error.into()))?;
    let with_port = |mut address: SocketAddr| {
        address.set_port(port);
        address
    };
    // Addresses of an unknown family are ignored.
    Ok(found.flatten().map(|found| with_port(found.sockaddr)).collect())
}

pub(crate) type Found = Result<Vec<SocketAddr>, (LookupErrorKind, io::Error)>;

/// Runs a lookup in a new thread, because it cannot be interrupted. If it takes too long, the
/// thread is left to finish alone.
fn lookup(
    host: &str,
    wait: impl FnOnce(&dyn Fn(Duration) -> Option<Found>) -> Option<Found>,
    lookup: impl FnOnce() -> Found + Send + 'static,
) -> Result<Vec<SocketAddr>, Error> {
    let (sender, receiver) = mpsc::sync_channel(1);
    spawn_thread("ims-lookup", move || sender.send(lookup()))?;
    let found = wait(&|within| match receiver.recv_timeout(within) {
        Ok(found) => Some(found),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => Some(Err((
            LookupErrorKind::Fail,
            io::Error::other("the DNS lookup ended without a result"),
        ))),
    });
    match found {
        Some(found) => found.map_err(|(kind, error)| {
            failure(host, kind, &descriptors::exhausted().unwrap_or(error))
        }),
        None => Err(timed_out(&format!("the name {host} was not looked up"))),
    }
}

/// Tells a name that does not exist from name servers that do not respond.
fn failure(host: &str, kind: LookupErrorKind, problem: &io::Error) -> Error {
    use LookupErrorKind::{Again, Fail, NoData, NoName};
    let error = Error::new(
        Status::Connect,
        format!("the host {host} cannot be found: {}", io_reason(problem)),
    );
    let error = match kind {
        NoName | NoData => error.with_hint(
            "check the spelling of the host, this machine's DNS, and whether a proxy is \
             needed",
        ),
        Again => error
            .with_hint(
                "this machine's name servers do not respond now: try again later; if it stays, see \
                 the name servers in /etc/resolv.conf and the way to them",
            )
            .with_transient(Transient::Unreached),
        Fail => error.with_hint(
            "this machine's name servers failed: see /etc/resolv.conf, and the domain's own servers",
        ),
        _ => {
            error.with_hint("see this machine's name resolution: /etc/nsswitch.conf, /etc/resolv.conf")
        }
    };
    descriptors::explain(error, problem)
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_lookup_that_hangs_ends_at_the_deadline() {
        let start = Instant::now();
        let hangs = || {
            thread::sleep(Duration::from_secs(2));
            Ok(Vec::new())
        };
        let error =
            lookup("slow.example", |look| look(Duration::from_millis(50)), hangs).unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(1));
        assert_eq!(error.status(), Status::Timeout);
        assert!(error.message().contains("slow.example"), "{error}");
    }

    fn found(kind: LookupErrorKind) -> Error {
        let problem = || io::Error::other("in the resolver's words");
        let minute = Duration::from_secs(60);
        lookup("ims.example", |look| look(minute), move || Err((kind, problem()))).unwrap_err()
    }

    #[test]
    fn only_a_name_that_does_not_exist_is_blamed_on_its_spelling() {
        let spelling = |kind| found(kind).hint().unwrap().contains("spelling");
        assert!(spelling(LookupErrorKind::NoName) && spelling(LookupErrorKind::NoData));
        for kind in [LookupErrorKind::Again, LookupErrorKind::Fail, LookupErrorKind::System] {
            assert!(!spelling(kind), "{kind:?}");
        }
    }

    #[test]
    fn name_servers_that_do_not_answer_may_do_so_soon() {
        assert!(found(LookupErrorKind::Again).is_unreached());
        assert!(!found(LookupErrorKind::NoName).is_unreached());
    }

    #[test]
    fn a_lookup_without_file_descriptors_says_so() {
        let exhausted =
            || Err((LookupErrorKind::Again, io::Error::from_raw_os_error(libc::EMFILE)));
        let error =
            lookup("ims.example", |look| look(Duration::from_secs(60)), exhausted).unwrap_err();
        assert!(error.hint().unwrap().contains("no file descriptor left"), "{error:?}");
        assert!(error.is_retryable() && !error.is_unreached());
    }

    #[test]
    fn the_systems_own_names_are_found() {
        let found = addresses("localhost", 443, Duration::from_secs(60)).unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 443));
    }
}
