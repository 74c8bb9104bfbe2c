//! `ims doctor`: the reason why there is no token.

use std::io::{self, Write};
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};

use super::account::AccountArgs;
use super::input;
use super::progress::Progress;
use super::terminal::{ERROR, Failure, WARNING};
use super::transport::TransportArgs;
use ims::doctor::{Check, Outcome, Setup, examine};
use ims::{Error, Status};

/// Find out why there is no token: check credentials, key and machine and, online, the server
///
/// Nothing is sent without --online. One line a check: ok, warning or error, with what to do after
/// an arrow and, where the cause is a common one, its name in brackets.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims doctor service_token.json
  ims doctor --online service_token.json
  ims doctor console.json --key private.key --certificate certificate_pub.crt
  ims doctor --json service_token.json | jq '.checks[] | select(.outcome != \"ok\")'

The exit code is 0 if no check ends in an error, and otherwise that of the first error.")]
pub(super) struct DoctorArgs {
    /// The credentials, in any format that `ims token` reads [default: the environment]
    file: Option<PathBuf>,
    /// Also ask Redis and the server: look it up, connect, exchange for real, validate the token
    #[arg(long)]
    online: bool,
    /// The certificate that is registered for the account, PEM or DER: checked against the key
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    transport: TransportArgs,
    /// Print one object: {"ok", "checks": [{"check", "outcome", "message", "hint", "cause"}]}
    #[arg(long)]
    json: bool,
}

const CERTIFICATE: &str = "--certificate";

/// The status of the first error that was found.
pub(super) fn run(args: &DoctorArgs) -> Result<Option<Status>, Failure> {
    let setup = setup(args)?;
    let progress = args.online.then(|| Progress::start("the server".into()));
    let show = |found: &mut Found, text: &str| match &progress {
        Some(progress) => progress.interrupt(|| found.write(text)),
        None => found.write(text),
    };
    let mut found = Found { first_error: None, output: Ok(()) };
    if args.json {
        let mut checks = Vec::new();
        examine(&setup, args.online, &mut |check| checks.push(check));
        checks.iter().for_each(|check| found.note(check));
        let json = json(&checks, found.first_error.is_none())?;
        show(&mut found, &json);
    } else {
        examine(&setup, args.online, &mut |check| {
            found.note(&check);
            show(&mut found, &line(&check));
        });
    }
    found.output.map_err(Failure::Output)?;
    Ok(found.first_error)
}

struct Found {
    first_error: Option<Status>,
    output: io::Result<()>,
}

impl Found {
    fn note(&mut self, check: &Check) {
        self.first_error = self.first_error.or(check.status);
    }

    fn write(&mut self, line: &str) {
        if self.output.is_ok() {
            let mut stdout = anstream::stdout().lock();
            self.output = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
        }
    }
}

fn setup(args: &DoctorArgs) -> Result<Setup<'_>, Failure> {
    let account = &args.account;
    account.check_stdin(&[&args.certificate])?;
    // An unreadable file is reported as a check, and the other checks continue.
    let (passphrase, passphrase_error) = match account.passphrase() {
        Ok(passphrase) => (passphrase, None),
        Err(error) => (None, Some(error)),
    };
    let (key, key_error) = match account.key(passphrase.as_ref()) {
        None => (None, None),
        Some(Ok(key)) => (Some(key), None),
        Some(Err(error)) => (None, Some(error)),
    };
    let certificate = args.certificate.as_deref().map(|file| input::bytes(CERTIFICATE, file));
    let mut setup = Setup::new(args.file.as_deref());
    setup.options = account.options(passphrase, key)?;
    setup.key_error = passphrase_error.or(key_error);
    setup.certificate = certificate.map(|certificate| {
        (CERTIFICATE.to_owned(), certificate.map(|bytes| bytes.expose().clone()))
    });
    setup.cache = account.cache();
    setup.transport = args.transport.transport()?;
    Ok(setup)
}

fn line(check: &Check) -> String {
    let style = match check.outcome {
        Outcome::Ok => AnsiColor::Green.on_default(),
        Outcome::Warning => WARNING,
        Outcome::Error => ERROR,
    };
    let dimmed = Style::new().dimmed();
    let outcome = check.outcome.name();
    let mut line = format!("{style}{outcome:<7}{style:#} {}: {}", check.name, check.message);
    if let Some(cause) = check.cause {
        line.push_str(&format!(" {style}[{}]{style:#}", cause.name()));
    }
    if let Some(hint) = &check.hint {
        line.push_str(&format!(" {dimmed}->{dimmed:#} {hint}"));
    }
    line
}

fn json(checks: &[Check], ok: bool) -> Result<String, Error> {
    #[derive(serde::Serialize)]
    struct Report<'a> {
        ok: bool,
        checks: &'a [Check],
    }
    serde_json::to_string(&Report { ok, checks })
        .map_err(|_| Error::new(Status::Internal, "the report cannot be written as JSON"))
}
