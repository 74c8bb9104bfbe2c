//! The formats in which other programs ask a helper for a token, each by its own published convention.

use std::io::{self, Read};
use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::curl::quote;
use super::exit_code;
use super::output::to_json;
use ims::error::io_reason;
use ims::{Client, Error, Secret, Status, Token, environment, unix_seconds};

/// The limit of what a program sends to its helper, in bytes.
const MAX_REQUEST: u64 = 64 * 1024;

/// A format of another program.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// kubectl and other clients of Kubernetes: an ExecCredential of client.authentication.k8s.io
    ExecCredential,
    /// Git 2.46 and later: the credential helper's protocol with authtype Bearer
    GitCredential,
    /// Bazel, uv and others: the credential helper's protocol
    Bazel,
    /// Docker, Podman and others: the credential helper's protocol
    Docker,
    /// Google's libraries: the response of an executable (external_account)
    GoogleExecutable,
    /// Lines of a shell or an .env file: ACCESS_TOKEN and ACCESS_TOKEN_EXPIRES_AT
    Env,
}

/// What a program asks its helper for.
pub(super) struct Helper {
    format: Format,
    operation: Operation,
    request: Secret,
    username: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Get,
    /// Forgets a token that was refused.
    Erase,
    /// Lists nothing.
    List,
    /// Needs no token, and no response: what is issued is not stored.
    Other,
}

impl Helper {
    /// Reads what the program sends on standard input, if it does.
    ///
    /// # Errors
    /// [`Status::Argument`] where operation or request are not those of the program.
    pub fn new(format: Format, operation: Option<&str>, username: &str) -> Result<Self, Error> {
        use Format::{Bazel, Docker, GitCredential};
        let takes_operation = matches!(format, GitCredential | Bazel | Docker);
        let operation = match (takes_operation, operation) {
            (false, None) | (true, Some("get")) => Operation::Get,
            (true, Some("erase")) if format != Bazel => Operation::Erase,
            // Programs may send what later versions know: a helper ignores it (gitcredentials(7)).
            (true, Some(_)) if format == GitCredential => Operation::Other,
            (true, Some("store")) if format == Docker => Operation::Other,
            (true, Some("list")) if format == Docker => Operation::List,
            (true, Some(_)) => return Err(bad("is not one of this program's")),
            (true, None) => {
                return Err(bad("is missing").with_hint("the program adds it itself: get"));
            }
            (false, Some(_)) => return Err(bad("is given, but this format has none")),
        };
        let mut request = Secret::default();
        if takes_operation {
            let mut text = String::new();
            let read = io::stdin().lock().take(MAX_REQUEST).read_to_string(&mut text);
            request = Secret::from(text);
            read.map_err(|error| unreadable(&io_reason(&error)))?;
        }
        Ok(Self { format, operation, request, username: username.to_owned() })
    }

    /// Returns the response to what needs no token.
    pub fn response_without_token(&self) -> Option<Secret> {
        match self.operation {
            Operation::List => Some(Secret::from("{}")),
            Operation::Other => Some(Secret::default()),
            Operation::Get | Operation::Erase => None,
        }
    }

    /// Returns the response to a failure, in a format whose program reads the reason there; `None` in one whose
    /// program leaves it to standard error and the exit code.
    pub fn failure(format: Format, error: &Error) -> Option<Secret> {
        let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
        let message = format!("{error}{hint}");
        match format {
            // What is not the message of a known failure is shown to the user.
            Format::Docker => Some(Secret::from(message)),
            // AIP-4117. The program reads it where the exit code is 0.
            Format::GoogleExecutable => to_json(&json!({
                "version": 1,
                "success": false,
                "code": exit_code(error.status()).to_string(),
                "message": message,
            }))
            .ok(),
            _ => None,
        }
    }

    /// Returns what the program expects in response.
    ///
    /// # Errors
    /// [`Status::Argument`] where the token would be sent in clear, or the program cannot take one.
    pub fn response(&self, client: &Client, token: &Token) -> Result<Secret, Error> {
        if self.operation == Operation::Erase {
            return Ok(self.erase(client, token));
        }
        let bearer = token.access_token();
        let expires_at = unix_seconds(token.expires_at());
        let expires = timestamp(token.expires_at());
        match self.format {
            Format::ExecCredential => to_json(&json!({
                "apiVersion": api_version(),
                "kind": "ExecCredential",
                "status": {"token": bearer, "expirationTimestamp": expires},
            })),
            Format::GitCredential => self.git_credential(bearer, expires_at),
            Format::Bazel => {
                let request: Value = serde_json::from_str(self.request.expose())
                    .map_err(|_| unreadable("it is not a JSON object"))?;
                let uri = request.get("uri").and_then(Value::as_str).unwrap_or_default();
                check_encrypted(uri)?;
                to_json(&json!({
                    "headers": {"Authorization": [format!("Bearer {bearer}")]},
                    "expires": expires,
                }))
            }
            Format::Docker => to_json(&json!({
                "ServerURL": self.request.expose().trim(),
                "Username": self.username,
                "Secret": bearer,
            })),
            Format::GoogleExecutable => to_json(&json!({
                "version": 1,
                "success": true,
                "token_type": "urn:ietf:params:oauth:token-type:jwt",
                "id_token": bearer,
                "expiration_time": expires_at,
            })),
            Format::Env => Ok(Secret::from(format!(
                "ACCESS_TOKEN={}\nACCESS_TOKEN_EXPIRES_AT={expires_at}",
                quote(bearer)
            ))),
        }
    }

    /// Responds to Git's request (git-credential(1), section INPUT/OUTPUT FORMAT).
    fn git_credential(&self, bearer: &str, expires_at: i64) -> Result<Secret, Error> {
        if !self.lines().any(|line| line == ("capability[]", "authtype")) {
            let problem = "comes from a Git that cannot send a bearer token";
            return Err(Error::new(Status::Argument, format!("the request {problem}"))
                .with_hint("use Git 2.46 or later"));
        }
        let (protocol, host) = (self.line("protocol"), self.line("host"));
        check_encrypted(&format!("{protocol}://{host}"))?;
        Ok(Secret::from(format!(
            "capability[]=authtype\nauthtype=Bearer\ncredential={bearer}\nephemeral=1\n\
             password_expiry_utc={expires_at}"
        )))
    }

    /// Forgets the token if it is the one that the program says was refused.
    fn erase(&self, client: &Client, token: &Token) -> Secret {
        let refused = match self.format {
            Format::GitCredential => self.line("credential") == token.access_token(),
            // The request names the server alone.
            _ => true,
        };
        if refused {
            client.forget(token);
        }
        Secret::default()
    }

    fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.request.expose().lines().filter_map(|line| line.split_once('='))
    }

    fn line(&self, name: &str) -> &str {
        self.lines().find(|(found, _)| *found == name).map_or("", |(_, value)| value)
    }
}

/// Returns the version that kubectl asks for; the first stable one where it does not say.
fn api_version() -> &'static str {
    let asked =
        environment::variable("KUBERNETES_EXEC_INFO").and_then(|info| info.into_string().ok());
    let asked = asked.and_then(|info| serde_json::from_str::<Value>(&info).ok());
    let asked = asked.as_ref().and_then(|info| info.get("apiVersion")?.as_str());
    match asked {
        Some("client.authentication.k8s.io/v1beta1") => "client.authentication.k8s.io/v1beta1",
        _ => "client.authentication.k8s.io/v1",
    }
}

/// Checks that a token for this URL goes over TLS, or stays on this machine. Bazel names gRPC's services by
/// `grpcs://` and `grpc://`.
fn check_encrypted(url: &str) -> Result<(), Error> {
    let url = url.strip_prefix("grpc").map_or_else(|| url.to_owned(), |rest| format!("http{rest}"));
    let parsed = url.parse::<ims::TokenUrl>();
    parsed.map(drop).map_err(|error| {
        Error::new(Status::Argument, format!("the URL that the token is for {}", error.problem()))
    })
}

fn timestamp(time: SystemTime) -> Option<String> {
    Timestamp::from_second(unix_seconds(time)).ok().map(|time| time.to_string())
}

fn bad(problem: &str) -> Error {
    Error::argument("operation", problem)
}

fn unreadable(reason: &str) -> Error {
    Error::new(Status::Argument, format!("the program's request cannot be read: {reason}"))
}
