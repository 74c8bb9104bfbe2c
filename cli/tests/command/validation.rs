//! An access token after it was issued: shown, validated, ended; from Rust and as commands.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use ims::{
    Cache, Client, Credentials, CredentialsOptions, Error, Grant, ImsHost, Status, Transport,
    exchange, invalidate_token, validate_token,
};
use ims_sandbox::{Account, Config, Fault, Sandbox};
use serde_json::{Value, json};
use support::directory::Directory;
use support::hostile::Hostile;
use support::processes::output;

const CLIENT: &str = "sandbox-client";
const SECRET: &str = "sandbox-secret";

fn serve() -> Sandbox {
    Sandbox::start(Config::new(vec![Account::default()])).unwrap()
}

fn host(sandbox: &Sandbox) -> ImsHost {
    sandbox.url().parse().unwrap()
}

fn new_token(sandbox: &Sandbox) -> String {
    let grant = Grant::client_credentials(CLIENT, SECRET, "openid,AdobeID");
    let url = format!("{}/ims/token/v3", sandbox.url()).parse().unwrap();
    exchange(&url, &grant, &Transport::default()).unwrap().access_token().to_owned()
}

// From Rust.

#[test]
fn a_token_is_valid_until_it_is_ended() {
    let sandbox = serve();
    let (ims, transport) = (host(&sandbox), Transport::default());
    let token = new_token(&sandbox);

    let validation = validate_token(&ims, CLIENT, &token, &transport).unwrap();
    assert!(validation.is_valid);
    assert_eq!(validation.client_id.as_deref(), Some(CLIENT));
    assert_eq!(validation.user_id.as_deref(), Some("sandbox@techacct.adobe.com"));
    assert_eq!(validation.scope.as_deref(), Some("openid,AdobeID"));
    let left = validation.expires_at.unwrap().duration_since(SystemTime::now()).unwrap();
    assert!(left > Duration::from_secs(86_000), "{left:?}");

    invalidate_token(&ims, CLIENT, &SECRET.into(), &token, &transport).unwrap();
    let validation = validate_token(&ims, CLIENT, &token, &transport).unwrap();
    assert!(!validation.is_valid);
    assert_eq!(validation.reason.as_deref(), Some("invalidated"));
}

#[test]
fn what_cannot_be_sent_is_refused_by_name() {
    let ims = ImsHost::default();
    let refused = |client_id: &str, token: &str| {
        let error = validate_token(&ims, client_id, token, &Transport::default()).unwrap_err();
        assert_eq!(error.status(), Status::Argument);
        error.to_string()
    };
    assert_eq!(refused("", "t"), "client_id is missing or empty");
    assert_eq!(refused("c", ""), "access_token is empty or over 16 KiB");
    assert_eq!(refused("c", "a b"), "access_token does not fit into a header");
    let error = invalidate_token(&ims, "c", &"".into(), "t", &Transport::default()).unwrap_err();
    assert_eq!(error.to_string(), "client_secret is missing or empty");
    let error = "http://ims.example".parse::<ImsHost>().unwrap_err();
    assert!(error.message().starts_with("ims is http://"), "{error}");
}

/// What a server that answers so gets from a validation.
fn answered(answer: &str) -> Result<ims::Validation, Error> {
    let server = Hostile::answering([answer.replace("\n", "\r\n")]);
    let ims = format!("http://{}", server.address()).parse().unwrap();
    let mut transport = Transport::default();
    transport.max_attempts = 1;
    let validation = validate_token(&ims, "c", "t0ken-s3cret", &transport);
    let sent = server.requests().concat();
    assert!(sent.starts_with("POST /ims/validate_token/v1 HTTP/1.1\r\n"), "{sent}");
    assert!(sent.to_ascii_lowercase().contains("x-ims-clientid: c\r\n"), "{sent}");
    assert!(sent.ends_with("type=access_token&client_id=c&token=t0ken-s3cret"), "{sent}");
    if let Err(error) = &validation {
        assert!(!format!("{error:?}").contains("t0ken-s3cret"), "{error:?}");
    }
    validation
}

#[test]
fn an_answer_that_is_no_validation_is_a_typed_error() {
    for (answer, status, text) in [
        (
            "HTTP/1.1 200 OK\ncontent-length: 2\n\n{}",
            Status::Response,
            "its valid is not a boolean",
        ),
        ("HTTP/1.1 200 OK\ncontent-length: 0\n\n", Status::Response, "it is empty"),
        ("HTTP/1.1 302 Found\ncontent-length: 0\n\n", Status::Response, "redirect"),
        ("HTTP/1.1 503 No\ncontent-length: 0\n\n", Status::Unavailable, "HTTP 503"),
        (
            "HTTP/1.1 400 No\ncontent-length: 24\n\n{\"error\":\"t0ken-s3cret\"}",
            Status::Rejected,
            "HTTP 400",
        ),
    ] {
        let error = answered(answer).unwrap_err();
        assert_eq!(error.status(), status, "{answer}");
        assert!(error.message().contains(text), "{error}");
    }
}

#[test]
fn a_refusal_speaks_of_the_token_and_of_no_jwt() {
    let sandbox = serve();
    let (ims, transport) = (host(&sandbox), Transport::default());
    let error = validate_token(&ims, "unknown", "0paque", &transport).unwrap_err();
    assert!(error.hint().unwrap().starts_with("the client id is unknown at this host"), "{error}");
    let error = invalidate_token(&ims, CLIENT, &SECRET.into(), "0paque", &transport).unwrap_err();
    assert!(error.hint().unwrap().starts_with("this host did not issue the token"), "{error}");
}

#[test]
fn a_client_ends_the_token_that_it_keeps_and_gets_a_new_one() {
    let sandbox = serve();
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    let client = || {
        let json = json!({
            "ims": sandbox.url(), "client_id": CLIENT, "client_secret": SECRET, "scope": "openid",
        });
        let credentials = Credentials::from_json(json.to_string().as_bytes(), &options());
        Client::new(credentials.unwrap(), &cache, Transport::default()).unwrap()
    };
    let first = client();
    assert!(!first.invalidate().unwrap(), "there is none yet");
    let token = first.token().unwrap();

    // Another process finds it in the cache.
    assert!(client().invalidate().unwrap());

    let said = validate_token(&host(&sandbox), CLIENT, token.access_token(), &Transport::default());
    assert!(!said.unwrap().is_valid);
    assert!(!client().invalidate().unwrap(), "it is forgotten");
    let second = client().token().unwrap();
    assert_ne!(second.access_token(), token.access_token());
    assert!(first.invalidate().unwrap());
    assert_ne!(first.token().unwrap().access_token(), token.access_token());
}

#[test]
fn a_token_of_a_server_that_is_not_adobes_is_only_removed_from_the_cache() {
    let (sandbox, directory) = (serve(), Directory::new());
    let credentials = json!({
        "grant": "client_credentials", "token_url": format!("{}/oauth/token", sandbox.url()),
        "client_id": CLIENT, "client_secret": SECRET, "scope": "openid",
    });
    let file = directory.write("credentials.json", credentials.to_string());
    let cache = format!("file:{}", directory.path().join("cache").display());
    let said = |command: &str| {
        let mut ims = std::process::Command::new(env!("CARGO_BIN_EXE_ims"));
        let ran = ims.arg(command).arg(&file).args(["--cache", &cache]).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    let first = said("token");
    assert_eq!(said("token"), first);
    assert!(said("invalidate").starts_with("done: the access token was removed from the cache;"));
    assert_ne!(said("token"), first);
    let exchanges = sandbox.exchanges(CLIENT).unwrap();
    assert_eq!((exchanges.issued, exchanges.refused), (2, 0), "nothing else was sent");
}

fn options() -> CredentialsOptions {
    CredentialsOptions::default()
}

#[test]
fn a_token_that_the_server_does_not_know_is_forgotten_all_the_same() {
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    let client = |sandbox: &Sandbox| {
        let json = json!({
            "ims": sandbox.url(), "client_id": CLIENT, "client_secret": SECRET, "scope": "openid",
        });
        let credentials = Credentials::from_json(json.to_string().as_bytes(), &options());
        Client::new(credentials.unwrap(), &cache, Transport::default()).unwrap()
    };
    let before = serve();
    let token = client(&before).token().unwrap();
    let address = before.url().strip_prefix("http://").unwrap().parse().unwrap();
    before.stop();
    // Another key, at the same place.
    let mut config = Config::new(vec![Account::default()]);
    config.address = address;
    let after = Sandbox::start(config).unwrap();
    assert!(client(&after).invalidate().unwrap());
    assert_ne!(client(&after).token().unwrap().access_token(), token.access_token());
}

#[test]
fn two_tokens_are_ended_by_one_deadline() {
    let (sandbox, directory) = (serve(), Directory::new());
    let cache = Cache::File(Some(directory.path().join("cache")));
    let client = || {
        let json = json!({
            "ims": sandbox.url(), "client_id": CLIENT, "client_secret": SECRET, "scope": "openid",
        });
        let credentials = Credentials::from_json(json.to_string().as_bytes(), &options());
        let mut transport = Transport::default();
        transport.timeout = Duration::from_secs(4);
        Client::new(credentials.unwrap(), &cache, transport).unwrap()
    };
    // One stays in memory; another takes its place in the cache, which someone has emptied.
    let first = client();
    first.token().unwrap();
    fs::remove_dir_all(directory.path().join("cache")).unwrap();
    client().token().unwrap();

    sandbox.inject(Fault::latency(Duration::from_millis(2500))).unwrap();
    assert_eq!(first.invalidate().unwrap_err().status(), Status::Timeout);
}

#[test]
fn a_cache_that_cannot_be_read_is_no_cache_without_a_token() {
    let json = json!({ "client_id": CLIENT, "client_secret": SECRET, "scope": "openid" });
    let credentials = Credentials::from_json(json.to_string().as_bytes(), &options()).unwrap();
    let place = Directory::new();
    place.write("file", "");
    let cache = Cache::File(Some(place.path().join("file")));
    let client = Client::new(credentials, &cache, Transport::default()).unwrap();
    assert_eq!(client.invalidate().unwrap_err().status(), Status::Cache);
}

#[test]
fn tokens_of_other_servers_cannot_be_ended() {
    let json = json!({
        "grant": "jwt_bearer", "token_url": "https://auth.example/token", "iss": "i",
        "private_key": String::from_utf8(support::keys::pkcs8_pem()).unwrap(),
    });
    let credentials = Credentials::from_json(json.to_string().as_bytes(), &options()).unwrap();
    let client = Client::new(credentials, &Cache::Memory, Transport::default()).unwrap();
    let error = client.invalidate_token("t").unwrap_err();
    assert_eq!(error.status(), Status::Argument);
}

// As commands.

/// A user's directory with credentials for the sandbox, and a cache.
struct Desk {
    sandbox: Sandbox,
    directory: Directory,
}

impl Desk {
    fn new() -> Self {
        let (sandbox, directory) = (serve(), Directory::new());
        let own = json!({
            "ims": sandbox.url(), "client_id": CLIENT, "client_secret": SECRET, "scope": "openid",
        });
        directory.write("credentials.json", own.to_string());
        Self { sandbox, directory }
    }

    fn ims(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
        command.args(args).current_dir(self.directory.path()).env_clear();
        command.env("XDG_RUNTIME_DIR", self.directory.path());
        command
    }

    fn token(&self) -> String {
        output(&mut self.ims(&["token", "credentials.json"]), "")
    }
}

/// Exit code, standard output and error.
fn ended(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn the_cached_token_is_validated_and_ended_by_its_credentials() {
    let desk = Desk::new();
    let token = desk.token();
    let said = output(&mut desk.ims(&["validate", "credentials.json"]), "");
    assert!(said.starts_with("the access token is valid until "), "{said}");
    assert!(
        said.contains("; client sandbox-client; account sandbox@techacct.adobe.com;"),
        "{said}"
    );

    let said = output(&mut desk.ims(&["invalidate", "credentials.json"]), "");
    assert_eq!(said, "done: the access token was ended at the server\n");
    desk.directory.write("token.txt", &token);
    let by_file = ["validate", "credentials.json", "--token-file", "token.txt"];
    let (code, said, error) = ended(&mut desk.ims(&by_file));
    assert_eq!((code, said.as_str()), (18, ""));
    assert!(
        error.starts_with("error: the access token is not valid: invalidated\nhint: "),
        "{error}"
    );

    let said = output(&mut desk.ims(&["invalidate", "credentials.json"]), "");
    assert_eq!(said, "nothing to do: the cache holds no token of this account, nor a failure\n");
    assert_ne!(desk.token(), token, "the next one is new");
}

#[test]
fn a_token_alone_says_whose_it_is() {
    let desk = Desk::new();
    let token = desk.token();
    let json = |token: &str| -> Value {
        let mut validate = desk.ims(&["validate", "--json", "--ims", desk.sandbox.url()]);
        let mut child = validate.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), token.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let expected = if json["valid"] == true { 0 } else { 18 };
        assert_eq!(output.status.code(), Some(expected));
        json
    };
    let validation = json(&format!("Bearer {token}"));
    assert_eq!(validation["valid"], true);
    assert_eq!(validation["client_id"], CLIENT);
    assert!(validation["expires_at"].is_i64());

    let mut invalidate = desk.ims(&["invalidate", "--ims", desk.sandbox.url()]);
    output(invalidate.env("IMS_CLIENT_SECRET", SECRET), &token);
    assert_eq!(json(&token)["reason"], "invalidated");
}

#[test]
fn a_token_that_leaked_is_ended_from_its_file_and_forgotten() {
    let desk = Desk::new();
    desk.directory.write("leaked.txt", desk.token());
    let by_file = ["invalidate", "credentials.json", "--token-file", "leaked.txt"];
    output(&mut desk.ims(&by_file), "");
    let said = output(&mut desk.ims(&["invalidate", "credentials.json"]), "");
    assert_eq!(said, "nothing to do: the cache holds no token of this account, nor a failure\n");
}

#[test]
fn what_is_missing_is_named_and_no_token_shows() {
    let desk = Desk::new();
    let token = desk.token();
    desk.directory.write("token.txt", &token);
    desk.directory.write("opaque.txt", "0paque-s3cret");
    for (args, problem) in [
        (&["invalidate", "--token-file", "token.txt"][..], "--client-secret-file is missing"),
        (&["validate", "--token-file", "opaque.txt"], "--client-id is missing"),
        (&["validate", "--token-file", "opaque.txt", "--client-id", "c"], "--ims is missing"),
        (&["validate", "--token-file", "missing.txt"], "--token-file cannot be read"),
        (&["decode", "opaque.txt"], "the text is no JWT"),
        (&["validate", "--key", "-", "--token-file", "-"], "standard input (-) is named by two"),
    ] {
        let (code, said, error) = ended(&mut desk.ims(args));
        assert_eq!((code, said.as_str()), (2, ""), "{args:?}");
        assert!(error.starts_with(&format!("error: {problem}")), "{error}");
        assert!(!error.contains("s3cret") && !error.contains("eyJ"), "{error}");
    }
}

#[test]
fn decode_shows_what_a_token_says_and_never_the_token() {
    let desk = Desk::new();
    let token = desk.token();
    let shown = output(&mut desk.ims(&["decode"]), &token);
    assert!(shown.starts_with("Not verified: anyone can write a JWT.\n"), "{shown}");
    assert!(shown.contains("  client_id   sandbox-client\n"), "{shown}");
    assert!(shown.contains("  expires_in  86400000  1 d\n"), "{shown}");
    assert!(!shown.contains("eyJ"), "{shown}");

    desk.directory.write("token.txt", &token);
    let json = output(&mut desk.ims(&["decode", "--json", "token.txt"]), "");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["header"]["alg"], "RS256");
    assert_eq!(json["claims"]["client_id"], CLIENT);
}
