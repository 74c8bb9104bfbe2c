//! `ims token`: a fresh token from a credentials file or the environment.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::account::AccountArgs;
use super::helper::{Format, Helper};
use super::output::{self, replace_file, warn_where_open};
use super::progress::Progress;
use super::terminal::print;
use super::transport::TransportArgs;
use super::{postman_file, warnings};
use ims::error::io_reason;
use ims::{Client, Credentials, Error, Secret, Status, Token, user_path};

/// Print a fresh access token, from the cache or by an exchange
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims token service_token.json
  ims token --headers console.json --name OAuth | curl -H @- https://platform.adobe.io/...
  ims token --write environment.postman_environment.json
  IMS_CLIENT_ID=... IMS_CLIENT_SECRETS=... IMS_SCOPES=openid,AdobeID ims token

The format of FILE is recognized by its content: a file of the Developer Console, AEM, aio, imscli,
user-sync, aepp, PDF Services, Adobe Commerce or Postman, a .env, one of Google (external_account,
too), Box, Okta, SAP or Zitadel, or libims's own; the manual's page Credentials shows each. Without
it the environment is read, by the same names as .env.

A cache whose URL holds a password is named by the variable IMS_CACHE.")]
pub(super) struct TokenArgs {
    /// The credentials
    file: Option<PathBuf>,
    /// With --format git-credential, bazel and docker: what the program wants, such as get; it
    /// adds this itself
    #[arg(requires = "format", value_name = "OPERATION")]
    operation: Option<String>,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    transport: TransportArgs,

    /// Print {"access_token", "token_type", "scope", "expires_at", "expires_in"}: Unix seconds,
    /// and seconds left; and the further members of the server's response
    #[arg(long, conflicts_with = "headers")]
    json: bool,
    /// Print what another program expects of a helper that it runs for a token
    #[arg(long, value_enum, conflicts_with_all = ["json", "headers", "write"])]
    format: Option<Format>,
    /// With --format docker: the user name that the registry wants next to an access token
    #[arg(long, default_value = "oauth2accesstoken", requires = "format")]
    username: String,
    /// Print the headers that Adobe's APIs ask for, for curl -H @-: Authorization, x-api-key,
    /// x-gw-ims-org-id and x-sandbox-name, where the credentials say them
    #[arg(long)]
    headers: bool,
    /// Store ACCESS_TOKEN, and JWT_TOKEN where there is a key, in FILE, a Postman environment;
    /// nothing is printed
    #[arg(long, requires = "file", conflicts_with_all = ["json", "headers"])]
    write: bool,
}

/// Returns the text to print, or `None` with --write.
pub(super) fn run(args: &TokenArgs) -> Result<Option<Secret>, Error> {
    // Google's libraries read standard error together with the response.
    let is_quiet = args.format == Some(Format::GoogleExecutable);
    if !is_quiet {
        warnings::show();
    }
    let text = text(args).map(|text| text.filter(|text| !text.expose().is_empty()));
    text.or_else(|error| {
        let failure = args.format.and_then(|format| Helper::failure(format, &error));
        match failure {
            Some(failure) if is_quiet => Ok(Some(failure)),
            Some(failure) => {
                // Where nothing can be written, the exit code still tells of the failure.
                let _ = print(&failure);
                Err(error)
            }
            None => Err(error),
        }
    })
}

fn text(args: &TokenArgs) -> Result<Option<Secret>, Error> {
    let helper =
        args.format.map(|format| Helper::new(format, args.operation.as_deref(), &args.username));
    let helper = helper.transpose()?;
    if let Some(response) = helper.as_ref().and_then(Helper::response_without_token) {
        return Ok(Some(response));
    }
    let file = args.file.as_deref();
    let credentials = args.account.credentials(file)?;
    let client = args.account.client(&credentials, args.transport.transport()?)?;
    let _progress = Progress::start(credentials.token_url().host_and_port());
    let token = client.token()?;
    if let Some(helper) = helper {
        return helper.response(&client, &token).map(Some);
    }
    match &args.file {
        Some(file) if args.write => write(file, &credentials, &token).map(|()| None),
        _ if args.headers => Ok(Some(headers(&client, &token))),
        _ if args.json => output::token_json(&token).map(Some),
        _ => Ok(Some(Secret::from(token.access_token()))),
    }
}

/// One header a line. No value holds a line break: credentials and answers are checked for that.
fn headers(client: &Client, token: &Token) -> Secret {
    let mut lines = vec![format!("Authorization: Bearer {}", token.access_token())];
    for (name, value) in [
        ("x-api-key", client.client_id()),
        ("x-gw-ims-org-id", client.org_id()),
        ("x-sandbox-name", client.sandbox_name()),
    ] {
        lines.extend(value.map(|value| format!("{name}: {value}")));
    }
    Secret::from(lines.join("\n"))
}

/// Writes the token to the variables file, like the collection of the Postman samples after each
/// call.
fn write(file: &Path, credentials: &Credentials, token: &Token) -> Result<(), Error> {
    let file = &*user_path::resolved(file);
    let bad = |problem: &str, error: io::Error| {
        let message = format!("{} cannot be {problem}: {}", file.display(), io_reason(&error));
        Error::new(Status::Credentials, message)
    };
    let text: Secret = Secret::new(fs::read_to_string(file).map_err(|error| bad("read", error))?);
    let now = SystemTime::now();
    let key = credentials.checked_key(now)?;
    let grant = credentials.grant(key.as_ref(), now)?;
    let mut variables = vec![("ACCESS_TOKEN", token.access_token())];
    variables.extend(grant.assertion().map(|jwt| ("JWT_TOKEN", jwt.expose().as_str())));
    let written: Secret = Secret::new(postman_file::set_variables(text.expose(), &variables)?);
    replace_file(file, written.expose().as_bytes()).map_err(|error| bad("written", error))?;
    warn_where_open(file);
    Ok(())
}
