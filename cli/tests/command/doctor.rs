//! `ims doctor`: each of the commonest failures is recognised by name, offline where it can be.

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims_sandbox::{Account, Config, Fault, PublicKey, Sandbox, Tls};
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::hostile::Hostile;
use support::keys;
use support::redis::Redis;
use support::responses::http;

const CLIENT: &str = "cm-p1-e2-integration";
const SECRET: &str = "p8e-s3cret";
const ORG: &str = "9071@AdobeOrg";
const ACCOUNT: &str = "D8E1@techacct.adobe.com";

fn text(pem: Vec<u8>) -> String {
    String::from_utf8(pem).unwrap()
}

fn certificate(validity: Validity) -> String {
    text(self_signed(keys::rsa(), validity).to_pem().unwrap())
}

/// A whole and sound set-up: AEM's service credentials at `ims`.
fn credentials(ims: &str) -> Value {
    json!({"ok": true, "statusCode": 200, "integration": {
        "imsEndpoint": ims, "metascopes": "ent_aem_cloud_api",
        "technicalAccount": {"clientId": CLIENT, "clientSecret": SECRET},
        "email": "u@techacct.adobe.com", "id": ACCOUNT, "org": ORG,
        "privateKey": text(keys::pkcs1_pem()),
        "publicKey": certificate(Validity::a_year()),
    }})
}

/// The same with one setting changed.
fn with(mut credentials: Value, setting: &str, value: impl Into<Value>) -> Value {
    credentials["integration"][setting] = value.into();
    credentials
}

/// libims's own form of the same.
fn own(changes: Value) -> Value {
    let mut own = json!({
        "ims": "ims.private.example", "client_id": CLIENT, "client_secret": SECRET,
        "org_id": ORG, "technical_account_id": ACCOUNT, "metascopes": "ent_aem_cloud_api",
        "private_key": text(keys::pkcs8_pem()), "certificate": certificate(Validity::a_year()),
    });
    own.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    own
}

fn account() -> Account {
    let mut account = Account::default();
    account.client_id = CLIENT.into();
    account.client_secret = SECRET.into();
    account.org_id = ORG.into();
    account.technical_account_id = ACCOUNT.into();
    account.metascopes = vec!["ent_aem_cloud_api".into()];
    account.public_keys.push(PublicKey::from_bytes(keys::public_key_pem().as_bytes()).unwrap());
    account
}

fn serve(account: Account) -> Sandbox {
    Sandbox::start(Config::new(vec![account])).unwrap()
}

/// A user's directory with credentials and a cache of its own.
struct Desk(Directory);

impl Desk {
    fn new(credentials: &Value) -> Self {
        let desk = Self(Directory::new());
        desk.write("credentials.json", credentials.to_string());
        desk
    }

    /// A file that is for its owner alone.
    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.write(name, content);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn ims(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
        command.args(args).current_dir(self.0.path()).env_clear();
        command.env("XDG_RUNTIME_DIR", self.0.path());
        command
    }

    fn doctor(&self, args: &[&str]) -> Report {
        let mut command = self.ims(&["doctor", "credentials.json"]);
        Report::of(command.args(args))
    }
}

struct Report {
    exit_code: i32,
    lines: Vec<String>,
}

impl Report {
    fn of(doctor: &mut Command) -> Self {
        let Output { status, stdout, stderr } = doctor.output().unwrap();
        assert_eq!(String::from_utf8(stderr).unwrap(), "");
        let text = String::from_utf8(stdout).unwrap();
        for secret in [SECRET, "MII", "eyJ", "\u{1b}"] {
            assert!(!text.contains(secret), "{text}");
        }
        let lines = text.lines().map(str::to_owned).collect();
        Self { exit_code: status.code().unwrap(), lines }
    }

    /// The line of the check `name`; of several, the one with an error.
    fn line(&self, name: &str) -> &str {
        let is_it = |line: &&String| line[8..].starts_with(&format!("{name}: "));
        let worst = self.lines.iter().filter(is_it).find(|line| line.starts_with("error "));
        worst
            .or_else(|| self.lines.iter().find(is_it))
            .unwrap_or_else(|| panic!("{name}: {:#?}", self.lines))
    }

    fn errors(&self) -> Vec<&str> {
        self.lines.iter().map(String::as_str).filter(|line| line.starts_with("error ")).collect()
    }

    /// Whether this check, and no other, ends in an error of this cause, and says what to do.
    #[track_caller]
    fn assert_finds(&self, cause: &str, check: &str, exit_code: i32) {
        let line = self.line(check);
        assert!(line.starts_with("error "), "{line}");
        assert!(line.contains(&format!(" [{cause}] -> ")), "{line}");
        assert_eq!(self.errors(), [line], "{:#?}", self.lines);
        assert_eq!(self.exit_code, exit_code, "{line}");
    }
}

// What is sound.

#[test]
fn a_sound_set_up_has_no_warning_offline_or_online() {
    let sandbox = serve(account());
    let desk = Desk::new(&credentials(sandbox.url()));
    for args in [&[][..], &["--online"]] {
        let report = desk.doctor(args);
        assert_eq!(report.exit_code, 0, "{:#?}", report.lines);
        let ok = |line: &String| line.starts_with("ok      ");
        assert!(report.lines.iter().all(ok), "{:#?}", report.lines);
    }
    assert_eq!(sandbox.exchanges(CLIENT).unwrap().issued, 1, "only online");
    let report = desk.doctor(&["--online"]);
    assert!(report.line("file").ends_with("service credentials of AEM as a Cloud Service"));
    assert!(report.line("certificate").contains("expires in"));
    assert!(report.line("server's clock").contains("agrees"));
    assert!(report.line("validation").contains("the server accepts the new token"));
}

#[test]
fn every_check_is_made_whatever_the_others_find() {
    let desk = Desk::new(&own(json!({
        "ims": "https://ims.private.example/path",
        "client_id": "",
        "org_id": "9071",
        "technical_account_id": "no account",
        "metascopes": "ent x",
        "lifetime": 0,
        "private_key": "missing.key",
        "certificate": "missing.pem",
    })));
    let report = desk.doctor(&[]);
    let names: Vec<&str> =
        report.errors().iter().map(|line| line[8..].split(": ").next().unwrap()).collect();
    let expected = [
        "host",
        "client id",
        "organization",
        "technical account",
        "metascopes",
        "JWT",
        "key",
        "certificate",
    ];
    assert_eq!(names, expected, "{:#?}", report.lines);
    assert!(report.errors().iter().all(|line| line.contains(" -> ")), "{:#?}", report.lines);
    assert_eq!(report.exit_code, 14);
    for machine in ["clock", "proxy", "trust store"] {
        assert!(report.line(machine).starts_with("ok "));
    }
    let report = desk.doctor(&["--online"]);
    assert!(report.line("server").contains("skipped"), "{:#?}", report.lines);
}

#[test]
fn the_environment_is_examined_where_no_file_is_named() {
    let desk = Desk::new(&json!({}));
    let mut doctor = desk.ims(&["doctor"]);
    doctor.env("IMS_CLIENT_ID", CLIENT).env("IMS_CLIENT_SECRETS", format!("[\"{SECRET}\"]"));
    let report = Report::of(doctor.env("IMS_SCOPES", "[\"openid\",\"AdobeID\"]"));
    assert_eq!(report.exit_code, 0, "{:#?}", report.lines);
    assert!(report.line("scopes").ends_with("openid,AdobeID"));
    assert!(report.line("grant").contains("OAuth Server-to-Server"));
}

#[test]
fn json_holds_the_same_checks_for_programs() {
    let desk = Desk::new(&with(credentials("ims.private.example"), "org", ""));
    let output = desk.ims(&["doctor", "--json", "credentials.json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(14));
    assert_eq!(report["ok"], false);
    let checks = report["checks"].as_array().unwrap();
    let failed: Vec<_> = checks.iter().filter(|check| check["outcome"] == "error").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["check"], "organization");
    assert_eq!(failed[0]["cause"], Value::Null);
    assert!(failed[0]["hint"].as_str().unwrap().contains("Developer Console"));
    assert_eq!(checks.len(), desk.doctor(&[]).lines.len());
}

#[test]
fn what_can_be_used_but_is_hardly_meant_is_a_warning() {
    for (check, setting, value) in [
        ("host", "ims", "ims-na1.adobelogin.con"),
        ("client id", "client_id", "cm p1"),
        ("technical account", "technical_account_id", "D8E1@techacct.adobe.co"),
        ("scopes", "scope", "openid;AdobeID"),
        ("audience", "aud", "https://ims-na1-stg1.adobelogin.com/c/other"),
    ] {
        let report = Desk::new(&own(json!({ setting: value }))).doctor(&[]);
        let line = report.line(check);
        assert!(line.starts_with("warning ") && line.contains(&format!("{value} -> ")), "{line}");
    }
}

#[test]
fn an_unknown_setting_is_a_warning_with_the_name_that_was_meant() {
    let misspelt = with(credentials("ims-na1.adobelogin.com"), "publickey", "x");
    let desk = Desk::new(&misspelt);
    let report = desk.doctor(&[]);
    assert_eq!(report.exit_code, 0, "{:#?}", report.lines);
    let text = "holds the unknown setting integration.publickey (did you mean publicKey?)";
    assert!(report.line("settings").starts_with(&format!("warning settings: {text} -> ")));
    // Every command that reads the file says it, too.
    let token = desk.ims(&["token", "credentials.json", "--ims", "127.0.0.1:1"]).output().unwrap();
    let said = String::from_utf8(token.stderr).unwrap();
    let warning = format!("warning: credentials file credentials.json {text}: ignored\n");
    assert!(said.starts_with(&warning), "{said}");
}

#[test]
fn a_secret_in_a_public_place_is_an_error_and_does_not_show() {
    // Every report is searched for secrets: see `Report::of`.
    for setting in ["client_id", "org_id", "technical_account_id", "metascopes", "iss", "aud"] {
        for value in [SECRET.to_owned(), format!("{SECRET}@AdobeOrg")] {
            let report = Desk::new(&own(json!({ setting: value }))).doctor(&[]);
            let line = report.line("places");
            assert!(line.contains(&format!("{setting} holds the client secret")), "{line}");
            assert_eq!(report.exit_code, 14);
        }
    }
    let key = text(keys::pkcs8_pem()).lines().nth(1).unwrap().to_owned();
    for changes in [
        json!({ "client_id": key }),
        json!({ "scope": "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln" }),
        json!({ "org_id": "X\u{202e}\u{200b}@AdobeOrg" }),
        json!({ "token_url": format!("https://user:{SECRET}-2@ims.example/x") }),
        json!({ "token_url": "https://ims.example/x?key=MII-hidden" }),
    ] {
        let report = Desk::new(&own(changes)).doctor(&[]);
        let text = report.lines.concat();
        assert!(!text.contains(['\u{202e}', '\u{200b}']), "{text:?}");
    }
}

#[test]
fn a_short_secret_leaves_other_words_whole_and_does_not_show_itself() {
    let report = Desk::new(&own(json!({ "client_secret": "s", "org_id": "s" }))).doctor(&[]);
    assert!(report.line("host").ends_with("host: ims.private.example"), "{:#?}", report.lines);
    assert!(report.line("places").contains("org_id holds the client secret"));
    assert!(!report.line("organization").contains("\"s\""), "{}", report.line("organization"));
}

#[test]
fn secrets_that_others_can_read_are_a_warning() {
    let desk = Desk::new(&own(json!({ "private_key": "private.key" })));
    let key = desk.write("private.key", keys::pkcs8_pem());
    fs::set_permissions(desk.0.path().join("credentials.json"), fs::Permissions::from_mode(0o644))
        .unwrap();
    fs::set_permissions(key, fs::Permissions::from_mode(0o640)).unwrap();
    let report = desk.doctor(&[]);
    for (check, mode, file) in [
        ("file's permissions", "644", "credentials.json"),
        ("key's permissions", "640", "private.key"),
    ] {
        let line = report.line(check);
        assert!(line.starts_with("warning ") && line.contains(&format!("(mode {mode})")), "{line}");
        assert!(line.ends_with(&format!("-> chmod 600 {file}")), "{line}");
    }
    assert_eq!(report.exit_code, 0);
}

#[test]
fn a_key_elsewhere_that_signs_for_a_server_of_the_file_s_own_choice_is_a_warning() {
    let elsewhere = Directory::new();
    let key = elsewhere.write("private.key", keys::pkcs8_pem());
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let outside = key.to_str().unwrap();
    let line = |changes: Value, args: &[&str]| {
        let desk = Desk::new(&own(changes));
        desk.write("private.key", keys::pkcs8_pem());
        let lines = desk.doctor(args).lines;
        lines.into_iter().find(|line| line.contains(" key's place: "))
    };
    let strange = line(json!({ "private_key": outside }), &[]).unwrap();
    assert!(
        strange.starts_with("warning ") && strange.contains("ims.private.example"),
        "{strange}"
    );
    let url = "https://stranger.example/token?secret";
    let bearer = json!({
        "grant": "jwt_bearer", "token_url": url, "iss": "i", "private_key": outside, "ims": null,
    });
    assert!(line(bearer, &[]).unwrap().contains("goes to stranger.example ->"));
    for (changes, args) in [
        (json!({ "private_key": "private.key" }), &[][..]),
        (json!({ "private_key": outside, "ims": "ims-na1.adobelogin.com" }), &[]),
        (json!({ "private_key": outside }), &["--ims", "ims.private.example"]),
    ] {
        assert_eq!(line(changes.clone(), args), None, "{changes} {args:?}");
    }
    let evil = json!({ "private_key": outside, "ims": "evil-adobelogin.com" });
    assert!(line(evil, &[]).is_some());
}

// The commonest failures.

#[test]
fn an_expired_certificate_is_found_offline() {
    let expired = certificate(Validity::expired());
    let desk = Desk::new(&with(credentials("ims.private.example"), "publicKey", expired));
    desk.doctor(&[]).assert_finds("expired-certificate", "certificate", 14);
}

#[test]
fn the_registered_certificate_is_looked_at_beside_the_credentials_own_and_without_a_key() {
    let expired = certificate(Validity::expired());
    let desk = Desk::new(&with(credentials("ims.private.example"), "publicKey", expired.clone()));
    desk.write("registered.pem", certificate(Validity::a_year()));
    let report = desk.doctor(&["--certificate", "registered.pem"]);
    report.assert_finds("expired-certificate", "certificate", 14);
    assert!(report.line("certificate").contains("integration.publicKey"));

    let desk = Desk::new(&own(json!({ "private_key": "missing.key", "certificate": expired })));
    let errors = desk.doctor(&[]).errors().join("\n");
    assert!(
        errors.contains("error   key: ") && errors.contains("[expired-certificate]"),
        "{errors}"
    );
}

#[test]
fn a_certificate_that_expires_soon_is_a_warning() {
    let tomorrow = certificate(Validity::now());
    let desk = Desk::new(&with(credentials("ims.private.example"), "publicKey", tomorrow));
    let report = desk.doctor(&[]);
    let line = report.line("certificate");
    assert!(line.starts_with("warning ") && line.contains("expires in 0 days -> "), "{line}");
}

#[test]
fn a_key_of_another_certificate_is_found_offline() {
    let other = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let other = self_signed(&other, Validity::a_year()).to_pem().unwrap();
    let desk = Desk::new(&credentials("ims.private.example"));
    desk.write("registered.pem", &other);
    let report = desk.doctor(&["--certificate", "registered.pem"]);
    report.assert_finds("wrong-key", "certificate", 14);
}

#[test]
fn a_key_that_is_not_the_registered_one_is_found_online() {
    let mut account = account();
    let other = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let other = other.public_key_to_pem().unwrap();
    account.public_keys = vec![PublicKey::from_bytes(&other).unwrap()];
    let sandbox = serve(account);
    let desk = Desk::new(&credentials(sandbox.url()));
    desk.doctor(&["--online"]).assert_finds("wrong-key", "exchange", 18);
}

#[test]
fn a_missing_or_wrong_passphrase_is_found_offline() {
    let encrypted = text(keys::encrypted_pem(b"right"));
    let desk = Desk::new(&with(credentials("ims.private.example"), "privateKey", encrypted));
    desk.doctor(&[]).assert_finds("key-passphrase", "key", 13);
    desk.write("passphrase", "wrong");
    let report = desk.doctor(&["--passphrase-file", "passphrase"]);
    report.assert_finds("key-passphrase", "key", 13);
    desk.write("passphrase", "right");
    assert_eq!(desk.doctor(&["--passphrase-file", "passphrase"]).exit_code, 0);
}

#[test]
fn a_key_without_the_algorithm_that_is_asked_for_is_found_offline() {
    let ec = text(keys::ec().private_key_to_pem_pkcs8().unwrap());
    let desk = Desk::new(&own(json!({ "private_key": ec, "certificate": null })));
    let report = desk.doctor(&[]);
    let said = report.errors().join("\n");
    assert!(said.contains("alg is RS256, but the key is an EC key on P-256"), "{said}");
}

#[test]
fn a_key_that_is_none_is_found_offline() {
    let x25519 = text(PKey::generate_x25519().unwrap().private_key_to_pem_pkcs8().unwrap());
    let cut = text(keys::pkcs1_pem()).replace("-----END", "");
    for key in [x25519, cut, keys::public_key_pem()] {
        let desk = Desk::new(&with(credentials("ims.private.example"), "privateKey", key));
        desk.doctor(&[]).assert_finds("unreadable-key", "key", 12);
    }
    let mut console = own(json!({}));
    console.as_object_mut().unwrap().remove("private_key");
    let desk = Desk::new(&console);
    desk.write("given.key", "no key");
    desk.doctor(&["--key", "given.key"]).assert_finds("unreadable-key", "key", 12);
}

#[test]
fn a_metascope_of_another_host_is_found_offline_and_one_not_granted_online() {
    let stage = "https://ims-na1-stg1.adobelogin.com/s/ent_aem_cloud_api";
    let desk = Desk::new(&with(credentials("ims-na1.adobelogin.com"), "metascopes", stage));
    desk.doctor(&[]).assert_finds("metascope-mismatch", "metascopes", 14);

    let sandbox = serve(account());
    let desk = Desk::new(&with(credentials(sandbox.url()), "metascopes", "ent_other"));
    desk.doctor(&["--online"]).assert_finds("metascope-mismatch", "exchange", 18);
}

#[test]
fn an_answer_without_a_reason_is_told_from_a_refusal() {
    for answer in [
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>",
    ] {
        let server = Hostile::answering([answer]);
        let url = format!("http://{}", server.address());
        let report = Desk::new(&credentials(&url)).doctor(&["--online"]);
        let exit_code = if answer.contains(" 200 ") { 21 } else { 18 };
        report.assert_finds("no-error-text", "exchange", exit_code);
    }
}

#[test]
fn an_authority_that_is_not_trusted_is_found_online_and_an_empty_store_offline() {
    let mut config = Config::new(vec![account()]);
    config.tls = Tls::SelfMade;
    let sandbox = Sandbox::start(config).unwrap();
    let desk = Desk::new(&credentials(sandbox.url()));
    desk.doctor(&["--online"]).assert_finds("unknown-ca", "connection", 16);
    desk.write("ca.pem", sandbox.ca_certificate().unwrap());
    let report = desk.doctor(&["--online", "--ca-file", "ca.pem"]);
    assert_eq!(report.exit_code, 0, "{:#?}", report.lines);

    let mut doctor = desk.ims(&["doctor", "credentials.json"]);
    let report = Report::of(doctor.env("SSL_CERT_FILE", "/nonexistent"));
    report.assert_finds("unknown-ca", "trust store", 16);
}

#[test]
fn a_variable_that_names_no_usable_authority_or_another_is_a_warning() {
    let desk = Desk::new(&credentials("ims.private.example"));
    let system = "/etc/ssl/certs/ca-certificates.crt";
    let other = desk.write("other.pem", certificate(Validity::a_year()));
    let other = other.to_str().unwrap();
    for (name, value, warning) in [
        ("SSL_CERT_DIR", "/nonexistent", "SSL_CERT_DIR=/nonexistent names nothing usable"),
        ("SSL_CERT_DIR", "/etc/ssl/certs", ""),
        ("REQUESTS_CA_BUNDLE", other, "is not read by libims: set SSL_CERT_FILE"),
        ("CURL_CA_BUNDLE", other, "is not read by libims: set SSL_CERT_FILE"),
        // Its CA certificates are trusted anyway.
        ("REQUESTS_CA_BUNDLE", system, ""),
        ("REQUESTS_CA_BUNDLE", "/nonexistent", ""),
    ] {
        let mut doctor = desk.ims(&["doctor", "credentials.json"]);
        let report = Report::of(doctor.env("SSL_CERT_FILE", system).env(name, value));
        let warnings: Vec<&String> =
            report.lines.iter().filter(|line| line.starts_with("warning trust store")).collect();
        match warnings[..] {
            [] => assert_eq!(warning, "", "{name}={value}: {:#?}", report.lines),
            [line] => assert!(!warning.is_empty() && line.contains(warning), "{line}"),
            _ => panic!("{warnings:#?}"),
        }
        assert_eq!(report.exit_code, 0);
    }
}

#[test]
fn an_entry_of_no_proxy_that_can_never_match_is_a_warning() {
    let desk = Desk::new(&credentials("ims.private.example"));
    let mut doctor = desk.ims(&["doctor", "credentials.json"]);
    doctor.env("NO_PROXY", "a.example,private.example:443 *.b.example,10.0.0.0/8");
    let report = Report::of(doctor.env("HTTPS_PROXY", "http://proxy.example:3128"));
    let warned: Vec<&str> = report
        .lines
        .iter()
        .filter_map(|line| line.strip_prefix("warning proxy: the entry "))
        .filter_map(|rest| rest.split(' ').next())
        .collect();
    assert_eq!(warned, ["private.example:443", "*.b.example"], "{:#?}", report.lines);
}

#[test]
fn a_proxy_that_asks_for_a_password_is_found_online() {
    let proxy = Hostile::answering(["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"]);
    let desk = Desk::new(&credentials("ims.private.example"));
    let report = desk.doctor(&["--online", "--proxy", &format!("http://{}", proxy.address())]);
    report.assert_finds("proxy-password", "connection", 15);
    let line = report.line("proxy");
    assert!(line.contains(&format!("connects through {}", proxy.address())), "{line}");
}

#[test]
fn a_proxy_that_is_set_is_told_with_its_exceptions() {
    let desk = Desk::new(&credentials("ims.private.example"));
    let proxy = |variables: &[(&str, &str)]| {
        let mut doctor = desk.ims(&["doctor", "credentials.json"]);
        let report = Report::of(doctor.envs(variables.iter().copied()));
        report.line("proxy").to_owned()
    };
    let set = ("HTTPS_PROXY", "http://proxy.example:3128");
    assert!(proxy(&[set]).ends_with("connects through proxy.example:3128"));
    let line = proxy(&[set, ("HTTP_PROXY", "http://p:1"), ("NO_PROXY", "private.example")]);
    assert!(line.starts_with("ok ") && line.contains("NO_PROXY names the host"), "{line}");
    assert!(proxy(&[("HTTP_PROXY", "")]).ends_with("no proxy"));
}

#[test]
fn what_an_option_or_variable_names_is_a_check_and_the_others_go_on() {
    let desk = Desk::new(&credentials("ims.private.example"));
    for (args, check, exit_code) in [
        (["--timeout", "0"], "deadline", 2),
        (["--certificate", "missing.pem"], "certificate", 2),
        (["--cache", "disk"], "cache", 22),
        (["--proxy", "nonsense"], "proxy", 2),
        (["--ca-file", "missing.pem"], "trust store", 2),
        (["--passphrase-file", "missing"], "key", 2),
    ] {
        let report = desk.doctor(&args);
        assert!(report.line(check).starts_with("error "), "{:#?}", report.lines);
        assert_eq!(report.exit_code, exit_code, "{args:?}");
        assert!(report.line("clock").starts_with("ok "));
    }
}

#[test]
fn a_wrong_clock_is_told_whether_the_server_minds_it_or_not() {
    let ahead = std::time::SystemTime::now() + std::time::Duration::from_secs(7200);
    let date = format!("Date: {}\r\n", httpdate::fmt_http_date(ahead));
    let refusal = || http("400 No", &date, r#"{"error":"invalid_grant"}"#);
    let token = http("200 OK", &date, r#"{"access_token":"t","expires_in":3600}"#);
    let examined = |answers: [Vec<u8>; 2]| {
        let server = Hostile::answering(answers);
        let account = json!({
            "grant": "jwt_bearer", "token_url": server.url(), "iss": "i", "sub": "s", "aud": "a",
            "private_key": text(keys::pkcs8_pem()),
        });
        Desk::new(&account).doctor(&["--online"])
    };
    // As for a client, one more JWT is signed by the server's clock.
    let report = examined([refusal(), token]);
    let line = report.line("server's clock");
    assert!(line.starts_with("warning ") && line.contains("[clock-or-exp] -> have this"), "{line}");
    assert!(report.line("exchange").starts_with("ok "), "{:#?}", report.lines);
    assert_eq!(report.exit_code, 0);
    let report = examined([refusal(), refusal()]);
    assert!(report.line("server's clock").starts_with("error "), "{:#?}", report.lines);
    assert!(report.line("exchange").starts_with("error "), "{:#?}", report.lines);
}

#[test]
fn a_server_that_is_slow_to_say_yes_or_no_server_of_ims_is_no_error() {
    let sandbox = serve(account());
    sandbox.inject(Fault::status(503).times(1)).unwrap();
    let report = Desk::new(&credentials(sandbox.url())).doctor(&["--online"]);
    assert_eq!(report.exit_code, 0, "{:#?}", report.lines);

    let token = r#"{"access_token":"0paque","token_type":"bearer","expires_in":86399999}"#;
    let server = Hostile::answering([
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{token}", token.len()),
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
    ]);
    let report =
        Desk::new(&credentials(&format!("http://{}", server.address()))).doctor(&["--online"]);
    assert!(report.line("server's clock").ends_with("it sends no Date header"));
    assert!(report.line("validation").starts_with("warning "), "{:#?}", report.lines);
    assert_eq!(report.exit_code, 0);
}

#[test]
fn scopes_that_the_server_does_not_grant_are_a_warning() {
    for (granted, missing) in
        [("read", Some("write")), ("", Some("read write")), ("write read", None)]
    {
        let token = format!(r#"{{"access_token":"0paque","expires_in":3600,"scope":"{granted}"}}"#);
        let length = token.len();
        let server = Hostile::answering([
            format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{token}"),
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
        ]);
        let account = json!({
            "grant": "client_credentials",
            "token_url": server.url(),
            "client_id": "client",
            "client_secret": "client-secret",
            "scope": "read write",
        });
        let report = Desk::new(&account).doctor(&["--online"]);
        let told =
            report.lines.iter().find(|line| line.contains("scopes: the server did not grant"));
        assert_eq!(told.is_some(), missing.is_some(), "{:#?}", report.lines);
        assert!(missing.is_none_or(|missing| told.unwrap().contains(missing)), "{told:?}");
        assert_eq!(report.exit_code, 0, "{:#?}", report.lines);
    }
}

/// A client that its key proves, at this issuer.
fn proven(issuer: &str, changes: Value) -> Value {
    let mut account = json!({
        "client_auth": "private_key_jwt", "issuer": issuer, "client_id": CLIENT,
        "private_key": text(keys::pkcs8_pem()),
    });
    account.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    account
}

#[test]
fn the_query_of_a_token_url_does_not_show() {
    let sandbox = serve(account());
    let url = format!("{}/oauth/token?api_key=k3y-in-the-query", sandbox.url());
    let by_secret = json!({
        "grant": "client_credentials", "token_url": url, "client_id": CLIENT, "client_secret": "s",
    });
    let by_key = json!({
        "client_auth": "private_key_jwt", "token_url": url, "client_id": CLIENT,
        "private_key": text(keys::pkcs8_pem()),
    });
    for credentials in [by_secret, by_key] {
        let lines = Desk::new(&credentials).doctor(&["--online"]).lines.join("\n");
        assert!(lines.contains("/oauth/token responds"), "{lines}");
        assert!(!lines.contains("k3y-in-the-query"), "{lines}");
    }
}

#[test]
fn a_typ_or_aud_that_the_standard_forbids_at_a_known_issuer_is_a_warning() {
    let issuer = "https://issuer.example";
    let report = |changes| Desk::new(&proven(issuer, changes)).doctor(&[]);
    let sound = report(json!({}));
    let signed_as = "signed with RS256, typ client-authentication+jwt, aud https://issuer.example";
    assert!(sound.line("client assertion").ends_with(signed_as), "{:#?}", sound.lines);
    for (changes, name, message) in [
        (json!({ "typ": "JWT" }), "typ", "typ is JWT, not client-authentication+jwt -> leave typ"),
        (
            json!({ "aud": "https://issuer.example/token" }),
            "aud",
            "aud is https://issuer.example/token, not the issuer -> leave aud out",
        ),
    ] {
        let report = report(changes);
        let line = report.line(name);
        assert!(line.starts_with("warning ") && line.contains(message), "{line}");
        assert_eq!(report.exit_code, 0);
    }
    let at_url = json!({ "issuer": null, "token_url": "https://h/t", "typ": "JWT" });
    let report = report(at_url);
    assert!(report.lines.iter().all(|line| line.starts_with("ok ")), "{:#?}", report.lines);
}

#[test]
fn what_the_issuer_s_metadata_does_not_list_is_found_online() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let metadata = json!({
            "issuer": format!("http://{host}"), "token_endpoint": format!("http://{host}/token"),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["PS256"],
            "grant_types_supported": ["authorization_code"],
        });
        let body = match request.starts_with("GET ") {
            true => metadata.to_string(),
            false => json!({ "access_token": "t", "expires_in": 3600 }).to_string(),
        };
        let length = body.len();
        connection.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"))
    });
    let issuer = format!("http://{}", server.address());
    let report = |changes| Desk::new(&proven(&issuer, changes)).doctor(&["--online"]);

    let unlisted = report(json!({}));
    let line = unlisted.line("metadata");
    assert!(line.starts_with("error ") && line.contains("alg is RS256, which"), "{line}");
    assert!(line.contains("it lists PS256 -> set alg to one that the server lists"), "{line}");
    assert_eq!(unlisted.exit_code, 14);

    let listed = report(json!({ "alg": "PS256" }));
    assert_eq!(listed.exit_code, 0, "{:#?}", listed.lines);
    let warnings: Vec<&String> =
        listed.lines.iter().filter(|line| line.starts_with("warning ")).collect();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    let grant = "grant is client_credentials, which the server's metadata does not list: it lists \
                 authorization_code";
    assert!(warnings[0].contains(grant), "{warnings:#?}");

    // Where the token URL is given, a client does not read the metadata.
    let elsewhere = report(json!({ "token_url": format!("{issuer}/other") }));
    let text = elsewhere.lines.join("\n");
    for warning in ["alg is RS256, which", "/other, but the issuer's metadata names"] {
        assert!(text.contains(warning), "{text}");
    }
    assert_eq!(elsewhere.exit_code, 0, "{text}");
}

#[test]
fn each_of_several_keys_is_examined_offline() {
    let ec = text(keys::ec().private_key_to_pem_pkcs8().unwrap());
    let report = |list: Value, changes: Value| {
        let mut account = proven("https://issuer.example", json!({ "private_keys": list }));
        account.as_object_mut().unwrap().remove("private_key");
        account.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let desk = Desk::new(&account);
        desk.write("ec.key", &ec);
        desk.doctor(&[])
    };
    let rsa = text(keys::pkcs8_pem());
    let own = certificate(Validity::a_year());
    let sound = report(json!([rsa, { "private_key": "ec.key", "kid": "2" }]), json!({}));
    assert_eq!(sound.exit_code, 0, "{:#?}", sound.lines);
    for key in ["private_keys[0]: ", "private_keys[1]: "] {
        assert!(sound.lines.iter().any(|line| line.contains(&format!("key: {key}"))), "{key}");
    }

    let broken = report(json!([rsa, "missing.key", "other.key"]), json!({})).errors().join("\n");
    for key in ["private_keys[1] ", "private_keys[2] "] {
        assert!(broken.contains(&format!("key: {key}")), "{broken}");
    }
    let public = keys::public_key_pem();
    report(json!([rsa, public]), json!({})).assert_finds("unreadable-key", "key", 12);
    let of_another = json!([rsa, { "private_key": ec, "certificate": own }]);
    report(of_another, json!({})).assert_finds("wrong-key", "certificate", 14);
    let unsuitable = report(json!([rsa, ec]), json!({ "alg": "RS512" }));
    let said = unsuitable.errors().join("\n");
    assert!(said.contains("but private_keys[1] is an EC key on P-256"), "{said}");
}

#[test]
fn which_of_several_secrets_the_server_knows_is_found_online_and_no_more_are_sent() {
    let mut account = account();
    account.client_secret = "the-second".into();
    account.scopes = vec!["a".into()];
    let sandbox = serve(account);
    let report = |secrets: Value| {
        let url = format!("{}/oauth/token", sandbox.url());
        let credentials = json!({
            "grant": "client_credentials", "token_url": url, "client_id": CLIENT,
            "client_secrets": secrets,
        });
        Desk::new(&credentials).doctor(&["--online"])
    };
    let found = report(json!(["the-first", "the-second", "the-third"]));
    assert_eq!(found.exit_code, 0, "{:#?}", found.lines);
    let text = found.lines.join("\n");
    assert!(text.contains("the server does not know the client by client_secrets[0] ->"), "{text}");
    assert!(text.contains("the server knows the client by client_secrets[1]"), "{text}");
    assert!(!text.contains("client_secrets[2]") && !text.contains("the-"), "{text}");
    let exchanges = sandbox.exchanges(CLIENT).unwrap();
    assert_eq!((exchanges.issued, exchanges.refused), (1, 1));

    let none = report(json!(["one-secret", "another"]));
    assert!(none.line("exchange").starts_with("error "), "{:#?}", none.lines);
}

#[test]
fn a_proxy_variable_that_is_never_read_is_a_warning() {
    let desk = Desk::new(&credentials("ims.private.example"));
    let mut doctor = desk.ims(&["doctor", "credentials.json"]);
    let report = Report::of(doctor.env("ALL_PROXY", "http://user:pr0xy-s3cret@proxy:1"));
    let line = report.line("proxy");
    assert!(line.starts_with("warning ") && line.contains("ALL_PROXY is set"), "{line}");
    assert!(!line.contains("pr0xy-s3cret"), "{line}");
}

#[test]
fn a_cached_token_that_the_server_has_ended_is_found_online() {
    let sandbox = serve(account());
    let desk = Desk::new(&credentials(sandbox.url()));
    let token = desk.ims(&["token", "credentials.json"]).output().unwrap().stdout;
    let token = text(token);
    let report = desk.doctor(&["--online"]);
    assert!(report.line("cached token").contains("the server accepts the cached token"));

    let (ims, secret) = (sandbox.url().parse().unwrap(), SECRET.into());
    ims::invalidate_token(&ims, CLIENT, &secret, token.trim(), &ims::Transport::default()).unwrap();
    desk.doctor(&["--online"]).assert_finds("stale-token", "cached token", 18);
}

#[test]
fn a_lifetime_in_milliseconds_and_a_time_of_ones_own_are_found_offline() {
    for changes in [json!({ "lifetime": 300_000 }), json!({ "claims": { "exp": "1795608000" } })] {
        let desk = Desk::new(&own(changes));
        let report = desk.doctor(&[]);
        let line = report.line("JWT");
        assert!(line.starts_with("error ") && line.contains("[clock-or-exp]"), "{line}");
        assert_eq!(report.exit_code, 14);
    }
}

#[test]
fn a_credential_that_was_moved_to_oauth_is_told_offline_and_found_online() {
    let own_at = |ims: &str| own(json!({ "ims": ims }));
    let report = Desk::new(&own_at("ims-na1.adobelogin.com")).doctor(&[]);
    let line = report.line("grant");
    assert!(line.starts_with("warning ") && line.contains("[moved-to-oauth] -> "), "{line}");
    assert_eq!(report.exit_code, 0);

    let mut account = account();
    account.migrated = true;
    let sandbox = serve(account);
    let report = Desk::new(&own_at(sandbox.url())).doctor(&["--online"]);
    report.assert_finds("moved-to-oauth", "exchange", 20);
}

// The cache.

#[test]
fn the_cache_is_examined_with_what_it_holds() {
    let sandbox = serve(account());
    let desk = Desk::new(&credentials(sandbox.url()));
    let place = desk.0.path().join("ims").display().to_string();
    let report = desk.doctor(&[]);
    assert!(report.line("cache").contains(&format!("{place} holds no token")));
    assert!(!fs::exists(&place).unwrap(), "to look makes nothing");

    desk.ims(&["token", "credentials.json"]).output().unwrap();
    let report = desk.doctor(&[]);
    assert!(report.line("cache").contains(&format!("{place} holds a token that expires in 86")));

    fs::set_permissions(&place, fs::Permissions::from_mode(0o777)).unwrap();
    let report = desk.doctor(&["--cache", &format!("file:{place}")]);
    let line = report.line("cache");
    assert!(line.starts_with("warning ") && line.contains("other users can write to it"), "{line}");
    assert!(line.contains(&format!("-> chmod 700 {place}, or name a directory in it")), "{line}");
}

#[test]
fn a_failure_that_is_remembered_is_told() {
    let sandbox = serve(account());
    let desk = Desk::new(&with(credentials(sandbox.url()), "metascopes", "ent_other"));
    let failed = desk.ims(&["token", "credentials.json"]).output().unwrap();
    assert_eq!(failed.status.code(), Some(18));
    let report = desk.doctor(&[]);
    let line = report.line("last failure");
    assert!(line.starts_with("warning ") && line.contains("[metascope-mismatch]"), "{line}");
}

#[test]
fn redis_in_clear_over_the_network_is_a_warning() {
    let desk = Desk::new(&credentials("ims.private.example"));
    let mut doctor = desk.ims(&["doctor", "credentials.json"]);
    let report = Report::of(doctor.env("IMS_CACHE", "redis://:s3cret@redis.private.example"));
    let line = report.line("cache");
    assert!(line.starts_with("warning ") && line.contains("rediss://"), "{line}");
}

/// The cache's checks but what it holds, as `outcome: message -> hint`.
fn cache_warnings(report: &Report) -> Vec<&str> {
    report.lines.iter().filter_map(|line| line.strip_prefix("warning cache: ")).collect()
}

#[test]
fn a_directory_that_is_missing_is_made_online_alone_as_by_a_call() {
    let sandbox = serve(account());
    let desk = Desk::new(&credentials(sandbox.url()));
    let place = desk.0.path().join("ims");
    let line = desk.doctor(&[]).line("cache").to_owned();
    assert!(line.starts_with("ok ") && line.contains("it is made when there is one"), "{line}");
    assert!(!place.exists());
    let line = desk.doctor(&["--online"]).line("cache").to_owned();
    assert!(line.starts_with("ok ") && line.ends_with("holds no token of this account"), "{line}");
    let files: Vec<_> = fs::read_dir(&place).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() == 1 && files[0].extension().unwrap() == "lock", "{files:?}");
}

/// A program that finds other programs, and nothing else in its environment.
fn bare(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).env_clear().env("PATH", env::var_os("PATH").unwrap());
    command
}

/// Runs doctor where the shell commands `setup` have made `./cache` what it is, with mounts of its
/// own; `None` where this process has no right to mount.
fn in_own_mounts(test: &str, setup: &str) -> Option<Report> {
    let unshare =
        |args: &[&str]| bare("unshare", &[&["--map-root-user", "--mount"], args].concat());
    let mount = unshare(&["mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        eprintln!("{test} is skipped: it needs the right to mount (unshare)");
        return None;
    }
    let desk = Desk::new(&credentials("ims.private.example"));
    let doctor = desk.ims(&["doctor", "credentials.json", "--cache"]);
    let mut inside = unshare(&["sh", "-ec", &format!("{setup}\nexec \"$@\""), "sh"]);
    inside.arg(doctor.get_program()).args(doctor.get_args());
    inside.arg(format!("file:{}", desk.0.path().join("cache").display()));
    Some(Report::of(inside.current_dir(desk.0.path())))
}

#[test]
fn a_cache_on_a_read_only_file_system_is_a_warning() {
    let test = "a_cache_on_a_read_only_file_system_is_a_warning";
    let mount = |directory: &str| {
        format!("mount --bind {directory} {directory}; mount -o remount,bind,ro {directory}")
    };
    let there = format!("mkdir -m 700 cache; {}", mount("cache"));
    // It could not be made.
    let missing = mount("\"$PWD\"") + "; cd \"$PWD\"";
    for sh in [there, missing] {
        let Some(report) = in_own_mounts(test, &sh) else { return };
        let warnings = cache_warnings(&report);
        assert_eq!(warnings.len(), 1, "{:#?}", report.lines);
        assert!(warnings[0].contains("Read-only file system"), "{warnings:?}");
        assert!(warnings[0].contains("-> name a directory that can be written to"), "{warnings:?}");
        assert!(!report.lines.iter().any(|line| line.starts_with("ok      cache")));
        assert_eq!(report.exit_code, 0);
    }
}

#[test]
fn a_cache_on_a_full_file_system_is_a_warning() {
    let test = "a_cache_on_a_full_file_system_is_a_warning";
    let sh = "mkdir cache; mount -t tmpfs -o size=16k,mode=700 none cache
              dd if=/dev/zero of=cache/full bs=4096 2>&- || true";
    let Some(report) = in_own_mounts(test, sh) else { return };
    let warnings = cache_warnings(&report);
    assert_eq!(warnings.len(), 1, "{:#?}", report.lines);
    assert!(
        warnings[0].contains("No space left") && warnings[0].contains("make room"),
        "{warnings:?}"
    );
}

#[test]
fn a_cache_on_a_file_system_without_locks_is_a_warning() {
    let desk = Desk::new(&credentials("ims.private.example"));
    let cache = desk.0.path().join("cache");
    fs::create_dir(&cache).unwrap();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o700)).unwrap();
    let doctor = desk.ims(&["doctor", "credentials.json", "--cache"]);
    let without_locks = |errno: &str, args: &[&str]| {
        let mut strace = bare(
            "strace",
            &["-f", "-o", "/dev/null", "-e", &format!("inject=flock:error={errno}")],
        );
        strace.args(args).current_dir(desk.0.path());
        strace
    };
    if !without_locks("ENOLCK", &["true"]).output().is_ok_and(|output| output.status.success()) {
        eprintln!("a_cache_on_a_file_system_without_locks_is_a_warning is skipped: needs strace");
        return;
    }
    for errno in ["ENOLCK", "EOPNOTSUPP"] {
        let mut strace = without_locks(errno, &[]);
        strace.arg(doctor.get_program()).args(doctor.get_args());
        let report = Report::of(strace.arg(format!("file:{}", cache.display())));
        let warnings = cache_warnings(&report);
        assert_eq!(warnings.len(), 1, "{:#?}", report.lines);
        assert!(warnings[0].contains("cannot be locked"), "{warnings:?}");
        assert!(warnings[0].contains("-> its file system has no locks (flock)"), "{warnings:?}");
    }
}

#[test]
fn a_lock_that_another_process_keeps_is_a_warning_with_its_name() {
    let sandbox = serve(account());
    let desk = Desk::new(&credentials(sandbox.url()));
    desk.ims(&["token", "credentials.json"]).output().unwrap();
    let files = fs::read_dir(desk.0.path().join("ims")).unwrap();
    let lock =
        files.map(|file| file.unwrap().path()).find(|path| path.extension().unwrap() == "lock");
    let lock = lock.unwrap();
    let held = File::open(&lock).unwrap();
    held.lock().unwrap();
    let report = desk.doctor(&["--timeout", "1"]);
    let warnings = cache_warnings(&report);
    assert_eq!(warnings.len(), 1, "{:#?}", report.lines);
    let expected = format!("another process keeps {} locked", lock.display());
    assert!(warnings[0].starts_with(&expected), "{warnings:?}");
    assert!(warnings[0].ends_with(&format!("fuser {}", lock.display())), "{warnings:?}");
    assert!(report.lines.iter().any(|line| line.contains("holds a token that expires in")));
    drop(held);
    assert!(cache_warnings(&desk.doctor(&[])).is_empty());
}

#[test]
fn a_default_directory_that_is_passed_over_is_a_warning() {
    let desk = Desk::new(&credentials("ims.private.example"));
    let (home, passed_over) = (Directory::new(), desk.0.path().join("ims"));
    fs::create_dir(&passed_over).unwrap();
    fs::set_permissions(&passed_over, fs::Permissions::from_mode(0o777)).unwrap();
    let mut doctor = desk.ims(&["doctor", "credentials.json"]);
    let report = Report::of(doctor.env("HOME", home.path()));
    let warnings = cache_warnings(&report);
    assert_eq!(warnings.len(), 1, "{:#?}", report.lines);
    let shown = passed_over.display();
    let expected =
        format!("{shown} cannot be used: other users can write to it; it is passed over -> ");
    assert!(warnings[0].starts_with(&expected), "{warnings:?}");
    let ok = report.lines.iter().find(|line| line.starts_with("ok      cache: ")).unwrap();
    assert!(ok.contains(home.path().to_str().unwrap()), "{ok}");
}

// Redis.

/// What doctor says of a cache in Redis, online.
fn with_redis(desk: &Desk, url: &str) -> Report {
    let mut doctor = desk.ims(&["doctor", "--online", "credentials.json"]);
    Report::of(doctor.env("IMS_CACHE", url))
}

#[test]
fn redis_is_sound_where_it_does_what_a_call_needs_scripts_or_not() {
    let sandbox = serve(account());
    let desk = Desk::new(&credentials(sandbox.url()));
    for rules in [&["+@all"][..], &["+@all", "-@scripting"], &["+getrange", "+set", "+del"]] {
        let user = [&["--user", "ims", "on", ">s3cret", "~ims:*"], rules].concat();
        let redis = Redis::start(&user);
        let report = with_redis(&desk, &format!("redis://ims:s3cret@127.0.0.1:{}", redis.port()));
        let line = report.line("cache");
        assert!(
            line.starts_with("ok ") && line.ends_with("holds no token of this account"),
            "{line}"
        );
        assert_eq!(redis.ask(&["DBSIZE"]).trim(), "0", "no lock and no probe is left");
    }
}

#[test]
fn a_redis_that_takes_no_writes_is_a_warning_and_what_it_holds_is_told() {
    let sandbox = serve(account());
    let desk = Desk::new(&credentials(sandbox.url()));
    let redis = Redis::start(&[]);
    let mut token = desk.ims(&["token", "credentials.json"]);
    token.env("IMS_CACHE", redis.url()).output().unwrap();
    let replica = Redis::start(&["--replicaof", "127.0.0.1", &redis.port().to_string()]);
    redis.wait_for(&replica);
    let warned = |redis: &Redis, expected: &str| {
        let report = with_redis(&desk, &redis.url());
        let warnings = cache_warnings(&report);
        assert!(warnings.len() == 1 && warnings[0].contains(expected), "{:#?}", report.lines);
        let held = "holds a token that expires in";
        assert!(report.lines.iter().any(|line| line.contains(held)), "{:#?}", report.lines);
        assert_eq!(report.exit_code, 0);
    };
    let no_writes = "refuses (READONLY): it is a replica, which takes no writes -> name the master";
    warned(&replica, no_writes);
    for (setting, value, usual, expected) in [
        ("maxmemory", "1", "0", "refuses (OOM): it is full -> raise maxmemory"),
        ("min-replicas-to-write", "2", "0", "(NOREPLICAS): it has fewer replicas than it wants"),
    ] {
        redis.ask(&["CONFIG", "SET", setting, value]);
        warned(&redis, expected);
        redis.ask(&["CONFIG", "SET", setting, usual]);
    }
    let key = redis.ask(&["--scan"]);
    let lock = format!("{}:lock", key.trim());
    redis.ask(&["SET", &lock, "a stranger's"]);
    warned(&redis, &format!("someone else keeps the lock {lock} in Redis"));
    redis.ask(&["DEL", &lock]);
    assert!(cache_warnings(&with_redis(&desk, &redis.url())).is_empty());
}

#[test]
fn a_failure_that_is_remembered_is_cleared_by_an_exchange_of_doctors_that_succeeds() {
    let answer = |head: &str, body: &str| {
        format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    let issued = answer("200 OK", r#"{"access_token":"0paque","expires_in":86399999}"#);
    let server = Hostile::answering([
        answer("429 Too Many Requests\r\nretry-after: 3600", ""),
        issued.clone(),
        answer("404 No Validation", ""),
        issued,
    ]);
    let desk = Desk::new(&credentials(&format!("http://{}", server.address())));
    let token = || desk.ims(&["token", "credentials.json"]).output().unwrap().status.code();
    assert_eq!((token(), token()), (Some(19), Some(19)));
    assert_eq!(server.connections(), 1, "the failure is remembered");
    let offline = desk.doctor(&[]);
    let line = offline.line("last failure");
    assert!(line.starts_with("warning ") && line.contains("ims invalidate CREDENTIALS"), "{line}");
    let online = desk.doctor(&["--online"]);
    let is_cleared = |line: &String| line.starts_with("ok      last failure: is cleared: ");
    assert!(online.lines.iter().any(is_cleared), "{:#?}", online.lines);
    assert_eq!(token(), Some(0));
}

#[test]
fn a_failure_that_is_remembered_is_cleared_by_invalidate_which_says_so() {
    let limited = "HTTP/1.1 429 No\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n";
    let server = Hostile::answering([limited]);
    let desk = Desk::new(&credentials(&format!("http://{}", server.address())));
    desk.ims(&["token", "credentials.json"]).output().unwrap();
    assert!(desk.doctor(&[]).line("last failure").starts_with("warning "));
    let said = desk.ims(&["invalidate", "credentials.json"]).output().unwrap().stdout;
    assert_eq!(
        text(said),
        "nothing to do: the cache holds no token of this account, nor a failure\n"
    );
    assert!(!desk.doctor(&[]).lines.concat().contains("last failure"));
    assert_eq!(server.connections(), 1);
}

/// A JWT of a platform.
fn platforms_jwt(claims: Value) -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.c2ln", part(json!({"alg": "RS256"})), part(claims))
}

#[test]
fn a_jwt_of_the_platform_is_shown_by_its_claims_and_a_wrong_audience_is_a_warning() {
    let directory = Directory::new();
    let claims = |aud: &str, exp: i64| {
        platforms_jwt(
            json!({"iss": "https://cluster.example", "sub": "pod", "aud": [aud], "exp": exp}),
        )
    };
    let account = |source: Value| {
        let mut account = json!({
            "grant": "jwt_bearer", "issuer": "https://auth.example",
            "token_url": "https://auth.example/token",
        });
        account.as_object_mut().unwrap().extend(source.as_object().unwrap().clone());
        account
    };
    let examine = |account: Value, arguments: &[&str]| {
        let file = directory.write("account.json", account.to_string());
        let mut doctor = Command::new(env!("CARGO_BIN_EXE_ims"));
        doctor.arg("doctor").arg(file).args(["--cache", "none"]).args(arguments);
        let said = doctor.env_clear().output().unwrap();
        String::from_utf8(said.stdout).unwrap()
    };
    let far = 4_102_444_800;
    let by_file = |jwt: String| {
        directory.write("token", &jwt);
        let said = examine(account(json!({"assertion_file": "token"})), &[]);
        assert!(!said.contains(&jwt[..20]), "the JWT is not shown: {said}");
        said
    };
    let said = by_file(claims("https://auth.example", far));
    let line = said.lines().find(|line| line.contains("platform's JWT")).unwrap();
    assert!(line.starts_with("ok ") && line.contains("token, written "), "{line}");
    let shown =
        "s ago: iss https://cluster.example, sub pod, aud https://auth.example, expires in ";
    assert!(line.contains(shown), "{line}");
    assert!(!said.contains("JWT's audience"), "{said}");

    let said = by_file(claims("https://kubernetes.default.svc", far));
    let warning =
        "warning JWT's audience: aud is https://kubernetes.default.svc, not the issuer -> ";
    assert!(said.contains(warning), "{said}");

    let said = by_file(claims("https://auth.example", 1_700_000_000));
    let expired = "expired at Tue, 14 Nov 2023 22:13:20 GMT";
    assert!(
        said.contains("error   platform's JWT: assertion_file") && said.contains(expired),
        "{said}"
    );

    let command =
        json!({"assertion_command": ["printf", "%s", claims("https://auth.example", far)]});
    let said = examine(account(command), &["--allow-command"]);
    assert!(said.contains("ok      platform's JWT: comes from the command printf\n"), "{said}");
}

#[test]
fn online_the_jwt_of_a_command_is_shown_by_its_claims() {
    let directory = Directory::new();
    let server = Hostile::answering([http(
        "200 OK",
        "Content-Type: application/json\r\n",
        r#"{"access_token":"t","expires_in":60}"#,
    )]);
    let jwt =
        platforms_jwt(json!({"iss": "https://ci.example", "sub": "job", "exp": 4_102_444_800_i64}));
    let account = json!({
        "grant": "jwt_bearer", "token_url": server.url(),
        "assertion_command": ["printf", "%s", jwt],
    });
    let file = directory.write("account.json", account.to_string());
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_ims"));
    doctor.args(["doctor", "--online", "--allow-command", "--cache", "none"]).arg(file);
    let said = doctor.env_clear().output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let shown =
        "platform's JWT: comes from the command printf: iss https://ci.example, sub job, no aud";
    assert!(said.contains(shown), "{said}");
    assert!(said.contains("exchange: a token that expires in "), "{said}");
}
