//! `ims jwt`: claims from flags or a file, signed.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::ValueHint;
use serde_json::value::RawValue;

use super::input;
use ims::error::check_text;
use ims::{
    Algorithm, Assertion, Claims, Error, Expiry, ImsHost, Jti, KeyOptions, Secret, Status,
    decode_jwt, from_unix_seconds, generate_jwt, json_members,
};

/// Sign claims with a private key and print the JWT
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims jwt --key private.key --iss ORG@AdobeOrg --sub ID@techacct.adobe.com \\
      --client-id CLIENT_ID --metascope ent_x
  ims jwt --key - --iss CLIENT_ID --sub USER --aud api.example.com --lifetime 60 < private.key
  ims jwt --key ec.pem --alg ES256 --kid KID --payload claims.json
  ims jwt --key private.key --alg PS256 --certificate certificate.pem --x5t S256 \\
      --iss CLIENT_ID --sub CLIENT_ID --aud https://auth.example.com/token

The passphrase of an encrypted key is read from --passphrase-file or the variable IMS_PASSPHRASE.")]
pub(super) struct JwtArgs {
    /// The private key, PEM, DER, PKCS#12 or JWK: RSA of 2048 to 8192 bits, EC on P-256, P-384 or P-521, or
    /// Ed25519; - for standard input
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// File with the key's passphrase; - for standard input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Refuse to sign where this certificate (PEM or DER) is not the key's or is not valid now
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,

    /// The algorithm [default: a JWK's alg, else RS256, PS256, that of an EC key's curve, or EdDSA]
    #[arg(long, value_parser = super::key::algorithm())]
    alg: Option<Algorithm>,
    /// The header's typ [default: JWT]
    #[arg(long, value_name = "STRING")]
    typ: Option<String>,
    /// Key id, in the header; chooses the key of a JWK set
    #[arg(long, value_name = "STRING")]
    kid: Option<String>,
    /// Further members of the header, a JSON object
    #[arg(long, value_name = "JSON")]
    header: Option<String>,
    /// Put the certificate's thumbprint into the header: S256 as x5t#S256, S1 as x5t
    #[arg(long, value_name = "HASH", value_parser = ["S256", "S1"])]
    x5t: Option<String>,

    /// File with the claims, a JSON object such as the Developer Console shows; options replace its
    /// times and add to it; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["claims", "claims_file"])]
    payload: Option<PathBuf>,
    /// Issuer. IMS: the organization, ORG@AdobeOrg
    #[arg(long, required_unless_present = "payload")]
    iss: Option<String>,
    /// Subject. IMS: the technical account, ID@techacct.adobe.com
    #[arg(long)]
    sub: Option<String>,
    /// Audience, or a list of them as JSON: '["a","b"]'. IMS: https://HOST/c/CLIENT_ID
    #[arg(long)]
    aud: Option<String>,
    /// Instead of --aud, where it is https://HOST/c/CLIENT_ID
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
    let files = [&args.passphrase_file, &args.claims_file, &args.certificate, &args.payload];
    input::check_stdin(files.into_iter().flatten().chain([&args.key]))?;
    let payload = args.payload.as_deref().map(|file| input::text("--payload", file)).transpose()?;
    let mut assertion = Assertion::from(claims(&args, payload.as_ref())?);
    let header = &mut assertion.header;
    header.alg = args.alg;
    header.typ.clone_from(&args.typ);
    header.kid.clone_from(&args.kid);
    header.header_json.clone_from(&args.header);
    header.x5t = args.x5t.as_deref().map(str::parse).transpose()?;
    let now = SystemTime::now();
    let file = args.passphrase_file.as_deref();
    let passphrase = input::secret_bytes("--passphrase-file", file, "IMS_PASSPHRASE")?;
    let passphrase = passphrase.as_ref().map(|passphrase| passphrase.expose().as_slice());
    let mut options = KeyOptions::default();
    options.passphrase = passphrase;
    options.kid = args.kid.as_deref();
    let key = input::key_with(&args.key, &options)?;
    if let Some(file) = &args.certificate {
        let certificate = input::bytes("--certificate", file)?;
        key.check_certificate(certificate.expose(), now)?;
        assertion.header.certificate = Some(certificate.expose().clone());
    }
    let jwt = generate_jwt(&key, &assertion, now).map_err(|error| match error.field() {
        Some("certificate") => error.called("--certificate"),
        _ => error,
    })?;
    if args.json { json(&jwt) } else { Ok(jwt) }
}

fn claims(args: &JwtArgs, payload: Option<&Secret>) -> Result<Claims, Error> {
    let mut payload = payload.map(Payload::read).transpose()?.unwrap_or_default();
    let mut claims = Claims::default();
    let iss = payload.text("iss");
    claims.iss = args.iss.clone().or(iss).unwrap_or_default();
    let sub = payload.text("sub");
    claims.sub = args.sub.clone().or(sub);
    let aud = payload.text("aud");
    args.aud.as_deref().map_or(Ok(()), check_audience)?;
    let aud = args.aud.clone().or(aud.filter(|_| args.client_id.is_none()));
    let aud_host = aud.as_deref().and_then(ImsHost::from_audience);
    let host = args.ims.clone().or(aud_host).unwrap_or_default();
    claims.aud = match &args.client_id {
        Some(client_id) => {
            check_text("client_id", client_id)?;
            Some(host.audience(client_id))
        }
        None => aud,
    };
    let list = claims.aud.take_if(|aud| is_list(aud));
    let exp = payload.seconds("exp")?.filter(|_| args.lifetime.is_none());
    claims.expiry = Expiry::from_options(args.lifetime, args.exp.or(exp).map(from_unix_seconds))?;
    let (nbf, iat) = (payload.seconds("nbf")?, payload.seconds("iat")?);
    claims.nbf = args.nbf.or(nbf).map(from_unix_seconds);
    claims.iat = args.iat.or(iat).map(from_unix_seconds);
    claims.jti = match &args.jti {
        Some(jti) => Some(jti.as_str().into()),
        None => args.jti_integer.then(Jti::random_integer).transpose()?,
    };
    for metascopes in &args.metascopes {
        claims.metascopes.extend(host.metascopes(metascopes)?);
    }
    claims.claims_json = match &args.claims_file {
        Some(file) => Some(input::text("--claims-file", file)?.expose().clone()),
        None => args.claims.clone().or(payload.rest()),
    };
    if let Some(list) = list {
        claims.claims_json = Some(with_audiences(&list, claims.claims_json.as_deref()));
    }
    Ok(claims)
}

/// Returns whether an audience is a JSON list of texts.
fn is_list(aud: &str) -> bool {
    let is_full = |all: Vec<String>| !all.is_empty() && all.iter().all(|one| !one.is_empty());
    serde_json::from_str(aud).is_ok_and(is_full)
}

/// Refuses what was meant as a list, but is none. A shell takes away quotes that are not quoted.
fn check_audience(aud: &str) -> Result<(), Error> {
    if is_list(aud) || !aud.trim_start().starts_with(['[', '{', '"']) {
        return Ok(());
    }
    Err(Error::argument("--aud", "is neither an audience nor a JSON list of audiences")
        .with_hint("quote a list for the shell: --aud '[\"a\",\"b\"]'"))
}

/// Adds a list of audiences to the further claims.
fn with_audiences(list: &str, claims: Option<&str>) -> String {
    match claims.map(|claims| claims.trim_start().strip_prefix('{').ok_or(claims)) {
        None => format!("{{\"aud\":{list}}}"),
        Some(Ok(rest)) if rest.trim_start().starts_with('}') => format!("{{\"aud\":{list}{rest}"),
        Some(Ok(rest)) => format!("{{\"aud\":{list},{rest}"),
        // It is no object, which is an error when it is signed.
        Some(Err(claims)) => claims.to_owned(),
    }
}

/// The claims of a file that have no option of their own, or for which none is given.
#[derive(Default)]
struct Payload<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Payload<'a> {
    fn read(json: &'a Secret) -> Result<Self, Error> {
        // serde_json's own text may quote the input.
        json_members(json.expose()).map(Self).map_err(|error| {
            let place = format!("line {} column {}", error.line(), error.column());
            Error::argument("--payload", format!("is not a JSON object: see {place}"))
        })
    }

    /// Takes a claim out. A second one of that name stays, and is an error of what is left.
    fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let place = self.0.iter().position(|(found, _)| found == name)?;
        Some(self.0.remove(place).1)
    }

    /// Takes a claim out if it is a text; an audience may be a list.
    fn text(&mut self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(found, _)| found == name)?;
        let text = serde_json::from_str(value.get()).ok()?;
        self.take(name);
        Some(text)
    }

    /// Takes a time out.
    fn seconds(&mut self, name: &str) -> Result<Option<i64>, Error> {
        let seconds = self.take(name).map(|value| value.get().parse());
        let is_bad =
            |_| Error::argument("--payload", format!("holds an {name} that is no integer"));
        seconds.transpose().map_err(is_bad)
    }

    /// Returns what is left as a JSON object.
    fn rest(&self) -> Option<String> {
        let members = self.0.iter().map(|(name, value)| {
            format!("{}:{}", serde_json::Value::from(name.as_str()), value.get())
        });
        (!self.0.is_empty()).then(|| format!("{{{}}}", members.collect::<Vec<_>>().join(",")))
    }
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
