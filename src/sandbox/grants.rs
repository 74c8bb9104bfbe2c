//! The three grants: who asks for a token, whether it may, and the answer in its shape and unit.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::Account;
use super::fault::TimeUnit;
use super::refusal::Refusal;
use super::server::{Call, Registered, Server};
use super::verify::Jwt;
use crate::grant::{GrantType, JWT_BEARER};

const IMS_LIFETIME: Duration = Duration::from_secs(86_400);
const BEARER_LIFETIME: Duration = Duration::from_secs(3600);
/// What passes of a token's life before IMS has answered.
const PASSED: Duration = Duration::from_millis(1);

impl Server {
    pub fn token(&self, grant: GrantType, call: &Call) -> Result<Value, Refusal> {
        let grant_type = match grant {
            GrantType::JwtExchange => None,
            GrantType::ClientCredentials => Some("client_credentials"),
            GrantType::JwtBearer => Some(JWT_BEARER),
        };
        if grant_type.is_some() && call.form.get("grant_type") != grant_type {
            return Err(Refusal::GRANT_TYPE);
        }
        let client = call.client.ok_or_else(|| unknown_client(grant, call))?;
        match grant {
            GrantType::JwtExchange => self.jwt_exchange(client, call),
            GrantType::ClientCredentials => self.client_credentials(client, call),
            GrantType::JwtBearer => self.jwt_bearer(client, call),
        }
    }

    /// Adobe's JWT exchange: its answer counts milliseconds.
    fn jwt_exchange(&self, client: &Registered, call: &Call) -> Result<Value, Refusal> {
        let account = &client.account;
        client.check_secret(call, 401)?;
        if account.public_keys.is_empty() {
            return Err(Refusal::NO_JWT_EXCHANGE);
        }
        if account.migrated {
            return Err(Refusal::INTERNAL);
        }
        let jwt = Jwt::parse(call.form.get("jwt_token").unwrap_or_default())?;
        let accepted = jwt.check_for_ims(account, &call.hosts, call.now)?;
        client.use_up(&accepted, call.now)?;
        let scope = accepted.metascopes.join(",");
        let lifetime = account.token_lifetime.unwrap_or(IMS_LIFETIME);
        Ok(json!({
            "token_type": "bearer",
            "access_token": self.access_token(account, &scope, lifetime, call.now)?,
            "expires_in": expires_in(call, lifetime.saturating_sub(PASSED), TimeUnit::Milliseconds),
        }))
    }

    /// OAuth Server-to-Server: its answer counts seconds, its scopes are joined by commas.
    fn client_credentials(&self, client: &Registered, call: &Call) -> Result<Value, Refusal> {
        let account = &client.account;
        client.check_secret(call, 400)?;
        if account.scopes.is_empty() {
            return Err(Refusal::NO_CLIENT_CREDENTIALS);
        }
        if call.form.get("org_id").is_some_and(|org_id| org_id != account.org_id) {
            return Err(Refusal::wrong("org_id"));
        }
        let scope = granted_scope(account, call)?.unwrap_or_else(|| account.scopes.join(","));
        let lifetime = account.token_lifetime.unwrap_or(IMS_LIFETIME);
        Ok(json!({
            "token_type": "bearer",
            "access_token": self.access_token(account, &scope, lifetime, call.now)?,
            "expires_in": expires_in(call, lifetime.saturating_sub(PASSED), TimeUnit::Seconds),
        }))
    }

    /// RFC 7523: the answer is that of Adobe's former Omniture server.
    fn jwt_bearer(&self, client: &Registered, call: &Call) -> Result<Value, Refusal> {
        let account = &client.account;
        if call.form.get("client_secret").is_some() {
            client.check_secret(call, 401)?;
        }
        Jwt::parse(call.form.get("assertion").unwrap_or_default())
            .and_then(|jwt| jwt.check_for_bearer(account, &call.hosts, call.path, call.now))
            .and_then(|accepted| client.use_up(&accepted, call.now))
            .map_err(Refusal::into_invalid_grant)?;
        let scope = granted_scope(account, call)?;
        let in_token = scope.as_deref().unwrap_or_default();
        let lifetime = account.token_lifetime.unwrap_or(BEARER_LIFETIME);
        Ok(json!({
            "token_type": "bearer",
            "access_token": self.access_token(account, in_token, lifetime, call.now)?,
            "expires_in": expires_in(call, lifetime, TimeUnit::Seconds),
            "scope": scope,
            "success": true,
        }))
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

/// Why nobody is known to ask.
fn unknown_client(grant: GrantType, call: &Call) -> Refusal {
    match (call.form.get("client_id"), call.form.get("assertion")) {
        (None, Some(assertion)) if grant == GrantType::JwtBearer => Jwt::parse(assertion)
            .map_or_else(|malformed| malformed, |_| Refusal::wrong("iss"))
            .into_invalid_grant(),
        _ => Refusal::UNKNOWN_CLIENT,
    }
}

/// `lifetime` in `unit`, or in the one that a fault puts in its place.
fn expires_in(call: &Call, lifetime: Duration, unit: TimeUnit) -> u128 {
    match call.fault.expires_in.unwrap_or(unit) {
        TimeUnit::Seconds => lifetime.as_secs().into(),
        TimeUnit::Milliseconds => lifetime.as_millis(),
    }
}

/// The scope asked for, joined by commas (Adobe) or blanks (RFC 6749 section 3.3), where each is
/// granted.
fn granted_scope(account: &Account, call: &Call) -> Result<Option<String>, Refusal> {
    let Some(scope) = call.form.get("scope") else { return Ok(None) };
    let mut asked = scope.split([',', ' ']).filter(|name| !name.is_empty());
    if asked.all(|name| account.scopes.iter().any(|granted| granted == name)) {
        Ok(Some(scope.to_owned()))
    } else {
        Err(Refusal::SCOPES)
    }
}
