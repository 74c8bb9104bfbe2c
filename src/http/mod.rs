//! One HTTP POST or GET, limited in time and size. This is the only module that names ureq. It
//! knows nothing of OAuth or JSON.

mod problem;
mod no_proxy;
mod resolver;
mod proxy;
mod wiped;
mod socket;
mod connect;
mod socks;
#[cfg(simulation)]
mod simulated;
mod tls;

use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use http::header;
use ureq::RequestBuilder;
use ureq::unversioned::transport::Connector;
use zeroize::Zeroize;

use crate::error::{Error, Field, ServerResponse, Status};
use crate::net::trust::Trust;
use crate::net::{is_link_local, timed_out};
use crate::secret::Secret;
use crate::token_url::TokenUrl;

pub use proxy::Proxy;

use crate::token_url::host_and_port;
use problem::{bad_response, lost, unwrapped};
use proxy::ProxyRule;

/// The limit of a response's headers in bytes.
const MAX_HEADERS: usize = 32 * 1024;
const MAX_BODY: usize = 64 * 1024;
const USER_AGENT: &str = concat!("libims/", env!("CARGO_PKG_VERSION"));

/// The settings of the connection to the token server.
///
/// A program that installs a logger keeps the target `ureq_proto` above level `trace`: at that
/// level it logs what goes over the wire, secrets included.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Transport {
    /// One deadline for DNS lookup, connect, TLS, retries and response: over 0, at most 1 hour;
    /// default 10 s.
    pub timeout: Duration,
    /// 1 (no retry) to 10; default 3.
    pub max_attempts: u32,
    /// PEM file of CA certificates to trust instead of the system's, at most 1 MiB.
    pub ca_file: Option<PathBuf>,
    /// The proxy to use.
    pub proxy: Proxy,
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            max_attempts: 3,
            ca_file: None,
            proxy: Proxy::default(),
        }
    }
}

impl Transport {
    /// The longest timeout.
    pub const MAX_TIMEOUT: Duration = Duration::from_secs(3600);
    /// The most attempts.
    pub const MAX_ATTEMPTS: u32 = 10;

    /// Checks all that is given; what the environment and the system say is checked on use.
    ///
    /// # Errors
    /// [`Status::Argument`], naming the field.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.checked_timeout()?;
        if !matches!(self.proxy, Proxy::Environment) {
            self.proxy.rule()?;
        }
        if self.ca_file.is_some() {
            Trust::new(self.ca_file.as_deref())?;
        }
        Ok(())
    }

    /// Checks the numbers alone, and returns the timeout.
    ///
    /// # Errors
    /// [`Status::Argument`], naming the field.
    pub fn checked_timeout(&self) -> Result<Duration, Error> {
        if self.timeout.is_zero() || self.timeout > Self::MAX_TIMEOUT {
            let field = Field::called("timeout").named("timeout_ms");
            return Err(Error::new(Status::Argument, "is zero or over 1 hour").with_field(field));
        }
        if !(1..=Self::MAX_ATTEMPTS).contains(&self.max_attempts) {
            return Err(Error::argument("max_attempts", "is not 1 to 10"));
        }
        Ok(self.timeout)
    }

    /// Returns host and port of the proxy on the way to `url`, or to any server, where there is one.
    ///
    /// # Errors
    /// [`Status::Argument`], naming the proxy's field or variable.
    pub(crate) fn proxy_to(&self, url: Option<&TokenUrl>) -> Result<Option<String>, Error> {
        let any = http::Uri::from_static("https://HOST/");
        let uri = url.map_or(&any, TokenUrl::uri);
        let proxy = self.proxy.rule()?.and_then(|rule| rule.proxy_to(uri).cloned());
        Ok(proxy.map(|proxy| host_and_port(proxy.uri())))
    }
}

/// The whole response of a server.
pub(crate) struct HttpResponse {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Vec<u8>,
    /// The time by this machine's clock when the response arrived.
    pub received_at: SystemTime,
}

/// The body holds a token.
impl Drop for HttpResponse {
    fn drop(&mut self) {
        self.body.zeroize();
    }
}

impl HttpResponse {
    /// Returns the time by the server's clock when it responded.
    pub fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.header("date")?).ok()
    }

    /// The first value of a header, where it is printable ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A configured HTTP client: trust, proxy and limits. It keeps TLS sessions, so that the next
/// handshake is cheap, but no connection: a forked child would share it.
pub(crate) struct Http {
    agent: ureq::Agent,
    proxy: Option<ProxyRule>,
}

impl Http {
    /// # Errors
    /// [`Status::Argument`], naming `ca_file` or `proxy`.
    pub fn new(transport: &Transport) -> Result<Self, Error> {
        // It connects to no one, and needs no CA certificates.
        if cfg!(simulation) {
            let agent = ureq::Agent::new_with_defaults();
            return Ok(Self { agent, proxy: transport.proxy.rule()? });
        }
        let trust = Trust::new(transport.ca_file.as_deref())?;
        let config = ureq::Agent::config_builder()
            .tls_config(tls::config(&trust))
            // Each call sets its proxy. The one that ureq reads from the environment is never used.
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .max_idle_connections_per_host(0)
            .max_response_header_size(MAX_HEADERS)
            // Larger than all that a server may send: a full buffer would look like a lost
            // connection.
            .input_buffer_size(socket::MAX_INPUT + 1)
            .user_agent(USER_AGENT)
            .accept("application/json")
            // ureq's limit would count compressed bytes.
            .accept_encoding("")
            .build();
        let connector = connect::Tunnel::default()
            .chain(socks::Socks)
            .chain(connect::Tcp)
            .chain(tls::Tls::new(&trust, transport.ca_file.is_some()));
        Ok(Self {
            agent: ureq::Agent::with_parts(config, connector, resolver::Resolver),
            proxy: transport.proxy.rule()?,
        })
    }

    /// Sends `body`, a media type and a text of it, once with POST, with `headers` in addition to those
    /// of every request. Reads the whole response before `deadline`.
    ///
    /// # Errors
    /// [`Status::Argument`] naming `token_url`, `Connect`, `Tls`, `Timeout`, `Unavailable` where
    /// the connection is lost, and `Response` for what is not HTTP or over the limits.
    pub fn post(
        &self,
        url: &TokenUrl,
        headers: &[(&str, &str)],
        (content_type, body): (&str, &Secret),
        deadline: Instant,
    ) -> Result<HttpResponse, Error> {
        #[cfg(simulation)]
        {
            let posted = simulated::post(url, headers, (content_type, body), deadline)?;
            let (head, body) = posted.into_parts();
            let (status, headers) = (head.status.as_u16(), head.headers);
            Ok(HttpResponse { status, headers, body, received_at: crate::system::system_time() })
        }
        #[cfg(not(simulation))]
        {
            let request = self.agent.post(url.uri().clone()).content_type(content_type);
            self.once(request, |request| request.send(body.expose()), url, headers, deadline)
        }
    }

    /// Sends a GET once, with `headers` in addition to those of every request. Reads the whole response before
    /// `deadline`.
    ///
    /// # Errors
    /// Those of [`Http::post`].
    pub fn get(
        &self,
        url: &TokenUrl,
        headers: &[(&str, &str)],
        deadline: Instant,
    ) -> Result<HttpResponse, Error> {
        self.once(self.agent.get(url.uri().clone()), RequestBuilder::call, url, headers, deadline)
    }

    /// Sends a DELETE once, as [`Http::get`] sends a GET.
    ///
    /// # Errors
    /// Those of [`Http::post`].
    pub fn delete(
        &self,
        url: &TokenUrl,
        headers: &[(&str, &str)],
        deadline: Instant,
    ) -> Result<HttpResponse, Error> {
        self.once(
            self.agent.delete(url.uri().clone()),
            RequestBuilder::call,
            url,
            headers,
            deadline,
        )
    }

    /// Sends a POST without a body and a media type once, as [`Http::get`] sends a GET.
    ///
    /// # Errors
    /// Those of [`Http::post`].
    pub fn post_nothing(
        &self,
        url: &TokenUrl,
        headers: &[(&str, &str)],
        deadline: Instant,
    ) -> Result<HttpResponse, Error> {
        let request = self.agent.post(url.uri().clone());
        self.once(request, RequestBuilder::send_empty, url, headers, deadline)
    }

    /// Sends a request once, by `send`, and reads the whole response.
    fn once<B>(
        &self,
        request: RequestBuilder<B>,
        send: impl FnOnce(RequestBuilder<B>) -> Result<http::Response<ureq::Body>, ureq::Error>,
        url: &TokenUrl,
        headers: &[(&str, &str)],
        deadline: Instant,
    ) -> Result<HttpResponse, Error> {
        let host = url.host_and_port();
        let mut request = self.configured(request, url, deadline)?;
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let received = send(request).map_err(|error| failure(error, &host))?;
        read_response(received, &host)
    }

    /// Sets the proxy and the time that is left.
    fn configured<B>(
        &self,
        request: RequestBuilder<B>,
        url: &TokenUrl,
        deadline: Instant,
    ) -> Result<RequestBuilder<B>, Error> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(timed_out(&format!("{} did not respond", url.host_and_port())));
        }
        // No proxy is on the way to this machine's own link.
        let rule = self.proxy.as_ref().filter(|_| !is_link_local(url.host()));
        let proxy = rule.and_then(|rule| rule.proxy_to(url.uri()));
        Ok(request.config().timeout_global(Some(left)).proxy(proxy.cloned()).build())
    }
}

/// Reads a response. With an HTTP status 2xx, a bad body is an error. Any other status says by itself
/// what happened, and is kept with as much of its body as was received. The deadline is an error
/// with every status.
fn read_response(received: http::Response<ureq::Body>, host: &str) -> Result<HttpResponse, Error> {
    let (head, body) = received.into_parts();
    let mut response = HttpResponse {
        status: head.status.as_u16(),
        headers: head.headers,
        // Allocated at its full size, because growing leaves copies behind that are not wiped.
        body: Vec::with_capacity(MAX_BODY + 1),
        received_at: SystemTime::now(),
    };
    match read_body(body, &mut response, host) {
        Err(error) if error.status() == Status::Timeout => Err(error),
        Err(error) if (200..300).contains(&response.status) => {
            Err(error.with_server_response(ServerResponse {
                http_status: Some(response.status),
                ..ServerResponse::default()
            }))
        }
        _ => Ok(response),
    }
}

fn read_body(body: ureq::Body, response: &mut HttpResponse, host: &str) -> Result<(), Error> {
    let has = |name| response.headers.contains_key(name);
    let encodings = response.headers.get_all(header::CONTENT_ENCODING);
    // RFC 9110 section 12.5.3: identity means that nothing was done to the body.
    if encodings.iter().any(|name| !name.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
    {
        return Err(bad_response(host, "is compressed, which was not asked for"));
    }
    if has(header::TRANSFER_ENCODING) && has(header::CONTENT_LENGTH) {
        return Err(bad_response(host, "gives its length in two ways"));
    }
    let mut body = body.into_reader().take(MAX_BODY as u64 + 1);
    body.read_to_end(&mut response.body).map_err(|error| failure(error.into(), host))?;
    if response.body.len() > MAX_BODY {
        return Err(bad_response(host, "is over 64 KiB"));
    }
    Ok(())
}

/// Returns the error of a connection that existed. ureq's own texts are not used, because they may
/// repeat what the server sent.
fn failure(error: ureq::Error, host: &str) -> Error {
    use ureq::Error as E;
    match error {
        E::Other(error) => unwrapped(error),
        E::Timeout(_) => timed_out(&format!("{host} did not respond")),
        E::LargeResponseHeader(..) => bad_response(host, "has over 32 KiB of headers"),
        E::Protocol(_) => bad_response(host, "is not valid HTTP/1.1"),
        E::Io(_) | E::Rustls(_) | E::BodyStalled => lost(host),
        E::Http(_) | E::BadUri(_) => Error::argument("token_url", "is not a URL"),
        other => Error::new(Status::Internal, format!("HTTP to {host}: {other}")),
    }
}

/// Returns the URL's host and its addresses. Returns `None` if the host is an IP address. Its
/// errors are those of a DNS lookup.
pub(crate) fn lookup(
    url: &TokenUrl,
    within: Duration,
) -> Result<Option<(String, Vec<SocketAddr>)>, Error> {
    let uri = url.uri();
    let host = resolver::host(uri);
    if host.parse::<IpAddr>().is_ok() {
        return Ok(None);
    }
    Ok(Some((host.to_owned(), resolver::addresses(uri, within)?)))
}
