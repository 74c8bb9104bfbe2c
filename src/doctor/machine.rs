//! The checks of this machine: its clock, its proxy, and the CA certificates that it trusts.

use std::time::{Duration, SystemTime};

use super::check::Check;
use crate::credentials::Credentials;
use crate::environment;
use crate::error::{Cause, Error, Status};
use crate::http::{Proxy, Transport};
use crate::net::trust::{TRUSTS_NONE, Trust, trusts_none_hint, variables};
use crate::token_url::TokenUrl;

/// 2026-11-25, when this was written: no clock that is right is before it.
const WRITTEN_AT: Duration = Duration::from_secs(1_795_564_800);
/// Variables that other programs read, but libims never does. A CGI client can set `HTTP_PROXY`,
/// and `ALL_PROXY` is not only for HTTP.
const NEVER_READ: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

const TRUST_STORE: &str = "trust store";

pub(super) fn examine(
    transport: &Transport,
    credentials: Option<&Credentials>,
    report: &mut dyn FnMut(Check),
) {
    report(Check::of("clock", clock(SystemTime::now())));
    if let Err(error) = transport.checked_timeout() {
        report(Check::error("deadline", &error));
    }
    let url = credentials.map(Credentials::token_url);
    if url.is_some_and(TokenUrl::is_plain) {
        report(Check::ok("way to the server", "the server is on this machine: no proxy, no TLS"));
        return;
    }
    report(proxy(transport, url));
    for (entry, why) in transport.proxy.useless_exceptions() {
        let message = format!("the entry {entry} of NO_PROXY can never match");
        report(Check::warning("proxy", message, why));
    }
    report(Check::of(TRUST_STORE, trust(transport)));
    for variable in variables(transport.ca_file.is_some()) {
        if let Some(hint) = variable.hint {
            report(Check::warning(TRUST_STORE, variable.to_string(), hint));
        }
    }
}

fn clock(now: SystemTime) -> Result<String, Error> {
    let shown = httpdate::fmt_http_date(now);
    if now.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since >= WRITTEN_AT) {
        return Ok(format!("this machine's clock says {shown}"));
    }
    let problem = format!("this machine's clock says {shown}, which is before libims was released");
    Err(Error::new(Status::Argument, problem)
        .with_hint("set the clock: a server accepts a JWT for a few minutes only")
        .with_cause(Cause::ClockOrExp))
}

fn proxy(transport: &Transport, url: Option<&TokenUrl>) -> Check {
    const NAME: &str = "proxy";
    match transport.proxy_to(url) {
        Err(error) => return Check::error(NAME, &error),
        Ok(Some(proxy)) => return Check::ok(NAME, format!("connects through {proxy}")),
        Ok(None) => {}
    }
    if let Some(name) = transport.proxy.variable() {
        return Check::ok(NAME, format!("no proxy: {name} is set, but NO_PROXY names the host"));
    }
    if matches!(transport.proxy, Proxy::Environment) {
        let is_set = |name: &&&str| {
            environment::variable(name)
                .is_some_and(|value| !value.to_string_lossy().trim().is_empty())
        };
        if let Some(name) = NEVER_READ.iter().find(is_set) {
            return Check::warning(
                NAME,
                format!("no proxy: {name} is set, but never read"),
                "where a proxy is needed, set HTTPS_PROXY to it, and NO_PROXY to what needs none",
            );
        }
    }
    Check::ok(NAME, "no proxy")
}

fn trust(transport: &Transport) -> Result<String, Error> {
    let trust = Trust::new(transport.ca_file.as_deref())?;
    if let Some(file) = &transport.ca_file {
        return Ok(format!("the {} CA certificates of {}", trust.len(), file.display()));
    }
    match trust.len() {
        0 => Err(Error::new(Status::Tls, TRUSTS_NONE)
            .with_hint(trusts_none_hint())
            .with_cause(Cause::UnknownCa)),
        number => Ok(format!("the system's {number} CA certificates")),
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
