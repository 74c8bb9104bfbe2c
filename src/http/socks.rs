//! A way through a SOCKS5 proxy (RFC 1928), within the call's one deadline.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use ureq::unversioned::transport::{ConnectionDetails, Connector, Either, LazyBuffers, Transport};
use ureq::{Proxy, ProxyProtocol};

use super::connect::{ProxyProblem, connect_failure, deadline, proxy_failure};
use super::problem::wrapped;
use super::resolver;
use super::socket::{MAX_INPUT, Socket};
use crate::error::Error;
use crate::net::Stream;
use crate::token_url::host_and_port;

/// A SOCKS connector that uses libims's own connections. ureq's connector knows neither the call's
/// deadline nor a second address.
#[derive(Debug)]
pub(super) struct Socks;

impl<In: Transport> Connector<In> for Socks {
    type Out = Either<In, Socket>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        if let Some(chained) = chained {
            return Ok(Some(Either::A(chained)));
        }
        let Some(proxy) = details.config.proxy().filter(|proxy| is_socks(proxy)) else {
            return Ok(None);
        };
        let (place, host) = (host_and_port(proxy.uri()), host_and_port(details.uri));
        let stream = tunnel(details, proxy, &place)
            .map_err(|problem| wrapped(proxy_failure(problem, &place, &host)))?;
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Either::B(Socket::new(stream, buffers, host))))
    }
}

fn is_socks(proxy: &Proxy) -> bool {
    matches!(proxy.protocol(), ProxyProtocol::Socks5 | ProxyProtocol::Socks5h)
}

fn tunnel(details: &ConnectionDetails, proxy: &Proxy, place: &str) -> Result<Stream, ProxyProblem> {
    let deadline = deadline(details);
    let left = deadline.saturating_duration_since(Instant::now());
    let addresses = resolver::addresses(proxy.uri(), left).map_err(ProxyProblem::Unreached)?;
    let unreached = |error| ProxyProblem::Unreached(connect_failure(&error, place));
    let mut stream = Stream::connect(&addresses, deadline, MAX_INPUT).map_err(unreached)?;
    handshake(&mut stream, proxy, &target(details, proxy)?)?;
    Ok(stream)
}

/// Returns the address that the proxy connects to, in the protocol's form: type, address, port.
fn target(details: &ConnectionDetails, proxy: &Proxy) -> Result<Vec<u8>, ProxyProblem> {
    let host = resolver::host(details.uri);
    let address = if proxy.protocol() == ProxyProtocol::Socks5 {
        details.addrs.first().map(SocketAddr::ip)
    } else {
        host.parse().ok()
    };
    let mut target = match (address, u8::try_from(host.len())) {
        (Some(std::net::IpAddr::V4(address)), _) => [&[1][..], &address.octets()].concat(),
        (Some(std::net::IpAddr::V6(address)), _) => [&[4][..], &address.octets()].concat(),
        (None, Ok(length)) => [&[3, length], host.as_bytes()].concat(),
        (None, Err(_)) => return Err(ProxyProblem::Refused("the host's name is too long".into())),
    };
    target.extend(resolver::port(details.uri).to_be_bytes());
    Ok(target)
}

/// Asks for a connection to `target`; with user and password (RFC 1929) where the proxy wants them.
fn handshake(
    stream: &mut (impl Read + Write),
    proxy: &Proxy,
    target: &[u8],
) -> Result<(), ProxyProblem> {
    let user = proxy.username();
    stream.write_all(if user.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] })?;
    match (read(stream)?, user) {
        ([5, 0], _) => {}
        ([5, 2], Some(user)) => {
            stream.write_all(&login(user, proxy.password().unwrap_or_default())?)?;
            if read::<2>(stream)?[1] != 0 {
                return Err(ProxyProblem::Password("it does not accept this user and password"));
            }
        }
        ([5, _], _) => {
            return Err(ProxyProblem::Password(
                "it supports no authentication method that libims has",
            ));
        }
        _ => return Err(ProxyProblem::Garbage),
    }
    stream.write_all(&[&[5, 1, 0], target].concat())?;
    let [version, reply, _, kind] = read(stream)?;
    if version != 5 {
        return Err(ProxyProblem::Garbage);
    }
    if reply != 0 {
        return Err(ProxyProblem::Refused(refusal(reply).into()));
    }
    // The address and port from which the proxy connects. They are not needed.
    let length = match kind {
        1 => 4,
        3 => usize::from(read::<1>(stream)?[0]),
        4 => 16,
        _ => return Err(ProxyProblem::Garbage),
    };
    stream.read_exact(&mut [0; 255 + 2][..length + 2])?;
    Ok(())
}

fn login(user: &str, password: &str) -> Result<Vec<u8>, ProxyProblem> {
    let too_long = |_| ProxyProblem::Refused("its user or password is over 255 bytes".into());
    let mut login = vec![1];
    for part in [user, password] {
        login.push(u8::try_from(part.len()).map_err(too_long)?);
        login.extend(part.as_bytes());
    }
    Ok(login)
}

fn read<const LENGTH: usize>(stream: &mut impl Read) -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// RFC 1928 section 6.
fn refusal(reply: u8) -> &'static str {
    match reply {
        2 => "its rules do not allow this connection",
        3 => "it cannot reach the network",
        4 => "it cannot reach the host, or does not find it",
        5 => "the host refused its connection",
        6 => "its connection timed out",
        7 | 8 => "it does not support this kind of connection",
        _ => "it failed",
    }
}

impl From<io::Error> for ProxyProblem {
    fn from(error: io::Error) -> Self {
        if error.kind() == ErrorKind::TimedOut { Self::Timeout } else { Self::Lost }
    }
}

impl From<Error> for ProxyProblem {
    fn from(error: Error) -> Self {
        Self::Unreached(error)
    }
}
