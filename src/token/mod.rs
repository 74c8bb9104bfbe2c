//! The access token, read from a token server's response within limits, or a typed error.

mod requested;
mod scopes;
mod members;
mod lifetime;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

pub use lifetime::ims_times;
pub use members::Member;
pub(crate) use requested::{DEFAULT_LIFETIME, Requested};

use crate::error::{Error, redact};
use crate::http::HttpResponse;
use crate::response::{Response, TOKEN_SERVER, wipe};
use crate::secret::Secret;
use lifetime::{id_token_lifetime, ims_lifetime, lifetime};
use members::{Members, is_not_applicable};

/// The limit of an access token in bytes.
pub(crate) const MAX_ACCESS_TOKEN: usize = 16 * 1024;

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
    /// Shared by all copies, because reading it counts no references.
    members: Arc<Members>,
}

impl Token {
    /// The token, for an `Authorization: Bearer` header: printable ASCII, at most 16 KiB.
    pub fn access_token(&self) -> &str {
        without_nul(self.0.access_token.expose())
    }

    /// Returns `bearer` (RFC 6750), or `N_A` where the server says that the token is no access token
    /// (RFC 8693 section 2.2.1).
    pub fn token_type(&self) -> &str {
        self.get("token_type").map_or(without_nul(BEARER), |_| without_nul(NOT_APPLICABLE))
    }

    /// Returns what the server issued, such as `urn:ietf:params:oauth:token-type:access_token`, where
    /// it says so (RFC 8693 section 2.2.1).
    pub fn issued_token_type(&self) -> Option<&str> {
        self.get("issued_token_type")
    }

    /// Returns a further member of the response, such as `instance_url` or `id_token`: its text, or
    /// its JSON where it is no text. At most 64 members of 16 KiB in all are kept. It may be a secret.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.members.get(name).map(without_nul)
    }

    /// Returns the scopes of the token, if the server sent them.
    pub fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref().map(without_nul).filter(|scope| !scope.is_empty())
    }

    /// Returns the scopes of `asked`, a list with blanks or commas between, that the server did not
    /// grant. Empty where it does not say what it granted: then it is what was asked for (RFC 6749
    /// section 5.1).
    pub(crate) fn missing_scopes<'a>(&self, asked: &'a str) -> Vec<&'a str> {
        let granted = self.0.scope.as_deref().map(without_nul);
        granted.map(|granted| scopes::missing(asked, granted)).unwrap_or_default()
    }

    /// Returns the expiry of the token.
    pub fn expires_at(&self) -> SystemTime {
        self.0.expires_at
    }

    /// Returns the lifetime that is left at `now`; zero after the expiry.
    pub fn expires_in(&self, now: SystemTime) -> Duration {
        self.0.expires_at.duration_since(now).unwrap_or_default()
    }

    /// Returns the same token, believed until `end` at the latest.
    pub(crate) fn until(&self, end: SystemTime) -> Self {
        let expires_at = self.expires_at().min(end);
        Self(Arc::new(Parts { expires_at, ..Parts::clone(&self.0) }))
    }

    /// Returns the further members by name.
    pub fn members(&self) -> impl Iterator<Item = (&str, Member<'_>)> {
        self.0.members.iter()
    }

    /// Makes a token without further members.
    #[cfg(test)]
    pub(crate) fn new(access_token: &str, scope: Option<&str>, expires_at: SystemTime) -> Self {
        Self::restored(access_token, scope, expires_at, [])
    }

    /// Makes a token of texts that were checked before and hold no NUL. The further members have names.
    pub(crate) fn restored<'a>(
        access_token: &str,
        scope: Option<&str>,
        expires_at: SystemTime,
        members: impl IntoIterator<Item = (&'a str, Member<'a>)>,
    ) -> Self {
        let mut kept = Members::default();
        members.into_iter().for_each(|(name, member)| kept.push(name, member));
        Self::with_members(access_token, scope, expires_at, kept)
    }

    fn with_members(
        access_token: &str,
        scope: Option<&str>,
        expires_at: SystemTime,
        members: Members,
    ) -> Self {
        let with_nul = |text: &str| [text, "\0"].concat();
        Self(Arc::new(Parts {
            access_token: Secret::new(with_nul(access_token)),
            scope: scope.map(with_nul),
            expires_at,
            members: Arc::new(members),
        }))
    }

    /// Returns a copy of the token in separate memory.
    pub(crate) fn apart(&self) -> Self {
        Self(Arc::new(Parts::clone(&self.0)))
    }

    /// Reads the response to a request, which was sent at `sent_at`. `secrets` are removed
    /// from every text of the server's that ends in an error.
    pub(crate) fn from_response(
        http_response: &HttpResponse,
        requested: &Requested,
        sent_at: SystemTime,
        secrets: &[&str],
    ) -> Result<Self, Error> {
        let expected = "a token response";
        let Requested { server, sent, .. } = *requested;
        let sender = TOKEN_SERVER;
        let response = Response { http_response, sender, expected, server, sent, sent_at, secrets };
        let mut body = response.object()?;
        let token = read_token(&body, http_response, requested, sent_at);
        body.values_mut().for_each(wipe);
        let token = token.map_err(|problem| response.unusable(&problem))?;
        let missing = token.missing_scopes(requested.scope.unwrap_or_default()).join(" ");
        if !missing.is_empty() {
            let missing = redact(&missing, secrets);
            log::warn!(target: "ims", "the token server did not grant these scopes: {missing}");
        }
        Ok(token)
    }
}

fn read_token(
    body: &Map<String, Value>,
    http_response: &HttpResponse,
    requested: &Requested,
    sent_at: SystemTime,
) -> Result<Token, String> {
    let given = |name: &&str| body.get(*name).is_some_and(|value| !value.is_null());
    let is_id_token = requested.id_token && !given(&"access_token") && given(&"id_token");
    let name = match is_id_token {
        true => "id_token",
        // Google's IAM Service Account Credentials API.
        false if !given(&"access_token") && given(&"accessToken") => "accessToken",
        false => "access_token",
    };
    let access_token = match body.get(name) {
        Some(Value::String(token)) => token,
        Some(_) => return Err(format!("its {name} is not a string")),
        None => return Err(format!("it has no {name}")),
    };
    if let Some(problem) = check_access_token(access_token) {
        return Err(format!("its {name} {problem}"));
    }
    let is_bearer = match body.get("token_type") {
        None | Some(Value::Null) => true,
        Some(Value::String(kind)) => {
            let kind = kind.trim();
            BEARER_NAMES.iter().any(|name| kind.eq_ignore_ascii_case(name))
                || is_not_applicable(kind) && given(&"issued_token_type")
        }
        Some(_) => false,
    };
    if !is_bearer {
        return Err("its token_type is not bearer".into());
    }
    let scope = match body.get("scope") {
        Some(Value::String(scope)) if scope.chars().any(char::is_control) => {
            return Err("its scope holds a control character".into());
        }
        Some(Value::String(scope)) => Some(scope.as_str()),
        _ => None,
    };
    // Taken from the server's clock if it sent its time, because this machine's may be wrong.
    let now = http_response.date().unwrap_or(sent_at);
    let default = requested.default_lifetime.as_secs().try_into().unwrap_or(i64::MAX);
    // RFC 8693 section 2.2.1: a token exchange returns whatever it issues as access_token.
    let issues_id_token = body
        .get("issued_token_type")
        .and_then(Value::as_str)
        .is_some_and(|issued| issued.ends_with(":id_token"));
    let states_expiry = is_id_token || issues_id_token;
    let own = if states_expiry { id_token_lifetime(access_token, now) } else { None };
    let mut lifetime = lifetime(body, requested, own.unwrap_or(default), now)?;
    match ims_lifetime(access_token, now) {
        Some(left) if left > 0 => lifetime = lifetime.min(left),
        // Without the server's time, this machine's clock may be the one that is wrong.
        Some(_) if http_response.date().is_some() => {
            return Err("its token has expired already".into());
        }
        _ => {}
    }
    let expires_at = sent_at + Duration::from_secs(lifetime.unsigned_abs());
    Ok(Token::with_members(access_token, scope, expires_at, Members::from_response(body)))
}

/// RFC 6750, and Apigee's name for it.
const BEARER_NAMES: [&str; 2] = ["bearer", "BearerToken"];
/// The types as C reads them.
const BEARER: &str = "bearer\0";
const NOT_APPLICABLE: &str = "N_A\0";

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
