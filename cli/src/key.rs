//! `ims key`: new keys, the look of one, and the public half that a server registers.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Subcommand};
use serde_json::{Map, Value, json};

use super::input;
use super::output::date;
use ims::error::{io_reason, one_line};
use ims::{Algorithm, Error, Key, Secret, Status, Thumbprint, unix_seconds};

/// Days in which a new certificate is valid.
const CERTIFICATE_DAYS: u32 = 365;

/// Make a private key, show what one can do, and print what a server registers of it
#[derive(clap::Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "\
Examples:
  ims key new --alg ES256 --out key.pem
  ims key show private.key
  ims key public private.key --jwks"
)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Subcommand)]
enum KeyCommand {
    New(NewArgs),
    Show(ShowArgs),
    Public(PublicArgs),
}

/// Make a new private key and print its public key
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims key new --alg ES256 --out key.pem
  ims key new --alg RS256 --out private.key --certificate certificate.pem

RSA keys have 3072 bits. The key is not encrypted, and no one but its owner may read the file.
A file that exists is never replaced. Where a server registers certificates, such as Adobe's
Developer Console or Entra, give it the one of --certificate, which is valid for a year.")]
struct NewArgs {
    /// The algorithm that the key is to sign with
    #[arg(long, value_parser = algorithm())]
    alg: Algorithm,
    /// Where to write the private key, in PEM
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where to write a certificate for it, in PEM
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

/// Show a private key's kind, size, algorithms and thumbprints, but not the key
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims key show private.key
  ims key show private.key --certificate certificate.pem

The passphrase of an encrypted key is read from --passphrase-file or the variable IMS_PASSPHRASE.")]
struct ShowArgs {
    /// File with the private key; - for standard input
    key: PathBuf,
    /// File with the key's passphrase; - for standard input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The key's certificate (PEM or DER), for x5t and x5t#S256; a PKCS#12 store has its own
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

/// Print the public keys that belong to private keys, as a server registers them
#[derive(clap::Args)]
#[command(group = ArgGroup::new("form").required(true), after_help = "\
Examples:
  ims key public key.pem --jwks
  ims key public new.pem old.pem --jwks > jwks.json
  ims key public key.pem --pem

In a JWK set, each key's kid is that of its own JWK, or else its thumbprint by RFC 7638: sign with
--kid and the same text.
The passphrase of an encrypted key is read from --passphrase-file or the variable IMS_PASSPHRASE.")]
struct PublicArgs {
    /// Files with private keys; - for standard input
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<PathBuf>,
    /// Print a JWK set (RFC 7517)
    #[arg(long, group = "form")]
    jwks: bool,
    /// Print PEM: -----BEGIN PUBLIC KEY-----
    #[arg(long, group = "form")]
    pem: bool,
    /// File with the keys' passphrase; - for standard input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Reads the name of an algorithm that private keys sign with.
pub(super) fn algorithm() -> impl TypedValueParser<Value = Algorithm> {
    let of_keys = |algorithm: &Algorithm| !algorithm.name().starts_with("HS");
    PossibleValuesParser::new(Algorithm::ALL.into_iter().filter(of_keys).map(Algorithm::name))
        .try_map(|name| name.parse::<Algorithm>())
}

pub(super) fn run(args: &KeyArgs) -> Result<Secret, Error> {
    match &args.command {
        KeyCommand::New(args) => new(args),
        KeyCommand::Show(args) => show(args),
        KeyCommand::Public(args) => public(args),
    }
    .map(Secret::from)
}

fn new(args: &NewArgs) -> Result<String, Error> {
    let key = Key::generate(args.alg)?;
    let now = SystemTime::now();
    let certificate = match &args.certificate {
        Some(file) => {
            let name =
                args.out.file_stem().map_or_else(Default::default, |name| name.to_string_lossy());
            let name: String = name.chars().take(64).collect();
            Some((file, key.self_signed_certificate(&name, CERTIFICATE_DAYS, now)?))
        }
        None => None,
    };
    write_new("--out", &args.out, 0o600, key.private_pem()?.expose())?;
    if let Some((file, pem)) = &certificate {
        write_new("--certificate", file, 0o666, pem).inspect_err(|_| {
            // The two are made as a pair.
            let _ = fs::remove_file(&args.out);
        })?;
    }
    let mut lines = vec![
        format!("{} holds {}: keep it secret.", args.out.display(), key.description()),
        format!("kid by RFC 7638: {}", key.thumbprint()),
    ];
    if let Some((file, _)) = &certificate {
        let until = now + Duration::from_secs(u64::from(CERTIFICATE_DAYS) * 86_400);
        let until = date(unix_seconds(until)).unwrap_or_default();
        lines.push(format!("{} holds its certificate, valid until {until}.", file.display()));
        lines.push("Register the certificate, or the public key:".into());
    } else {
        lines.push("Register the public key:".into());
    }
    lines.push(key.public_pem()?.trim_end().to_owned());
    lines.push(format!("As a JWK set: ims key public {} --jwks", args.out.display()));
    Ok(lines.join("\n"))
}

/// Writes a file that does not exist yet, with this mode less the process's umask.
fn write_new(option: &str, file: &Path, mode: u32, content: &str) -> Result<(), Error> {
    if file == Path::new("-") {
        return Err(Error::argument(option, "is -, which names no file")
            .with_hint("name a file: a key is not written to standard output"));
    }
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(file)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::argument(option, format!("{} exists", file.display()))
                .with_hint("no key is replaced: name another file")
        }
        _ => {
            let problem = format!("{} cannot be written: {}", file.display(), io_reason(&error));
            Error::argument(option, problem)
        }
    })
}

fn show(args: &ShowArgs) -> Result<String, Error> {
    let files = [&args.passphrase_file, &args.certificate];
    input::check_stdin(files.into_iter().flatten().chain([&args.key]))?;
    let key = read(&args.key, passphrase(args.passphrase_file.as_deref())?.as_ref())?;
    let algorithms: Vec<_> = key.algorithms().iter().map(|one| one.name()).collect();
    let mut rows = vec![
        ("key", key.description()),
        ("signs with", algorithms.join(", ")),
        ("RFC 7638", key.thumbprint()),
        ("Snowflake", key.fingerprint()?),
    ];
    if let Some(kid) = key.kid() {
        rows.push(("kid", one_line(kid)));
    }
    let file = args.certificate.as_deref();
    let given = file.map(|file| input::bytes("--certificate", file)).transpose()?;
    if let Some(certificate) =
        given.as_ref().map(|given| &given.expose()[..]).or(key.certificates())
    {
        for (name, kind) in [("x5t#S256", Thumbprint::S256), ("x5t", Thumbprint::S1)] {
            rows.push((name, key.certificate_thumbprint(kind, certificate)?));
        }
    }
    let lines: Vec<String> = rows.iter().map(|(name, text)| format!("{name:<11}{text}")).collect();
    Ok(lines.join("\n"))
}

fn public(args: &PublicArgs) -> Result<String, Error> {
    input::check_stdin(args.keys.iter().chain(&args.passphrase_file))?;
    let passphrase = passphrase(args.passphrase_file.as_deref())?;
    let read = |file: &PathBuf| read(file, passphrase.as_ref());
    let keys = args.keys.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if args.pem {
        let pems = keys.iter().map(Key::public_pem).collect::<Result<Vec<_>, _>>()?;
        return Ok(pems.concat().trim_end().to_owned());
    }
    let jwks = json!({ "keys": keys.iter().map(jwk).collect::<Result<Vec<_>, _>>()? });
    serde_json::to_string_pretty(&jwks).map_err(|_| internal())
}

/// Returns the public key as servers register it.
fn jwk(key: &Key) -> Result<Value, Error> {
    let mut jwk: Map<String, Value> =
        serde_json::from_str(&key.public_jwk()).map_err(|_| internal())?;
    let kid = key.kid().map_or_else(|| key.thumbprint(), str::to_owned);
    jwk.insert("kid".into(), kid.into());
    jwk.insert("use".into(), "sig".into());
    Ok(jwk.into())
}

fn internal() -> Error {
    Error::new(Status::Internal, "no JSON of a public key")
}

fn passphrase(file: Option<&Path>) -> Result<Option<Secret<Vec<u8>>>, Error> {
    input::secret_bytes("--passphrase-file", file, "IMS_PASSPHRASE")
}

fn read(file: &Path, passphrase: Option<&Secret<Vec<u8>>>) -> Result<Key, Error> {
    input::key(file, passphrase.map(|passphrase| passphrase.expose().as_slice()))
}
