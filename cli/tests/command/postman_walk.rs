//! The shell script that stands for Adobe's Postman walk, against a token server and an API.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use ims::{Transport, Validation, validate_token};
use ims_sandbox::{Account, Config, Sandbox};
use serde_json::json;
use support::directory::Directory;
use support::hostile::Hostile;
use support::processes::output;
use support::root;

const ANSWER: &str = r#"{"dataSets":[]}"#;

/// `program` with nothing of the caller's but this home of caches, and `ims` on its path.
fn command(program: impl AsRef<OsStr>, caches: &Directory) -> Command {
    let ims = Path::new(env!("CARGO_BIN_EXE_ims")).parent().unwrap().display().to_string();
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", format!("{ims}:{}", env::var("PATH").unwrap()))
        .env("XDG_RUNTIME_DIR", caches.path());
    command
}

fn credentials(sandbox: &Sandbox, secret: &str) -> String {
    json!({
        "ims": sandbox.url(), "client_id": "sandbox-client", "client_secret": secret,
        "org_id": "SANDBOX@AdobeOrg", "scope": "openid,AdobeID", "sandbox_name": "prod",
    })
    .to_string()
}

fn walk(sandbox: &Sandbox, api: &str, secret: &str) -> Output {
    let directory = Directory::new();
    let credentials = directory.write("service_token.json", credentials(sandbox, secret));
    walk_with(&credentials, api, &directory)
}

fn walk_with(credentials: &Path, api: &str, caches: &Directory) -> Output {
    let script = root().join("docs/postman_walk.sh");
    command(script, caches).arg(credentials).arg(api).output().unwrap()
}

fn validate(sandbox: &Sandbox, token: &str) -> Validation {
    let ims = sandbox.url().parse().unwrap();
    validate_token(&ims, "sandbox-client", token, &Transport::default()).unwrap()
}

fn api() -> Hostile {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", ANSWER.len());
    Hostile::answering([format!("{head}{ANSWER}")])
}

fn serve() -> Sandbox {
    Sandbox::start(Config::new(vec![Account::default()])).unwrap()
}

#[test]
fn the_walk_calls_an_api_with_all_its_headers_and_leaves_no_token_behind() {
    let (sandbox, api) = (serve(), api());
    let output = walk(&sandbox, &api.url(), "sandbox-secret");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), ANSWER);

    let request = api.requests().concat();
    let header = |name: &str| {
        let line = request.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("{name}: {request}")).to_owned()
    };
    assert_eq!(header("x-api-key"), "sandbox-client");
    assert_eq!(header("x-gw-ims-org-id"), "SANDBOX@AdobeOrg");
    assert_eq!(header("x-sandbox-name"), "prod");
    let token = header("Authorization").strip_prefix("Bearer ").unwrap().to_owned();
    assert_eq!(validate(&sandbox, &token).reason.as_deref(), Some("invalidated"));
    assert!(!said.contains(&token) && !said.contains("sandbox-secret"), "{said}");
}

#[test]
fn the_walk_leaves_the_token_alone_that_other_processes_share() {
    let (sandbox, api, caches) = (serve(), api(), Directory::new());
    let credentials = caches.write("service_token.json", credentials(&sandbox, "sandbox-secret"));
    let shared = output(command("ims", &caches).arg("token").arg(&credentials), "");

    let walked = walk_with(&credentials, &api.url(), &caches);

    assert!(walked.status.success(), "{walked:?}");
    assert!(validate(&sandbox, shared.trim()).is_valid);
    assert_eq!(output(command("ims", &caches).arg("token").arg(&credentials), ""), shared);
}

#[test]
fn the_walk_ends_where_there_is_no_token_and_calls_nothing() {
    let (sandbox, api) = (serve(), api());
    let output = walk(&sandbox, &api.url(), "wrong");
    assert_eq!(output.status.code(), Some(18));
    assert_eq!(api.connections(), 0);
}

#[test]
fn the_walk_ends_the_token_where_the_api_refuses() {
    let sandbox = serve();
    let api = Hostile::answering(["HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"]);
    let output = walk(&sandbox, &api.url(), "sandbox-secret");
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.ends_with("done: the access token was ended at the server\n"), "{said}");
}

#[test]
fn the_walk_leaves_no_cache_behind_where_it_cannot_end_the_token() {
    let (sandbox, directory, temporary) = (serve(), Directory::new(), Directory::new());
    let credentials =
        directory.write("service_token.json", credentials(&sandbox, "sandbox-secret"));
    // Without its credentials, no token can be ended.
    let curl = directory.write("curl", "#!/bin/sh\nrm service_token.json\n");
    fs::set_permissions(curl, fs::Permissions::from_mode(0o755)).unwrap();

    let script = root().join("docs/postman_walk.sh");
    let mut walk = command(script, &directory);
    let ims = Path::new(env!("CARGO_BIN_EXE_ims")).parent().unwrap().display();
    let path = format!("{}:{ims}:{}", directory.path().display(), env::var("PATH").unwrap());
    walk.env("PATH", path).env("TMPDIR", temporary.path()).current_dir(directory.path());
    let walked = walk.arg(credentials).arg("http://127.0.0.1/").output().unwrap();

    assert!(!walked.status.success(), "{walked:?}");
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}
