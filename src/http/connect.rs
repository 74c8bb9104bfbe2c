//! The TCP connection to a list of addresses, direct or through a proxy.

use std::io::ErrorKind;
use std::time::Instant;

use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, Either, LazyBuffers, Transport, time,
};

use super::problem::{lost, unwrapped, wrapped};
use super::socket::{MAX_INPUT, Socket};
use crate::descriptors;
use crate::error::{Cause, Error, Status, Transient, io_reason};
use crate::net::{Stream, timed_out};
use crate::token_url::host_and_port;

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
            let (proxy, host) = (proxy.unwrap_or_default(), host_and_port(details.uri));
            wrapped(proxy_failure(ProxyProblem::of(error), &proxy, &host))
        })
    }
}

/// The reason why a proxy does not connect.
pub(super) enum ProxyProblem {
    /// There is no connection to the proxy itself.
    Unreached(Error),
    Timeout,
    /// The proxy closed the connection, or sent too much.
    Lost,
    Garbage,
    /// The proxy wants a user and password, or different ones. The text is in libims's own words.
    Password(&'static str),
    /// The proxy refused, and gave this reason.
    Refused(String),
}

impl ProxyProblem {
    fn of(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Self::Timeout,
            // The error of the connection to the proxy.
            ureq::Error::Other(error) => match unwrapped(error) {
                error
                    if matches!(
                        error.status(),
                        Status::Connect | Status::Timeout | Status::Tls
                    ) =>
                {
                    Self::Unreached(error)
                }
                _ => Self::Lost,
            },
            // ureq's text holds the proxy's HTTP status, and no other text of the proxy.
            ureq::Error::ConnectProxyFailed(reason) if reason.contains("407") => {
                Self::Password("it requires a user and a password (HTTP 407)")
            }
            ureq::Error::ConnectProxyFailed(reason) => Self::Refused(reason),
            _ => Self::Garbage,
        }
    }
}

pub(super) fn proxy_failure(failure: ProxyProblem, proxy: &str, host: &str) -> Error {
    let (problem, hint, cause) = match failure {
        ProxyProblem::Timeout => {
            return timed_out(&format!("the proxy {proxy} could not connect to {host}"));
        }
        ProxyProblem::Unreached(error) => {
            let problem = format!("no connection to the proxy: {}", error.problem());
            return error.with_problem(problem).with_more_hint(PROXY_HINT);
        }
        ProxyProblem::Lost => {
            ("it closed the connection, or sent too much".into(), PROXY_HINT, None)
        }
        ProxyProblem::Garbage => {
            ("its response is not that of a proxy of its kind".into(), PROXY_HINT, None)
        }
        ProxyProblem::Password(reason) => {
            (reason.to_owned(), PROXY_PASSWORD_HINT, Some(Cause::ProxyPassword))
        }
        ProxyProblem::Refused(reason) => (reason, PROXY_HINT, None),
    };
    Error::new(Status::Connect, format!("the proxy {proxy} could not connect to {host}: {problem}"))
        .with_hint(hint)
        .with_cause(cause)
}

const PROXY_PASSWORD_HINT: &str = "the proxy asks for a user and password, or does not accept \
    those given: put user:password@ before its host, percent-encoded";

const PROXY_HINT: &str = "see whether the proxy is right and lets this host through; NO_PROXY \
    names hosts that need none";

/// Connects to the server directly, unless a proxy is already connected.
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
        Stream::connect(&details.addrs, deadline(details), MAX_INPUT)
            .map(|stream| Some(Either::B(Socket::new(stream, buffers, host.clone()))))
            .map_err(|error| wrapped(connect_failure(&error, &host)))
    }
}

/// Returns the end of the whole call.
pub(super) fn deadline(details: &ConnectionDetails) -> Instant {
    match (details.now, details.timeout.after) {
        (time::Instant::Exact(now), time::Duration::Exact(left)) => now + left,
        // This does not happen, because every call has a timeout.
        _ => Instant::now(),
    }
}

pub(super) fn connect_failure(error: &std::io::Error, host: &str) -> Error {
    use ErrorKind::{
        ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, NetworkDown,
        NetworkUnreachable, TimedOut,
    };
    match error.kind() {
        TimedOut => timed_out(&format!("no connection to {host}")),
        ConnectionReset | ConnectionAborted => lost(host),
        // A server or network that is still starting gives the same error.
        ConnectionRefused => Error::new(Status::Connect, format!("{host} refused the connection"))
            .with_hint("nothing listens there: check host and port, and that the server runs")
            .with_transient(Transient::Unreached),
        NetworkUnreachable | HostUnreachable | NetworkDown => {
            unreachable(error, host).with_transient(Transient::Unreached)
        }
        _ => descriptors::explain(unreachable(error, host), error),
    }
}

fn unreachable(error: &std::io::Error, host: &str) -> Error {
    Error::new(Status::Connect, format!("{host} cannot be reached: {}", io_reason(error)))
        .with_hint("check this machine's network, and whether a proxy is needed")
}
