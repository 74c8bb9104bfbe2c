//! Requests in, answers out: which path is which endpoint, and one log line a request.

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
use super::discovery::openid_configuration;
use super::form::Form;
use super::ledger::{Exchanges, Ledger};
use super::refusal::Refusal;
use super::verify::{Accepted, Hosts};
use super::{Account, internal};
use crate::error::Error;
use crate::grant::GrantType;
use crate::ims_host::ImsHost;
use crate::secret::redact;
use crate::token::unix_seconds;

/// What all requests share.
pub(super) struct Server {
    accounts: BTreeMap<String, Registered>,
    ims: ImsHost,
    scheme: &'static str,
    pub issuer: Issuer,
    log: Box<dyn Fn(&str) + Send + Sync>,
    is_unavailable: AtomicBool,
    latency: Mutex<Duration>,
}

pub(super) struct Registered {
    pub account: Account,
    ledger: Mutex<Ledger>,
}

/// What a path and a method are for.
#[derive(Clone, Copy)]
enum Endpoint {
    Token(GrantType),
    Validate,
    Invalidate,
    OpenidConfiguration,
    Keys,
    Stats,
}

/// A request that was read.
pub(super) struct Call<'a> {
    pub path: &'a str,
    pub hosts: Hosts<'a>,
    pub form: &'a Form,
    pub now: SystemTime,
}

/// What a request came to, and whose it was, where that is known.
struct Outcome {
    client: Option<String>,
    answer: Result<Answer, Refusal>,
}

enum Answer {
    Json(Value),
    Empty,
}

/// Answers every request there is.
pub(super) async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), redact(request.uri().path(), &[]));
    let outcome = server.outcome(request).await;
    (server.log)(&format!("{line} {}", outcome.summary()));
    outcome.into_response()
}

impl Endpoint {
    fn of(method: &Method, path: &str) -> Option<Self> {
        let (is_post, is_get) = (method == Method::POST, method == Method::GET);
        match path.strip_suffix('/').unwrap_or(path) {
            "/ims/exchange/jwt" | "/ims/exchange/v1/jwt" if is_post => {
                Some(Self::Token(GrantType::JwtExchange))
            }
            "/ims/token/v2" | "/ims/token/v3" if is_post => {
                Some(Self::Token(GrantType::ClientCredentials))
            }
            "/ims/validate_token/v1" if is_post || is_get => Some(Self::Validate),
            "/ims/invalidate_token/v2" | "/ims/revoke" if is_post => Some(Self::Invalidate),
            "/ims/.well-known/openid-configuration" if is_get => Some(Self::OpenidConfiguration),
            "/ims/keys" if is_get => Some(Self::Keys),
            "/__sandbox/stats" if is_get => Some(Self::Stats),
            path if is_post && !path.starts_with("/ims/") => {
                Some(Self::Token(GrantType::JwtBearer))
            }
            _ => None,
        }
    }
}

impl Server {
    pub fn new(
        accounts: Vec<Account>,
        ims: ImsHost,
        scheme: &'static str,
        log: Box<dyn Fn(&str) + Send + Sync>,
    ) -> Result<Self, Error> {
        let issuer = Issuer::new(&ims).map_err(|error| internal("make a key", error))?;
        let mut server = Self {
            accounts: BTreeMap::new(),
            ims,
            scheme,
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
        let Some(endpoint) = Endpoint::of(request.method(), &path) else {
            return Outcome::of_nobody(Err(Refusal::NOT_FOUND));
        };
        let called = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let called = called.map_or_else(|| self.ims.to_string(), str::to_owned);
        match endpoint {
            Endpoint::OpenidConfiguration => {
                let base = format!("{}://{called}", self.scheme);
                Outcome::of_nobody(Ok(Answer::Json(openid_configuration(&base))))
            }
            Endpoint::Keys => {
                let keys = self.issuer.key_set().map_err(|_| Refusal::INTERNAL);
                Outcome::of_nobody(keys.map(Answer::Json))
            }
            Endpoint::Stats => Outcome::of_nobody(Ok(Answer::Json(self.stats()))),
            Endpoint::Token(_) | Endpoint::Validate | Endpoint::Invalidate => {
                let latency = *self.latency.lock().unwrap_or_else(PoisonError::into_inner);
                tokio::time::sleep(latency).await;
                match Form::read(request).await {
                    Ok(form) => {
                        let hosts = Hosts { played: &self.ims, called: &called };
                        let now = SystemTime::now();
                        self.decide(endpoint, &Call { path: &path, hosts, form: &form, now })
                    }
                    Err(refusal) => Outcome::of_nobody(Err(refusal)),
                }
            }
        }
    }

    fn decide(&self, endpoint: Endpoint, call: &Call) -> Outcome {
        let client = match endpoint {
            Endpoint::Token(grant) => self.asks_for_token(grant, call),
            _ => self.client(call),
        };
        let registered = match client {
            Ok(registered) => registered,
            Err(refusal) => return Outcome::of_nobody(Err(refusal)),
        };
        let answer = if self.is_unavailable.load(Ordering::SeqCst) {
            Err(Refusal::UNAVAILABLE)
        } else {
            match endpoint {
                Endpoint::Token(grant) => self.token(grant, registered, call).map(Answer::Json),
                Endpoint::Validate => self.validate(registered, call).map(Answer::Json),
                Endpoint::Invalidate => self.invalidate(registered, call).map(|()| Answer::Empty),
                _ => Err(Refusal::NOT_FOUND),
            }
        };
        if matches!(endpoint, Endpoint::Token(_)) {
            registered.ledger().count(answer.is_ok());
        }
        Outcome { client: Some(registered.account.client_id.clone()), answer }
    }

    /// The client that the request names.
    pub fn client(&self, call: &Call) -> Result<&Registered, Refusal> {
        let id = call.form.get("client_id");
        id.and_then(|id| self.accounts.get(id)).ok_or(Refusal::UNKNOWN_CLIENT)
    }

    /// The client that may name itself `iss` in the JWT of a bearer grant.
    pub fn issuer_of_jwt(&self, iss: &str) -> Option<&Registered> {
        self.accounts.values().find(|registered| registered.account.may_be_issuer(iss))
    }
}

impl Registered {
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // No panic can leave a ledger half written.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is wrong with the secret is said with HTTP `status`.
    pub fn check_secret(&self, call: &Call, status: u16) -> Result<(), Refusal> {
        if call.form.get("client_secret") == Some(self.account.client_secret.expose()) {
            Ok(())
        } else {
            Err(Refusal::wrong_secret(status))
        }
    }

    /// Sees to it that an accepted JWT is accepted once, where the account asks for that.
    pub fn use_up(&self, jwt: &Accepted, now: SystemTime) -> Result<(), Refusal> {
        match &jwt.jti {
            Some(jti) if self.account.requires_jti => {
                let is_new = self.ledger().jtis.insert(jti.clone(), jwt.expiry, unix_seconds(now));
                if is_new { Ok(()) } else { Err(Refusal::JTI_USED) }
            }
            _ => Ok(()),
        }
    }
}

impl Outcome {
    fn of_nobody(answer: Result<Answer, Refusal>) -> Self {
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
            Ok(Answer::Json(body)) => (headers, Json(body)).into_response(),
            Ok(Answer::Empty) => headers.into_response(),
            Err(Refusal { status, error, description }) => {
                let status =
                    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let body = json!({ "error": error, "error_description": description });
                (status, headers, Json(body)).into_response()
            }
        }
    }
}
