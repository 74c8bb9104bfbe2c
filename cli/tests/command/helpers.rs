//! Programs that run `ims` for a token: kubectl, Git, and by their conventions Bazel, Docker and Google's libraries.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};
use support::certificates::{Authority, Validity};
use support::directory::Directory;
use support::hostile::Hostile;
use support::processes::output;
use support::responses::{http, json as response};

/// A token server, a file of an account at it, and the programs' own files.
struct Desk {
    server: Hostile,
    directory: Directory,
}

impl Desk {
    fn new() -> Self {
        let server = Hostile::run(|connection| {
            connection.read_request()?;
            let token = format!("token-{}", connection.number);
            connection.send(response(
                "200 OK",
                json!({"access_token": token, "expires_in": 3600}).to_string(),
            ))
        });
        let directory = Directory::new();
        let account = json!({
            "grant": "client_credentials", "token_url": server.url(), "client_id": "c",
            "client_secret": "s3cret-of-the-client", "scope": "openid",
        });
        directory.write("credentials.json", account.to_string());
        Self { server, directory }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("credentials.json")
    }

    /// A command that finds `ims` and its cache, and nothing of this user's.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.directory.path())
            .env("XDG_RUNTIME_DIR", self.directory.path())
            .current_dir(self.directory.path());
        command
    }

    fn ims(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_ims"));
        command.arg("token").arg(self.file()).args(args);
        command
    }

    fn json(&self, args: &[&str], input: &str) -> Value {
        serde_json::from_str(&output(&mut self.ims(args), input)).unwrap()
    }
}

/// An HTTPS server that wants a token, and the file of the authority that it is known by.
fn service(desk: &Desk, is_good: fn(&str) -> bool) -> Hostile {
    let authority = Authority::new("authority");
    desk.directory.write("ca.pem", authority.pem());
    let identity = authority.server(&["127.0.0.1"], Validity::now());
    Hostile::run_over_tls(&identity, move |connection| {
        let request = connection.read_request()?;
        connection.send(match is_good(&request) {
            true => response("200 OK", r#"{"kind":"Status","status":"Success"}"#),
            false => http("401 Unauthorized", "WWW-Authenticate: Bearer realm=\"test\"\r\n", ""),
        })
    })
}

fn authorization(request: &str) -> Option<&str> {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(name, _)| name.eq_ignore_ascii_case("authorization")).map(|(_, value)| value)
}

#[test]
fn kubectl_gets_its_token() {
    let desk = Desk::new();
    let service = service(&desk, |request| authorization(request).is_some());
    desk.directory.write(
        "config",
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             contexts:\n- name: test\n  context: {{cluster: test, user: ims}}\n\
             clusters:\n- name: test\n  cluster: {{server: \"https://{}\", certificate-authority: ca.pem}}\n\
             users:\n- name: ims\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n\
             \x20     command: {:?}\n      args: [token, {:?}, --format, exec-credential]\n\
             \x20     interactiveMode: Never\n",
            service.address(),
            env!("CARGO_BIN_EXE_ims"),
            desk.file(),
        ),
    );
    let mut kubectl = desk.command("kubectl");
    kubectl.args(["--kubeconfig", "config", "get", "--raw", "/version"]);
    let ran = kubectl.output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let request = service.requests().pop().unwrap();
    assert_eq!(authorization(&request), Some("Bearer token-0"));
}

/// Runs Git against a server that wants a token, and returns what it said.
fn git(desk: &Desk, service: &Hostile) -> Output {
    let helper = format!(
        "!'{}' token '{}' --format git-credential",
        env!("CARGO_BIN_EXE_ims"),
        desk.file().display()
    );
    let mut git = desk.command("git");
    git.env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_SSL_CAINFO", "ca.pem");
    git.args(["-c", &format!("credential.helper={helper}"), "ls-remote"]);
    git.arg(format!("https://{}/repository", service.address())).output().unwrap()
}

#[test]
fn git_gets_its_token_and_one_that_is_refused_is_forgotten() {
    let desk = Desk::new();
    let service = service(&desk, |_| false);
    let ran = git(&desk, &service);
    let said = String::from_utf8_lossy(&ran.stderr);
    let mut help = desk.command("git");
    if !takes_bearer(&output(help.arg("version"), "")) {
        let error = "error: the request comes from a Git that cannot send a bearer token\n";
        assert!(said.contains(error), "{said}");
        return;
    }
    let sent: Vec<String> = service
        .requests()
        .iter()
        .filter_map(|request| authorization(request))
        .map(str::to_owned)
        .collect();
    assert_eq!(sent, ["Bearer token-0"], "{said}");
    // The server refused the token, and Git said so.
    assert_eq!(output(&mut desk.ims(&[]), ""), "token-1\n");
    assert!(!said.contains("token-0"), "{said}");
}

/// Git has sent them since its version 2.46.
fn takes_bearer(version: &str) -> bool {
    let mut numbers = version.split([' ', '.']).filter_map(|part| part.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(2), Some(46))
}

#[test]
fn git_gets_no_token_for_a_connection_in_clear() {
    let desk = Desk::new();
    let request = "capability[]=authtype\nprotocol=http\nhost=example.com\n";
    let mut helper = desk.ims(&["--format", "git-credential", "get"]);
    let request_file = desk.directory.write("request", request);
    let ran = helper.stdin(std::fs::File::open(request_file).unwrap()).output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    assert!(ran.stdout.is_empty());
}

#[test]
fn kubernetes_gets_the_version_that_it_asks_for() {
    let desk = Desk::new();
    let args = ["--format", "exec-credential"];
    let credential = desk.json(&args, "");
    assert_eq!(credential["apiVersion"], "client.authentication.k8s.io/v1");
    assert_eq!(credential["kind"], "ExecCredential");
    assert_eq!(credential["status"]["token"], "token-0");
    let end = credential["status"]["expirationTimestamp"].as_str().unwrap();
    assert!(end.ends_with('Z') && end.len() == "2026-01-01T00:00:00Z".len(), "{end}");

    let info = r#"{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential"}"#;
    let mut older = desk.ims(&args);
    older.env("KUBERNETES_EXEC_INFO", info);
    let credential: Value = serde_json::from_str(&output(&mut older, "")).unwrap();
    assert_eq!(credential["apiVersion"], "client.authentication.k8s.io/v1beta1");
}

#[test]
fn bazel_gets_a_header_for_the_url() {
    let desk = Desk::new();
    let args = ["--format", "bazel", "get"];
    let answer = desk.json(&args, r#"{"uri":"https://cache.example.com/x"}"#);
    assert_eq!(answer["headers"], json!({"Authorization": ["Bearer token-0"]}));
    assert!(answer["expires"].as_str().unwrap().ends_with('Z'));
    let service = r#"{"uri":"grpcs://cache.example.com/Service/Method"}"#;
    assert_eq!(desk.json(&args, service)["headers"], answer["headers"]);
}

#[test]
fn docker_gets_a_user_and_the_token_and_stores_nothing() {
    let desk = Desk::new();
    let get = ["--format", "docker", "get"];
    assert_eq!(
        desk.json(&get, "registry.example.com\n"),
        json!({"ServerURL": "registry.example.com", "Username": "oauth2accesstoken", "Secret": "token-0"})
    );
    let named = ["--format", "docker", "--username", "robot", "get"];
    assert_eq!(desk.json(&named, "registry.example.com")["Username"], "robot");
    let stored = r#"{"ServerURL":"registry.example.com","Username":"u","Secret":"x"}"#;
    assert_eq!(output(&mut desk.ims(&["--format", "docker", "store"]), stored), "");
    assert_eq!(desk.json(&["--format", "docker", "list"], ""), json!({}));
    output(&mut desk.ims(&["--format", "docker", "erase"]), "registry.example.com");
    assert_eq!(desk.json(&get, "registry.example.com")["Secret"], "token-1");
}

/// Docker shows what a helper prints on standard output.
#[test]
fn docker_is_told_the_reason_of_a_failure() {
    let desk = Desk::new();
    desk.directory.write("credentials.json", "{}");
    let ran = desk.ims(&["--format", "docker", "list"]).output().unwrap();
    assert!(ran.status.success(), "nothing is read for a list");
    let mut get = desk.ims(&["--format", "docker", "get"]);
    let ran = get.stdin(std::process::Stdio::null()).output().unwrap();
    assert_eq!(ran.status.code(), Some(14));
    let shown = String::from_utf8(ran.stdout).unwrap();
    assert!(shown.starts_with("credentials file "), "{shown}");
    assert_eq!(shown.lines().count(), 1);
}

/// They read standard error together with the response, and the response where the exit code is 0 (AIP-4117).
#[test]
fn googles_libraries_are_told_of_a_failure_in_the_response_alone() {
    let desk = Desk::new();
    desk.directory.write("credentials.json", "{}");
    let ran = desk.ims(&["--format", "google-executable"]).output().unwrap();
    assert_eq!((ran.status.code(), &*ran.stderr), (Some(0), &b""[..]));
    let response: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(
        (&response["version"], &response["success"], &response["code"]),
        (&json!(1), &json!(false), &json!("14"))
    );
    assert!(response["message"].as_str().unwrap().starts_with("credentials file "));
}

#[test]
fn a_command_whose_status_the_program_does_not_keep_is_still_told_and_its_children_end() {
    let desk = Desk::new();
    let pid = desk.directory.path().join("pid");
    let script =
        format!("sleep 1000 & echo $! > {}; echo 'not logged in' >&2; exit 1", pid.display());
    let account = json!({
        "grant": "jwt_bearer", "token_url": desk.server.url(), "assertion_command": ["sh", "-c", script],
    });
    desk.directory.write("credentials.json", account.to_string());
    let mut ims = desk.command("env");
    ims.args(["--ignore-signal=CHLD", env!("CARGO_BIN_EXE_ims"), "token", "--allow-command"]);
    let ran = ims.arg(desk.file()).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(said.contains("assertion_command prints nothing: not logged in\n"), "{said}");
    let pid = std::fs::read_to_string(pid).unwrap();
    let stat = || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    while stat().is_ok_and(|stat| !stat.contains(") Z ")) {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn googles_libraries_get_the_response_of_an_executable() {
    let desk = Desk::new();
    let answer = desk.json(&["--format", "google-executable"], "");
    assert_eq!(
        (&answer["version"], &answer["success"], &answer["id_token"]),
        (&json!(1), &json!(true), &json!("token-0"))
    );
    assert!(answer["expiration_time"].as_i64().unwrap() > 1_700_000_000);
}

#[test]
fn a_shell_and_a_command_get_the_token_by_their_environment() {
    let desk = Desk::new();
    let lines = output(&mut desk.ims(&["--format", "env"]), "");
    assert!(lines.starts_with("ACCESS_TOKEN='token-0'\nACCESS_TOKEN_EXPIRES_AT="), "{lines}");

    let mut run = desk.command(env!("CARGO_BIN_EXE_ims"));
    run.arg("run").arg(desk.file()).args(["--variable", "T", "--", "sh", "-c", "echo $T; exit 7"]);
    let ran = run.output().unwrap();
    assert_eq!((ran.status.code(), &*ran.stdout), (Some(7), &b"token-0\n"[..]));

    let mut missing = desk.command(env!("CARGO_BIN_EXE_ims"));
    let ran =
        missing.arg("run").arg(desk.file()).args(["--", "/no/such/command"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&ran.stderr),
        "error: /no/such/command cannot be started: No such file or directory\n\
         hint: check the command after --\n"
    );
    assert_eq!(desk.server.connections(), 1);
}

#[test]
fn a_job_gets_its_jwt_where_the_variables_of_its_platform_say() {
    let desk = Desk::new();
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqb2IiLCJleHAiOjQxMDI0NDQ4MDB9.c2ln";
    let platform = Hostile::answering([response("200 OK", json!({"value": jwt}).to_string())]);
    let account = json!({
        "grant": "jwt_bearer", "token_url": desk.server.url(),
        "assertion_url": "${ACTIONS_ID_TOKEN_REQUEST_URL}&audience=x",
        "assertion_headers": {"Authorization": "Bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN}"},
    });
    desk.directory.write("credentials.json", account.to_string());
    let mut ims = desk.ims(&[]);
    ims.env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("http://{}/token?v=2", platform.address()));
    ims.env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-the-job");
    assert_eq!(output(&mut ims, ""), "token-0\n");
    let asked = platform.requests().pop().unwrap();
    assert!(asked.starts_with("GET /token?v=2&audience=x HTTP/1.1"), "{asked}");
    assert_eq!(authorization(&asked), Some("Bearer of-the-job"));
    assert!(desk.server.requests()[0].ends_with(jwt));
}
