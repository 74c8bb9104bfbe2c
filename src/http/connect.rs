//! From addresses to a TCP connection, straight or through a proxy.

use std::io::ErrorKind;
use std::time::Instant;

use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, Either, LazyBuffers, Transport, time,
};

use super::socket::Socket;
use super::{host_and_port, lost, unwrapped, wrapped};
use crate::error::{Cause, Error, Status};
use crate::net::timed_out;

/// A way through the proxy (RFC 9110 section 9.3.6), where there is one.
#[derive(Debug, Default)]
pub(super) struct Tunnel(ConnectProxyConnector);

impl<In: Transport> Connector<In> for Tunnel {
    type Out = Either<In, Box<dyn Transport>>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        self.0.connect(details, chained).map_err(|error| {
            let proxy = details.config.proxy().map(|proxy| host_and_port(proxy.uri()));
            wrapped(proxy_failure(error, &proxy.unwrap_or_default(), &host_and_port(details.uri)))
        })
    }
}

fn proxy_failure(error: ureq::Error, proxy: &str, host: &str) -> Error {
    let problem = match error {
        ureq::Error::Timeout(_) => {
            return timed_out(&format!("the proxy {proxy} opened no way to {host}"));
        }
        // What the connection to the proxy met.
        ureq::Error::Other(error) => match unwrapped(error) {
            error if matches!(error.status(), Status::Connect | Status::Timeout) => {
                let text = format!("no connection to the proxy: {error}");
                return Error::new(error.status(), text).with_hint(PROXY_HINT);
            }
            _ => "it broke off, or sent too much".into(),
        },
        // ureq's text holds the proxy's HTTP status, and nothing else of the proxy's.
        ureq::Error::ConnectProxyFailed(reason) => reason,
        _ => "its answer is not HTTP".into(),
    };
    let (hint, cause) = if problem.contains("407") {
        (PROXY_PASSWORD_HINT, Some(Cause::ProxyPassword))
    } else {
        (PROXY_HINT, None)
    };
    Error::new(Status::Connect, format!("the proxy {proxy} opened no way to {host}: {problem}"))
        .with_hint(hint)
        .with_cause(cause)
}

const PROXY_PASSWORD_HINT: &str = "the proxy asks for a user and password, or does not take those \
    given: write it as http://user:password@host:port";

const PROXY_HINT: &str = "see whether the proxy is right and lets this host through; NO_PROXY \
    names hosts that need none";

/// A connection to the server itself, where there is no way through a proxy already.
#[derive(Debug)]
pub(super) struct Tcp;

impl<In: Transport> Connector<In> for Tcp {
    type Out = Either<In, Socket>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        if let Some(tunnel) = chained {
            return Ok(Some(Either::A(tunnel)));
        }
        let host = host_and_port(details.uri);
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Socket::connect(&details.addrs, host.clone(), deadline(details), buffers)
            .map(|socket| Some(Either::B(socket)))
            .map_err(|error| wrapped(connect_failure(&error, &host)))
    }
}

fn deadline(details: &ConnectionDetails) -> Instant {
    match (details.now, details.timeout.after) {
        (time::Instant::Exact(now), time::Duration::Exact(left)) => now + left,
        // Not met: every call brings a timeout.
        _ => Instant::now(),
    }
}

fn connect_failure(error: &std::io::Error, host: &str) -> Error {
    match error.kind() {
        ErrorKind::TimedOut => timed_out(&format!("no connection to {host}")),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => lost(host),
        ErrorKind::ConnectionRefused => {
            Error::new(Status::Connect, format!("{host} refused the connection"))
                .with_hint("nothing listens there: check host and port, and that the server runs")
        }
        _ => Error::new(Status::Connect, format!("{host} cannot be reached: {error}"))
            .with_hint("check this machine's network, and whether a proxy is needed"),
    }
}
