//! A local token server that verifies as Adobe IMS or any OAuth server does, for tests and
//! demonstrations.
//!
//! It supports Adobe's two grants and RFC 7523's JWT bearer grant at Adobe's paths. It validates and invalidates its tokens, and
//! publishes the keys that verify them. Forms may be urlencoded or multipart. Signatures and claims
//! are verified for real. An error has Adobe's HTTP status, `error` and `error_description`, and the
//! log gives the reason.
//!
//! Next to Adobe's paths it is a general issuer, whose identifier is its URL: it authenticates clients
//! by secret or assertion, by every [`Algorithm`](ims::Algorithm), and refuses with the errors of RFC
//! 6749. An [`Account`] says with [`lenient`](Account::lenient) and [`requires`](Account::requires)
//! which server it is like.
//!
//! It also plays a platform that issues JWTs to workloads, as Kubernetes, GitHub Actions and the clouds
//! do, and accepts them for an [`Account`] with a [`workload`](Account::workload). See [`Platform`].
//!
//! Do not use it in production: no one accepts its tokens, and its default
//! client secret is public.
//!
//! A test starts one with an account for its credentials, injects a fault, and counts the requests:
//!
//! ```
//! use ims_sandbox::{Account, Config, Fault, Sandbox};
//! use ims::{Cache, Client, Credentials, CredentialsOptions, Transport};
//!
//! let file = br#"{"client_id": "app", "client_secret": "s", "scope": "openid,AdobeID"}"#;
//! let mut options = CredentialsOptions::default();
//! let account = Account::from_credentials(&Credentials::from_json(file, &options)?)?;
//! let sandbox = Sandbox::start(Config::new(vec![account]))?;
//!
//! sandbox.inject(Fault::status(503).times(1))?;
//! options.ims = Some(sandbox.url().parse()?);
//! let credentials = Credentials::from_json(file, &options)?;
//! let client = Client::new(credentials, &Cache::Memory, Transport::default())?;
//! client.token()?; // asks again after the 503
//! client.token()?; // from memory
//!
//! let exchanges = sandbox.exchanges("app").unwrap();
//! assert_eq!((exchanges.issued, exchanges.refused), (1, 1));
//! # Ok::<(), ims::Error>(())
//! ```
//!
//! | path | what |
//! |---|---|
//! | `POST /ims/exchange/jwt`, `/ims/exchange/v1/jwt` | Adobe's JWT exchange |
//! | `POST /ims/token/v3`, `/ims/token/v2` | client credentials |
//! | other `POST` outside `/ims/` | the JWT bearer grant |
//! | `POST` or `GET /ims/validate_token/v1` | validates a token |
//! | `POST /ims/invalidate_token/v2`, `/ims/revoke` | invalidates a token |
//! | `GET /ims/.well-known/openid-configuration`, `/ims/keys` | for verifiers of tokens |
//! | `GET /.well-known/oauth-authorization-server`, `/.well-known/openid-configuration` | the metadata of the general issuer |
//! | `POST /oauth/token`, `GET /oauth/keys` | its token endpoint and its keys |
//! | `GET /platform/.well-known/openid-configuration`, `/platform/keys` | the platform's issuer and its keys |
//! | `GET /platform/token?audience=...` | a JWT of the platform, in the form of GitHub Actions |
//! | `GET /computeMetadata/v1/instance/service-accounts/default/identity?audience=...` | in that of Google Cloud |
//! | `GET /metadata/identity/oauth2/token?resource=...` | in that of Azure |
//! | `GET`, `POST /console/organizations/ORG/credentials/CREDENTIAL/secrets`, `DELETE .../secrets/UUID` | lists, adds and deletes client secrets, as Adobe's I/O Management API |
//! | `GET /` | a page for people: accounts, the last requests, and the JWTs in them |
//! | `GET /__sandbox/stats` | [`Exchanges`] by client id, with the resources and audiences that tokens were issued for |
//! | `POST /__sandbox/accounts` | changes the secrets and keys of an account: `client_id`, `client_secrets`, `public_keys` (PEM), JSON |
//! | `POST /__sandbox/platform/keys` | the platform signs with a new key; the old one stays published until its JWTs have expired |
//! | `POST /__sandbox/faults` | injects the [`Fault`] in the body, JSON |
//! | `GET`, `DELETE /__sandbox/faults` | lists or clears the faults in force |
//!
//! A request that a web page makes a browser send is refused with 403. Its signs are an `Origin`
//! header, a `Sec-Fetch-Site` of another site, or a `Host` that is neither an IP address, `localhost`,
//! the host that is played, nor a name in the given certificate.
//!
//! The `ims sandbox` command is the same as a program.

mod problem;
mod certificate;
mod discovery;
mod endpoint;
mod json;
mod signature;
mod jwk;
mod public_key;
mod signing_key;
mod requirements;
mod platform;
mod account;
mod refusal;
mod fault;
mod form;
mod ledger;
mod log;
mod config;
mod config_file;
mod verify;
mod assertion;
mod recent;
mod access_token;
mod token_file;
mod workload_issuer;
mod workload;
mod outcome;
mod web_page;
mod client_secrets;
mod server;
mod page;
mod control;
mod identity;
mod grants;
mod validation;
mod sender;
mod request_jwt;
mod oauth;
mod secrets_api;
mod requests;

use std::io;
use std::mem;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;

use certificate::ServerCertificate;
use ims::error::io_reason;
use ims::{Error, Process, Status, spawn_thread};
use problem::internal;
use server::Server;
use web_page::HostNames;
use workload_issuer::WorkloadIssuer;

pub use account::Account;
pub use config::{Config, Log, Tls};
pub use fault::{BadResponse, Fault, ImsError, MetadataFault, TimeUnit};
pub use ledger::Exchanges;
pub use log::LogEntry;
pub use platform::Platform;
pub use public_key::PublicKey;
pub use requirements::Requirements;

/// A form with the longest JWT that libims takes, percent-encoded at worst.
const MAX_BODY: usize = 256 * 1024;
/// The time that requests in progress may still take when the sandbox stops.
const GRACE: Duration = Duration::from_secs(2);

/// A running token server. Dropped, it stops.
pub struct Sandbox {
    url: String,
    ca_certificate: Option<Vec<u8>>,
    server: Arc<Server>,
    handle: Handle<SocketAddr>,
    thread: Option<JoinHandle<()>>,
    process: Process,
}

impl Sandbox {
    /// Starts the server on a new thread. It listens when this returns.
    ///
    /// # Errors
    /// [`Status::Argument`] if the configuration cannot be served, [`Status::Connect`] if the
    /// address cannot be listened on.
    pub fn start(config: Config) -> Result<Self, Error> {
        let Config { accounts, address, tls, ims, platform, faults, log } = config;
        if matches!(tls, Tls::Off) && !address.ip().is_loopback() {
            let problem =
                format!("{address} is not a loopback address: plain HTTP is served only there");
            return Err(Error::argument("address", problem).with_hint("use HTTPS"));
        }
        let played: Uri = ims.origin().parse().unwrap_or_default();
        let mut names: Vec<_> = played.host().map(str::to_owned).into_iter().collect();
        let (ca_certificate, tls) = match tls {
            Tls::Off => (None, None),
            Tls::SelfMade => {
                let made = ServerCertificate::make(address.ip(), SystemTime::now())
                    .map_err(|error| internal("make a certificate", error))?;
                let config = certificate::server_config(&made.certificate, &made.key)?;
                (Some(made.ca), Some(config))
            }
            Tls::Given { certificate, key } => {
                let config = certificate::server_config(&certificate, key.expose())?;
                names.extend(certificate::dns_names(&certificate));
                (None, Some(config))
            }
        };
        let cannot_listen = |error: io::Error| {
            let problem = Error::new(
                Status::Connect,
                format!("cannot listen on {address}: {}", io_reason(&error)),
            );
            match error.kind() {
                io::ErrorKind::AddrInUse => problem.with_hint(
                    "another program listens there, perhaps an earlier sandbox: stop it, or take \
                     another port; 0 takes a free one",
                ),
                _ => problem,
            }
        };
        let listener = TcpListener::bind(address).map_err(cannot_listen)?;
        listener.set_nonblocking(true).map_err(cannot_listen)?;
        let bound = listener.local_addr().map_err(cannot_listen)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = url(scheme, bound);
        let workloads = WorkloadIssuer::new(platform, url.clone())?;
        let names = HostNames::new(names);
        let server = Arc::new(Server::new(accounts, ims, scheme, workloads, names, log)?);
        faults.into_iter().try_for_each(|fault| server.inject(fault))?;
        let handle = Handle::new();
        let thread = serve(listener, tls, Arc::clone(&server), handle.clone())?;
        let (thread, process) = (Some(thread), Process::current());
        Ok(Self { url, ca_certificate, server, handle, thread, process })
    }

    /// Such as `https://127.0.0.1:8400`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The CA to trust, PEM; only with [`Tls::SelfMade`]. Its key is thrown away once the server's
    /// certificate is signed.
    pub fn ca_certificate(&self) -> Option<&[u8]> {
        self.ca_certificate.as_deref()
    }

    /// Returns the number of answered requests of the account `client_id`, or `None` if there is no
    /// such account.
    pub fn exchanges(&self, client_id: &str) -> Option<Exchanges> {
        self.server.exchanges(client_id)
    }

    /// Adds an account, or replaces the one with the same client id while the sandbox runs, as a rotation of
    /// its secrets and keys does. Its counts go on.
    ///
    /// # Errors
    /// [`Status::Argument`], naming the field.
    pub fn set_account(&self, account: Account) -> Result<(), Error> {
        self.server.set_account(account)
    }

    /// Rotates the signing key of the platform: it signs with a new one from now on, in the token file too. The old
    /// one stays published until the last JWT that it signed has expired.
    ///
    /// # Errors
    /// [`Status::Argument`] if the token file cannot be written.
    pub fn rotate_platform_key(&self) -> Result<(), Error> {
        self.server.workloads.rotate(SystemTime::now())
    }

    /// Makes something go wrong: of the faults that are for a request's client, the one injected
    /// first concerns it, until it is used up. `/__sandbox/` stays as it is.
    ///
    /// # Errors
    /// [`Status::Argument`], naming the field, where the fault would never show.
    pub fn inject(&self, fault: Fault) -> Result<(), Error> {
        self.server.inject(fault)
    }

    /// Forgets every fault that is left.
    pub fn clear_faults(&self) {
        self.server.faults.clear();
    }

    /// Stops listening, gives requests in progress at most 2 s to finish, and returns.
    pub fn stop(self) {}
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if self.process != Process::current() {
            // The thread belongs to the parent, which still uses it.
            mem::forget(self.thread.take());
            return;
        }
        self.handle.graceful_shutdown(Some(GRACE));
        if let Some(thread) = self.thread.take() {
            // A panic of the server was already printed.
            let _ = thread.join();
        }
    }
}

/// Runs the server on a new thread, so that the caller may be async or not.
fn serve(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    server: Arc<Server>,
    handle: Handle<SocketAddr>,
) -> Result<JoinHandle<()>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| internal("start", error))?;
    if let Some(renewal) = server.workloads.renewal() {
        runtime.spawn(renew_token_file(Arc::clone(&server), renewal));
    }
    let routes = Router::new()
        .fallback(requests::respond)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(server)
        .into_make_service();
    let run = async move {
        match tls {
            Some(config) => {
                let config = RustlsConfig::from_config(config);
                axum_server::from_tcp_rustls(listener, config)?.handle(handle).serve(routes).await
            }
            None => axum_server::from_tcp(listener)?.handle(handle).serve(routes).await,
        }
    };
    spawn_thread("ims-sandbox", move || {
        if let Err(error) = runtime.block_on(run) {
            eprintln!("the sandbox stopped: {error}");
        }
    })
}

/// Replaces the platform's token file each time that `renewal` has passed.
async fn renew_token_file(server: Arc<Server>, renewal: Duration) {
    loop {
        tokio::time::sleep(renewal).await;
        if let Err(error) = server.workloads.write_file(SystemTime::now()) {
            eprintln!("the sandbox cannot replace its token file: {error}");
        }
    }
}

fn url(scheme: &str, bound: SocketAddr) -> String {
    if bound.ip().is_unspecified() {
        format!("{scheme}://localhost:{}", bound.port())
    } else {
        format!("{scheme}://{bound}")
    }
}

// The Rust examples of the manual are compiled with the documentation's own.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/sandbox.md")]
// Fences name the file that a block is, as in `json file=a.json`.
#[allow(rustdoc::invalid_codeblock_attributes)]
struct Manual;
