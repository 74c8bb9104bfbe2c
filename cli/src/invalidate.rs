//! `ims invalidate`: ends an access token before its expiry.

use std::path::{Path, PathBuf};

use super::access_token::{from_text, read};
use super::account::AccountArgs;
use super::progress::Progress;
use super::transport::TransportArgs;
use super::{input, warnings};
use ims::{Error, Secret, invalidate_token};

/// End an access token at IMS, and remove it from the cache
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims invalidate service_token.json
  ims invalidate --client-secret-file secret.txt --token-file leaked.txt

With CREDENTIALS only, it ends the token in the cache and removes it from there: the next
`ims token` gets a new one. The token of a server that is not Adobe's is only removed from the
cache. Otherwise the token is that of --token-file, or read from standard
input. It says itself whose it is and which host of Adobe's issued it; --client-id and --ims replace
that.

The client secret is that of CREDENTIALS, of its file, or of the variable IMS_CLIENT_SECRET.")]
pub(super) struct InvalidateArgs {
    /// The credentials, in any format that `ims token` reads
    credentials: Option<PathBuf>,
    /// File with the token; - for standard input
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Whose token it is, where the token does not say it
    #[arg(long, value_name = "ID", conflicts_with = "credentials")]
    client_id: Option<String>,
    /// File with the client secret; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "credentials")]
    client_secret_file: Option<PathBuf>,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    transport: TransportArgs,
}

pub(super) fn run(args: &InvalidateArgs) -> Result<Secret, Error> {
    const DONE: &str = "done: the access token was ended at the server";
    const DROPPED: &str = "done: the access token was removed from the cache; it stays valid until it \
        expires, for libims ends tokens at Adobe IMS alone";
    warnings::show();
    args.account.check_stdin(&[&args.token_file, &args.client_secret_file])?;
    match (&args.credentials, &args.token_file) {
        (None, file) => of_a_token(args, file.as_deref())?,
        (Some(credentials), Some(file)) => of_an_account(args, credentials, file)?,
        (Some(credentials), None) => {
            let credentials = args.account.credentials(Some(credentials))?;
            let client = args.account.client(&credentials, args.transport.transport()?)?;
            let _progress = Progress::start(credentials.token_url().host_and_port());
            if !client.invalidate()? {
                // A failure that was remembered is cleared.
                return Ok(Secret::from(
                    "nothing to do: the cache holds no token of this account, nor a failure",
                ));
            }
            if !credentials.are_of_ims() {
                return Ok(Secret::from(DROPPED));
            }
        }
    }
    Ok(Secret::from(DONE))
}

/// Invalidates a token from standard input; the client is the one that the token names.
fn of_a_token(args: &InvalidateArgs, file: Option<&Path>) -> Result<(), Error> {
    let secret_file = args.client_secret_file.as_deref();
    let secret = input::secret("--client-secret-file", secret_file, "IMS_CLIENT_SECRET")?;
    let secret = secret.ok_or_else(|| {
        Error::argument("--client-secret-file", "is missing")
            .with_hint("name a file, set the variable IMS_CLIENT_SECRET, or give CREDENTIALS")
    })?;
    let text = read("--token-file", file)?;
    let token = from_text(&text);
    let (client_id, host) =
        token.client_and_host(args.client_id.as_deref(), args.account.ims.as_ref())?;
    let _progress = Progress::start(host.jwt_exchange_url().host_and_port());
    invalidate_token(&host, &client_id, &secret, token.0, &args.transport.transport()?)
}

/// A token of this account's that need not be the one in the cache.
fn of_an_account(args: &InvalidateArgs, credentials: &Path, file: &Path) -> Result<(), Error> {
    let credentials = args.account.credentials(Some(credentials))?;
    let client = args.account.client(&credentials, args.transport.transport()?)?;
    let text = read("--token-file", Some(file))?;
    let _progress = Progress::start(credentials.token_url().host_and_port());
    client.invalidate_token(from_text(&text).0)
}
