//! The access token, read from a token server's response within limits, or a typed error.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};
use zeroize::Zeroize;

use crate::error::{Error, server_hint};
use crate::grant::GrantType;
use crate::http::HttpResponse;
use crate::jwt;
use crate::response::Response;
use crate::secret::Secret;
use crate::unix_time::unix_seconds;

/// The limit of an access token in bytes.
pub(crate) const MAX_ACCESS_TOKEN: usize = 16 * 1024;
/// Seconds, where the server names no lifetime.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(300);
/// A hundred years: no token lives longer, and no time overflows.
const MAX_BELIEVED: i64 = 100 * 366 * 86_400;

/// An access token and what the server said of it. A clone is the same token and costs nothing.
#[derive(Clone, Debug)]
pub struct Token(Arc<Parts>);

/// Texts end in a NUL, so that C reads them where they are. Aligned, so that two tokens' counts of
/// references are never in one line of a processor's cache.
#[derive(Clone, Debug)]
#[repr(align(128))]
struct Parts {
    access_token: Secret,
    scope: Option<String>,
    expires_at: SystemTime,
}

impl Token {
    /// The token, for an `Authorization: Bearer` header: printable ASCII, at most 16 KiB.
    pub fn access_token(&self) -> &str {
        without_nul(self.0.access_token.expose())
    }

    /// Returns `bearer`, the only type (RFC 6750).
    pub fn token_type(&self) -> &'static str {
        "bearer"
    }

    /// Returns the scopes of the token, if the server sent them.
    pub fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref().map(without_nul)
    }

    /// Returns the expiry of the token.
    pub fn expires_at(&self) -> SystemTime {
        self.0.expires_at
    }

    /// Returns the lifetime that is left at `now`; zero after the expiry.
    pub fn expires_in(&self, now: SystemTime) -> Duration {
        self.0.expires_at.duration_since(now).unwrap_or_default()
    }

    /// Makes a token of texts that were checked before and hold no NUL.
    pub(crate) fn new(access_token: &str, scope: Option<&str>, expires_at: SystemTime) -> Self {
        let with_nul = |text: &str| [text, "\0"].concat();
        Self(Arc::new(Parts {
            access_token: Secret::new(with_nul(access_token)),
            scope: scope.map(with_nul),
            expires_at,
        }))
    }

    /// Returns a copy of the token in separate memory.
    pub(crate) fn apart(&self) -> Self {
        Self(Arc::new(Parts::clone(&self.0)))
    }

    /// Reads the response of `server`, a kind of [`server_hint`]'s, to a request of `grant_type` that
    /// was sent at `sent_at`. `default_lifetime` is that of a token whose server names none; `None`: 300 s.
    /// `secrets` are removed from every text of the server's that ends in an error.
    pub(crate) fn from_response(
        http_response: &HttpResponse,
        grant_type: GrantType,
        server: Option<&'static str>,
        sent_at: SystemTime,
        default_lifetime: Option<Duration>,
        secrets: &[&str],
    ) -> Result<Self, Error> {
        let expected = "a token response";
        let response =
            Response { http_response, expected, server, hint: server_hint, sent_at, secrets };
        let mut body = response.object()?;
        let default = default_lifetime.unwrap_or(DEFAULT_LIFETIME);
        let token = read_token(&body, http_response, grant_type, sent_at, default);
        if let Some(Value::String(text)) = body.get_mut("access_token") {
            text.zeroize();
        }
        token.map_err(|problem| response.unusable(&problem))
    }
}

fn read_token(
    body: &Map<String, Value>,
    http_response: &HttpResponse,
    grant_type: GrantType,
    sent_at: SystemTime,
    default_lifetime: Duration,
) -> Result<Token, String> {
    let access_token = match body.get("access_token") {
        Some(Value::String(token)) => token,
        Some(_) => return Err("its access_token is not a string".into()),
        None => return Err("it has no access_token".into()),
    };
    if let Some(problem) = check_access_token(access_token) {
        return Err(format!("its access_token {problem}"));
    }
    match body.get("token_type") {
        None | Some(Value::Null) => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(_) => return Err("its token_type is not bearer".into()),
    }
    let scope = match body.get("scope") {
        Some(Value::String(scope)) if scope.chars().any(char::is_control) => {
            return Err("its scope holds a control character".into());
        }
        Some(Value::String(scope)) if !scope.is_empty() => Some(scope.as_str()),
        _ => None,
    };
    // Taken from the server's clock if it sent its time, because this machine's may be wrong.
    let now = http_response.date().unwrap_or(sent_at);
    let mut lifetime = lifetime(body, grant_type, now, default_lifetime)?;
    match ims_lifetime(access_token, now) {
        Some(left) if left > 0 => lifetime = lifetime.min(left),
        // Without the server's time, this machine's clock may be the one that is wrong.
        Some(_) if http_response.date().is_some() => {
            return Err("its token has expired already".into());
        }
        _ => {}
    }
    let expires_at = sent_at + Duration::from_secs(lifetime.unsigned_abs());
    Ok(Token::new(access_token, scope, expires_at))
}

/// Returns the reason why a text cannot be an access token, or `None` if it can.
pub(crate) fn check_access_token(text: &str) -> Option<&'static str> {
    if text.is_empty() || text.len() > MAX_ACCESS_TOKEN {
        Some("is empty or over 16 KiB")
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("does not fit into a header")
    } else {
        None
    }
}

fn without_nul(text: &str) -> &str {
    text.strip_suffix('\0').unwrap_or(text)
}

/// Returns the lifetime in seconds at `now` according to the response; always over 0.
fn lifetime(
    body: &Map<String, Value>,
    grant_type: GrantType,
    now: SystemTime,
    default: Duration,
) -> Result<i64, String> {
    let given = |name| body.get(name).filter(|value| !value.is_null());
    let lifetime = if let Some(value) = given("expires_in") {
        let expires_in = integer(value).ok_or("its expires_in is not an integer")?;
        expires_in / grant_type.expires_in_per_second()
    } else if let Some(value) = given("expires") {
        integer(value).ok_or("its expires is not an integer")? - unix_seconds(now)
    } else {
        default.as_secs().cast_signed()
    };
    if !(1..=MAX_BELIEVED).contains(&lifetime) {
        return Err("its token is expired already or would live over 100 years".into());
    }
    Ok(lifetime.min(grant_type.max_lifetime().unwrap_or(lifetime)))
}

/// Returns the lifetime in seconds at `now` that an IMS access token, which is a JWT, states
/// itself. Returns `None` if it states none or an impossible one.
fn ims_lifetime(access_token: &str, now: SystemTime) -> Option<i64> {
    let claims: Value = serde_json::from_str(&jwt::decode(access_token)?.claims).ok()?;
    let (created_at, expires_in) = ims_times(claims.as_object()?)?;
    let age = unix_seconds(now).saturating_sub(created_at).max(0);
    Some(expires_in - age)
}

/// Returns when the IMS access token of these claims was made, and how long it lives: Unix seconds, and seconds. `None`
/// where the claims do not say it as IMS does.
pub fn ims_times(claims: &Map<String, Value>) -> Option<(i64, i64)> {
    let seconds = |name| Some(integer(claims.get(name)?)? / 1000);
    Some((seconds("created_at")?, seconds("expires_in")?))
}

/// A positive integer, bare or in a string.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
    .filter(|number| *number > 0)
}
