//! A grant sent over HTTP until it is a token: retries inside one deadline.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::endpoint::Endpoint;
use crate::error::{Error, Sent, Status};
use crate::grant::{ClientAuthMethod, Grant, GrantType, Request};
use crate::http::{Http, HttpResponse, Transport};
use crate::jwt::decode;
use crate::metadata::Needs;
use crate::retry::{Call, Retry};
use crate::system;
use crate::token::{DEFAULT_LIFETIME, Requested, Token};
use crate::token_url::TokenUrl;

/// Sends `grant` to `url` and reads the token, all within `transport.timeout`. What a later attempt may
/// fix (see [`Error::is_retryable`]) is tried again, with the same JWT; but not where a JWT authenticates the
/// client, because servers accept each such JWT only once.
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument) naming the field, or any status of the network and the server.
pub fn exchange(url: &TokenUrl, grant: &Grant, transport: &Transport) -> Result<Token, Error> {
    Endpoint::TokenUrl(url.clone()).exchange(grant, transport)
}

impl Endpoint {
    /// Does what [`exchange`] does. For an issuer, its metadata is read first, within the same timeout,
    /// and with retries of its own.
    ///
    /// # Errors
    /// Those of [`exchange`]; [`Status::Argument`] also where the metadata shows that the server does not
    /// take the client's proof.
    pub fn exchange(&self, grant: &Grant, transport: &Transport) -> Result<Token, Error> {
        let deadline = system::now() + transport.checked_timeout()?;
        grant.request()?;
        let http = Http::new(transport)?;
        let call = Call { http: &http, max_attempts: transport.max_attempts, deadline };
        let url = self.token_url(|| needs(grant), call);
        let url = url.map_err(|error| match error.status() {
            // The settings are the caller's arguments.
            Status::Credentials => error.with_status(Status::Argument),
            _ => error,
        })?;
        let sends_once = grant.client_assertion().is_some();
        let call = Call { max_attempts: if sends_once { 1 } else { call.max_attempts }, ..call };
        attempts(call, &url, None, |_| Ok(Cow::Borrowed(grant)), |_, _| ())
    }
}

/// Returns what a grant whose JWTs are signed needs of the server.
fn needs(grant: &Grant) -> Needs {
    let proof = grant.client_assertion().and_then(|jwt| decode(jwt.expose()));
    let header = proof.and_then(|jwt| serde_json::from_str::<Value>(&jwt.header).ok());
    let alg: Option<Algorithm> =
        header.and_then(|header| header.get("alg")?.as_str()?.parse().ok());
    let is_by_secret = alg.is_some_and(|alg| Algorithm::HMAC.contains(&alg));
    Needs {
        client_auth: grant.client().and_then(|client| client.method(is_by_secret)),
        algs: alg.into_iter().collect(),
        grant_type: grant.sent_grant_type().map(str::to_owned),
    }
}

/// Makes the attempts of `call`, each with the grant that `sign` makes for it at the given time; and one
/// more by the server's clock, where that may help. `default_lifetime` is that of a token whose server
/// names none. `seen` is called with every response, and when its request was sent.
pub(crate) fn attempts<'a>(
    call: Call<'_>,
    url: &TokenUrl,
    default_lifetime: Option<Duration>,
    sign: impl Fn(SystemTime) -> Result<Cow<'a, Grant>, Error>,
    seen: impl Fn(&HttpResponse, SystemTime),
) -> Result<Token, Error> {
    let mut retry = Retry::new(call.max_attempts, call.deadline);
    let mut clock_offset = 0;
    let mut signed_at = None;
    let token = loop {
        let sent_at = system::system_time();
        let at = distinct(after(sent_at, clock_offset), signed_at);
        let grant = match sign(at) {
            Ok(grant) => grant,
            // A platform that hands out JWTs may be back soon.
            Err(error) => {
                retry.wait_after(error)?;
                continue;
            }
        };
        signed_at = Some(at);
        let seen = |response: &HttpResponse| seen(response, sent_at);
        match send(call, url, &grant, sent_at, default_lifetime, seen) {
            Ok(token) => break token,
            Err(error) => match error.clock_offset() {
                Some(offset)
                    if clock_offset == 0 && is_fixed_by_clock(&error, &grant)
                    // What was given to be sent cannot be signed again.
                    && matches!(grant, Cow::Owned(_)) && system::now() < call.deadline =>
                {
                    log_clock(offset);
                    clock_offset = offset;
                    signed_at = None;
                }
                _ => retry.wait_after(error)?,
            },
        }
    };
    let left = token.expires_in(system::system_time()).as_secs();
    log::debug!(target: "ims", "the token server issued a token for {left} seconds");
    Ok(token)
}

/// Returns the time to sign at: `now`, or a second before the `last` one, so that no two JWTs of a call
/// are the same, even without a jti. A time in the past is accepted where one in the future is not.
fn distinct(now: SystemTime, last: Option<SystemTime>) -> SystemTime {
    let before = last.map_or(now, |last| last - Duration::from_secs(1));
    now.min(before)
}

/// Makes one attempt. `seen` is called with the response.
fn send(
    call: Call<'_>,
    url: &TokenUrl,
    grant: &Grant,
    sent_at: SystemTime,
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
    let response = call.http.post(url, authorization.as_slice(), body, call.deadline)?;
    seen(&response);
    Token::from_response(
        &response,
        &requested(grant, &request, url, default_lifetime),
        sent_at,
        &secrets,
    )
}

/// Returns whether a JWT that is signed by the server's clock may be accepted: the server refused one.
fn is_fixed_by_clock(error: &Error, grant: &Grant) -> bool {
    error.status() == Status::Rejected
        && (grant.assertion().is_some() || grant.client_assertion().is_some())
}

fn log_clock(offset: i64) {
    let (seconds, direction) = (offset.abs(), if offset < 0 { "ahead of" } else { "behind" });
    log::warn!(
        target: "ims",
        "this machine's clock is {seconds} s {direction} the token server's, which refused the JWT: \
         one more is signed by the server's clock; set this machine's",
    );
}

/// Returns the time that is this many seconds later.
fn after(time: SystemTime, seconds: i64) -> SystemTime {
    let offset = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { time.checked_sub(offset) } else { time.checked_add(offset) }.unwrap_or(time)
}

/// Returns what the meaning of the response depends on.
fn requested<'a>(
    grant: &Grant,
    request: &'a Request,
    url: &TokenUrl,
    default_lifetime: Option<Duration>,
) -> Requested<'a> {
    let field = |field: &str| {
        request.fields.iter().find(|(name, _)| *name == field).map(|(_, value)| *value)
    };
    // Google's form: the claim asks for an ID token for this audience.
    let names_audience = field("assertion").and_then(decode).is_some_and(|jwt| {
        serde_json::from_str::<Value>(&jwt.claims)
            .is_ok_and(|claims| claims.get("target_audience").is_some())
    });
    let requests_one = field("requested_token_type").is_some_and(|uri| uri.ends_with("id_token"));
    Requested {
        grant_type: grant.grant_type(),
        server: grant.grant_type().server(url),
        sent: sent(grant),
        scope: field("scope"),
        id_token: names_audience || requests_one,
        default_lifetime: default_lifetime.unwrap_or(DEFAULT_LIFETIME),
    }
}

/// Returns the proof of the client and the grant that are sent, which the hint of a refusal is about.
fn sent(grant: &Grant) -> [Option<Sent>; 2] {
    let proof = match (grant.client(), needs(grant).client_auth) {
        (None, _) => Sent::NoClient,
        (_, Some(ClientAuthMethod::Body | ClientAuthMethod::Basic)) => Sent::ClientSecret,
        (_, Some(ClientAuthMethod::PrivateKeyJwt)) => Sent::PrivateKeyJwt,
        (_, Some(ClientAuthMethod::ClientSecretJwt)) => Sent::ClientSecretJwt,
        (_, Some(ClientAuthMethod::None) | None) => Sent::ClientId,
    };
    let of_grant = match grant.grant_type() {
        GrantType::JwtExchange | GrantType::JwtBearer => Some(Sent::Assertion),
        GrantType::TokenExchange => Some(Sent::SubjectToken),
        GrantType::Other => Some(Sent::Fields),
        GrantType::ClientCredentials => None,
    };
    [Some(proof), of_grant]
}
