//! Requests in, answers out: whose each is, what it is for, and one log line for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::http::header::HOST;

use super::access_token::Issuer;
use super::config::Log;
use super::control::Control;
use super::discovery::openid_configuration;
use super::endpoint::Endpoint;
use super::fault::{Fault, Faults, TimeUnit};
use super::form::Form;
use super::ledger::{Exchanges, Ledger};
use super::outcome::{Answer, Outcome};
use super::refusal::Refusal;
use super::verify::{Accepted, Hosts, Jwt};
use super::web_page::HostNames;
use super::{Account, LogEntry, internal};
use crate::error::{Error, redact};
use crate::grant::GrantType;
use crate::ims_host::ImsHost;
use crate::unix_time::unix_seconds;

/// What all requests share.
pub(super) struct Server {
    pub accounts: BTreeMap<String, Registered>,
    ims: ImsHost,
    scheme: &'static str,
    names: HostNames,
    pub issuer: Issuer,
    pub faults: Faults,
    log: Log,
}

pub(super) struct Registered {
    pub account: Account,
    ledger: Mutex<Ledger>,
}

/// A request that was read.
pub(super) struct Call<'a> {
    pub path: &'a str,
    pub hosts: Hosts<'a>,
    pub form: &'a Form,
    /// Whose it is.
    pub client: Option<&'a Registered>,
    /// What a fault puts in place of the right unit.
    pub expires_in: Option<TimeUnit>,
    pub now: SystemTime,
}

/// Answers every request there is.
pub(super) async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let arrived = Instant::now();
    let method = request.method().to_string();
    let path = redact(request.uri().path(), &[]);
    let outcome = server.outcome(request).await;
    let (decision, cause) = outcome.decision();
    (server.log)(&LogEntry {
        method,
        path,
        client_id: outcome.client_id.clone(),
        status: outcome.status(),
        decision,
        cause: cause.to_owned(),
        fault: outcome.fault.clone(),
        took: arrived.elapsed(),
    });
    outcome.into_response()
}

impl Server {
    pub fn new(
        accounts: Vec<Account>,
        ims: ImsHost,
        scheme: &'static str,
        names: HostNames,
        log: Log,
    ) -> Result<Self, Error> {
        let issuer = Issuer::new(&ims).map_err(|error| internal("make a key", error))?;
        let mut server = Self {
            accounts: BTreeMap::new(),
            ims,
            scheme,
            names,
            issuer,
            faults: Faults::default(),
            log,
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

    pub fn inject(&self, fault: Fault) -> Result<(), Error> {
        match fault.client_id.as_ref().filter(|id| !self.accounts.contains_key(*id)) {
            Some(id) if !id.is_empty() => {
                let problem =
                    format!("{} is no account's: the fault would never show", redact(id, &[]));
                Err(Error::argument("client_id", problem))
            }
            _ => self.faults.inject(fault),
        }
    }

    async fn outcome(&self, request: Request) -> Outcome {
        if let Err(refusal) = self.names.check(request.uri(), request.headers()) {
            return Outcome::of_nobody(Err(refusal));
        }
        let path = request.uri().path().to_owned();
        if let Some(control) = Control::of(request.method(), &path) {
            return Outcome::of_nobody(self.control(control, request).await);
        }
        let Some(endpoint) = Endpoint::of(request.method(), &path) else {
            return Outcome::of_nobody(Err(Refusal::NOT_FOUND));
        };
        let called = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let called = called.map_or_else(|| self.ims.to_string(), str::to_owned);
        let form = Form::read(request).await;
        let client = form.as_ref().ok().and_then(|form| self.client_of(endpoint, form));
        let client_id = client.map(|client| client.account.client_id.clone());
        let fault = self.faults.take(client_id.as_deref());
        if let Some(fault) = &fault {
            tokio::time::sleep(fault.latency).await;
        }
        let at_exchange = endpoint == Endpoint::Token(GrantType::JwtExchange);
        let answer = match (fault.as_ref().and_then(|fault| fault.refusal(at_exchange)), &form) {
            (Some(refusal), _) => Err(refusal),
            (None, Err(refusal)) => Err(refusal.clone()),
            (None, Ok(form)) => {
                let hosts = Hosts { played: &self.ims, called: &called };
                let expires_in = fault.as_ref().and_then(|fault| fault.expires_in);
                let now = SystemTime::now();
                let call = Call { path: &path, hosts, form, client, expires_in, now };
                self.decide(endpoint, &call).map_err(|refusal| refusal.without(&secrets(&call)))
            }
        };
        if let (Endpoint::Token(_), Some(client)) = (endpoint, client) {
            client.ledger().count(answer.is_ok());
        }
        Outcome { client_id, answer, fault }
    }

    fn decide(&self, endpoint: Endpoint, call: &Call) -> Result<Answer, Refusal> {
        match endpoint {
            Endpoint::Token(grant) => self.token(grant, call),
            Endpoint::Validate => self.validate(call),
            Endpoint::Invalidate => self.invalidate(call),
            Endpoint::OpenidConfiguration => {
                let base = format!("{}://{}", self.scheme, call.hosts.called);
                Ok(Answer::new(openid_configuration(&base), "where everything is"))
            }
            Endpoint::Keys => {
                let keys = self.issuer.key_set().map_err(|_| Refusal::INTERNAL)?;
                Ok(Answer::new(keys, "the key of its tokens"))
            }
        }
    }

    /// Whose request a form is. The JWT of a bearer grant may be all that says so (RFC 7521 section
    /// 4.1).
    fn client_of(&self, endpoint: Endpoint, form: &Form) -> Option<&Registered> {
        match form.get("client_id") {
            Some(client_id) => self.accounts.get(client_id),
            None if endpoint == Endpoint::Token(GrantType::JwtBearer) => {
                let jwt = Jwt::parse(form.get("assertion")?).ok()?;
                let iss = jwt.text("iss");
                self.accounts.values().find(|client| client.account.may_be_issuer(iss))
            }
            None => None,
        }
    }
}

/// What may not stand in the log, not even where it came in the wrong place.
fn secrets<'a>(call: &'a Call) -> Vec<&'a str> {
    let client = call.client.map(|client| client.account.client_secret.expose().as_str());
    call.form.secrets().chain(client).collect()
}

impl<'a> Call<'a> {
    pub fn client(&self) -> Result<&'a Registered, Refusal> {
        self.client.ok_or_else(|| {
            let cause = match self.form.get("client_id") {
                None => "client_id is missing",
                Some(_) => "no account has this client_id",
            };
            Refusal::UNKNOWN_CLIENT.because(cause)
        })
    }
}

impl Registered {
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // No panic can leave a ledger half written.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is wrong with the secret is said with HTTP `status`.
    pub fn check_secret(&self, call: &Call, status: u16) -> Result<(), Refusal> {
        let cause = match call.form.get("client_secret") {
            Some(secret) if secret == self.account.client_secret.expose() => return Ok(()),
            Some(_) => "client_secret is not this account's",
            None => "client_secret is missing",
        };
        Err(Refusal::wrong_secret(status).because(cause))
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
