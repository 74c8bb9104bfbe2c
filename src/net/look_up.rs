//! Name look-up under a deadline.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::time::Duration;

use super::timed_out;
use crate::error::{Error, Status};
use crate::thread::spawn_thread;

/// At least one address of `host`, by the system's look-up. IP addresses cost no thread; an IPv6
/// address comes without brackets.
///
/// # Errors
/// [`Status::Connect`], and [`Status::Timeout`] where it takes longer than `within`.
pub(crate) fn addresses(host: &str, port: u16, within: Duration) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let name = (host.to_owned(), port);
    let addresses = look_up(host, within, move || name.to_socket_addrs().map(Iterator::collect))?;
    if addresses.is_empty() { Err(unknown(host, "it has no address")) } else { Ok(addresses) }
}

/// Runs a look-up, which cannot be broken off, in a thread of its own and leaves it there where it
/// takes too long.
fn look_up(
    host: &str,
    within: Duration,
    look_up: impl FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
) -> Result<Vec<SocketAddr>, Error> {
    let (sender, receiver) = mpsc::sync_channel(1);
    spawn_thread("ims-look-up", move || sender.send(look_up()))?;
    match receiver.recv_timeout(within) {
        Ok(found) => found.map_err(|error| unknown(host, &error.to_string())),
        Err(_) => Err(timed_out(&format!("the name {host} was not looked up"))),
    }
}

fn unknown(host: &str, problem: &str) -> Error {
    Error::new(Status::Connect, format!("the host {host} cannot be found: {problem}")).with_hint(
        "check the spelling of the host, this machine's name look-up, and whether a proxy is needed",
    )
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_look_up_that_hangs_ends_at_the_deadline() {
        let start = Instant::now();
        let hangs = || {
            thread::sleep(Duration::from_secs(2));
            Ok(Vec::new())
        };
        let error = look_up("slow.example", Duration::from_millis(50), hangs).unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(1));
        assert_eq!(error.status(), Status::Timeout);
        assert!(error.message().contains("slow.example"), "{error}");
    }
}
