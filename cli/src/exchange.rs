//! `ims exchange`: a grant from flags, sent, or shown as a curl command.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::ValueHint;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::progress::Progress;
use super::transport::TransportArgs;
use super::{curl, input, output, postman};
use ims::{
    Algorithm, Assertion, BodyFormat, Cache, Client, ClientAuthMethod, Credentials, Endpoint,
    Error, Grant, GrantOptions, GrantType, ImsHost, Secret, Signer, Token, TokenUrl, Transport,
    environment,
};

/// The environment variables of the secrets, if their options are not given.
const CLIENT_SECRET: &str = "IMS_CLIENT_SECRET";
const JWT: &str = "IMS_JWT";
const CLIENT_ASSERTION: &str = "IMS_CLIENT_ASSERTION";
const PASSPHRASE: &str = "IMS_PASSPHRASE";

/// Exchange a JWT, or a client's own secret, for an access token and print it
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims exchange --client-id CLIENT_ID --client-secret-file secret.txt --jwt-file jwt.txt
  ims exchange --grant client-credentials --client-id CLIENT_ID --scope openid,AdobeID --json
  ims exchange --grant jwt-bearer --token-url https://auth.example.com/token --jwt-file -
  ims exchange --grant client-credentials --client-id CLIENT_ID --client-auth private_key_jwt \\
      --key key.pem --token-url https://auth.example.com/token --param resource=https://HOST/
  ims exchange --grant token-exchange --token-url https://auth.example.com/token --jwt-file -
  ims exchange --client-id CLIENT_ID --curl

Without their options, the client secret is read from the variable IMS_CLIENT_SECRET, the JWT from
IMS_JWT, and the client's JWT from IMS_CLIENT_ASSERTION.")]
pub(super) struct ExchangeArgs {
    /// jwt-exchange (Adobe's), jwt-bearer (RFC 7523), client-credentials (OAuth Server-to-Server),
    /// token-exchange (RFC 8693), or any other grant_type in full
    #[arg(long, value_parser = GrantParser, hide_possible_values = true, default_value = "jwt-exchange")]
    grant: (GrantType, Option<String>),
    /// Needed with --grant jwt-exchange and client-credentials
    #[arg(long)]
    client_id: Option<String>,
    /// File with the client secret; - for standard input
    #[arg(long, value_name = "FILE", requires = "client_id")]
    client_secret_file: Option<PathBuf>,
    /// File with the JWT, or with the subject token of a token exchange; - for standard input
    #[arg(long, value_name = "FILE")]
    jwt_file: Option<PathBuf>,
    /// What the subject token is: jwt, id_token, access_token, refresh_token, saml1, saml2 or a URI
    /// [default: jwt]
    #[arg(long, value_name = "TYPE")]
    subject_token_type: Option<String>,
    /// What a token exchange is to return, in the same words
    #[arg(long, value_name = "TYPE")]
    requested_token_type: Option<String>,
    /// Where to ask; with other grants than Adobe's, it or --issuer is needed, else --ims says it
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    token_url: Option<String>,
    /// The IMS host to ask
    #[arg(long, value_name = "HOST", value_hint = ValueHint::Hostname, default_value_t, conflicts_with = "token_url")]
    ims: ImsHost,
    /// The server's issuer identifier, which the client's JWT names as aud [default: the token URL];
    /// without --token-url, its metadata says where to ask
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    issuer: Option<String>,
    /// What the token is to be used for: several have blanks between them, at Adobe commas
    #[arg(long)]
    scope: Option<String>,
    /// The organization, with --grant client-credentials
    #[arg(long)]
    org_id: Option<String>,
    /// A further field of the request, such as resource=https://HOST/; may be given several times
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// How the client authenticates: its secret in the body or by basic authentication,
    /// private_key_jwt, client_secret_jwt, or none
    #[arg(long, value_parser = client_auth, value_name = "METHOD", default_value = "body")]
    client_auth: ClientAuthMethod,
    /// Private key that signs the client's JWT; - for standard input
    #[arg(
        long,
        value_name = "FILE",
        requires = "client_id",
        conflicts_with = "client_assertion_file"
    )]
    key: Option<PathBuf>,
    /// The algorithm of the client's JWT [default: the key's own, or HS256 for a client secret]
    #[arg(long)]
    alg: Option<Algorithm>,
    /// The id of the key, in the header of the client's JWT
    #[arg(long)]
    kid: Option<String>,
    /// File with the key's passphrase; - for standard input [default: the variable IMS_PASSPHRASE]
    #[arg(long, value_name = "FILE", requires = "key")]
    passphrase_file: Option<PathBuf>,
    /// File with the client's JWT, where it is signed already; - for standard input
    #[arg(long, value_name = "FILE", requires = "client_id")]
    client_assertion_file: Option<PathBuf>,
    /// Send a form, or json
    #[arg(long, value_parser = bodies(), default_value = "form")]
    body: BodyFormat,

    #[command(flatten)]
    transport: TransportArgs,

    /// Print {"access_token", "token_type", "scope", "expires_at", "expires_in"}: Unix seconds,
    /// and seconds left; and the further members of the server's response
    #[arg(long)]
    json: bool,
    /// Send nothing: print the request as a curl command that takes its secrets from the variables
    /// IMS_CLIENT_SECRET, IMS_JWT and IMS_CLIENT_ASSERTION
    #[arg(long, conflicts_with_all = ["postman", "json"])]
    curl: bool,
    /// Send nothing: print the request for Postman's Import > Paste Raw Text, with the variables
    /// {{CLIENT_SECRET}}, {{JWT_TOKEN}} and {{CLIENT_ASSERTION}}
    #[arg(long, conflicts_with = "json")]
    postman: bool,
}

pub(super) fn run(args: ExchangeArgs) -> Result<Secret, Error> {
    let transport = args.transport.transport()?;
    if args.curl {
        let (url, grant) = args.shown_grant()?;
        return curl::command(&url, &grant, &transport).map(Secret::from);
    }
    if args.postman {
        let (url, grant) = args.shown_grant()?;
        return postman::command(&url, &grant).map(Secret::from);
    }
    let token = args.token(transport)?;
    if args.json { output::token_json(&token) } else { Ok(Secret::from(token.access_token())) }
}

impl ExchangeArgs {
    fn needs_secret(&self) -> bool {
        let is_sent = match self.client_auth {
            ClientAuthMethod::Basic => true,
            ClientAuthMethod::Body => self.grant.0.needs_client(),
            _ => false,
        };
        is_sent || self.client_auth == ClientAuthMethod::ClientSecretJwt
    }

    /// Returns whether the secret has a use.
    fn takes_secret(&self) -> bool {
        !matches!(self.client_auth, ClientAuthMethod::PrivateKeyJwt | ClientAuthMethod::None)
    }

    /// Sends the grant. With a key, each attempt has a JWT of its own.
    fn token(&self, transport: Transport) -> Result<Token, Error> {
        let files = [
            &self.client_secret_file,
            &self.jwt_file,
            &self.key,
            &self.passphrase_file,
            &self.client_assertion_file,
        ];
        input::check_stdin(files.into_iter().flatten())?;
        let options = self.grant_options()?;
        if let Some((endpoint, grant)) = self.signing_grant(&options)? {
            let server = endpoint.url().host_and_port();
            let client = Client::new(Credentials::new(endpoint, grant)?, &Cache::None, transport)?;
            let _progress = Progress::start(server);
            return client.token();
        }
        let (endpoint, grant) = options.grant()?;
        let _progress = Progress::start(endpoint.url().host_and_port());
        endpoint.exchange(&grant, &transport)
    }

    /// Returns the grant whose client's JWT a key or the client secret signs, where that is asked for.
    fn signing_grant(
        &self,
        options: &GrantOptions,
    ) -> Result<Option<(Endpoint, Grant<Signer>)>, Error> {
        let mut signed = Assertion::default();
        signed.header.alg = self.alg;
        signed.header.kid = self.kid.clone();
        let is_secrets = self.client_auth == ClientAuthMethod::ClientSecretJwt;
        if is_secrets && options.client_assertion.is_none() && !self.grant.0.takes_jwt() {
            return options.clone().signing_grant(Some(signed), None).map(Some);
        }
        let Some(file) = self.key.as_deref() else { return Ok(None) };
        if self.client_auth != ClientAuthMethod::PrivateKeyJwt {
            return Err(Error::argument(
                "--key",
                "is given, but --client-auth is not private_key_jwt",
            ));
        }
        if self.grant.0.takes_jwt() {
            return Err(Error::argument("--key", "is given, but this grant has a JWT of its own")
                .with_hint(
                    "sign the client's JWT by ims jwt, and give it as --client-assertion-file",
                ));
        }
        let passphrase = self.passphrase_file.as_deref();
        let passphrase = input::secret_bytes("--passphrase-file", passphrase, PASSPHRASE)?;
        let key = input::key(file, passphrase.as_ref().map(|text| text.expose().as_slice()))?;
        options.clone().signing_grant(Some(signed), Some(key)).map(Some)
    }

    /// Returns the options with their secrets read. A variable that the grant has no use for is not
    /// read: it may have been set for another call.
    fn grant_options(&self) -> Result<GrantOptions, Error> {
        let mut grant = self.options();
        if self.client_id.is_some() && (self.takes_secret() || self.client_secret_file.is_some()) {
            let file = self.client_secret_file.as_deref();
            grant.client_secret = input::secret("--client-secret-file", file, CLIENT_SECRET)?;
            let is_signed = self.client_assertion_file.is_some()
                || environment::variable(CLIENT_ASSERTION).is_some();
            let is_needed = self.needs_secret() && !(self.client_auth.is_assertion() && is_signed);
            if grant.client_secret.is_none() && is_needed {
                return Err(Error::argument("client_secret", "is missing")
                    .with_hint("name its file by --client-secret-file or set IMS_CLIENT_SECRET"));
            }
        }
        if self.grant.0.takes_jwt() || self.jwt_file.is_some() {
            grant.jwt = input::secret("--jwt-file", self.jwt_file.as_deref(), JWT)?;
            if grant.jwt.is_none() {
                return Err(Error::argument("jwt", "is missing")
                    .with_hint("name its file by --jwt-file or set IMS_JWT"));
            }
        }
        let file = self.client_assertion_file.as_deref();
        if file.is_some() || self.client_auth.is_assertion() && self.key.is_none() {
            let option = "--client-assertion-file";
            grant.client_assertion = input::secret(option, file, CLIENT_ASSERTION)?;
            if grant.client_assertion.is_some() {
                grant.client_secret = None;
            } else if grant.client_secret.is_none() || self.grant.0.takes_jwt() {
                return Err(Error::argument("client_assertion", "is missing").with_hint(
                    "give the private key by --key, or name the signed JWT's file by \
                     --client-assertion-file or set IMS_CLIENT_ASSERTION",
                ));
            }
        }
        Ok(grant)
    }

    /// Returns the grant with a name instead of each secret.
    fn shown_grant(&self) -> Result<(TokenUrl, Grant), Error> {
        let has_secret = self.takes_secret()
            && (self.client_secret_file.is_some()
                || self.client_id.is_some() && environment::variable(CLIENT_SECRET).is_some());
        let mut grant = self.options();
        let has_assertion = self.client_auth.is_assertion();
        grant.client_secret =
            (!has_assertion && (self.needs_secret() || has_secret)).then(|| CLIENT_SECRET.into());
        let takes_jwt = self.grant.0.takes_jwt() || self.jwt_file.is_some();
        grant.jwt = takes_jwt.then(|| JWT.into());
        grant.client_assertion = has_assertion.then(|| CLIENT_ASSERTION.into());
        match grant.grant()? {
            (Endpoint::TokenUrl(url), grant) => Ok((url, grant)),
            (Endpoint::Issuer(_), _) => Err(Error::argument(
                "--token-url",
                "is missing: nothing is sent, so that it is not found by --issuer",
            )),
        }
    }

    /// Returns the options without the secrets.
    fn options(&self) -> GrantOptions {
        let (grant_type, other_grant_type) = self.grant.clone();
        let of_ims = || grant_type.token_url(&self.ims).map(|url| url.to_string());
        let of_ims = || if self.issuer.is_none() { of_ims() } else { None };
        let mut options = GrantOptions::default();
        options.grant_type = grant_type;
        options.other_grant_type = other_grant_type;
        options.client_auth = self.client_auth;
        options.token_url = self.token_url.clone().or_else(of_ims);
        options.issuer = self.issuer.clone();
        options.client_id = self.client_id.clone();
        options.scope = self.scope.clone();
        options.org_id = self.org_id.clone();
        options.subject_token_type = self.subject_token_type.clone();
        options.requested_token_type = self.requested_token_type.clone();
        options.body = self.body;
        for (name, value) in &self.parameters {
            options.parameters.push(name.clone(), value.clone());
        }
        options
    }
}

/// Reads a method's name, in which a - stands for a _ too.
fn client_auth(text: &str) -> Result<ClientAuthMethod, Error> {
    text.replace('-', "_").parse()
}

fn bodies() -> impl TypedValueParser<Value = BodyFormat> {
    PossibleValuesParser::new(["form", "json"]).try_map(|name| name.parse::<BodyFormat>())
}

/// Reads NAME=VALUE.
fn parameter(text: &str) -> Result<(String, String), Error> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| Error::argument("--param", "is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Takes any grant, and tells shells those that have a short name.
#[derive(Clone)]
struct GrantParser;

impl TypedValueParser for GrantParser {
    type Value = (GrantType, Option<String>);

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        GrantType::parse.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = ["jwt-exchange", "jwt-bearer", "client-credentials", "token-exchange"];
        Some(Box::new(names.into_iter().map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_told_grants_that_have_a_short_name() {
        for name in GrantParser.possible_values().unwrap() {
            let (grant, other) = GrantType::parse(name.get_name()).unwrap();
            assert!(grant != GrantType::Other && other.is_none(), "{}", name.get_name());
        }
    }
}
