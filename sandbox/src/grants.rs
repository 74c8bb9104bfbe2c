//! The grants at Adobe's paths: the checks of the client and its request, and the response in its format and
//! unit.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::Account;
use super::fault::TimeUnit;
use super::outcome::Success;
use super::refusal::Refusal;
use super::server::{Call, Server};
use super::verify::Jwt;
use ims::error::redact;

/// RFC 7523 section 2.1.
pub(super) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const IMS_LIFETIME: Duration = Duration::from_secs(86_400);
const BEARER_LIFETIME: Duration = Duration::from_secs(3600);
/// The part of a token's lifetime that has passed when IMS answers.
const PASSED: Duration = Duration::from_millis(1);

impl Server {
    /// Adobe's JWT exchange: its answer counts milliseconds.
    pub fn jwt_exchange(&self, call: &Call) -> Result<Success, Refusal> {
        let client = call.client()?;
        client.check_secret(call, 401)?;
        let account = &client.account;
        if account.public_keys.is_empty() {
            return Err(Refusal::NO_JWT_EXCHANGE.because("no certificate is registered"));
        }
        if account.migrated {
            return Err(Refusal::INTERNAL.because("the credential was moved to OAuth"));
        }
        let jwt = Jwt::parse(call.form.get("jwt_token").unwrap_or_default())?;
        let accepted = jwt.check_for_ims(account, &call.hosts, call.now)?;
        client.use_up(&accepted, call.now)?;
        let scope = accepted.metascopes.join(",");
        let lifetime = account.token_lifetime.unwrap_or(IMS_LIFETIME);
        let body = json!({
            "token_type": "bearer",
            "access_token": self.access_token(account, &scope, lifetime, call.now)?,
            "expires_in": expires_in(call, lifetime.saturating_sub(PASSED), TimeUnit::Milliseconds),
        });
        Ok(Success::new(body, issued(&scope, lifetime)))
    }

    /// OAuth Server-to-Server: its answer counts seconds, its scopes are joined by commas.
    pub fn client_credentials(&self, call: &Call) -> Result<Success, Refusal> {
        check_grant_type(call, "client_credentials")?;
        let client = call.client()?;
        client.check_secret(call, 400)?;
        let account = &client.account;
        if account.scopes.is_empty() {
            return Err(Refusal::NO_CLIENT_CREDENTIALS.because("no scope is granted"));
        }
        if call.form.get("org_id").is_some_and(|org_id| org_id != account.org_id) {
            let cause = format!("org_id should be {}", account.org_id);
            return Err(Refusal::wrong("org_id").because(cause));
        }
        let scope = granted_scope(account, call)?.unwrap_or_else(|| account.scopes.join(","));
        let lifetime = account.token_lifetime.unwrap_or(IMS_LIFETIME);
        let body = json!({
            "token_type": "bearer",
            "access_token": self.access_token(account, &scope, lifetime, call.now)?,
            "expires_in": expires_in(call, lifetime.saturating_sub(PASSED), TimeUnit::Seconds),
        });
        Ok(Success::new(body, issued(&scope, lifetime)))
    }

    /// RFC 7523: the answer is that of Adobe's former Omniture server.
    pub fn jwt_bearer(&self, call: &Call) -> Result<Success, Refusal> {
        check_grant_type(call, JWT_BEARER)?;
        let assertion = call.form.get("assertion").unwrap_or_default();
        let client = match call.client() {
            // The JWT alone could name the client.
            Err(_) if call.form.get("client_id").is_none() => {
                return Err(unknown_issuer(assertion).into_invalid_grant());
            }
            client => client?,
        };
        if call.form.get("client_secret").is_some() {
            client.check_secret(call, 401)?;
        }
        let account = &client.account;
        Jwt::parse(assertion)
            .and_then(|jwt| jwt.check_for_bearer(account, &call.hosts, call.path, call.now))
            .and_then(|accepted| client.use_up(&accepted, call.now))
            .map_err(Refusal::into_invalid_grant)?;
        let scope = granted_scope(account, call)?;
        let in_token = scope.as_deref().unwrap_or_default();
        let lifetime = account.token_lifetime.unwrap_or(BEARER_LIFETIME);
        let body = json!({
            "token_type": "bearer",
            "access_token": self.access_token(account, in_token, lifetime, call.now)?,
            "expires_in": expires_in(call, lifetime, TimeUnit::Seconds),
            "scope": scope,
            "success": true,
        });
        Ok(Success::new(body, issued(in_token, lifetime)))
    }

    fn access_token(
        &self,
        account: &Account,
        scope: &str,
        lifetime: Duration,
        now: SystemTime,
    ) -> Result<String, Refusal> {
        self.issuer.issue(account, scope, lifetime, now).map_err(|_| Refusal::INTERNAL)
    }
}

/// Returns the reason why the JWT of a bearer grant belongs to no account.
fn unknown_issuer(assertion: &str) -> Refusal {
    Jwt::parse(assertion).map_or_else(
        |malformed| malformed,
        |_| Refusal::wrong("iss").because("iss is neither the client id nor the org of an account"),
    )
}

/// Returns the log's text about a new token.
pub(super) fn issued(scope: &str, lifetime: Duration) -> String {
    let seconds = lifetime.as_secs();
    let lifetime = match (seconds % 3600, seconds % 60) {
        _ if seconds == 0 => "0 s".to_owned(),
        (0, _) => format!("{} h", seconds / 3600),
        (_, 0) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    };
    match scope {
        "" => format!("token for {lifetime}"),
        _ => format!("token for {lifetime}, {scope}"),
    }
}

fn check_grant_type(call: &Call, right: &str) -> Result<(), Refusal> {
    match call.form.get("grant_type") {
        Some(given) if given == right => Ok(()),
        _ => Err(Refusal::GRANT_TYPE.because(format!("grant_type should be {right}"))),
    }
}

/// Returns `lifetime` in `unit`, or in the unit that a fault asks for instead.
pub(super) fn expires_in(call: &Call, lifetime: Duration, unit: TimeUnit) -> u128 {
    match call.expires_in.unwrap_or(unit) {
        TimeUnit::Seconds => lifetime.as_secs().into(),
        TimeUnit::Milliseconds => lifetime.as_millis(),
    }
}

/// The scope asked for, joined by commas (Adobe) or blanks (RFC 6749 section 3.3), where each is
/// granted.
fn granted_scope(account: &Account, call: &Call) -> Result<Option<String>, Refusal> {
    let Some(scope) = call.form.get("scope") else { return Ok(None) };
    let is_granted = |name: &str| account.scopes.iter().any(|granted| granted == name);
    let mut asked = scope.split([',', ' ']).filter(|name| !name.is_empty());
    match asked.find(|name| !is_granted(name)) {
        None => Ok(Some(scope.to_owned())),
        Some(name) => {
            let granted = account.scopes.join(", ");
            let cause = format!("{} is not granted; granted: {granted}", redact(name, &[]));
            Err(Refusal::SCOPES.because(cause))
        }
    }
}
