//! The `ims` command line: flags in, the library's functions called, text out.
//!
//! A library too, so that the Python package brings the same command.

mod exit_code;
mod terminal;
mod input;
mod access_token;
mod curl;
mod transport;
mod account;
mod progress;
mod warnings;
mod completions;
mod man;
mod new;
mod output;
mod key;
mod jwt;
mod decode;
mod postman;
mod postman_file;
mod sandbox;
mod doctor;
mod exchange;
mod invalidate;
mod helper;
mod token;
mod run;
mod rotation;
mod rotate;
mod validate;
#[cfg(test)]
mod manual;

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic;

use anstyle::AnsiColor;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use ims::Status;
use ims::error::{io_reason, one_line};

use exit_code::exit_code;
use terminal::{ERROR, Failure, print};

pub use warnings::Warnings;

/// Sign service-account JWTs and exchange them for access tokens.
#[derive(Parser)]
#[command(name = "ims", bin_name = "ims", version, after_help = AFTER_HELP)]
struct Ims {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Token(token::TokenArgs),
    Doctor(doctor::DoctorArgs),
    Run(run::RunArgs),
    Rotate(rotate::RotateArgs),
    Validate(validate::ValidateArgs),
    Invalidate(invalidate::InvalidateArgs),
    Decode(decode::DecodeArgs),
    New(new::NewArgs),
    Jwt(jwt::JwtArgs),
    Key(key::KeyArgs),
    Exchange(exchange::ExchangeArgs),
    Sandbox(sandbox::SandboxArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

const AFTER_HELP: &str = "\
From a credentials file to a fresh token, cached:
  ims token service_token.json

From key to token, step by step:
  ims jwt --key private.key --iss ORG@AdobeOrg --sub ID@techacct.adobe.com \\
      --client-id CLIENT_ID --metascope ent_x |
  ims exchange --client-id CLIENT_ID --client-secret-file secret.txt --jwt-file -

The result alone goes to standard output; nothing goes there on failure. Errors go to standard
error: one line, and a second with a hint where the cause is known. A secret is never an argument,
for other users of a machine can read those: name a file, `-` (standard input), or set a variable.

Exit codes:
    0  done
    1  standard output cannot be written
    2  a wrong option or value
   12  the private key cannot be read, is of a kind that is not supported, or is too weak
   13  the key's passphrase is missing or wrong
   14  the credentials cannot be read or are incomplete; key, certificate or metascopes do not
       belong together, or the certificate has expired
   15  no connection: DNS lookup failed, connection refused, or proxy
   16  the server's certificate or the TLS handshake failed
   17  the deadline passed
   18  the server refused
   19  the server asks to slow down
   20  the server is unavailable, or the connection was lost
   21  the response is not a token response
   22  the token cache is misconfigured
   23  a bug in ims
  141  standard output was closed by its reader, as by SIGPIPE";

/// The code that a shell shows for a program ended by SIGPIPE.
const CLOSED_OUTPUT: u8 = 128 + 13;

/// Runs the command that `args` hold, the program's name first, and returns its exit code.
///
/// For the `main` of a program: it writes to standard output and error, and sets the panic hook.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let command = match Ims::try_parse_from(args) {
        Ok(ims) => ims.command,
        Err(mut usage) => {
            hide_secret(&mut usage);
            // If the text cannot be written, no one can be told.
            let _ = usage.print();
            if usage.kind() == ErrorKind::DisplayVersion {
                // Not in clap's own text: that is in the manual pages too, which no machine changes.
                let _ = writeln!(io::stdout(), "{}", ims::openssl_version());
            }
            return if usage.use_stderr() { 2 } else { 0 };
        }
    };
    panic::set_hook(Box::new(|panic| {
        // The panic's own text is not shown, because it may hold a secret.
        let place = panic.location().map(|at| format!(" at {at}")).unwrap_or_default();
        let _ = writeln!(io::stderr(), "error: this is a bug in ims{place}: report it");
    }));
    guarded(|| code_of(call(command)))
}

/// Removes values from a usage error that may be secrets: an argument that is not an option may be
/// a key or a secret that should be in a file, and a value with an `@` may be a URL with a
/// password.
fn hide_secret(usage: &mut clap::Error) {
    let is_option = |text: &str| {
        text.starts_with('-') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidValue, ContextKind::InvalidSubcommand]
    {
        if let Some(ContextValue::String(text)) = usage.get(kind) {
            let text = one_line(text);
            usage.insert(kind, ContextValue::String(text));
        }
    }
    let hidden = match usage.kind() {
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::ValueValidation => ContextKind::InvalidValue,
        _ => return,
    };
    if let Some(ContextValue::String(text)) = usage.get(hidden)
        && (hidden == ContextKind::InvalidArg && !is_option(text) || text.contains('@'))
    {
        let text = "(not shown, for it may be a secret)".to_owned();
        usage.insert(hidden, ContextValue::String(text));
    }
}

fn guarded(call: impl FnOnce() -> u8 + panic::UnwindSafe) -> u8 {
    panic::catch_unwind(call).unwrap_or_else(|_| exit_code(Status::Internal))
}

/// The status that ends the program, where what was asked for is done and yet no success.
fn call(command: Command) -> Result<Option<Status>, Failure> {
    match command {
        Command::Doctor(args) => return doctor::run(&args),
        Command::Validate(args) => return validate::run(&args),
        Command::Invalidate(args) => print(&invalidate::run(&args)?),
        Command::Decode(args) => print(&decode::run(&args)?),
        Command::New(args) => print(&new::run(&args)?),
        Command::Token(args) => token::run(&args)?.map_or(Ok(()), |text| print(&text)),
        Command::Run(args) => run::run(&args).map(drop).map_err(Into::into),
        Command::Rotate(args) => print(&rotate::run(&args)?),
        Command::Jwt(args) => print(&jwt::run(args)?),
        Command::Key(args) => print(&key::run(&args)?),
        Command::Exchange(args) => print(&exchange::run(args)?),
        Command::Sandbox(args) => Ok(sandbox::run(args)?),
        Command::Completions(args) => print(&completions::run(&args, &mut Ims::command())?),
        Command::Man(args) => Ok(man::run(&args, Ims::command())?),
    }
    .map(|()| None)
}

/// Prints the reason of a failure, and returns the exit code.
fn code_of(result: Result<Option<Status>, Failure>) -> u8 {
    let mut stderr = anstream::stderr().lock();
    match result {
        Ok(status) => status.map_or(0, exit_code),
        Err(Failure::Ims(error)) => {
            let (bad, good) = (ERROR, AnsiColor::Green.on_default());
            let _ = writeln!(stderr, "{bad}error:{bad:#} {error}");
            if let Some(hint) = error.hint() {
                let _ = writeln!(stderr, "{good}hint:{good:#} {hint}");
            }
            exit_code(error.status())
        }
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => CLOSED_OUTPUT,
        Err(Failure::Output(error)) => {
            let _ =
                writeln!(stderr, "error: standard output cannot be written: {}", io_reason(&error));
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueHint;

    use super::*;

    #[test]
    fn the_flags_are_well_formed() {
        Ims::command().debug_assert();
    }

    #[test]
    fn shells_are_told_which_values_are_files_urls_and_hosts() {
        let mut ims = Ims::command();
        ims.build();
        for argument in ims.get_subcommands().flat_map(clap::Command::get_arguments) {
            let hint = match argument.get_value_names().unwrap_or_default() {
                [name] if name == "FILE" => ValueHint::AnyPath,
                [name] if name == "DIR" => ValueHint::DirPath,
                [name] if name == "URL" => ValueHint::Url,
                [name] if name == "HOST" => ValueHint::Hostname,
                _ => continue,
            };
            assert_eq!(argument.get_value_hint(), hint, "{argument}");
        }
    }

    #[test]
    fn the_help_names_the_exit_code_of_every_status() {
        for (status, words) in [
            (Status::Argument, "2  a wrong option"),
            (Status::Key, "12  the private key"),
            (Status::Passphrase, "13  the key's passphrase"),
            (Status::Credentials, "14  the credentials cannot be read"),
            (Status::Connect, "15  no connection"),
            (Status::Tls, "16  the server's certificate"),
            (Status::Timeout, "17  the deadline"),
            (Status::Rejected, "18  the server refused"),
            (Status::RateLimited, "19  the server asks to slow down"),
            (Status::Unavailable, "20  the server is unavailable"),
            (Status::Response, "21  the response"),
            (Status::Cache, "22  the token cache"),
            (Status::Internal, "23  a bug"),
        ] {
            assert!(words.starts_with(&format!("{}  ", exit_code(status))), "{status:?}");
            assert!(AFTER_HELP.contains(&format!("  {words}")), "{words}");
        }
    }

    #[test]
    fn a_panic_ends_in_the_code_of_a_bug() {
        assert_eq!(guarded(|| panic!("text that may hold anything")), 23);
    }
}
