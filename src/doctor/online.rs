//! The checks of the network and the server: the connection, a real exchange, and the validation of
//! tokens.

use std::cell::Cell;
use std::time::{Instant, SystemTime};

use super::assertion;
use super::cache::ProbedCache;
use super::check::Check;
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::{Cause, Error, Status, redact};
use crate::http::{Http, HttpResponse, Transport, lookup};
use crate::response::clock_skew;
use crate::retry::Call;
use crate::token::Token;
use crate::token_url::TokenUrl;
use crate::validation::{Validation, validate_token};

const METADATA: &str = "metadata";
const TRIED: &str = "secrets and keys";
/// The HTTP status.
const NOT_FOUND: u16 = 404;
/// The number of a host's addresses that are shown.
const SHOWN_ADDRESSES: usize = 3;

pub(super) fn examine(
    transport: &Transport,
    credentials: &Credentials,
    cache: Option<ProbedCache>,
    report: &mut dyn FnMut(Check),
) {
    if let Some(found) = dns_lookup(transport, credentials).transpose() {
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
fn dns_lookup(transport: &Transport, credentials: &Credentials) -> Result<Option<String>, Error> {
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
    let deadline = Instant::now() + transport.timeout;
    let connection = |error| Check::error("connection", &credentials.explain(error));
    let http = match Http::new(transport) {
        Ok(http) => http,
        Err(error) => {
            report(connection(error));
            return None;
        }
    };
    let call = Call { http: &http, max_attempts: transport.max_attempts, deadline };
    let url = match token_url(call, credentials, report) {
        Ok(url) => url,
        Err(error) if error.field().is_some() => {
            report(Check::error(METADATA, &error));
            return None;
        }
        Err(error) => {
            report(connection(error));
            return None;
        }
    };
    if !assertion::from_platform(credentials, &http, deadline, report) {
        return None;
    }
    let (token, clock) = match each_token(call, &url, credentials, report) {
        (token, Some(clock)) => (token, clock),
        // No response came.
        (Err(error), None) => {
            report(connection(error));
            return None;
        }
        (Ok(token), None) => (Ok(token), Clock::Unknown),
    };
    report(Check::ok("connection", format!("{} responds", url.without_query())));
    report(clock.check(token.is_ok()));
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

/// Returns the token URL, and reports what the issuer's metadata says about these credentials.
fn token_url(
    call: Call<'_>,
    credentials: &Credentials,
    report: &mut dyn FnMut(Check),
) -> Result<TokenUrl, Error> {
    let Some(issuer) = &credentials.issuer else { return Ok(credentials.token_url().clone()) };
    let is_given = matches!(credentials.endpoint, Endpoint::TokenUrl(_));
    let metadata = match issuer.metadata(call) {
        Ok(metadata) => metadata,
        Err(error) if is_given => {
            let message = format!("cannot be compared: {}", error.message());
            report(Check::ok(METADATA, message));
            return Ok(credentials.token_url().clone());
        }
        Err(error) => return Err(error),
    };
    let (url, needs) = (metadata.token_endpoint.clone(), credentials.needs());
    report(Check::ok(
        METADATA,
        format!("{issuer} has its token endpoint at {}", url.without_query()),
    ));
    if let Some(doubt) = metadata.doubt(&needs) {
        let hint = "if the exchange fails, ask the server's administrator for this grant";
        report(Check::warning(METADATA, doubt.message(), hint));
    }
    let checked = metadata.check(&needs);
    if !is_given {
        return checked.map(|()| url);
    }
    // A client with a token URL does not read the metadata.
    if let Err(error) = checked {
        report(Check::warning(METADATA, error.message(), error.hint().unwrap_or_default()));
    }
    let given = credentials.token_url();
    if *given != url {
        let (given, found) = (given.without_query(), url.without_query());
        let message = format!("token_url is {given}, but the issuer's metadata names {found}");
        report(Check::warning(METADATA, message, "leave token_url out, or correct it"));
    }
    Ok(given.clone())
}

/// Asks for a token with each secret and key in turn, as a client does, until the server knows the
/// client. Returns also the clock of the last response.
fn each_token(
    call: Call<'_>,
    url: &TokenUrl,
    credentials: &Credentials,
    report: &mut dyn FnMut(Check),
) -> (Result<Token, Error>, Option<Clock>) {
    let clock = Cell::new(None);
    let ask = |credentials: &Credentials| {
        let key = credentials.checked_key(SystemTime::now())?;
        let seen = |response: &HttpResponse, sent_at| {
            clock.set(Some(Clock::of(response, sent_at)));
        };
        credentials.token(key.as_ref(), call, url, seen)
    };
    let (mut token, mut used) = (ask(credentials), credentials);
    let mut refused = Vec::new();
    for next in &credentials.others {
        let is_unknown = |error: &Error| error.oauth_error() == Some("invalid_client");
        if !token.as_ref().is_err_and(is_unknown) {
            break;
        }
        refused.push(used.tried.as_str());
        (token, used) = (ask(next), next);
    }
    if token.is_ok() && !credentials.others.is_empty() {
        for refused in refused {
            let message = format!("the server does not know the client by {refused}");
            let hint = "leave it out, unless the server is about to know it";
            report(Check::warning(TRIED, message, hint));
        }
        report(Check::ok(TRIED, format!("the server knows the client by {}", used.tried)));
    }
    (token, clock.into_inner())
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

    /// `has_token`: there is a token nevertheless, such as by a JWT that was signed by the server's clock.
    fn check(self, has_token: bool) -> Check {
        const NAME: &str = "server's clock";
        const HINT: &str = "have this machine's clock set by NTP";
        match self {
            Self::Unknown => Check::ok(NAME, "it sends no Date header"),
            Self::Agrees => Check::ok(NAME, "agrees with this machine's"),
            Self::Differs(skew) if has_token => {
                Check::warning(NAME, skew, HINT).with_cause(Cause::ClockOrExp)
            }
            Self::Differs(skew) => {
                let error = Error::new(Status::Rejected, skew)
                    .with_hint(HINT)
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
