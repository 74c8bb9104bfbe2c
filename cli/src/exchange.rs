//! `ims exchange`: a grant from flags, sent, or shown as a curl command.

use std::path::PathBuf;

use clap::ValueHint;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::progress::Progress;
use super::transport::TransportArgs;
use super::{curl, input, output, postman};
use ims::{
    ClientAuthMethod, Error, Grant, GrantOptions, GrantType, ImsHost, Secret, TokenUrl,
    environment, exchange,
};

/// The environment variables of the client secret and the JWT, if their options are not given.
const CLIENT_SECRET: &str = "IMS_CLIENT_SECRET";
const JWT: &str = "IMS_JWT";

/// Exchange a JWT, or a client's own secret, for an access token and print it
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims exchange --client-id CLIENT_ID --client-secret-file secret.txt --jwt-file jwt.txt
  ims exchange --grant client-credentials --client-id CLIENT_ID --scope openid,AdobeID --json
  ims exchange --grant jwt-bearer --token-url https://auth.example.com/token --jwt-file -
  ims exchange --client-id CLIENT_ID --curl

Without their options, the client secret is read from the variable IMS_CLIENT_SECRET and the JWT
from IMS_JWT.")]
pub(super) struct ExchangeArgs {
    /// Adobe's exchange of a JWT, the JWT bearer grant of RFC 7523, or OAuth Server-to-Server
    #[arg(long, value_parser = grant_types(), default_value = "jwt-exchange")]
    grant: GrantType,
    /// Optional with --grant jwt-bearer
    #[arg(long)]
    client_id: Option<String>,
    /// File with the client secret; - for standard input
    #[arg(long, value_name = "FILE", requires = "client_id")]
    client_secret_file: Option<PathBuf>,
    /// File with the JWT; - for standard input
    #[arg(long, value_name = "FILE")]
    jwt_file: Option<PathBuf>,
    /// Where to ask; needed with --grant jwt-bearer, else --ims says it
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    token_url: Option<String>,
    /// The IMS host to ask
    #[arg(long, value_name = "HOST", value_hint = ValueHint::Hostname, default_value_t, conflicts_with = "token_url")]
    ims: ImsHost,
    /// What the token is to be used for; Adobe joins several with commas
    #[arg(long)]
    scope: Option<String>,
    /// The organization, with --grant client-credentials
    #[arg(long)]
    org_id: Option<String>,
    /// Send the client's id and secret in the form, or in an Authorization header
    #[arg(long, value_parser = client_auths(), default_value = "body")]
    client_auth: ClientAuthMethod,

    #[command(flatten)]
    transport: TransportArgs,

    /// Print {"access_token", "token_type", "scope", "expires_at", "expires_in"}: Unix seconds,
    /// and seconds left; and the further members of the server's response
    #[arg(long)]
    json: bool,
    /// Send nothing: print the request as a curl command that takes its secrets from the variables
    /// IMS_CLIENT_SECRET and IMS_JWT
    #[arg(long, conflicts_with_all = ["postman", "json"])]
    curl: bool,
    /// Send nothing: print the request for Postman's Import > Paste Raw Text, with the variables
    /// {{CLIENT_SECRET}} and {{JWT_TOKEN}}
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
    let (url, grant) = args.grant()?;
    let _progress = Progress::start(url.host_and_port());
    let token = exchange(&url, &grant, &transport)?;
    if args.json { output::token_json(&token) } else { Ok(Secret::from(token.access_token())) }
}

impl ExchangeArgs {
    fn takes_jwt(&self) -> bool {
        self.grant != GrantType::ClientCredentials
    }

    fn needs_secret(&self) -> bool {
        self.grant != GrantType::JwtBearer || self.client_auth == ClientAuthMethod::Basic
    }

    /// The grant with its secrets read. A variable that the grant has no use for is not read: it
    /// may have been set for another call.
    fn grant(&self) -> Result<(TokenUrl, Grant), Error> {
        input::check_stdin([&self.client_secret_file, &self.jwt_file].into_iter().flatten())?;
        let mut grant = self.options();
        if self.client_id.is_some() {
            let file = self.client_secret_file.as_deref();
            grant.client_secret = input::secret("--client-secret-file", file, CLIENT_SECRET)?;
            if grant.client_secret.is_none() && self.needs_secret() {
                return Err(Error::argument("client_secret", "is missing")
                    .with_hint("name its file by --client-secret-file or set IMS_CLIENT_SECRET"));
            }
        }
        if self.takes_jwt() || self.jwt_file.is_some() {
            grant.jwt = input::secret("--jwt-file", self.jwt_file.as_deref(), JWT)?;
            if grant.jwt.is_none() {
                return Err(Error::argument("jwt", "is missing")
                    .with_hint("name its file by --jwt-file or set IMS_JWT"));
            }
        }
        grant.grant()
    }

    /// Returns the grant with a name instead of each secret.
    fn shown_grant(&self) -> Result<(TokenUrl, Grant), Error> {
        let has_secret = self.client_secret_file.is_some()
            || self.client_id.is_some() && environment::variable(CLIENT_SECRET).is_some();
        let mut grant = self.options();
        grant.client_secret = (self.needs_secret() || has_secret).then(|| CLIENT_SECRET.into());
        grant.jwt = (self.takes_jwt() || self.jwt_file.is_some()).then(|| JWT.into());
        grant.grant()
    }

    /// Returns the options without the secrets.
    fn options(&self) -> GrantOptions {
        let of_ims = || self.grant.token_url(&self.ims).map(|url| url.to_string());
        let mut options = GrantOptions::default();
        options.grant_type = self.grant;
        options.client_auth = self.client_auth;
        options.token_url = self.token_url.clone().or_else(of_ims);
        options.client_id = self.client_id.clone();
        options.scope = self.scope.clone();
        options.org_id = self.org_id.clone();
        options
    }
}

fn grant_types() -> impl TypedValueParser<Value = GrantType> {
    PossibleValuesParser::new(["jwt-exchange", "jwt-bearer", "client-credentials"]).map(|name| {
        match name.as_str() {
            "jwt-bearer" => GrantType::JwtBearer,
            "client-credentials" => GrantType::ClientCredentials,
            _ => GrantType::JwtExchange,
        }
    })
}

fn client_auths() -> impl TypedValueParser<Value = ClientAuthMethod> {
    PossibleValuesParser::new(["body", "basic"]).map(|name| match name.as_str() {
        "basic" => ClientAuthMethod::Basic,
        _ => ClientAuthMethod::Body,
    })
}
