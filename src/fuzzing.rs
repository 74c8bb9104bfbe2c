//! The insides of rooms that read what others wrote, for fuzz/. Only cargo fuzz builds it.
//!
//! The targets hold the promises; nothing is checked here.

use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::cache;
use crate::endpoint::Issuer;
use crate::error::{ADOBE, Error, Sent};
use crate::grant::GrantType;
use crate::http::{HttpResponse, Transport};
use crate::secret::Secret;
use crate::token::{DEFAULT_LIFETIME, Requested, Token};
use crate::token_url::TokenUrl;

/// Reads what a token server sent: a status, headers, and a body.
///
/// # Errors
/// Those of [`crate::exchange`].
pub fn token(
    (status, headers, body): (u16, &[(&str, &str)], &[u8]),
    now: SystemTime,
    secrets: &[&str],
) -> Result<Token, Error> {
    let requested = Requested {
        grant_type: GrantType::ClientCredentials,
        server: Some(ADOBE),
        sent: [Some(Sent::ClientSecret), None],
        scope: Some("openid"),
        id_token: false,
        default_lifetime: DEFAULT_LIFETIME,
    };
    Token::from_response(&response(status, headers, body, now), &requested, now, secrets)
}

/// Returns the token endpoint that an issuer's metadata names, or why there is none.
///
/// # Errors
/// Those of [`crate::Endpoint::exchange`] that are about metadata.
pub fn token_endpoint(
    issuer: &Issuer,
    (status, headers, body): (u16, &[(&str, &str)], &[u8]),
    now: SystemTime,
) -> Result<Result<TokenUrl, String>, Error> {
    let metadata = issuer.read(&response(status, headers, body, now))?;
    Ok(metadata.map(|metadata| metadata.token_endpoint))
}

/// Returns what a client believes of the entry `text` in a shared cache, as such a text.
pub fn cache_entry(text: &[u8], now: SystemTime) -> Option<Vec<u8>> {
    cache::reopened(text, now)
}

/// Returns the problem that each reply of a Redis at `url` would be.
pub fn redis_problems(url: &Secret, input: Vec<u8>) -> Vec<String> {
    cache::redis_problems(url, input)
}

/// Returns the proxy on the way to `url`, and the exceptions from it that no host can match.
///
/// # Errors
/// [`crate::Status::Argument`], naming the proxy.
pub fn proxy(
    transport: &Transport,
    url: &TokenUrl,
) -> Result<(Option<String>, Vec<String>), Error> {
    let useless = transport.proxy.useless_exceptions().into_iter();
    Ok((
        transport.proxy_to(Some(url))?,
        useless.map(|(entry, why)| format!("{entry}: {why}")).collect(),
    ))
}

fn response(
    status: u16,
    headers: &[(&str, &str)],
    body: &[u8],
    received_at: SystemTime,
) -> HttpResponse {
    let headers: HeaderMap = headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.parse::<HeaderName>().ok()?, value.parse::<HeaderValue>().ok()?))
        })
        .collect();
    HttpResponse { status, headers, body: body.to_vec(), received_at }
}
