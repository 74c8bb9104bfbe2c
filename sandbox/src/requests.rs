//! The handling of each request: its client, its purpose, its response, and its log record.

use std::mem;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{Method, Response};

use super::control::Control;
use super::discovery::openid_configuration;
use super::endpoint::Endpoint;
use super::form::Form;
use super::identity::Identity;
use super::log::LogEntry;
use super::outcome::{Outcome, Success};
use super::recent::{Seen, jwts};
use super::refusal::Refusal;
use super::server::{Call, Server};
use super::verify::Hosts;
use ims::Secret;
use ims::error::redact;

/// Responds to every request.
pub(super) async fn respond(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let arrived = Instant::now();
    let is_page = request.method() == Method::GET && request.uri().path() == "/";
    if is_page && server.names.check(request.uri(), request.headers()).is_ok() {
        return server.page();
    }
    let method = request.method().to_string();
    let path = redact(request.uri().path(), &[]);
    let mut outcome = server.outcome(request).await;
    let (decision, cause) = outcome.decision();
    let entry = LogEntry {
        method,
        path,
        client_id: outcome.client_id.clone(),
        status: outcome.status(),
        decision,
        cause: cause.to_owned(),
        fault: outcome.fault.clone(),
        took: arrived.elapsed(),
    };
    (server.log)(&entry);
    let jwts = mem::take(&mut outcome.jwts);
    server.recent.add(Seen { at: SystemTime::now(), entry, jwts });
    outcome.into_response()
}

impl Server {
    async fn outcome(&self, request: Request) -> Outcome {
        if let Err(refusal) = self.names.check(request.uri(), request.headers()) {
            return Outcome::without_account(Err(refusal));
        }
        let path = request.uri().path().to_owned();
        if let Some(control) = Control::of(request.method(), &path) {
            return Outcome::without_account(self.control(control, request).await);
        }
        if let Some(identity) = Identity::of(request.method(), &path) {
            return Outcome::without_account(self.identity(&identity, &request));
        }
        let Some(endpoint) = Endpoint::of(request.method(), &path) else {
            return Outcome::without_account(Err(Refusal::NOT_FOUND));
        };
        let called = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let called = called.map_or_else(|| self.ims.to_string(), str::to_owned);
        let is_general = endpoint == Endpoint::Token;
        let form = Form::read(request, is_general).await;
        let client = form.as_ref().ok().and_then(|form| self.client_of(endpoint, form));
        let client = client.as_deref();
        let client_id = client.map(|client| client.account.client_id.clone());
        let known = client.map(|client| client.secrets().all()).unwrap_or_default();
        let fault = self.faults.take(client_id.as_deref(), endpoint == Endpoint::Metadata);
        if let Some(fault) = &fault {
            tokio::time::sleep(fault.latency).await;
        }
        let at_exchange = endpoint == Endpoint::JwtExchange;
        let result = match (fault.as_ref().and_then(|fault| fault.refusal(at_exchange)), &form) {
            (Some(refusal), _) => Err(refusal),
            (None, Err(refusal)) => Err(refusal.clone()),
            (None, Ok(form)) => {
                let hosts = Hosts { played: &self.ims, called: &called };
                let expires_in = fault.as_ref().and_then(|fault| fault.expires_in);
                let metadata = fault.as_ref().and_then(|fault| fault.metadata);
                let now = SystemTime::now();
                let call = Call { path: &path, hosts, form, client, expires_in, metadata, now };
                self.decide(endpoint, &call)
                    .map_err(|refusal| refusal.without(&secrets(form, &known)))
            }
        };
        let jwts = form.as_ref().map_or_else(
            |_| Vec::new(),
            |form| jwts(form, &secrets(form, &known), SystemTime::now()),
        );
        if let Some(client) = client.filter(|_| endpoint.issues_tokens()) {
            let mut ledger = client.ledger();
            ledger.count(result.is_ok());
            if let (true, Ok(form)) = (is_general && result.is_ok(), &form) {
                ledger.targets.add(form);
            }
        }
        let challenges = is_general
            && form.as_ref().is_ok_and(Form::is_basic)
            && result.as_ref().is_err_and(|refusal| refusal.status == 401);
        Outcome { client_id, result, fault, challenges, jwts }
    }

    fn decide(&self, endpoint: Endpoint, call: &Call) -> Result<Success, Refusal> {
        match endpoint {
            Endpoint::JwtExchange => self.jwt_exchange(call),
            Endpoint::ClientCredentials => self.client_credentials(call),
            Endpoint::JwtBearer => self.jwt_bearer(call),
            Endpoint::Validate => self.validate(call),
            Endpoint::Invalidate => self.invalidate(call),
            Endpoint::OpenidConfiguration => {
                let base = format!("{}://{}", self.scheme, call.hosts.called);
                Ok(Success::new(openid_configuration(&base), "where everything is"))
            }
            Endpoint::Token => self.oauth_token(call),
            Endpoint::Metadata => Ok(self.metadata(call)),
            Endpoint::ClientSecrets(action) => self.client_secrets(action, call),
            Endpoint::Keys => {
                let keys = self.issuer.key_set().map_err(|_| Refusal::INTERNAL)?;
                Ok(Success::new(keys, "the key of its tokens"))
            }
        }
    }
}

/// Returns the texts that the log must not show, even if a client sent them in the wrong field.
fn secrets<'a>(form: &'a Form, known: &'a [Secret]) -> Vec<&'a str> {
    form.secrets().chain(known.iter().map(|secret| secret.expose().as_str())).collect()
}
