//! Requests in, answers out: which path is which grant, and one log line a request.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HOST};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access_token::{Issuer, random_hex};
use super::form::Form;
use super::ledger::{Exchanges, Ledger};
use super::refusal::Refusal;
use super::verify::{Accepted, Hosts, Jwt};
use super::{Account, internal};
use crate::error::Error;
use crate::grant::{GrantType, JWT_BEARER};
use crate::ims_host::ImsHost;
use crate::secret::redact;
use crate::token::unix_seconds;

const IMS_LIFETIME: Duration = Duration::from_secs(86_400);
const BEARER_LIFETIME: Duration = Duration::from_secs(3600);

/// What all requests share.
pub(super) struct Server {
    accounts: BTreeMap<String, Registered>,
    ims: ImsHost,
    issuer: Issuer,
    log: Box<dyn Fn(&str) + Send + Sync>,
    is_unavailable: AtomicBool,
    latency: Mutex<Duration>,
}

struct Registered {
    account: Account,
    ledger: Mutex<Ledger>,
}

/// A request for a token.
struct Call<'a> {
    grant: GrantType,
    path: &'a str,
    hosts: Hosts<'a>,
    form: &'a Form,
    now: SystemTime,
}

/// What a request came to, and whose it was, where that is known.
struct Outcome {
    client: Option<String>,
    answer: Result<Value, Refusal>,
}

/// Answers every request there is.
pub(super) async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), redact(request.uri().path(), &[]));
    let outcome = server.outcome(request).await;
    (server.log)(&format!("{line} {}", outcome.summary()));
    outcome.into_response()
}

impl Server {
    pub fn new(
        accounts: Vec<Account>,
        ims: ImsHost,
        log: Box<dyn Fn(&str) + Send + Sync>,
    ) -> Result<Self, Error> {
        let issuer = Issuer::new(&ims).map_err(|error| internal("make a key", error))?;
        let mut server = Self {
            accounts: BTreeMap::new(),
            ims,
            issuer,
            log,
            is_unavailable: AtomicBool::new(false),
            latency: Mutex::default(),
        };
        for account in accounts {
            account.check()?;
            let id = account.client_id.clone();
            let registered = Registered { account, ledger: Mutex::default() };
            if server.accounts.insert(id.clone(), registered).is_some() {
                return Err(Error::argument("accounts", format!("hold the client id {id} twice")));
            }
        }
        Ok(server)
    }

    pub fn exchanges(&self, client_id: &str) -> Option<Exchanges> {
        self.accounts.get(client_id).map(|registered| registered.ledger().exchanges)
    }

    pub fn set_unavailable(&self, is_unavailable: bool) {
        self.is_unavailable.store(is_unavailable, Ordering::SeqCst);
    }

    pub fn set_latency(&self, latency: Duration) {
        *self.latency.lock().unwrap_or_else(PoisonError::into_inner) = latency;
    }

    fn stats(&self) -> Value {
        let exchanges: BTreeMap<_, _> = self
            .accounts
            .iter()
            .map(|(client_id, registered)| (client_id, registered.ledger().exchanges))
            .collect();
        json!({ "accounts": exchanges })
    }

    async fn outcome(&self, request: Request) -> Outcome {
        let path = request.uri().path().to_owned();
        let grant = match (request.method(), path.as_str()) {
            (&Method::GET, "/__sandbox/stats") => {
                return Outcome::of_nobody(Ok(self.stats()));
            }
            (
                &Method::POST,
                "/ims/exchange/jwt" | "/ims/exchange/jwt/" | "/ims/exchange/v1/jwt",
            ) => GrantType::JwtExchange,
            (&Method::POST, "/ims/token/v2" | "/ims/token/v3") => GrantType::ClientCredentials,
            (&Method::POST, path) if !path.starts_with("/ims/") => GrantType::JwtBearer,
            _ => return Outcome::of_nobody(Err(Refusal::NOT_FOUND)),
        };
        let latency = *self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        tokio::time::sleep(latency).await;
        let called = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let called = called.map_or_else(|| self.ims.to_string(), str::to_owned);
        match Form::read(request).await {
            Ok(form) => self.token(&Call {
                grant,
                path: &path,
                hosts: Hosts { played: &self.ims, called: &called },
                form: &form,
                now: SystemTime::now(),
            }),
            Err(refusal) => Outcome::of_nobody(Err(refusal)),
        }
    }

    fn token(&self, call: &Call) -> Outcome {
        let registered = match self.registered(call) {
            Ok(registered) => registered,
            Err(refusal) => return Outcome::of_nobody(Err(refusal)),
        };
        let answer = match call.grant {
            _ if self.is_unavailable.load(Ordering::SeqCst) => Err(Refusal::UNAVAILABLE),
            GrantType::JwtExchange => self.jwt_exchange(registered, call),
            GrantType::ClientCredentials => self.client_credentials(&registered.account, call),
            GrantType::JwtBearer => self.jwt_bearer(registered, call),
        };
        registered.ledger().count(answer.is_ok());
        Outcome { client: Some(registered.account.client_id.clone()), answer }
    }

    /// Who asks. The JWT of a bearer grant may be all that says so (RFC 7521 section 4.1).
    fn registered(&self, call: &Call) -> Result<&Registered, Refusal> {
        let grant_type = match call.grant {
            GrantType::JwtExchange => None,
            GrantType::ClientCredentials => Some("client_credentials"),
            GrantType::JwtBearer => Some(JWT_BEARER),
        };
        if grant_type.is_some() && call.form.get("grant_type") != grant_type {
            return Err(Refusal::GRANT_TYPE);
        }
        match (call.form.get("client_id"), call.form.get("assertion")) {
            (None, Some(assertion)) if call.grant == GrantType::JwtBearer => {
                let jwt = Jwt::parse(assertion).map_err(Refusal::into_invalid_grant)?;
                self.accounts
                    .values()
                    .find(|registered| registered.account.may_be_issuer(jwt.text("iss")))
                    .ok_or_else(|| Refusal::wrong("iss").into_invalid_grant())
            }
            (client_id, _) => client_id
                .and_then(|client_id| self.accounts.get(client_id))
                .ok_or(Refusal::UNKNOWN_CLIENT),
        }
    }

    /// Adobe's JWT exchange: its answer counts milliseconds.
    fn jwt_exchange(&self, registered: &Registered, call: &Call) -> Result<Value, Refusal> {
        let account = &registered.account;
        if call.form.get("client_secret") != Some(account.client_secret.expose()) {
            return Err(Refusal::wrong_secret(401));
        }
        if account.public_keys.is_empty() {
            return Err(Refusal::NO_JWT_EXCHANGE);
        }
        if account.migrated {
            return Err(Refusal::INTERNAL);
        }
        let jwt = Jwt::parse(call.form.get("jwt_token").unwrap_or_default())?;
        let accepted = jwt.check_for_ims(account, &call.hosts, call.now)?;
        registered.use_up(&accepted, call.now)?;
        let scope = accepted.metascopes.join(",");
        let lifetime = account.token_lifetime.unwrap_or(IMS_LIFETIME);
        Ok(json!({
            "token_type": "bearer",
            "access_token": self.access_token(account, &scope, lifetime, call.now)?,
            "expires_in": lifetime.as_millis() - 1,
        }))
    }

    /// OAuth Server-to-Server: its answer counts seconds, its scopes are joined by commas.
    fn client_credentials(&self, account: &Account, call: &Call) -> Result<Value, Refusal> {
        if call.form.get("client_secret") != Some(account.client_secret.expose()) {
            return Err(Refusal::wrong_secret(400));
        }
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
            "expires_in": lifetime.as_secs() - 1,
        }))
    }

    /// RFC 7523: the answer is that of Adobe's former Omniture server.
    fn jwt_bearer(&self, registered: &Registered, call: &Call) -> Result<Value, Refusal> {
        let account = &registered.account;
        let secret = call.form.get("client_secret");
        if secret.is_some_and(|secret| secret != account.client_secret.expose()) {
            return Err(Refusal::wrong_secret(401));
        }
        Jwt::parse(call.form.get("assertion").unwrap_or_default())
            .and_then(|jwt| jwt.check_for_bearer(account, &call.hosts, call.path, call.now))
            .and_then(|accepted| registered.use_up(&accepted, call.now))
            .map_err(Refusal::into_invalid_grant)?;
        let scope = granted_scope(account, call)?;
        let in_token = scope.as_deref().unwrap_or_default();
        let lifetime = account.token_lifetime.unwrap_or(BEARER_LIFETIME);
        Ok(json!({
            "token_type": "bearer",
            "access_token": self.access_token(account, in_token, lifetime, call.now)?,
            "expires_in": lifetime.as_secs(),
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
        self.issuer.access_token(account, scope, lifetime, now).map_err(|_| Refusal::INTERNAL)
    }
}

impl Registered {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // No panic can leave a ledger half written.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that an accepted JWT is accepted once, where the account asks for that.
    fn use_up(&self, jwt: &Accepted, now: SystemTime) -> Result<(), Refusal> {
        match &jwt.jti {
            Some(jti) if self.account.requires_jti => {
                let is_new = self.ledger().is_new(jti.clone(), jwt.expiry, unix_seconds(now));
                if is_new { Ok(()) } else { Err(Refusal::JTI_USED) }
            }
            _ => Ok(()),
        }
    }
}

impl Outcome {
    fn of_nobody(answer: Result<Value, Refusal>) -> Self {
        Self { client: None, answer }
    }

    /// The rest of the request's log line.
    fn summary(&self) -> String {
        let client = self.client.as_ref().map(|id| format!(" client={id}")).unwrap_or_default();
        match &self.answer {
            Ok(_) => format!("200{client}"),
            Err(Refusal { status, error, description }) => {
                format!("{status} {error}{client} {description}")
            }
        }
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        // Adobe's support asks for x-debug-id; RFC 6749 section 5.1 wants tokens not stored.
        let headers =
            [("x-debug-id", random_hex()), (CACHE_CONTROL.as_str(), "no-store".to_owned())];
        match self.answer {
            Ok(body) => (headers, Json(body)).into_response(),
            Err(Refusal { status, error, description }) => {
                let status =
                    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let body = json!({ "error": error, "error_description": description });
                (status, headers, Json(body)).into_response()
            }
        }
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
