//! This machine: its clock, the proxy on the way, and whom it trusts.

use std::env;
use std::time::{Duration, SystemTime};

use super::Check;
use crate::credentials::Credentials;
use crate::error::{Cause, Error, Status};
use crate::http::Transport;
use crate::net::trust::Trust;

/// 2026-11-25, when this was written: no clock that is right is before it.
const WRITTEN_AT: Duration = Duration::from_secs(1_795_564_800);
/// Variables that other programs read, and libims never: a CGI client can set the one, and the
/// other is also for what is no web server.
const NEVER_READ: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

pub(super) fn examine(
    transport: &Transport,
    credentials: Option<&Credentials>,
    report: &mut dyn FnMut(Check),
) {
    report(Check::of("clock", clock(SystemTime::now())));
    report(proxy(transport, credentials));
    report(Check::of("trust store", trust(transport)));
}

fn clock(now: SystemTime) -> Result<String, Error> {
    let shown = httpdate::fmt_http_date(now);
    if now.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since >= WRITTEN_AT) {
        return Ok(format!("this machine says {shown}"));
    }
    let problem = format!("this machine says {shown}, which is before libims was made");
    Err(Error::new(Status::Argument, problem)
        .with_hint("set the clock: a server takes a JWT for a few minutes alone")
        .with_cause(Cause::ClockOrExp))
}

fn proxy(transport: &Transport, credentials: Option<&Credentials>) -> Check {
    const NAME: &str = "proxy";
    let url = credentials.and_then(|credentials| credentials.token_url());
    let proxy = match transport.proxy_to(url.unwrap_or("https://HOST/")) {
        Ok(proxy) => proxy,
        Err(error) => return Check::error(NAME, &error),
    };
    let never_read = NEVER_READ.iter().find(|name| env::var_os(name).is_some());
    match (proxy, never_read) {
        (Some(proxy), _) => Check::ok(NAME, format!("the way leads through {proxy}")),
        (None, Some(name)) => Check::warning(
            NAME,
            format!("none is used: {name} is set, but never read"),
            "where a proxy is needed, set HTTPS_PROXY to it, and NO_PROXY to what needs none",
        ),
        (None, None) => Check::ok(NAME, "none is used"),
    }
}

fn trust(transport: &Transport) -> Result<String, Error> {
    let trust = Trust::new(transport.ca_file.as_deref())?;
    if let Some(file) = &transport.ca_file {
        return Ok(format!("the {} authorities of {}", trust.len(), file.display()));
    }
    match trust.len() {
        0 => Err(Error::new(Status::Tls, "this machine trusts no certificate authority at all")
            .with_hint("install the package ca-certificates, see SSL_CERT_FILE, or set ca_file")
            .with_cause(Cause::UnknownCa)),
        number => Ok(format!("the system's {number} authorities")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_never_set_is_told() {
        let at = |seconds| clock(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let error = at(0).unwrap_err();
        assert_eq!(error.cause(), Some(Cause::ClockOrExp));
        assert!(error.message().contains("Thu, 01 Jan 1970"), "{error}");
        assert!(at(WRITTEN_AT.as_secs()).is_ok());
    }
}
