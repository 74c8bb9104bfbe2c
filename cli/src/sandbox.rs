//! `ims sandbox`: the local token server.

use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::ValueHint;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::runtime::{self, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::input;
use super::output::replace_file;
use ims::error::{Place, io_reason, one_line};
use ims::{Credentials, CredentialsOptions, Error, ImsHost, Status};
use ims_sandbox::{Account, Config, Fault, LogEntry, Platform, PublicKey, Sandbox, Tls};

/// Run a local token server that verifies as Adobe IMS or any OAuth server does, for tests
///
/// It takes Adobe's JWT exchange (/ims/exchange/jwt), OAuth Server-to-Server (/ims/token/v3) and,
/// at every other path outside /ims/, the JWT bearer grant of RFC 7523; it validates and invalidates
/// its tokens and publishes the keys that they verify with (/ims/keys). What is wrong with a request
/// gets Adobe's error. Its URL is also the issuer identifier of a general server, with metadata (RFC
/// 8414), /oauth/token and /oauth/keys: it takes secrets, signed assertions and any grant, and its
/// errors are those of RFC 6749. Next to it stands a platform that issues JWTs to workloads, as
/// Kubernetes, GitHub Actions and the clouds do. A browser shows accounts and requests at its URL. GET /__sandbox/stats counts the responses of each account. One line a request
/// goes to standard output, without secrets; SIGINT and SIGTERM stop it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims sandbox service_token.json
  ims sandbox --certificate certificate.pem
  ims sandbox --config sandbox.json --https --ca-out ca.pem --port 0 --ready-file url.txt

FILE and --config make accounts, as many as you like; without them the flags describe one. Its
client secret is read from its file or the variable IMS_CLIENT_SECRET, and else is sandbox-secret.
JWTs may be made for the host of --ims, or for the address that they are sent to.

The config file is JSON; paths in it count from its directory. ims is the host to play,
token_lifetime that of accounts without their own, in seconds. An account has credentials, with name
if their file has several, or values, which replace theirs. Every setting may be left out:
  {
    \"ims\": \"ims-na1-stg1.adobelogin.com\",
    \"token_lifetime\": 3600,
    \"platform\": { \"subject\": \"repo:ORG/REPO:ref:refs/heads/main\", \"lifetime\": 60,
      \"request_token\": \"...\", \"token_file\": \"pod/token\", \"token_audience\": \"...\" },
    \"accounts\": [
      { \"credentials\": \"service_token.json\", \"token_lifetime\": 60 },
      { \"client_id\": \"...\", \"client_secret\": \"...\", \"org_id\": \"...@AdobeOrg\",
        \"technical_account_id\": \"...@techacct.adobe.com\", \"certificates\": [\"a.pem\"],
        \"metascopes\": [\"ent_x\"], \"scopes\": [\"openid\"], \"requires_jti\": true,
        \"migrated\": false },
      { \"client_id\": \"...\", \"workload\": \"repo:ORG/REPO:ref:refs/heads/main\" },
      { \"client_id\": \"...\", \"certificates\": [\"a.pem\"], \"lenient\": true, \"requires\": {
        \"client_auth\": [\"private_key_jwt\"], \"grants\": [\"client_credentials\"], \"algs\": [\"PS256\"],
        \"typ\": \"JWT\", \"aud\": \"https://...\", \"header\": { \"kid\": null },
        \"claims\": { \"box_sub_type\": \"enterprise\" }, \"fields\": { \"audience\": \"api\" },
        \"max_lifetime\": 60 } }
    ],
    \"faults\": [{ \"status\": 503, \"times\": 2 }]
  }

requires is what /oauth/token demands besides the standards; a null allows any value. client_auth is
of client_secret_post, client_secret_basic, private_key_jwt, client_secret_jwt, none.

The platform's issuer is URL/platform, with /.well-known/openid-configuration and its keys. A JWT
for an audience, and for a subject and a lifetime in seconds if they are given, comes by GET from:
  /platform/token?audience=...
    as in GitHub Actions: ACTIONS_ID_TOKEN_REQUEST_URL is URL/platform/token?api-version=2.0, and
    ACTIONS_ID_TOKEN_REQUEST_TOKEN is sandbox-request-token
  /computeMetadata/v1/instance/service-accounts/default/identity?audience=...
    as in Google Cloud, with the header Metadata-Flavor: Google
  /metadata/identity/oauth2/token?resource=...
    as in Azure, with the header Metadata: true
/oauth/token accepts them for the account whose workload is the subject, by the JWT bearer grant, by
token exchange, or as client assertion. A FILE with an assertion_file, assertion_url or
assertion_command makes such an account. POST /__sandbox/platform/keys rotates the signing key.

A fault concerns one client_id or all, as many times as it says or until it is cleared; several
come one after the other. In the config file and in the body of POST /__sandbox/faults it is
{\"status\": 429, \"retry_after\": 2, \"times\": 1}, with --fault status=429,retry_after=2,times=1.
GET lists there what is left, DELETE clears it. What can go wrong, alone or together:
  latency_ms   so much later, at most 3600000
  status       this HTTP status, 200 to 599
  error        this error of IMS's: signature, malformed, expired, unknown_client, audience,
               client_secret, no_jwt_exchange, metascopes, scopes, jti_missing, jti_used,
               unauthorized_client, bad_request, internal_error
  retry_after  this Retry-After, in seconds
  expires_in   counted in seconds or in milliseconds, right or wrong
  answer       lost (the connection closes before it), cut (in the middle), empty, html
  metadata     of /.well-known/: other_issuer, too_large, redirect, moved (the token endpoint)")]
pub(super) struct SandboxArgs {
    /// Credentials in any format that `ims token` reads: the account that they are of is served,
    /// and grants what they ask for
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Which credential, if FILE has several: its name, id or client id
    #[arg(long, requires = "files")]
    name: Option<String>,
    /// The private key, if FILE has none; - for standard input
    #[arg(long, value_name = "FILE", requires = "files")]
    key: Option<PathBuf>,
    /// File with the passphrase of the credentials' keys; - for standard input [default: the
    /// variable IMS_PASSPHRASE]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Read no FILE, key or certificate outside of DIR; may be given several times [default: any
    /// file]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, requires = "files")]
    allow_read: Vec<PathBuf>,
    /// Accounts, the host to play, how long tokens live, and faults, as JSON: see below
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Lifetime of the tokens of accounts without their own, at least 2 [default: 24 h, or 1 h by the
    /// bearer grant]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(2..))]
    token_lifetime: Option<u32>,
    /// The IMS host to play [default: the config file's, or ims-na1.adobelogin.com]
    #[arg(long, value_name = "HOST", value_hint = ValueHint::Hostname)]
    ims: Option<ImsHost>,

    /// What goes wrong from the start: see below; repeatable
    #[arg(long, value_name = "FAULT")]
    fault: Vec<String>,

    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    platform: PlatformArgs,
    #[command(flatten)]
    listen: ListenArgs,
}

/// One account by its values.
#[derive(clap::Args)]
#[group(multiple = true, conflicts_with_all = ["files", "config"])]
#[command(next_help_heading = "An account, without FILE and --config")]
struct AccountArgs {
    /// Certificate or public key that JWTs are verified with, PEM, DER, JWK or JWK set; without any,
    /// the account may not exchange JWTs; repeatable
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
    /// The account's client
    #[arg(long, default_value = "sandbox-client")]
    client_id: String,
    /// File with the client secret; - for standard input
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// The account's organization: what iss must be
    #[arg(long, value_name = "ORG", default_value = "SANDBOX@AdobeOrg")]
    org_id: String,
    /// The technical account: what sub must be
    #[arg(long, value_name = "ID", default_value = "sandbox@techacct.adobe.com")]
    technical_account_id: String,
    /// Granted to JWTs, several with commas between; repeatable
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "ent_sandbox")]
    metascope: Vec<String>,
    /// Granted to client credentials, several with commas between; repeatable; empty: none, and the
    /// account may not use that grant
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "openid,AdobeID,read_organizations"
    )]
    scope: Vec<String>,
    /// Refuse JWTs without an integer jti that was never seen before
    #[arg(long)]
    require_jti: bool,
    /// Answer JWT exchanges as Adobe does once a credential was moved to OAuth Server-to-Server
    #[arg(long)]
    migrated: bool,
    /// Accept at /oauth/token the client assertions of RFC 7523, not only those of rfc7523bis: aud
    /// the token endpoint or a list, typ JWT, no jti
    #[arg(long)]
    lenient: bool,
}

/// The platform that issues JWTs to workloads.
#[derive(clap::Args)]
#[command(next_help_heading = "The platform of workloads")]
struct PlatformArgs {
    /// The workload that its JWTs are of, and that the accounts trust which are made here [default:
    /// the config file's, or system:serviceaccount:sandbox:default]
    #[arg(long, value_name = "SUBJECT")]
    workload: Option<String>,
    /// Lifetime of its JWTs, at least 2 [default: the config file's, or 600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(2..=86_400))]
    workload_lifetime: Option<u32>,
    /// Written, in a folder of its own: a JWT for the workload, which is replaced by a swap of symbolic
    /// links when 80 % of its lifetime have passed, as in a pod; removed when the sandbox stops
    #[arg(long, value_name = "FILE")]
    workload_token: Option<PathBuf>,
    /// What the JWT in that file is for [default: the config file's, or the sandbox's URL]
    #[arg(long, value_name = "AUDIENCE")]
    workload_audience: Option<String>,
}

/// Where the sandbox listens, and how clients find and trust it.
#[derive(clap::Args)]
#[command(next_help_heading = "Where it listens")]
struct ListenArgs {
    /// Where to listen; without --https on loopback only
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    address: IpAddr,
    /// 0 takes a free one
    #[arg(long, default_value_t = 8400)]
    port: u16,
    /// Speak HTTPS, by a certificate that is made now (--ca-out) or a given one (--tls-certificate)
    #[arg(long)]
    https: bool,
    /// Written: the PEM certificate that clients must trust
    #[arg(long, value_name = "FILE", requires = "https", conflicts_with = "tls_certificate")]
    ca_out: Option<PathBuf>,
    /// The server's certificate and its intermediate certificates, PEM
    #[arg(long, value_name = "FILE", requires_all = ["https", "tls_key"])]
    tls_certificate: Option<PathBuf>,
    /// The private key of --tls-certificate, unencrypted PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Written once the server listens: its URL; removed when it stops
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Serves until SIGINT or SIGTERM.
pub(super) fn run(args: SandboxArgs) -> Result<(), Error> {
    let files = [
        &args.key,
        &args.passphrase_file,
        &args.account.client_secret_file,
        &args.listen.tls_certificate,
        &args.listen.tls_key,
    ];
    input::check_stdin(files.into_iter().flatten().chain(&args.account.certificate))?;
    let mut config = config(&args)?;
    config.address = SocketAddr::from((args.listen.address, args.listen.port));
    config.tls = tls(&args.listen)?;
    config.log = Box::new(log);

    let played = config.ims.to_string();
    let clients: Vec<_> = config.accounts.iter().map(|account| &*account.client_id).collect();
    let clients = clients.join(", ");

    // A reader of the ready file may send a signal at once.
    let signals = StopSignals::listen().map_err(|error| {
        Error::new(Status::Internal, format!("cannot listen for signals: {}", io_reason(&error)))
    })?;
    let sandbox = Sandbox::start(config)?;
    if let (Some(path), Some(ca)) = (&args.listen.ca_out, sandbox.ca_certificate()) {
        write("--ca-out", path, ca)?;
    }
    print(&one_line(format!("{} plays {played} for {clients}; Ctrl-C stops it", sandbox.url())));
    if let Some(path) = &args.listen.ready_file {
        write("--ready-file", path, format!("{}\n", sandbox.url()).as_bytes())?;
    }
    signals.wait();
    if let Some(path) = &args.listen.ready_file {
        // A file that stays would give the next run's clients an old URL. It may already be gone.
        let _ = fs::remove_file(path);
    }
    sandbox.stop();
    Ok(())
}

fn config(args: &SandboxArgs) -> Result<Config, Error> {
    let file = args.passphrase_file.as_deref();
    let passphrase = input::secret_bytes("--passphrase-file", file, "IMS_PASSPHRASE")?;
    let bytes = passphrase.as_ref().map(|passphrase| passphrase.expose().as_slice());
    let mut config = match &args.config {
        Some(file) => Config::from_file(file, bytes)?,
        None => Config::new(Vec::new()),
    };
    let key = args.key.as_deref().map(|file| input::key(file, bytes)).transpose()?;
    let (name, may_read) = (args.name.clone(), input::may_read(&args.allow_read)?);
    let mut options = CredentialsOptions::default();
    (options.name, options.passphrase, options.key) = (name, passphrase, key);
    options.may_read = may_read;
    // No command runs: the sandbox asks for no JWT.
    options.allow_command = true;
    args.platform.add_to(&mut config.platform);
    for file in &args.files {
        let credentials = Credentials::from_file(file, &options)?;
        let mut account = Account::from_credentials(&credentials)?;
        account.workload = account.workload.map(|_| config.platform.subject.clone());
        config.accounts.push(account);
    }
    if config.accounts.is_empty() {
        let mut account = args.account.account()?;
        account.workload = Some(config.platform.subject.clone());
        config.accounts.push(account);
    }
    for account in &mut config.accounts {
        let lifetime = args.token_lifetime.map(|seconds| Duration::from_secs(seconds.into()));
        account.token_lifetime = account.token_lifetime.or(lifetime);
    }
    for fault in &args.fault {
        let fault =
            fault.parse::<Fault>().map_err(|error| error.at(Place::Part("--fault".to_owned())))?;
        config.faults.push(fault);
    }
    if let Some(ims) = &args.ims {
        config.ims = ims.clone();
    }
    Ok(config)
}

impl PlatformArgs {
    fn add_to(&self, platform: &mut Platform) {
        if let Some(subject) = &self.workload {
            platform.subject.clone_from(subject);
        }
        if let Some(seconds) = self.workload_lifetime {
            platform.lifetime = Duration::from_secs(seconds.into());
        }
        if let Some(file) = &self.workload_token {
            platform.token_file = Some(file.clone());
        }
        if let Some(audience) = &self.workload_audience {
            platform.token_audience = Some(audience.clone());
        }
    }
}

impl AccountArgs {
    fn account(&self) -> Result<Account, Error> {
        let mut account = Account::default();
        account.client_id.clone_from(&self.client_id);
        account.org_id.clone_from(&self.org_id);
        account.technical_account_id.clone_from(&self.technical_account_id);
        account.metascopes = without_empty(&self.metascope);
        account.scopes = without_empty(&self.scope);
        account.requires_jti = self.require_jti;
        account.migrated = self.migrated;
        account.lenient = self.lenient;
        let file = self.client_secret_file.as_deref();
        if let Some(secret) = input::secret("--client-secret-file", file, "IMS_CLIENT_SECRET")? {
            account.client_secret = secret;
        }
        for path in &self.certificate {
            let bytes = input::bytes("--certificate", path)?;
            account.public_keys.extend(PublicKey::all_from_bytes(bytes.expose())?);
        }
        Ok(account)
    }
}

fn without_empty(names: &[String]) -> Vec<String> {
    names.iter().filter(|name| !name.is_empty()).cloned().collect()
}

fn tls(args: &ListenArgs) -> Result<Tls, Error> {
    match (args.https, &args.tls_certificate, &args.tls_key) {
        (true, Some(certificate), Some(key)) => Ok(Tls::Given {
            certificate: input::bytes("--tls-certificate", certificate)?.expose().clone(),
            key: input::bytes("--tls-key", key)?,
        }),
        (true, _, _) if args.ca_out.is_none() => Err(Error::argument(
            "--ca-out",
            "is missing: no client could trust the certificate that is made",
        )
        .with_hint("add --ca-out FILE, or --tls-certificate and --tls-key")),
        (true, _, _) => Ok(Tls::SelfMade),
        (false, _, _) => Ok(Tls::Off),
    }
}

fn write(option: &str, path: &Path, content: &[u8]) -> Result<(), Error> {
    replace_file(path, content).map_err(|error| {
        Error::argument(
            option,
            format!("{} cannot be written: {}", path.display(), io_reason(&error)),
        )
    })
}

/// One line a request: local time, and its status in colour.
fn log(entry: &LogEntry) {
    let now = Timestamp::now().to_zoned_datetime(TimeZone::system());
    let (dim, colour) = (Style::new().dimmed(), colour(entry.status).on_default());
    let line = entry.to_string();
    let rest = line.strip_prefix(&entry.status.to_string()).unwrap_or(&line);
    print(&format!(
        "{dim}{}{dim:#} {colour}{}{colour:#}{rest}",
        now.strftime("%H:%M:%S"),
        entry.status
    ));
}

fn colour(status: u16) -> AnsiColor {
    match status {
        200..400 => AnsiColor::Green,
        400..500 => AnsiColor::Yellow,
        _ => AnsiColor::Red,
    }
}

fn print(line: &str) {
    // Colours stay where standard output is a terminal and NO_COLOR is not set. A log that
    // no one reads any more is no reason to stop serving.
    let _ = writeln!(anstream::stdout(), "{line}");
}

/// SIGINT and SIGTERM, which are caught from its creation on.
struct StopSignals {
    runtime: Runtime,
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn listen() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (interrupt, terminate) = {
            let _inside = runtime.enter();
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
        };
        Ok(Self { runtime, interrupt, terminate })
    }

    fn wait(mut self) {
        self.runtime.block_on(async {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
        });
    }
}
