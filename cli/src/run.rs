//! `ims run`: a command with the token in its environment.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use super::account::AccountArgs;
use super::progress::Progress;
use super::transport::TransportArgs;
use super::warnings;
use ims::error::io_reason;
use ims::{Error, Secret, Status, unix_seconds};

/// Run a command with a fresh access token in its environment
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims run service_token.json -- ./nightly-export
  ims run credentials.json --variable GITHUB_TOKEN -- gh api /user

The command takes the place of ims, with its exit code. It finds the token in ACCESS_TOKEN and the
end of its life, in Unix seconds, in ACCESS_TOKEN_EXPIRES_AT. The token is not renewed while it
runs: a command that may run for longer asks `ims token` again.")]
pub(super) struct RunArgs {
    /// The credentials
    file: PathBuf,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    transport: TransportArgs,
    /// The variable that holds the token
    #[arg(long, value_name = "NAME", default_value = "ACCESS_TOKEN")]
    variable: String,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Returns only where the command cannot be started.
pub(super) fn run(args: &RunArgs) -> Result<Option<Secret>, Error> {
    warnings::show();
    if args.variable.is_empty() || args.variable.contains(['=', '\0']) {
        return Err(Error::argument("--variable", "is no name of a variable"));
    }
    let credentials = args.account.credentials(Some(&args.file))?;
    let client = args.account.client(&credentials, args.transport.transport()?)?;
    let token = {
        let _progress = Progress::start(credentials.token_url().host_and_port());
        client.token()?
    };
    let [program, arguments @ ..] = &args.command[..] else { return Ok(None) };
    let error = Command::new(program)
        .args(arguments)
        .env(&args.variable, token.access_token())
        .env(format!("{}_EXPIRES_AT", args.variable), unix_seconds(token.expires_at()).to_string())
        .exec();
    let shown = program.to_string_lossy();
    let problem = format!("{shown} cannot be started: {}", io_reason(&error));
    Err(Error::new(Status::Argument, problem).with_hint("check the command after --"))
}
