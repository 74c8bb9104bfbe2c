//! A grant sent over HTTP until it is a token: retries inside one deadline.

use std::borrow::Cow;
use std::time::{Duration, Instant, SystemTime};

use crate::error::Error;
use crate::grant::Grant;
use crate::http::{Http, HttpResponse, Transport};
use crate::retry::Retry;
use crate::token::Token;
use crate::token_url::TokenUrl;

/// Sends `grant` to `url` and reads the token, all within `transport.timeout`. What a later attempt may
/// fix (see [`Error::is_retryable`]) is tried again, with the same JWT; but not where a JWT proves the
/// client, because servers accept each such JWT only once.
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument) naming the field, or any status of the network and the server.
pub fn exchange(url: &TokenUrl, grant: &Grant, transport: &Transport) -> Result<Token, Error> {
    let deadline = Instant::now() + transport.checked_timeout()?;
    grant.request()?;
    let http = Http::new(transport)?;
    let max_attempts = if grant.client_assertion().is_some() { 1 } else { transport.max_attempts };
    attempts(&http, url, max_attempts, deadline, None, |_| Ok(Cow::Borrowed(grant)))
}

/// Makes at most `max_attempts` before `deadline`, each with the grant that `sign` makes for it at
/// the given time. `default_lifetime` is that of a token whose server names none.
pub(crate) fn attempts<'a>(
    http: &Http,
    url: &TokenUrl,
    max_attempts: u32,
    deadline: Instant,
    default_lifetime: Option<Duration>,
    sign: impl Fn(SystemTime) -> Result<Cow<'a, Grant>, Error>,
) -> Result<Token, Error> {
    let mut retry = Retry::new(max_attempts, deadline);
    let token = loop {
        let sent_at = SystemTime::now();
        let grant = sign(sent_at)?;
        match send(http, url, &grant, sent_at, deadline, default_lifetime, |_| {}) {
            Ok(token) => break token,
            Err(error) => retry.wait_after(error)?,
        }
    };
    let left = token.expires_in(SystemTime::now()).as_secs();
    log::debug!(target: "ims", "the token server issued a token for {left} seconds");
    Ok(token)
}

/// Makes one attempt. `seen` is called with every response.
pub(crate) fn send(
    http: &Http,
    url: &TokenUrl,
    grant: &Grant,
    sent_at: SystemTime,
    deadline: Instant,
    default_lifetime: Option<Duration>,
    seen: impl FnOnce(&HttpResponse),
) -> Result<Token, Error> {
    let request = grant.request()?;
    let mut secrets = grant.secrets();
    secrets.extend(
        request.authorization.as_ref().and_then(|basic| basic.expose().strip_prefix("Basic ")),
    );
    let authorization =
        request.authorization.as_ref().map(|basic| ("Authorization", basic.expose().as_str()));
    let body = (request.content_type(), &request.body());
    let response = http.post(url, authorization.as_slice(), body, deadline)?;
    seen(&response);
    let server = grant.grant_type().server(url);
    let grant_type = grant.grant_type();
    Token::from_response(&response, grant_type, server, sent_at, default_lifetime, &secrets)
}
