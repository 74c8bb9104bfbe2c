//! The checks of the network and the server: the connection, a real exchange, and the validation of
//! tokens.

use std::cell::Cell;
use std::time::{Instant, SystemTime};

use super::cache::Asked;
use super::check::Check;
use crate::credentials::Credentials;
use crate::error::{Cause, Error, Status, redact};
use crate::exchange::send;
use crate::http::{Http, HttpResponse, Transport, lookup};
use crate::metadata::Endpoint;
use crate::response::clock_skew;
use crate::retry::retry;
use crate::token::Token;
use crate::validation::{Validation, validate_token};

/// The HTTP status.
const NOT_FOUND: u16 = 404;
/// The number of a host's addresses that are shown.
const SHOWN_ADDRESSES: usize = 3;

pub(super) fn examine(
    transport: &Transport,
    credentials: &Credentials,
    cache: Option<Asked>,
    report: &mut dyn FnMut(Check),
) {
    if let Some(found) = name_look_up(transport, credentials).transpose() {
        let failed = found.is_err();
        report(Check::of("DNS lookup", found));
        if failed {
            return;
        }
    }
    let Some(token) = exchange(transport, credentials, report) else { return };
    if let Some(cache) = &cache {
        cache.clear_failure(transport.timeout, report);
    }
    let Some(validate) = validation_by(transport, credentials) else { return };
    match validate(&token).and_then(|validation| valid("the new token", &validation)) {
        Err(error) if error.http_status() == Some(NOT_FOUND) => {
            let hint = "the token can still be used; IMS itself has one";
            report(Check::warning("validation", "this server has no validation endpoint", hint));
            return;
        }
        found => report(Check::of("validation", found)),
    }
    if let Some(stored) = cache.and_then(|cache| cache.entry.token) {
        let found = validate(&stored.token).and_then(|validation| {
            let found = valid("the cached token", &validation);
            found.map_err(|error| error.with_cause(Cause::StaleToken))
        });
        report(Check::of("cached token", found));
    }
}

/// Looks up the server's addresses. Returns `None` if its host is an IP address, or if a proxy does
/// the DNS lookup.
fn name_look_up(transport: &Transport, credentials: &Credentials) -> Result<Option<String>, Error> {
    let url = credentials.token_url();
    if transport.proxy_to(Some(url))?.is_some() {
        return Ok(None);
    }
    let found = lookup(url, transport.timeout).map_err(|error| credentials.explain(error))?;
    let Some((host, found)) = found else { return Ok(None) };
    let shown: Vec<String> =
        found.iter().take(SHOWN_ADDRESSES).map(|address| address.ip().to_string()).collect();
    Ok(Some(format!("{host} is {}", shown.join(", "))))
}

/// Makes one exchange and reports how far it got.
fn exchange(
    transport: &Transport,
    credentials: &Credentials,
    report: &mut dyn FnMut(Check),
) -> Option<Token> {
    let key = credentials.checked_key(SystemTime::now());
    let deadline = Instant::now() + transport.timeout;
    let http = key.and_then(|key| Ok((key, Http::new(transport)?)));
    let endpoint = &credentials.endpoint;
    let found = http.and_then(|(key, http)| {
        let url = endpoint.token_url(&http, transport.max_attempts, deadline)?;
        Ok((key, http, url))
    });
    if let (Endpoint::Issuer(issuer), Ok((.., url))) = (endpoint, &found) {
        report(Check::ok("metadata", format!("{issuer} has its token endpoint at {url}")));
    }
    let url = found.as_ref().map_or(credentials.token_url(), |(.., url)| url).clone();
    let sent = found.map(|(key, http, url)| {
        let clock = Cell::new(None);
        let token = retry(transport.max_attempts, deadline, || {
            let sent_at = SystemTime::now();
            let grant = credentials.grant(key.as_ref(), sent_at)?;
            let lifetime = credentials.default_lifetime;
            send(&http, &url, &grant, sent_at, deadline, lifetime, |response| {
                clock.set(Some(Clock::of(response, sent_at)))
            })
        });
        (token, clock.into_inner())
    });
    let (token, clock) = match sent {
        Ok((token, Some(clock))) => (token, clock),
        // No response came.
        Ok((Err(error), None)) | Err(error) => {
            report(Check::error("connection", &credentials.explain(error)));
            return None;
        }
        Ok((Ok(token), None)) => (Ok(token), Clock::Unknown),
    };
    report(Check::ok("connection", format!("{url} responds")));
    report(clock.check());
    match token {
        Ok(token) => {
            let left = token.expires_in(SystemTime::now()).as_secs();
            report(Check::ok("exchange", format!("a token that expires in {left} s")));
            let asked = credentials.scope().unwrap_or_default();
            let missing = token.missing_scopes(asked).join(" ");
            if !missing.is_empty() {
                let message = format!("the server did not grant {}", redact(&missing, &[]));
                let hint = "have the server grant them to this client, or ask for fewer";
                report(Check::warning("scopes", message, hint));
            }
            Some(token)
        }
        Err(error) => {
            report(Check::error("exchange", &credentials.explain(error)));
            None
        }
    }
}

/// The server's clock next to this machine's.
enum Clock {
    Unknown,
    Agrees,
    Differs(String),
}

impl Clock {
    fn of(response: &HttpResponse, sent_at: SystemTime) -> Self {
        match (response.date(), clock_skew(response, sent_at)) {
            (None, _) => Self::Unknown,
            (Some(_), None) => Self::Agrees,
            (Some(_), Some(skew)) => Self::Differs(skew),
        }
    }

    fn check(self) -> Check {
        const NAME: &str = "server's clock";
        match self {
            Self::Unknown => Check::ok(NAME, "it sends no Date header"),
            Self::Agrees => Check::ok(NAME, "agrees with this machine's"),
            Self::Differs(skew) => {
                let error = Error::new(Status::Rejected, skew)
                    .with_hint("have this machine's clock set by NTP")
                    .with_cause(Cause::ClockOrExp);
                Check::error(NAME, &error)
            }
        }
    }
}

/// Returns the function that validates a token at its server. Returns `None` if the server is not
/// IMS.
fn validation_by<'a>(
    transport: &'a Transport,
    credentials: &'a Credentials,
) -> Option<impl Fn(&Token) -> Result<Validation, Error> + 'a> {
    let (host, client_id) = credentials.ims_and_client_id().ok()?;
    Some(move |token: &Token| validate_token(&host, client_id, token.access_token(), transport))
}

fn valid(token: &str, validation: &Validation) -> Result<String, Error> {
    if validation.is_valid {
        return Ok(format!("the server accepts {token}"));
    }
    let reason = validation.reason.as_deref().unwrap_or("it gives no reason");
    Err(Error::new(Status::Rejected, format!("the server does not accept {token}: {reason}"))
        .with_hint(
            "remove it from the cache: ims invalidate CREDENTIALS; a client does so by forget()",
        ))
}
