//! `ims token`: a fresh token from whatever credentials a user has.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use ims_sandbox::{Account, Config, PublicKey, Sandbox};
use serde_json::{Value, json};
use support::directory::Directory;
use support::keys;
use support::processes::output;

const ORG: &str = "9071@AdobeOrg";
const ACCOUNT: &str = "D8E1@techacct.adobe.com";
const CLIENT: &str = "cm-p1-e2-integration";
const SECRET: &str = "p8e-\"s3cret\"&/+=% \u{e4}";

/// An account at a token server, and a directory for its files and cache.
struct Desk {
    sandbox: Sandbox,
    directory: Directory,
}

impl Desk {
    fn new() -> Self {
        let mut account = Account::default();
        account.client_id = CLIENT.into();
        account.client_secret = SECRET.into();
        account.org_id = ORG.into();
        account.technical_account_id = ACCOUNT.into();
        // aepp and user-sync always ask for their own.
        let metascopes =
            ["ent_aem_cloud_api", "ent_cloudmgr_sdk", "ent_dataservices_sdk", "ent_user_sdk"];
        account.metascopes = metascopes.map(str::to_owned).to_vec();
        account.public_keys.push(PublicKey::from_bytes(keys::public_key_pem().as_bytes()).unwrap());
        let mut google = account.clone();
        google.client_id = ACCOUNT.into();
        let sandbox = Sandbox::start(Config::new(vec![account, google])).unwrap();
        let directory = Directory::new();
        directory.write("private.key", keys::pkcs8_pem());
        Self { sandbox, directory }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        self.directory.write(name, content).display().to_string()
    }

    fn ims(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
        command.arg("token").args(args).env_clear();
        command.env("XDG_RUNTIME_DIR", self.directory.path());
        command
    }

    fn url(&self) -> &str {
        self.sandbox.url()
    }

    fn issued(&self) -> u64 {
        [CLIENT, ACCOUNT].iter().map(|id| self.sandbox.exchanges(id).unwrap().issued).sum()
    }
}

fn pem() -> String {
    String::from_utf8(keys::pkcs1_pem()).unwrap()
}

fn is_token(text: &str) -> bool {
    text.starts_with("eyJ") && text.trim_end().split('.').count() == 3
}

fn failure(command: &mut Command) -> (i32, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(stdout.is_empty(), "{stdout:?}");
    let text = String::from_utf8(stderr).unwrap();
    assert!(!text.contains("s3cret"), "{text}");
    (status.code().unwrap(), text)
}

fn postman(variables: &[(&str, &str)]) -> String {
    let values: Vec<Value> = variables
        .iter()
        .map(|(key, value)| json!({"key": key, "value": value, "type": "text", "enabled": true}))
        .collect();
    json!({"name": "x", "values": values}).to_string()
}

/// A file of each form that people have: its name here, its content, and further arguments.
fn forms(desk: &Desk) -> Vec<(&'static str, String, Vec<&'static str>)> {
    let url = desk.url();
    let crlf = pem().replace('\n', "\r\n");
    let key = desk.directory.path().join("private.key").display().to_string();
    vec![
        (
            "AEM",
            json!({"ok": true, "statusCode": 200, "integration": {
                "imsEndpoint": url, "metascopes": "ent_aem_cloud_api,ent_cloudmgr_sdk",
                "technicalAccount": {"clientId": CLIENT, "clientSecret": SECRET},
                "email": "u@techacct.adobe.com", "id": ACCOUNT, "org": ORG, "privateKey": crlf,
            }})
            .to_string(),
            vec![],
        ),
        (
            "Developer Console",
            json!({"project": {"id": "1", "name": "P", "title": "T",
                "org": {"id": "2", "name": "O", "ims_org_id": ORG},
                "workspace": {"id": "3", "name": "W", "details": {"credentials": [
                    {"id": "4", "name": "JWT", "integration_type": "service", "jwt": {
                        "client_id": CLIENT, "client_secret": SECRET,
                        "technical_account_email": "e@techacct.adobe.com",
                        "technical_account_id": ACCOUNT, "meta_scopes": ["ent_cloudmgr_sdk"]}},
                    {"id": "5", "name": "OAuth", "integration_type": "oauth_server_to_server",
                        "oauth_server_to_server": {"client_id": CLIENT, "client_secrets": [SECRET],
                            "technical_account_email": "e", "technical_account_id": ACCOUNT,
                            "scopes": ["openid", "AdobeID"]}},
                    {"id": "6", "name": "Key", "integration_type": "apikey", "api_key": {"client_id": "k"}},
                ]}}}})
            .to_string(),
            vec!["--name", "JWT", "--key", "private.key"],
        ),
        (
            "Postman",
            postman(&[
                ("CLIENT_SECRET", SECRET),
                ("API_KEY", CLIENT),
                ("META_SCOPE", "ent_cloudmgr_sdk"),
                ("PRIVATE_KEY", &pem()),
                ("TECHNICAL_ACCOUNT_ID", ACCOUNT),
                ("IMS", url),
                ("IMS_ORG", ORG),
                ("SANDBOX_NAME", "prod"),
            ]),
            vec![],
        ),
        (
            ".env",
            format!(
                "# as the Console writes it\nIMS={url}\nIMS_CLIENT_ID={CLIENT}\n\
                 IMS_CLIENT_SECRETS={}\nIMS_TECHNICAL_ACCOUNT_ID={ACCOUNT}\n\
                 IMS_SCOPES=[\"openid\",\"AdobeID\"]\nIMS_ORG_ID={ORG}\n",
                json!([SECRET])
            ),
            vec![],
        ),
        (
            "jwt-auth",
            json!({"clientId": CLIENT, "technicalAccountId": ACCOUNT, "orgId": ORG,
                "clientSecret": SECRET, "privateKey": pem().lines().collect::<Vec<_>>(),
                "metaScopes": ["ent_cloudmgr_sdk"], "ims": url})
            .to_string(),
            vec![],
        ),
        (
            "aepp",
            json!({"org_id": ORG, "client_id": CLIENT, "secret": SECRET, "tech_id": ACCOUNT,
                "pathToKey": "private.key", "environment": "prod"})
            .to_string(),
            vec![],
        ),
        (
            "user-sync",
            format!(
                "server:\n  ims_host: {url}\nenterprise:\n  org_id: {ORG}\n  api_key: {CLIENT}\n  \
                 client_secret: '{SECRET}'\n  tech_acct: {ACCOUNT}\n  priv_key_path: {key}\n"
            ),
            vec![],
        ),
        (
            "Google-style",
            json!({"type": "service_account", "client_email": ACCOUNT, "private_key_id": "k1",
                "private_key": pem(), "token_uri": format!("{url}/token")})
            .to_string(),
            vec![],
        ),
        (
            "our own",
            json!({"ims": url, "client_id": CLIENT, "client_secret": SECRET, "org_id": ORG,
                "technical_account_id": ACCOUNT, "metascopes": "/s/ent_cloudmgr_sdk",
                "private_key": "private.key", "jti": "integer", "sandbox_name": "prod"})
            .to_string(),
            vec![],
        ),
    ]
}

#[test]
fn each_form_of_credentials_gets_a_token_and_the_next_process_the_same() {
    let desk = Desk::new();
    for (number, (form, content, more)) in forms(&desk).into_iter().enumerate() {
        let file = desk.file(&format!("{number}.credentials"), content);
        let mut args = vec![file.as_str()];
        args.extend(more);
        // Where the file names no host, or a real one's.
        if ["Developer Console", "aepp"].contains(&form) {
            args.extend(["--ims", desk.url()]);
        }
        // Forms that say the same share a token, too.
        let cache = format!("file:{}/cache-{number}", desk.directory.path().display());
        args.extend(["--cache", &cache]);
        let before = desk.issued();
        let run = |args: &[&str]| output(desk.ims(args).current_dir(desk.directory.path()), "");
        let first = run(&args);
        assert!(is_token(&first), "{form}: {first}");
        assert_eq!(run(&args), first, "{form}");
        assert_eq!(desk.issued(), before + 1, "{form}");
    }
}

/// Seed 003's environment, as Postman exports it, with one variable changed.
fn seed_003(desk: &Desk, name: &str, value: &str) -> String {
    let pem = pem();
    let variables = [
        ("CLIENT_SECRET", SECRET),
        ("API_KEY", CLIENT),
        ("META_SCOPE", "ent_cloudmgr_sdk"),
        ("PRIVATE_KEY", &pem),
        ("TECHNICAL_ACCOUNT_ID", ACCOUNT),
        ("IMS", desk.url()),
        ("IMS_ORG", ORG),
        ("SANDBOX_NAME", "prod"),
    ];
    let changed = variables.map(|(key, old)| (key, if key == name { value } else { old }));
    desk.file(&format!("{name}.json"), postman(&changed))
}

#[test]
fn the_common_errors_of_seed_003_name_the_variable_and_what_it_should_look_like() {
    let desk = Desk::new();
    for (name, value, looks) in [
        ("IMS", "ims na1", "ims-na1.adobelogin.com"),
        ("IMS", "https://ims-na1.adobelogin.com/ims/exchange/jwt", "ims-na1.adobelogin.com"),
        ("IMS", &format!("{}.invalid", "x".repeat(64)), "ims-na1.adobelogin.com"),
        ("IMS", "http://127.0.0.1:1", "ims-na1.adobelogin.com"),
        ("IMS_ORG", "9071", "ORG@AdobeOrg"),
        ("IMS_ORG", "", "ORG@AdobeOrg"),
        ("IMS_ORG", "other@AdobeOrg", "ORG@AdobeOrg"),
        ("TECHNICAL_ACCOUNT_ID", "D8E1", "ID@techacct.adobe.com"),
        ("TECHNICAL_ACCOUNT_ID", "other@techacct.adobe.com", "ID@techacct.adobe.com"),
    ] {
        let file = seed_003(&desk, name, value);
        let (_, text) = failure(&mut desk.ims(&[&file, "--cache", "none"]));
        assert!(text.contains(&format!("{name} ")) || text.contains(&format!("{name}:")), "{text}");
        assert!(text.contains(looks), "{name} {value}: {text}");
    }
}

#[test]
fn a_secret_in_the_wrong_place_or_cut_shows_in_no_message() {
    let desk = Desk::new();
    let base64: String = pem().lines().filter(|line| !line.starts_with("-----")).collect();
    for (name, value) in [
        ("PRIVATE_KEY", &base64[..601]),
        ("PRIVATE_KEY", &base64[1..701]),
        ("PRIVATE_KEY", &base64[..40]),
        ("IMS_ORG", SECRET),
        ("TECHNICAL_ACCOUNT_ID", SECRET),
        ("API_KEY", SECRET),
    ] {
        let file = seed_003(&desk, name, value);
        let (_, text) = failure(&mut desk.ims(&[&file, "--cache", "none"]));
        assert!(text.contains(name), "{text}");
        assert!(!text.contains(&base64[10..30]) && !text.contains("s3cret"), "{text}");
    }
}

#[test]
fn a_key_given_beside_our_own_form_is_used() {
    let desk = Desk::new();
    let file = json!({"ims": desk.url(), "client_id": CLIENT, "client_secret": SECRET,
        "org_id": ORG, "technical_account_id": ACCOUNT, "metascopes": "ent_cloudmgr_sdk"});
    let file = desk.file("beside.json", file.to_string());
    let key = desk.directory.path().join("private.key");
    assert!(is_token(&output(&mut desk.ims(&[&file, "--key", key.to_str().unwrap()]), "")));
}

#[test]
fn headers_are_all_that_an_api_asks_for() {
    let desk = Desk::new();
    let file = seed_003(&desk, "", "");
    let token = output(&mut desk.ims(&[&file]), "");
    assert_eq!(
        output(&mut desk.ims(&[&file, "--headers"]), ""),
        format!(
            "Authorization: Bearer {}\nx-api-key: {CLIENT}\nx-gw-ims-org-id: {ORG}\nx-sandbox-name: prod\n",
            token.trim_end()
        )
    );
    let json: Value = serde_json::from_str(&output(&mut desk.ims(&[&file, "--json"]), "")).unwrap();
    assert_eq!(json["access_token"], token.trim_end());
    assert!((86_000..=86_400).contains(&json["expires_in"].as_u64().unwrap()));
}

#[test]
fn the_environment_is_read_by_the_same_names() {
    let desk = Desk::new();
    let mut command = desk.ims(&[]);
    command.env("IMS", desk.url()).env("API_KEY", CLIENT).env("CLIENT_SECRET", SECRET);
    command.env("SCOPES", "openid,AdobeID");
    assert!(is_token(&output(&mut command, "")));
}

#[test]
fn write_stores_the_token_and_the_jwt_as_seed_003_s_collection_does() {
    let desk = Desk::new();
    let content = fs::read_to_string(seed_003(&desk, "", "")).unwrap();
    let content = content.replacen("[{", r#"[{"key":"ACCESS_TOKEN","value":"old"},  {"#, 1);
    let file = desk.file("environment.json", content);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();

    let Output { status, stdout, stderr } = desk.ims(&[&file, "--write"]).output().unwrap();
    assert!(status.success() && stdout.is_empty());
    let warning = String::from_utf8(stderr).unwrap();
    assert!(warning.ends_with(&format!("(mode 640): chmod 600 '{file}'\n")), "{warning}");

    let written: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let value = |name: &str| {
        let mut values = written["values"].as_array().unwrap().iter();
        values.find(|variable| variable["key"] == name).unwrap()["value"].as_str().unwrap()
    };
    assert!(is_token(value("ACCESS_TOKEN")) && is_token(value("JWT_TOKEN")));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(!Path::new(&format!("{file}.new")).exists());
    // Written once, it is as good as before.
    assert_eq!(output(&mut desk.ims(&[&file]), "").trim_end(), value("ACCESS_TOKEN"));
}

#[test]
fn a_cache_that_cannot_be_used_is_a_warning_and_the_token_comes_all_the_same() {
    let desk = Desk::new();
    let file = seed_003(&desk, "", "");
    let cache = format!("file:{file}");
    let Output { status, stdout, stderr } = desk.ims(&[&file, "--cache", &cache]).output().unwrap();
    assert!(status.success() && is_token(&String::from_utf8(stdout).unwrap()));
    let warning = String::from_utf8(stderr).unwrap();
    assert!(warning.starts_with("warning: ") && warning.lines().count() == 1, "{warning}");
}

#[test]
fn what_is_no_cache_or_may_hold_a_password_is_refused() {
    let desk = Desk::new();
    let file = seed_003(&desk, "", "");
    let (code, text) = failure(&mut desk.ims(&[&file, "--cache", "memcached://h"]));
    assert!(code == 22 && text.contains("cache"), "{text}");
    let (code, text) = failure(&mut desk.ims(&[&file, "--cache", "redis://:s3cret@h"]));
    assert!(code == 2 && text.contains("IMS_CACHE"), "{text}");
    let (code, text) = failure(desk.ims(&[&file]).env("IMS_CACHE", "redis://:s3cret@h:x"));
    assert_eq!(code, 22, "{text}");
}

#[test]
fn several_credentials_are_listed_where_none_is_picked() {
    let desk = Desk::new();
    let console = forms(&desk).swap_remove(1).1;
    let file = desk.file("console.json", console);
    let (code, text) = failure(&mut desk.ims(&[&file]));
    assert!(code == 14 && text.contains("JWT") && text.contains("OAuth"), "{text}");
    let args = [&file, "--name", "OAuth", "--ims", desk.url()];
    assert!(is_token(&output(&mut desk.ims(&args), "")));
}

/// A library that makes a function of the C library fail, for `LD_PRELOAD`.
fn failing(desk: &Desk, name: &str, parameters: &str, error: &str) -> String {
    let source =
        format!("#include <errno.h>\nint {name}({parameters}) {{ errno = {error}; return -1; }}\n");
    let library = desk.directory.path().join(format!("{name}.so")).display().to_string();
    let mut gcc = Command::new("gcc");
    gcc.args(["-shared", "-fPIC", "-fno-builtin", "-xc", "-", "-o", &library]);
    output(&mut gcc, &source);
    library
}

#[test]
fn whatever_the_file_system_refuses_the_token_comes_all_the_same() {
    let desk = Desk::new();
    let file = seed_003(&desk, "", "");
    for (number, (name, parameters, error)) in [
        ("flock", "int file, int operation", "ENOLCK"),
        ("flock", "int file, int operation", "EIO"),
        ("rename", "const char *from, const char *to", "EIO"),
        ("rename", "const char *from, const char *to", "EDQUOT"),
        ("mkdir", "const char *path, unsigned mode", "EROFS"),
        ("mkdir", "const char *path, unsigned mode", "ENOSPC"),
    ]
    .into_iter()
    .enumerate()
    {
        let cache = format!("file:{}/refused-{number}", desk.directory.path().display());
        let mut ims = desk.ims(&[&file, "--cache", &cache]);
        let ran = ims.env("LD_PRELOAD", failing(&desk, name, parameters, error)).output().unwrap();
        let warning = String::from_utf8(ran.stderr).unwrap();
        assert!(is_token(&String::from_utf8(ran.stdout).unwrap()), "{name} {error}: {warning}");
        assert!(warning.starts_with("warning: "), "{name} {error}: {warning}");
        assert_eq!(warning.lines().count(), 1, "{name} {error}: {warning}");
    }
}

#[test]
fn a_disk_that_is_full_is_a_warning_and_leaves_no_half_of_an_entry() {
    let desk = Desk::new();
    let file = seed_003(&desk, "", "");
    // No byte may be written to a file; standard output is a pipe.
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" token \"$1\"";
    let mut shell = Command::new("bash");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_ims"), &file]).env_clear();
    let ran = shell.env("XDG_RUNTIME_DIR", desk.directory.path()).output().unwrap();
    let warning = String::from_utf8(ran.stderr).unwrap();
    assert!(is_token(&String::from_utf8(ran.stdout).unwrap()), "{warning}");
    assert!(warning.starts_with("warning: "), "{warning}");
    let left = fs::read_dir(desk.directory.path().join("ims")).unwrap();
    let names: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| name.to_string_lossy().ends_with(".lock")), "{names:?}");
}

#[test]
fn only_files_in_the_directories_of_allow_read_are_read() {
    let (desk, other) = (Desk::new(), Directory::new());
    let other_key = other.write("key.pem", keys::pkcs8_pem());
    let file = |name: &str, key: &str| {
        let ims = desk.url();
        let text = json!({
            "ims": ims, "client_id": CLIENT, "client_secret": SECRET, "org_id": ORG,
            "technical_account_id": ACCOUNT, "metascopes": "ent_aem_cloud_api", "private_key": key,
        });
        desk.file(name, text.to_string())
    };
    let good = file("good.json", "private.key");
    let bad = file("bad.json", other_key.to_str().unwrap());
    let here = desk.directory.path().to_str().unwrap();
    let there = other.path().to_str().unwrap();
    let refused = |command: &mut Command| {
        let (exit_code, text) = failure(command);
        assert_eq!(exit_code, 14, "{text}");
        assert!(text.contains("is refused: this program may not read it"), "{text}");
        text
    };
    assert!(desk.ims(&[&good, "--allow-read", here]).output().unwrap().status.success());
    assert!(refused(&mut desk.ims(&[&bad, "--allow-read", here])).contains("private_key "));
    refused(&mut desk.ims(&[&good, "--allow-read", there]));
    let both = ["--allow-read", here, "--allow-read", there];
    assert!(desk.ims(&[&[bad.as_str()], &both[..]].concat()).output().unwrap().status.success());
    for command in ["invalidate", "validate", "sandbox"] {
        let mut ims = Command::new(env!("CARGO_BIN_EXE_ims"));
        refused(ims.args([command, &bad, "--allow-read", here]).env_clear());
    }
    let (exit_code, text) = failure(&mut desk.ims(&[&good, "--allow-read", &good]));
    assert!(exit_code == 2 && text.contains("--allow-read"), "{exit_code} {text}");
}

#[test]
fn a_process_begins_with_the_secret_that_worked_in_another_one() {
    let desk = Desk::new();
    let mut account = Account::default();
    account.client_id = "rotated".into();
    account.client_secret = "new".into();
    account.token_lifetime = Some(Duration::from_secs(2));
    desk.sandbox.set_account(account).unwrap();
    let content = json!({
        "grant": "client_credentials", "ims": desk.url(), "client_id": "rotated",
        "client_secrets": ["old", "new"], "scope": "openid",
    });
    let file = desk.file("rotated.json", content.to_string());
    let counts = || {
        let exchanges = desk.sandbox.exchanges("rotated").unwrap();
        (exchanges.refused, exchanges.issued)
    };
    assert!(desk.ims(&[&file]).output().unwrap().status.success());
    assert_eq!(counts(), (1, 1));
    // Until the token has expired.
    thread::sleep(Duration::from_secs(2));
    assert!(desk.ims(&[&file]).output().unwrap().status.success());
    assert_eq!(counts(), (1, 2), "the second process sends one request");
}
