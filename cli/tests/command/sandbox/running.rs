//! Counts, log, TLS, start and stop, from Rust and as a program.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;

use ims::Status;
use ims_sandbox::{Config, PublicKey, Sandbox, Tls};
use openssl::rsa::Rsa;
use serde_json::json;
use support::certificates::{Authority, Validity, self_signed};
use support::directory::Directory;
use support::keys;
use support::processes::Running;

use super::*;

#[test]
fn answers_are_counted_by_account() {
    let mut other = account();
    other.client_id = "other".into();
    let sandbox = Sandbox::start(Config::new(vec![account(), other])).unwrap();
    exchange(&sandbox, &jwt(&claims()));
    client_credentials(&sandbox, &[]);
    exchange(&sandbox, "not a JWT");

    let stats = get(&format!("{}/__sandbox/stats", sandbox.url())).body;

    let expected = json!({ "accounts": {
        "sandbox-client": { "issued": 2, "refused": 1 },
        "other": { "issued": 0, "refused": 0 },
    }});
    assert_eq!(stats, expected);
    let exchanges = sandbox.exchanges("sandbox-client").unwrap();
    assert_eq!((exchanges.issued, exchanges.refused), (2, 1));
    assert_eq!(sandbox.exchanges("unknown"), None);
}

#[test]
fn https_is_trusted_by_the_ca_that_the_sandbox_makes_and_by_nothing_else() {
    let mut config = Config::new(vec![account()]);
    config.tls = Tls::SelfMade;
    let sandbox = Sandbox::start(config).unwrap();
    let directory = Directory::new();
    let ca = directory.write("ca.pem", sandbox.ca_certificate().unwrap());

    let by_name = sandbox.url().replace("127.0.0.1", "localhost");
    for url in [sandbox.url(), &by_name] {
        assert!(
            ims::exchange(&token_url(url), &token_grant(), &transport(Some(&ca))).is_ok(),
            "{url}"
        );
    }
    let error =
        ims::exchange(&token_url(sandbox.url()), &token_grant(), &transport(None)).unwrap_err();
    assert_eq!(error.status(), Status::Tls);
}

#[test]
fn https_takes_a_given_certificate() {
    let authority = Authority::new("authority");
    let identity = authority.server(&["127.0.0.1"], Validity::now());
    let mut config = Config::new(vec![account()]);
    config.tls = Tls::Given { certificate: identity.chain_pem(), key: identity.key_pem().into() };
    let sandbox = Sandbox::start(config).unwrap();
    let directory = Directory::new();
    let ca = directory.write("ca.pem", authority.pem());

    assert!(
        ims::exchange(&token_url(sandbox.url()), &token_grant(), &transport(Some(&ca))).is_ok()
    );
    assert!(sandbox.ca_certificate().is_none());
}

/// Why a configuration is refused.
fn refused(config: Config) -> String {
    let error = Sandbox::start(config).err().unwrap();
    assert_eq!(error.status(), Status::Argument);
    error.to_string()
}

#[test]
fn plain_http_is_served_on_loopback_alone() {
    let mut config = Config::new(vec![account()]);
    config.address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    assert!(refused(config).contains("is not a loopback address"));
}

#[test]
fn what_cannot_be_served_is_refused_by_name() {
    let mut empty = account();
    empty.client_id.clear();
    assert_eq!(refused(Config::new(vec![empty])), "client_id is missing or empty");
    let twice = Config::new(vec![account(), account()]);
    assert_eq!(refused(twice), "accounts hold the client id sandbox-client twice");
    let mut config = Config::new(vec![account()]);
    config.tls = Tls::Given { certificate: b"none".to_vec(), key: keys::pkcs8_pem().into() };
    assert_eq!(refused(config), "tls_certificate holds no PEM certificate");
}

#[test]
fn what_cannot_verify_jwts_is_not_registered() {
    let weak = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
    for (bytes, problem) in [
        (keys::pkcs8_pem(), "holds a private key"),
        (
            keys::dsa().public_key_to_pem().unwrap(),
            "is not of an RSA, P-256, P-384, P-521 or Ed25519 key",
        ),
        (weak.public_key_to_pem().unwrap(), "is of an RSA key under 2048 bits"),
        (b"none".to_vec(), "is neither an X.509 certificate nor a public key"),
    ] {
        let error = PublicKey::from_bytes(&bytes).unwrap_err();
        assert_eq!(error.status(), Status::Argument);
        assert!(error.message().contains(problem), "{error}");
    }
}

#[test]
fn a_stopped_sandbox_no_longer_listens() {
    let sandbox = serve(account());
    let address: SocketAddr = sandbox.url().strip_prefix("http://").unwrap().parse().unwrap();
    let idle = TcpStream::connect(address).unwrap();
    sandbox.stop();
    assert!(TcpStream::connect(address).is_err());
    drop(idle);
}

/// `ims sandbox`, run in a directory of its own.
pub struct Process {
    running: Running,
    pub url: String,
    pub directory: Directory,
}

impl Process {
    /// With a certificate of [`keys::rsa`].
    pub fn start(arguments: &[&str]) -> Self {
        let directory = Directory::new();
        let certificate = self_signed(keys::rsa(), Validity::now()).to_pem().unwrap();
        directory.write("certificate.pem", certificate);
        Self::start_in(directory, &[&["--certificate=certificate.pem"], arguments].concat())
    }

    fn start_in(directory: Directory, arguments: &[&str]) -> Self {
        let path = |name: &str| directory.path().join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
        command.current_dir(directory.path()).env_clear().env("IMS_CLIENT_SECRET", "fr0m-env");
        command.args(["sandbox", "--port=0", "--ready-file=url"]);
        command.args(arguments).stdout(fs::File::create(path("log")).unwrap());
        let running = Running::start(&mut command, "", || path("url").exists());
        let url = fs::read_to_string(path("url")).unwrap().trim_end().to_owned();
        Self { running, url, directory }
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.url);
        send(&url, "application/x-www-form-urlencoded", None, &urlencoded(fields))
    }
}

#[test]
fn ims_sandbox_stops_cleanly_on_sigterm_and_sigint() {
    for signal in ["TERM", "INT"] {
        let mut ims = Process::start(&[]);
        let secret = ("client_secret", "fr0m-env");
        let jwt = jwt(&claims());
        let answer = ims.post("/ims/exchange/jwt", &[CLIENT[0], secret, ("jwt_token", &jwt)]);
        assert_eq!(answer.status, 200);

        let kill = format!("kill -{signal} {}", ims.running.0.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());

        assert_eq!(ims.running.0.wait().unwrap().code(), Some(0));
        let log = fs::read_to_string(ims.directory.path().join("log")).unwrap();
        assert!(log.starts_with(&format!("{} plays ims-na1.adobelogin.com", ims.url)), "{log}");
        let line = " 200 POST /ims/exchange/jwt sandbox-client token for 24 h, ent_sandbox (";
        assert!(log.lines().last().unwrap().contains(line), "{log}");
        assert!(!log.contains("fr0m-env"));
        assert!(!ims.directory.path().join("url").exists());
    }
}

#[test]
fn ims_sandbox_writes_the_ca_that_clients_trust_before_it_is_ready() {
    let ims = Process::start(&["--https", "--ca-out=ca.pem"]);
    let grant = Grant::client_credentials(CLIENT[0].1, "fr0m-env", "openid");
    let ca = ims.directory.path().join("ca.pem");
    assert!(ims::exchange(&token_url(&ims.url), &grant, &transport(Some(&ca))).is_ok());
}

#[test]
fn ims_sandbox_grants_what_its_flags_say() {
    let directory = Directory::new();
    let secret = directory.write("secret", "fr0m-file\n");
    let ims = Process::start(&[
        "--client-id=client",
        &format!("--client-secret-file={}", secret.display()),
        "--org-id=ORG@AdobeOrg",
        "--technical-account-id=ID@techacct.adobe.com",
        "--metascope=ent_a,ent_b",
        "--scope=",
        "--require-jti",
        "--ims=ims-na1-stg1.adobelogin.com",
    ]);
    let stage = "https://ims-na1-stg1.adobelogin.com";
    let jwt = jwt(&json!({
        "iss": "ORG@AdobeOrg",
        "sub": "ID@techacct.adobe.com",
        "aud": format!("{stage}/c/client"),
        "exp": now() + 300,
        "jti": 1,
        format!("{stage}/s/ent_a"): true,
        format!("{stage}/s/ent_b"): true,
    }));
    let [id, secret] = [("client_id", "client"), ("client_secret", "fr0m-file")];

    let answer = ims.post("/ims/exchange/jwt", &[id, secret, ("jwt_token", &jwt)]);
    let token = decoded(&answer.body["access_token"]);
    assert_eq!(token["as"], "ims-na1-stg1");
    assert_eq!(token["scope"], "ent_a,ent_b");

    let again = ims.post("/ims/exchange/jwt", &[id, secret, ("jwt_token", &jwt)]);
    assert_eq!(again.body["error"], "invalid_jti");

    let grant_type = ("grant_type", "client_credentials");
    let answer = ims.post("/ims/token/v3", &[id, secret, grant_type]);
    assert_eq!(answer.body["error"], "unauthorized_client");
}

#[test]
fn ims_sandbox_serves_credentials_files_and_a_config_file_together() {
    let directory = accounts::directory();
    let account = json!({ "credentials": "credentials.json", "client_id": "configured" });
    directory.write("sandbox.json", json!({ "accounts": [account] }).to_string());
    let ims = Process::start_in(directory, &["credentials.json", "--config=sandbox.json"]);
    let stats = get(&format!("{}/__sandbox/stats", ims.url)).body;
    let clients: Vec<&String> = stats["accounts"].as_object().unwrap().keys().collect();
    assert_eq!(clients, ["client", "configured"]);

    let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
    command.current_dir(ims.directory.path()).env_clear();
    command.args(["token", "credentials.json", "--cache=none", "--ims", &ims.url]);
    let token = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert_eq!(decoded(&json!(token))["scope"], "ent_a,ent_b");
}

#[test]
fn ims_sandbox_of_a_general_server_s_credentials_is_its_issuer() {
    let directory = Directory::new();
    directory.write("private.key", keys::pkcs8_pem());
    let recipe = fs::read_to_string("../recipes/mcp.json").unwrap();
    let mut account: Value = serde_json::from_str(&recipe).unwrap();
    account.as_object_mut().unwrap().remove("token_url");
    directory.write("mcp.json", account.to_string());
    let ims = Process::start_in(directory, &["mcp.json"]);
    let token = |account: &Value| {
        let file = ims.directory.write("client.json", account.to_string());
        let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
        command.args(["token", "--cache", "none"]).arg(file).current_dir(ims.directory.path());
        command.env_clear().output().unwrap()
    };
    account["issuer"] = json!(ims.url);
    let output = token(&account);
    assert!(output.status.success(), "{output:?}");
    account["typ"] = json!("JWT");
    assert_eq!(token(&account).status.code(), Some(18));
    let log = fs::read_to_string(ims.directory.path().join("log")).unwrap();
    assert!(log.contains("token for 1 h; resource https://MCP.EXAMPLE.COM/mcp"), "{log}");
    assert!(log.contains("the header's typ is JWT, but should be client-auth"), "{log}");
}

#[test]
fn ims_sandbox_takes_accounts_from_files_or_from_flags_and_not_from_both() {
    for accounts in ["credentials.json", "--config=sandbox.json"] {
        let (code, stderr) = cannot_serve(&[accounts, "--client-id=other"]);
        assert_eq!(code, 2);
        assert!(stderr.contains("cannot be used with"), "{stderr}");
    }
}

/// Standard error of `ims sandbox` where it cannot serve, and its exit code.
pub fn cannot_serve(arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
    let output = command.env_clear().arg("sandbox").args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn ims_sandbox_does_not_serve_https_that_nobody_could_trust() {
    let (code, stderr) = cannot_serve(&["--https"]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: --ca-out is missing: no client could trust"), "{stderr}");
}

#[test]
fn ims_sandbox_says_what_to_do_about_a_port_in_use() {
    let sandbox = serve(account());
    let (_, port) = sandbox.url().rsplit_once(':').unwrap();
    let (code, stderr) = cannot_serve(&["--port", port]);
    assert_eq!(code, 15);
    assert!(stderr.contains("\nhint: another program listens there"), "{stderr}");
}

#[test]
fn ims_sandbox_neither_repeats_a_key_given_as_a_certificate_nor_reads_without_end() {
    let key = String::from_utf8(keys::pkcs8_pem()).unwrap();
    let (code, stderr) = cannot_serve(&[&format!("--certificate={key}")]);
    assert_eq!(code, 2);
    assert!(!stderr.contains(key.lines().nth(1).unwrap()), "{stderr}");
    let (code, stderr) = cannot_serve(&["--certificate=/dev/zero"]);
    assert_eq!((code, stderr.as_str()), (2, "error: --certificate is over 128 KiB\n"));
}

#[test]
fn ims_sandbox_reads_standard_input_for_one_option_only() {
    let (code, stderr) = cannot_serve(&["--client-secret-file=-", "--certificate=-"]);
    assert_eq!((code, stderr.as_str()), (2, "error: standard input (-) is named by two options\n"));
}

#[test]
fn tokens_live_as_long_as_the_account_says() {
    let mut account = account();
    account.token_lifetime = Some(std::time::Duration::from_secs(8));
    let sandbox = Sandbox::start(Config::new(vec![account])).unwrap();
    assert_eq!(exchange(&sandbox, &jwt(&claims())).body["expires_in"], 7999);
    assert_eq!(client_credentials(&sandbox, &[]).body["expires_in"], 7);
    assert_eq!(bearer(&sandbox, &bearer_claims()).body["expires_in"], 8);
}

#[test]
fn ims_sandbox_takes_the_lifetime_of_its_tokens() {
    let ims = Process::start(&["--token-lifetime=8"]);
    let secret = ("client_secret", "fr0m-env");
    let fields = [("grant_type", "client_credentials"), CLIENT[0], secret];
    assert_eq!(ims.post("/ims/token/v3", &fields).body["expires_in"], 7);
}
