//! `ims jwt`: claims from flags, signed.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::ValueHint;
use serde_json::value::RawValue;

use super::input;
use ims::error::check_text;
use ims::{
    Assertion, Claims, Error, Expiry, ImsHost, Jti, Secret, Status, decode_jwt, from_unix_seconds,
    generate_jwt,
};

/// Sign claims with a private key (RS256) and print the JWT
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims jwt --key private.key --iss ORG@AdobeOrg --sub ID@techacct.adobe.com \\
      --client-id CLIENT_ID --metascope ent_x
  ims jwt --key - --iss CLIENT_ID --sub USER --aud api.example.com --lifetime 60 < private.key

The passphrase of an encrypted key is read from --passphrase-file or the variable IMS_PASSPHRASE.")]
pub(super) struct JwtArgs {
    /// The private key: PEM or DER, RSA of 2048 to 8192 bits; - for standard input
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// File with the key's passphrase; - for standard input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Refuse to sign where this certificate (PEM or DER) is not the key's or is not valid now
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,

    /// Issuer. IMS: the organization, ORG@AdobeOrg
    #[arg(long)]
    iss: String,
    /// Subject. IMS: the technical account, ID@techacct.adobe.com
    #[arg(long)]
    sub: String,
    /// Audience. IMS: https://HOST/c/CLIENT_ID
    #[arg(long, required_unless_present = "client_id")]
    aud: Option<String>,
    /// In place of --aud, where it is https://HOST/c/CLIENT_ID
    #[arg(long, conflicts_with = "aud")]
    client_id: Option<String>,
    /// The IMS host that --client-id and --metascope are completed with [default: the one that
    /// --aud names, or ims-na1.adobelogin.com]
    #[arg(long, value_name = "HOST", value_hint = ValueHint::Hostname)]
    ims: Option<ImsHost>,
    /// ent_x, /s/ent_x or https://HOST/s/ent_x, or several with commas between; repeatable
    #[arg(long = "metascope", value_name = "NAME")]
    metascopes: Vec<String>,

    /// Seconds from iat to exp, 1 to 86400 [default: 300]
    #[arg(long, value_name = "SECONDS", conflicts_with = "exp", allow_negative_numbers = true)]
    lifetime: Option<i64>,
    /// Expiry, in Unix seconds
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    exp: Option<i64>,
    /// Not valid before, in Unix seconds
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    nbf: Option<i64>,
    /// Issued at, in Unix seconds [default: now]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    iat: Option<i64>,
    /// JWT id, a string
    #[arg(long, value_name = "STRING")]
    jti: Option<String>,
    /// JWT id, a fresh random integer, as IMS wants it
    #[arg(long, conflicts_with = "jti")]
    jti_integer: bool,
    /// Key id, in the header
    #[arg(long, value_name = "STRING")]
    kid: Option<String>,
    /// Further claims, a JSON object
    #[arg(long, value_name = "JSON")]
    claims: Option<String>,
    /// File with further claims; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "claims")]
    claims_file: Option<PathBuf>,

    /// Print {"jwt", "header", "claims"}
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: JwtArgs) -> Result<Secret, Error> {
    let files = [&args.passphrase_file, &args.claims_file, &args.certificate];
    input::check_stdin(files.into_iter().flatten().chain([&args.key]))?;
    let assertion = assertion(&args)?;
    let now = SystemTime::now();
    let file = args.passphrase_file.as_deref();
    let passphrase = input::secret_bytes("--passphrase-file", file, "IMS_PASSPHRASE")?;
    let passphrase = passphrase.as_ref().map(|passphrase| passphrase.expose().as_slice());
    let key = input::key(&args.key, passphrase)?;
    if let Some(file) = &args.certificate {
        key.check_certificate(input::bytes("--certificate", file)?.expose(), now)?;
    }
    let jwt = generate_jwt(&key, &assertion, now)?;
    if args.json { json(&jwt) } else { Ok(jwt) }
}

fn assertion(args: &JwtArgs) -> Result<Assertion, Error> {
    let aud_host = args.aud.as_deref().and_then(ImsHost::from_audience);
    let host = args.ims.clone().or(aud_host).unwrap_or_default();
    let aud = match (&args.aud, &args.client_id) {
        (Some(aud), _) => aud.clone(),
        (None, client_id) => {
            let client_id = client_id.as_deref().unwrap_or_default();
            check_text("client_id", client_id)?;
            host.audience(client_id)
        }
    };
    let mut claims = Claims::new(&args.iss, &args.sub, aud);
    claims.expiry = Expiry::from_options(args.lifetime, args.exp.map(from_unix_seconds))?;
    claims.nbf = args.nbf.map(from_unix_seconds);
    claims.iat = args.iat.map(from_unix_seconds);
    claims.jti = match &args.jti {
        Some(jti) => Some(jti.as_str().into()),
        None => args.jti_integer.then(Jti::random_integer).transpose()?,
    };
    for metascopes in &args.metascopes {
        claims.metascopes.extend(host.metascopes(metascopes)?);
    }
    claims.claims_json = match &args.claims_file {
        Some(file) => Some(input::text("--claims-file", file)?.expose().clone()),
        None => args.claims.clone(),
    };
    let mut assertion = Assertion::from(claims);
    assertion.header.kid.clone_from(&args.kid);
    Ok(assertion)
}

fn json(jwt: &Secret) -> Result<Secret, Error> {
    #[derive(serde::Serialize)]
    struct Json<'a> {
        jwt: &'a str,
        header: &'a RawValue,
        claims: &'a RawValue,
    }
    let written = || {
        let decoded = decode_jwt(jwt.expose())?;
        let (header, claims) = (
            serde_json::from_str(&decoded.header).ok()?,
            serde_json::from_str(&decoded.claims).ok()?,
        );
        serde_json::to_string(&Json { jwt: jwt.expose(), header, claims }).ok()
    };
    written().map(Secret::from).ok_or_else(|| Error::new(Status::Internal, "no JSON of a JWT"))
}
