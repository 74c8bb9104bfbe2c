//! `ims validate`: the check by IMS that an access token is valid.

use std::path::PathBuf;
use std::time::SystemTime;

use super::access_token::{from_text, read};
use super::account::AccountArgs;
use super::output::{date, to_json};
use super::progress::Progress;
use super::terminal::{Failure, print};
use super::transport::TransportArgs;
use super::warnings;
use ims::{Cause, Error, Secret, Status, Validation, unix_seconds, validate_token};

/// Ask IMS whether an access token is valid
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims validate service_token.json
  ims validate --token-file token.txt
  pbpaste | ims validate --json

The token is that of --token-file, or else the one that `ims token CREDENTIALS` prints; without both
it is read from standard input. Without CREDENTIALS the token itself says whose it is and which host
of Adobe's issued it; --client-id and --ims replace that.

The exit code is 0 if the token is valid, and 18 if it is not.")]
pub(super) struct ValidateArgs {
    /// The credentials, in any format that `ims token` reads
    credentials: Option<PathBuf>,
    /// File with the token; - for standard input
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Whose token it is, where the token does not say it
    #[arg(long, value_name = "ID", conflicts_with = "credentials")]
    client_id: Option<String>,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    transport: TransportArgs,
    /// Print {"valid", "reason", "expires_at", "client_id", "user_id", "scope"}; times in Unix
    /// seconds
    #[arg(long)]
    json: bool,
}

/// Returns the status of a token that is not valid, if the output is JSON. Otherwise the result is
/// an error, for people.
pub(super) fn run(args: &ValidateArgs) -> Result<Option<Status>, Failure> {
    warnings::show();
    let validation = validation(args)?;
    if args.json {
        print(&json(&validation)?)?;
        return Ok((!validation.is_valid).then_some(Status::Rejected));
    }
    if !validation.is_valid {
        return Err(not_valid(&validation).into());
    }
    print(&Secret::from(line(&validation)))?;
    Ok(None)
}

fn validation(args: &ValidateArgs) -> Result<Validation, Error> {
    let transport = args.transport.transport()?;
    args.account.check_stdin(&[&args.token_file])?;
    let Some(file) = &args.credentials else {
        let text = read("--token-file", args.token_file.as_deref())?;
        let token = from_text(&text);
        let (client_id, host) =
            token.client_and_host(args.client_id.as_deref(), args.account.ims.as_ref())?;
        let _progress = Progress::start(host.jwt_exchange_url().host_and_port());
        return validate_token(&host, &client_id, token.0, &transport);
    };
    let credentials = args.account.credentials(Some(file))?;
    let (host, client_id) = credentials.ims_and_client_id()?;
    let _progress = Progress::start(host.jwt_exchange_url().host_and_port());
    match &args.token_file {
        Some(file) => {
            let text = read("--token-file", Some(file))?;
            validate_token(&host, client_id, from_text(&text).0, &transport)
        }
        None => {
            let token = args.account.client(&credentials, transport.clone())?.token()?;
            validate_token(&host, client_id, token.access_token(), &transport)
        }
    }
}

fn not_valid(validation: &Validation) -> Error {
    let reason = validation.reason.as_deref().unwrap_or("the server gives no reason");
    Error::new(Status::Rejected, format!("the access token is not valid: {reason}"))
        .with_hint(
            "remove it from the cache and get a new one: ims invalidate CREDENTIALS, \
             ims token CREDENTIALS",
        )
        .with_cause(Cause::StaleToken)
}

fn line(validation: &Validation) -> String {
    let mut line = "the access token is valid".to_owned();
    if let Some(date) = validation.expires_at.and_then(|time| date(unix_seconds(time))) {
        line.push_str(&format!(" until {date}"));
    }
    for (name, value) in [
        ("client", &validation.client_id),
        ("account", &validation.user_id),
        ("scope", &validation.scope),
    ] {
        if let Some(value) = value {
            line.push_str(&format!("; {name} {value}"));
        }
    }
    line
}

fn json(validation: &Validation) -> Result<Secret, Error> {
    #[derive(serde::Serialize)]
    struct Json<'a> {
        valid: bool,
        reason: Option<&'a str>,
        expires_at: Option<i64>,
        client_id: Option<&'a str>,
        user_id: Option<&'a str>,
        scope: Option<&'a str>,
    }
    let json = Json {
        valid: validation.is_valid,
        reason: validation.reason.as_deref(),
        expires_at: validation.expires_at.map(|time: SystemTime| unix_seconds(time)),
        client_id: validation.client_id.as_deref(),
        user_id: validation.user_id.as_deref(),
        scope: validation.scope.as_deref(),
    };
    to_json(&json)
}
