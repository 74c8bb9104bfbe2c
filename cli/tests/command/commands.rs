//! The `ims` command, run as a script runs it.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ims_sandbox::{Account, Config, PublicKey, Sandbox};
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use serde_json::{Value, json};
use support::certificates::{self, Authority, Validity};
use support::directory::Directory;
use support::hostile::Hostile;
use support::keys;
use support::responses::{self, TOKEN, http, token_answer};

const IMS: &str = env!("CARGO_BIN_EXE_ims");
const CLAIMS: [&str; 6] =
    ["--iss", "ORG@AdobeOrg", "--sub", "ID@techacct.adobe.com", "--client-id", "client"];
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl";
/// Of a form and of a shell alike, these characters mean something else.
const HOSTILE: &str = r#"a&b=c+d%20e 'f' "g" \h $i `j` !k #l {{m}} é→🔑"#;

// Running.

/// `ims` with nothing of this process's environment, but where `make coverage` has it count.
fn ims(args: &[&str]) -> Command {
    let mut command = Command::new(IMS);
    let counts = env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file));
    command.args(args).env_clear().envs(counts);
    command
}

/// Runs `command` with `stdin` as its standard input.
fn run(command: &mut Command, stdin: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that fails early does not read it.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

/// Standard output, less its line break, of a command that succeeds and says nothing else.
fn stdout(command: &mut Command) -> String {
    let output = run(command, b"");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((stderr.as_str(), output.status.code()), ("", Some(0)));
    let mut stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout.pop(), Some('\n'));
    stdout
}

/// Exit code and standard error of a command that fails and prints no result.
fn failure(command: &mut Command) -> (i32, String) {
    let output = run(command, b"");
    assert!(output.stdout.is_empty(), "{output:?}");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// A file of this test's own.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli");
    fs::create_dir_all(&folder).unwrap();
    let path: PathBuf = folder.join(name);
    fs::write(&path, content).unwrap();
    path.into_os_string().into_string().unwrap()
}

// Signing.

/// Written once: other tests' commands read it.
fn key_file() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| file("private.key", keys::pkcs8_pem()));
    &PATH
}

fn jwt(more: &[&str]) -> Command {
    let mut command = ims(&["jwt", "--key", key_file()]);
    command.args(CLAIMS).args(more);
    command
}

fn payload(jwt: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

#[test]
fn the_jwt_alone_is_printed() {
    let jwt = stdout(&mut jwt(&["--iat", "1800000000", "--metascope", "ent_a,/s/ent_b"]));
    assert_eq!(
        payload(&jwt),
        json!({
            "iss": "ORG@AdobeOrg",
            "sub": "ID@techacct.adobe.com",
            "aud": "https://ims-na1.adobelogin.com/c/client",
            "exp": 1_800_000_300,
            "iat": 1_800_000_000,
            "https://ims-na1.adobelogin.com/s/ent_a": true,
            "https://ims-na1.adobelogin.com/s/ent_b": true,
        })
    );
}

#[test]
fn json_shows_the_jwt_with_its_header_and_claims_in_their_order() {
    let args = ["--json", "--iat", "5", "--exp", "9", "--nbf", "6", "--jti", "n", "--kid", "k"];
    let mut command = jwt(&args);
    let output = stdout(command.args(["--claims", r#"{"z": 1.50, "a": [{}]}"#]));
    let jwt = serde_json::from_str::<Value>(&output).unwrap()["jwt"].as_str().unwrap().to_owned();
    assert_eq!(
        output,
        format!(
            r#"{{"jwt":"{jwt}","header":{{"typ":"JWT","alg":"RS256","kid":"k"}},"claims":{{"iss":"ORG@AdobeOrg","sub":"ID@techacct.adobe.com","aud":"https://ims-na1.adobelogin.com/c/client","exp":9,"iat":5,"nbf":6,"jti":"n","z":1.50,"a":[{{}}]}}}}"#
        )
    );
}

#[test]
fn host_and_audience_complete_metascopes_and_each_other() {
    let stage = jwt(&["--ims", "https://ims-na1-stg1.adobelogin.com/", "--metascope", "ent_x"]);
    let by_host = payload(&stdout(&mut { stage }));
    let aud = "https://ims-na1-stg1.adobelogin.com/c/client";
    assert_eq!(by_host["aud"], aud);
    assert_eq!(by_host["https://ims-na1-stg1.adobelogin.com/s/ent_x"], true);

    let args = ["--iss", "o", "--sub", "s", "--aud", aud, "--metascope", "ent_x"];
    let by_aud = payload(&stdout(ims(&["jwt", "--key", key_file()]).args(args)));
    assert_eq!(by_aud["https://ims-na1-stg1.adobelogin.com/s/ent_x"], true);
}

#[test]
fn a_metascope_of_another_host_is_named_and_nothing_signed() {
    let other = "https://ims-na1-stg1.adobelogin.com/s/ent_x";
    let (code, stderr) = failure(&mut jwt(&["--metascope", other]));
    assert_eq!(code, 14);
    assert!(stderr.contains(other), "{stderr}");
}

#[test]
fn a_negative_time_is_refused_by_name() {
    for name in ["lifetime", "exp", "nbf", "iat"] {
        let (code, stderr) = failure(&mut jwt(&[&format!("--{name}"), "-1"]));
        assert_eq!(code, 2);
        assert!(stderr.starts_with(&format!("error: {name} ")), "{stderr}");
    }
    let (code, stderr) = failure(&mut exchange("h", &["--timeout", "-1"]));
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: invalid value '-1' for '--timeout"), "{stderr}");
}

#[test]
fn an_integer_jti_is_new_in_every_jwt() {
    let claims = file("claims.json", "{\"a\": 1}\n");
    let jti = || {
        let jwt = stdout(&mut jwt(&["--jti-integer", "--claims-file", &claims]));
        assert_eq!(payload(&jwt)["a"], 1);
        payload(&jwt)["jti"].as_u64().expect("an integer")
    };
    assert!((0..16).all(|_| jti() < 1 << 53), "not every JSON parser keeps it");
    assert_ne!(jti(), jti());
}

#[test]
fn the_key_may_come_by_standard_input() {
    let output = run(ims(&["jwt", "--key", "-"]).args(CLAIMS), &keys::pkcs8_pem());
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout.split(|byte| *byte == b'.').count(), 3);
}

#[test]
fn standard_input_serves_one_option_only() {
    let (code, stderr) = failure(&mut jwt(&["--passphrase-file", "-", "--claims-file", "-"]));
    assert_eq!((code, stderr.as_str()), (2, "error: standard input (-) is named by two options\n"));
}

#[test]
fn the_passphrase_comes_from_a_file_or_the_environment() {
    let pem = keys::rsa()
        .private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), b"p w")
        .unwrap();
    let key = file("encrypted.key", pem);
    let passphrase = file("passphrase.txt", "p w\r\n");
    let jwt = || {
        let mut command = ims(&["jwt", "--key", &key]);
        command.args(CLAIMS);
        command
    };
    stdout(jwt().args(["--passphrase-file", &passphrase]));
    stdout(jwt().env("IMS_PASSPHRASE", "p w"));

    let (code, stderr) = failure(&mut jwt());
    assert_eq!(code, 13, "{stderr}");
    let (code, stderr) = failure(jwt().env("IMS_PASSPHRASE", "wr0ng"));
    assert_eq!(code, 13, "{stderr}");
    assert!(!stderr.contains("wr0ng"));
}

#[test]
fn nothing_is_signed_by_a_key_whose_certificate_is_another_or_has_expired() {
    let certificate = |name, key: &PKey<Private>, validity| {
        file(name, certificates::self_signed(key, validity).to_pem().unwrap())
    };
    let own = certificate("own.pem", keys::rsa(), Validity::now());
    stdout(&mut jwt(&["--certificate", &own]));

    let other_key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let other = certificate("other.pem", &other_key, Validity::now());
    let expired = certificate("expired.pem", keys::rsa(), Validity::expired());
    for (certificate, problem) in [(other, "does not belong"), (expired, "expired")] {
        let (code, stderr) = failure(&mut jwt(&["--certificate", &certificate]));
        assert_eq!(code, 14, "{stderr}");
        assert!(stderr.contains(problem), "{stderr}");
    }
}

#[test]
fn a_key_given_as_an_argument_is_refused_and_not_repeated() {
    let pem = String::from_utf8(keys::pkcs8_pem()).unwrap();
    for key in [vec!["--key", &pem], vec![&format!("--key={pem}")], vec!["--key", "f", &pem]] {
        let (_, stderr) = failure(ims(&["jwt"]).args(CLAIMS).args(key));
        assert!(!stderr.contains("PRIVATE"), "{stderr}");
        assert!(!stderr.contains(pem.lines().nth(1).unwrap()), "{stderr}");
    }
}

#[test]
fn a_key_that_cannot_be_read_is_a_failure_of_its_own_kind() {
    let (code, stderr) = failure(ims(&["jwt", "--key", "/nowhere/private.key"]).args(CLAIMS));
    assert_eq!(code, 12);
    assert!(stderr.starts_with("error: ") && stderr.contains("/nowhere/private.key"), "{stderr}");
}

// Exchanging.

/// The last request that a server received.
struct Received {
    head: String,
    body: String,
}

impl Received {
    fn by(server: &Hostile) -> Self {
        let request = server.requests().pop().unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        Self { head: head.into(), body: body.into() }
    }

    /// The fields of the form, in order.
    fn fields(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    /// The client's id and secret in the Authorization header.
    fn basic(&self) -> (String, String) {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with("authorization:"));
        let pair = STANDARD.decode(line.unwrap().rsplit(' ').next().unwrap()).unwrap();
        let pair = String::from_utf8(pair).unwrap();
        let (id, secret) = pair.split_once(':').unwrap();
        let decode = |text: &str| {
            let (decoded, _) = form_urlencoded::parse(text.as_bytes()).next().unwrap();
            decoded.into_owned()
        };
        (decode(id), decode(secret))
    }
}

/// The server as `--ims` takes it.
fn host(server: &Hostile) -> String {
    format!("http://{}", server.address())
}

/// `ims exchange` at `host`, with secrets from the environment.
fn exchange(host: &str, more: &[&str]) -> Command {
    let mut command = ims(&["exchange", "--client-id", "client", "--ims", host]);
    command.args(more).env("IMS_CLIENT_SECRET", "s3cret").env("IMS_JWT", JWT);
    command
}

#[test]
fn the_token_alone_is_printed() {
    let server = Hostile::answering([token_answer()]);
    assert_eq!(stdout(&mut exchange(&host(&server), &[])), TOKEN);
    let request = Received::by(&server);
    assert!(request.head.starts_with("POST /ims/exchange/jwt HTTP/1.1\r\n"), "{}", request.head);
}

#[test]
fn json_shows_all_of_the_token_in_seconds() {
    let server = Hostile::answering([token_answer()]);
    let output = stdout(&mut exchange(&host(&server), &["--json"]));
    let token: Value = serde_json::from_str(&output).unwrap();
    let (at, left) = (&token["expires_at"], &token["expires_in"]);
    assert!((3590..=3600).contains(&left.as_u64().unwrap()), "{output}");
    assert_eq!(
        output,
        format!(
            r#"{{"access_token":"{TOKEN}","token_type":"bearer","scope":null,"expires_at":{at},"expires_in":{left}}}"#
        )
    );
}

#[test]
fn json_shows_the_further_members_of_the_response() {
    let body = r#"{"access_token":"t","expires_in":60000,"instance_url":"https://na1.example.com","restricted_to":[1],"expires_at":1}"#;
    let server = Hostile::answering([responses::json("200 OK", body)]);
    let output = stdout(&mut exchange(&host(&server), &["--json"]));
    let token: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(token["instance_url"], "https://na1.example.com");
    assert_eq!(token["restricted_to"], json!([1]));
    assert_ne!(token["expires_at"], 1, "{output}");
}

#[test]
fn a_jwt_goes_through_a_pipe_and_a_secret_comes_from_a_file_with_a_line_break() {
    let server = Hostile::answering([token_answer()]);
    let (key, secret) = (key_file(), file("secret.txt", "s3cret\n"));
    let script = "ims() { \"$IMS\" \"$@\"; }
        ims jwt --key \"$KEY\" --iss o --sub s --client-id client --ims \"$HOST\" |
        ims exchange --client-id client --client-secret-file \"$SECRET\" --ims \"$HOST\" --jwt-file -";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).env("IMS", IMS).env("KEY", key).env("SECRET", secret);
    assert_eq!(stdout(shell.env("HOST", host(&server))), TOKEN);
    let fields = Received::by(&server).fields();
    assert_eq!(payload(&fields[0].1)["sub"], "s");
    assert_eq!(fields[2], ("client_secret".into(), "s3cret".into()));
}

#[test]
fn a_secret_may_come_by_standard_input() {
    let server = Hostile::answering([token_answer()]);
    let output = run(&mut exchange(&host(&server), &["--client-secret-file", "-"]), b"by pipe\r\n");
    assert!(output.status.success(), "{output:?}");
    let secret = ("client_secret".into(), "by pipe".into());
    assert!(Received::by(&server).fields().contains(&secret));
}

#[test]
fn an_endless_file_or_one_of_bytes_is_refused() {
    let (code, stderr) = failure(&mut exchange("h", &["--jwt-file", "/dev/zero"]));
    assert_eq!((code, stderr.as_str()), (2, "error: --jwt-file is over 128 KiB\n"));
    let latin1 = file("latin1.txt", b"s\xe9cret");
    let (code, stderr) = failure(&mut exchange("h", &["--client-secret-file", &latin1]));
    assert_eq!((code, stderr.as_str()), (2, "error: --client-secret-file is not UTF-8\n"));
}

#[test]
fn a_variable_that_the_grant_has_no_use_for_is_not_sent() {
    let server = Hostile::answering([token_answer()]);
    stdout(&mut exchange(&host(&server), &["--grant", "client-credentials", "--scope", "openid"]));
    let names: Vec<String> =
        Received::by(&server).fields().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["grant_type", "client_id", "client_secret", "scope"]);
}

#[test]
fn a_key_proves_the_client_and_parameters_are_sent() {
    let server = Hostile::answering([token_answer()]);
    let directory = Directory::new();
    let key = directory.write("key.pem", keys::pkcs8_pem());
    let args = [
        "--grant",
        "client-credentials",
        "--client-id",
        "client",
        "--client-auth",
        "private-key-jwt",
        "--issuer",
        "https://issuer.example",
        "--param",
        "resource=urn:a",
        "--param",
        "resource=urn:b",
        "--key",
    ];
    let mut command = ims(&["exchange", "--token-url", &server.url()]);
    assert_eq!(stdout(command.args(args).arg(&key)), TOKEN);
    let fields = Received::by(&server).fields();
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    let sent = ["grant_type", "client_id", "client_assertion_type", "client_assertion"];
    assert_eq!(names, [&sent[..], &["resource", "resource"]].concat());
    let jwt = ims::decode_jwt(&fields[3].1).unwrap();
    let claims: Value = serde_json::from_str(&jwt.claims).unwrap();
    assert_eq!([&claims["iss"], &claims["sub"]], ["client", "client"]);
    assert_eq!(claims["aud"], "https://issuer.example");
}

#[test]
fn a_client_secret_signs_and_is_not_sent() {
    let server = Hostile::answering([token_answer()]);
    let mut command = ims(&["exchange", "--token-url", &server.url(), "--client-id", "client"]);
    command.args(["--grant", "client-credentials", "--client-auth", "client_secret_jwt"]);
    command.args(["--alg", "HS384"]).env("IMS_CLIENT_SECRET", "s".repeat(48));
    stdout(&mut command);
    let fields = Received::by(&server).fields();
    assert!(fields.iter().all(|(name, _)| name != "client_secret"));
    let header = ims::decode_jwt(&fields[3].1).unwrap().header;
    assert!(header.contains(r#""alg":"HS384""#), "{header}");
}

#[test]
fn a_clients_jwt_that_is_signed_already_is_sent_as_json_too() {
    let server = Hostile::answering([token_answer()]);
    let args = ["--grant", "account_credentials", "--client-id", "c", "--body", "json"];
    let mut command = ims(&["exchange", "--token-url", &server.url()]);
    command.args(args).args(["--client-auth", "private_key_jwt"]).env("IMS_CLIENT_ASSERTION", JWT);
    stdout(&mut command);
    let request = server.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&body["grant_type"], &body["client_assertion"]),
        (&"account_credentials".into(), &JWT.into())
    );
}

#[test]
fn what_does_not_go_together_is_named() {
    let token_url = ["--token-url", "https://h/t"];
    for (args, problem) in [
        (&["--grant", "client-credential"][..], "yet must be jwt_exchange or jwt_bearer or"),
        (&["--client-auth", "x"], "client_auth must be body or basic or private_key_jwt or"),
        (&["--param", "a"], "--param is not NAME=VALUE"),
        (&["--param", "scope=a"], "parameters holds scope, which has a setting of its own"),
        (&["--param", "resource=a"], "resource is not an absolute URI"),
        (
            &["--subject-token-type", "jwt"],
            "subject_token_type is given, but only a token exchange",
        ),
        (
            &["--grant", "client-credentials", "--client-auth", "private_key_jwt"],
            "give the private key by --key",
        ),
    ] {
        let mut command = ims(&["exchange", "--client-id", "c"]);
        command.args(token_url).args(args).env("IMS_CLIENT_SECRET", "s").env("IMS_JWT", JWT);
        let (code, stderr) = failure(&mut command);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(problem), "{args:?}: {stderr}");
    }
    // Nothing is sent for a command that is only shown.
    let issuer = ["--grant", "client-credentials", "--issuer", "https://h", "--curl"];
    let mut command = ims(&["exchange", "--client-id", "c"]);
    let (_, stderr) = failure(command.args(issuer).env("IMS_CLIENT_SECRET", "s"));
    assert!(stderr.contains("--token-url is missing: nothing is sent"), "{stderr}");
}

#[test]
fn an_issuer_is_enough_to_find_where_to_ask() {
    let mut account = Account::default();
    account.public_keys.push(PublicKey::from_bytes(keys::public_key_pem().as_bytes()).unwrap());
    let sandbox = Sandbox::start(Config::new(vec![account])).unwrap();
    let client = "sandbox-client";
    let ask = || {
        let mut command =
            ims(&["exchange", "--grant", "client-credentials", "--client-id", client]);
        command.args(["--client-auth", "private_key_jwt", "--issuer", sandbox.url()]);
        command
    };
    assert!(stdout(ask().args(["--key", key_file()])).starts_with("ey"));
    let claims = ["--iss", client, "--sub", client, "--aud", sandbox.url()];
    let mut sign = ims(&["jwt", "--key", key_file(), "--typ", "client-authentication+jwt"]);
    let assertion = stdout(sign.args(claims).args(["--jti", "once"]));
    let given = || {
        let mut command = ask();
        command.env("IMS_CLIENT_ASSERTION", &assertion);
        command
    };
    assert!(stdout(&mut given()).starts_with("ey"));
    let (code, stderr) = failure(&mut given());
    assert!(code == 18 && stderr.contains("jti"), "{code}: {stderr}");
}

#[test]
fn what_is_missing_is_named_with_the_option_and_variable_that_give_it() {
    let cases: [(&[&str], &str, &str); 3] = [
        (&["exchange"], "client_id", ""),
        (&["exchange", "--client-id", "c"], "client_secret", "IMS_CLIENT_SECRET"),
        (&["exchange", "--grant", "jwt-bearer", "--token-url", "https://h/t"], "jwt", "IMS_JWT"),
    ];
    for (args, field, hint) in cases {
        let mut command = ims(args);
        if field == "client_id" {
            command.env("IMS_JWT", JWT);
        }
        let (code, stderr) = failure(&mut command);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.starts_with(&format!("error: {field} is missing\n")), "{stderr}");
        assert!(stderr.contains(hint), "{stderr}");
    }
}

#[test]
fn a_secret_in_place_of_a_file_s_name_is_not_repeated() {
    for option in ["--client-secret-file", "--jwt-file"] {
        let (code, stderr) = failure(&mut exchange("h", &[option, "hunter2"]));
        assert_eq!(code, 2);
        assert!(stderr.starts_with(&format!("error: {option} cannot be read: ")), "{stderr}");
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
}

#[test]
fn there_is_no_option_that_takes_a_secret_itself() {
    for args in [
        &["--client-secret=hunter2"][..],
        &["--client-secret", "hunter2"],
        &["--jwt=hunter2"],
        &["hunter2"],
        &["--", "hunter2"],
    ] {
        let (code, stderr) = failure(&mut exchange("h", args));
        assert_eq!(code, 2);
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
}

#[test]
fn a_proxy_s_password_is_no_argument() {
    let (code, stderr) = failure(&mut exchange("h", &["--proxy", "http://user:hunter2@proxy:1"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("HTTPS_PROXY") && !stderr.contains("hunter2"), "{stderr}");
}

#[test]
fn a_password_in_a_url_is_refused_and_not_repeated() {
    let url = "https://user:hunter2@host";
    for option in ["--ims", "--token-url"] {
        let (code, stderr) =
            failure(&mut ims(&["exchange", "--client-id=c", "--curl", option, url]));
        assert_eq!(code, 2);
        assert!(stderr.contains("holds a user name or password"), "{stderr}");
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
}

// The same request, by other means.

/// The grants, each with options whose values hold what forms and shells give a meaning.
fn hostile_grants() -> [Vec<&'static str>; 5] {
    let client = ["--client-id", HOSTILE, "--scope", HOSTILE];
    let with = |more: &[&'static str]| [&client[..], more].concat();
    [
        with(&["--grant", "jwt-exchange"]),
        with(&["--grant", "jwt-bearer"]),
        with(&["--grant", "client-credentials", "--org-id", HOSTILE]),
        with(&["--grant", "token-exchange", "--subject-token-type", "access_token"]),
        with(&["--grant", "password", "--param", concat!("a=", "it's & so"), "--param", "a=b=c"]),
    ]
}

/// What `ims exchange` sends with `args` and, from the environment, a secret and a JWT.
fn sent_by_ims(args: &[&str], url: &str, server: &Hostile) -> Received {
    let mut command = ims(&["exchange", "--token-url", url]);
    stdout(command.args(args).env("IMS_CLIENT_SECRET", HOSTILE).env("IMS_JWT", JWT));
    Received::by(server)
}

/// What the command that `ims exchange --curl` prints sends, with the same secrets.
fn sent_by_curl(args: &[&str], url: &str, server: &Hostile) -> Received {
    let mut command = ims(&["exchange", "--token-url", url, "--curl", "--proxy", "none"]);
    // Of the variable, only that it is there may matter.
    let script = stdout(command.args(args).env("IMS_CLIENT_SECRET", "another"));
    assert!(!script.contains("another"), "{script}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env("IMS_CLIENT_SECRET", HOSTILE).env("IMS_JWT", JWT);
    let output = run(&mut shell, b"");
    assert!(output.status.success(), "{script}\n{output:?}");
    Received::by(server)
}

#[test]
fn the_curl_command_sends_the_same_form() {
    let server = Hostile::answering([token_answer()]);
    let url = format!("{}?a=[1]&b=it's", server.url());
    for grant in hostile_grants() {
        let by_ims = sent_by_ims(&grant, &url, &server);
        let by_curl = sent_by_curl(&grant, &url, &server);
        assert_eq!(by_curl.fields(), by_ims.fields());
        assert!(by_ims.fields().contains(&("client_secret".into(), HOSTILE.into())));
        assert_eq!(by_curl.head.lines().next(), by_ims.head.lines().next());
        let form = "content-type: application/x-www-form-urlencoded";
        assert!(by_curl.head.to_lowercase().contains(form), "{}", by_curl.head);
    }
}

#[test]
fn the_curl_command_sends_the_same_basic_authorization() {
    let server = Hostile::answering([token_answer()]);
    for grant in hostile_grants() {
        let args = [&grant[..], &["--client-auth", "basic"]].concat();
        let by_ims = sent_by_ims(&args, &server.url(), &server);
        let by_curl = sent_by_curl(&args, &server.url(), &server);
        assert_eq!(by_curl.basic(), by_ims.basic());
        assert_eq!(by_ims.basic(), (HOSTILE.into(), HOSTILE.into()));
        assert_eq!(by_curl.fields(), by_ims.fields());
    }
}

#[test]
fn the_curl_command_needs_no_secrets_and_says_where_it_takes_them_from() {
    let command = stdout(&mut ims(&["exchange", "--client-id", "client", "--curl"]));
    assert_eq!(
        command,
        "curl 'https://ims-na1.adobelogin.com/ims/exchange/jwt' \\
  --data-urlencode \"jwt_token=$IMS_JWT\" \\
  --data-urlencode 'client_id=client' \\
  --data-urlencode \"client_secret=$IMS_CLIENT_SECRET\""
    );
}

/// The form that Postman makes of a pasted curl command: it joins all data, splits it at `&` and
/// percent-decodes each part, a `+` staying a `+`; then it puts in its variables.
fn imported_by_postman(command: &str) -> Vec<(String, String)> {
    let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}; {command}");
    let words = stdout(Command::new("sh").args(["-c", &script]));
    let words: Vec<&str> = words.lines().collect();
    let data: Vec<&str> =
        words.windows(2).filter(|pair| pair[0] == "--data").map(|pair| pair[1]).collect();
    let form = data.join("&").replace('+', "%2B");
    form_urlencoded::parse(form.as_bytes())
        .map(|(name, value)| {
            let value = match value.as_ref() {
                "{{CLIENT_SECRET}}" => HOSTILE.into(),
                "{{JWT_TOKEN}}" => JWT.into(),
                value => value.to_owned(),
            };
            (name.into_owned(), value)
        })
        .collect()
}

#[test]
fn the_postman_command_imports_as_the_same_form() {
    let server = Hostile::answering([token_answer()]);
    for grant in hostile_grants() {
        let mut command = ims(&["exchange", "--token-url", &server.url(), "--postman"]);
        let command = stdout(command.args(&grant).env("IMS_CLIENT_SECRET", "another"));
        let by_ims = sent_by_ims(&grant, &server.url(), &server);
        assert_eq!(imported_by_postman(&command), by_ims.fields());
    }
}

#[test]
fn what_postman_would_send_otherwise_is_not_shown_for_it() {
    let args = ["exchange", "--client-id", "client", "--client-auth", "basic", "--postman"];
    let (code, stderr) = failure(&mut ims(&args));
    assert_eq!(code, 2);
    assert!(stderr.contains("--curl does"), "{stderr}");
}

// Failing.

#[test]
fn every_kind_of_failure_has_its_exit_code_and_says_what_to_do() {
    let refused = r#"{"error":"invalid_scope","error_description":"not granted"}"#;
    for (status, body, code, message, hint) in [
        ("400 Bad Request", refused, 18, "invalid_scope: not granted", "Developer Console"),
        ("429 Too Many Requests", "", 19, "slow down", "keep a token"),
        ("503 Service Unavailable", "", 20, "unavailable", "overloaded"),
        ("200 OK", "<html>", 21, "not a token response", "the response is an HTML page"),
    ] {
        let server = Hostile::answering([http(status, "", body)]);
        let (exit, stderr) = failure(&mut exchange(&host(&server), &["--max-attempts", "1"]));
        assert_eq!(exit, code, "{stderr}");
        let mut lines = stderr.lines();
        let first = lines.next().unwrap();
        assert!(first.starts_with("error: ") && first.contains(message), "{stderr}");
        match hint {
            "" => assert_eq!(lines.next(), None),
            hint => {
                let second = lines.next().unwrap();
                assert!(second.starts_with("hint: ") && second.contains(hint), "{stderr}");
            }
        }
        assert_eq!(lines.next(), None);
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_told_by_kind() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (code, stderr) =
        failure(&mut exchange(&format!("http://{closed}"), &["--max-attempts", "1"]));
    assert_eq!(code, 15, "{stderr}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", silent.local_addr().unwrap());
    let (code, stderr) = failure(&mut exchange(&host, &["--timeout", "1"]));
    assert_eq!(code, 17, "{stderr}");

    let authority = Authority::new("a CA that this machine does not know");
    let identity = authority.server(&["127.0.0.1"], Validity::now());
    let tls = Hostile::answering_over_tls(&identity, [token_answer()]);
    let host = format!("https://{}", tls.address());
    let (code, stderr) = failure(&mut exchange(&host, &[]));
    assert_eq!(code, 16, "{stderr}");
    let ca_file = file("ca.pem", authority.pem());
    assert_eq!(stdout(&mut exchange(&host, &["--ca-file", &ca_file])), TOKEN);
}

#[test]
fn the_file_of_every_option_may_be_below_home_or_a_file_url() {
    let home = Directory::new();
    home.write("key.pem", keys::encrypted_pem(b"correct horse"));
    home.write("pass phrase", "correct horse\n");
    let certificate = certificates::self_signed(keys::rsa(), Validity::a_year());
    home.write("certificate.pem", certificate.to_pem().unwrap());
    home.write("payload.json", r#"{"iss":"a","sub":"b","aud":"c"}"#);
    let url = format!("--passphrase-file=FILE://{}/pass%20phrase", home.path().display());
    let jwt = |payload: &str| {
        let given = ["jwt", "--key=~/key.pem", &url, "--certificate=~/certificate.pem", payload];
        let mut command = ims(&given);
        command.env("HOME", home.path());
        command
    };
    assert!(stdout(&mut jwt("--payload=file:~/payload.json")).starts_with("eyJ"));
    for (payload, words) in [
        ("--payload=https://a.example/payload.json", "hint: a URL or reference"),
        ("--payload=~a/payload.json", "hint: a home directory such as ~user"),
        ("--payload={\"iss\":\"a\"}", "hint: it takes a file's name"),
    ] {
        let (_, stderr) = failure(&mut jwt(payload));
        assert!(stderr.contains("--payload cannot be read: "), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    let refusing =
        Hostile::answering([http("400 Bad Request", "", r#"{"error":"invalid_scope"}"#)]);
    let json = json!({
        "grant": "client_credentials", "token_url": format!("http://{}/token", refusing.address()),
        "client_id": "a", "client_secret": "b", "scope": "c",
    });
    home.write("credentials.json", json.to_string());
    home.write("ca.pem", Authority::new("a CA").pem());
    let given = ["token", "~/credentials.json", "--ca-file=~/ca.pem"];
    let (code, stderr) = failure(ims(&given).env("HOME", home.path()));
    assert_eq!(code, 18, "{stderr}");
}

#[test]
fn an_answer_that_echoes_the_request_shows_no_secret() {
    let echo = r#"{"error":"invalid_client","error_description":"no client_secret=s3cret, jwt_token=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl"}"#;
    let server = Hostile::answering([http("401 Unauthorized", "", echo)]);
    let (code, stderr) = failure(&mut exchange(&host(&server), &[]));
    assert_eq!(code, 18);
    assert!(stderr.contains("invalid_client: no client_secret=[redacted]"), "{stderr}");
    assert!(!stderr.contains("s3cret") && !stderr.contains("eyJ"), "{stderr}");
}

#[test]
fn wrong_usage_ends_with_2_and_help_with_0() {
    for args in [&[][..], &["nonsense"], &["jwt"], &["exchange", "--timeout", "soon"]] {
        assert_eq!(failure(&mut ims(args)).0, 2, "{args:?}");
    }
    assert!(stdout(&mut ims(&["--help"])).contains("Exit codes:"));
}

#[test]
fn the_version_is_followed_by_that_of_openssl() {
    let version = format!("ims {}\n{}", env!("CARGO_PKG_VERSION"), ims::openssl_version());
    assert_eq!(stdout(&mut ims(&["--version"])), version);
    assert!(version.contains("\nOpenSSL 3."), "{version}");
}

#[test]
fn every_command_shows_examples_of_itself() {
    let help = stdout(&mut ims(&["--help"]));
    let (_, listed) = help.split_once("\nCommands:\n").unwrap();
    let commands: Vec<&str> = listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|command| !["", "help"].contains(command))
        .collect();
    assert!(commands.starts_with(&["token", "doctor"]), "{commands:?}");
    for command in commands {
        let help = stdout(&mut ims(&[command, "--help"]));
        let (_, examples) = help.split_once("\nExamples:\n").unwrap();
        assert!(examples.contains(&format!("ims {command}")), "{help}");
    }
}

#[test]
fn a_reader_that_has_gone_ends_it_quietly() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let output =
        ims(&["exchange", "--client-id", "client", "--curl"]).stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(141), &b""[..]));
}

#[test]
fn a_full_disk_is_a_failure() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output =
        ims(&["exchange", "--client-id", "client", "--curl"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.starts_with(b"error: standard output cannot be written"));
}

#[test]
fn a_recipe_is_printed_for_each_server_that_has_one() {
    let recipes = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/recipes")).unwrap();
    for recipe in recipes {
        let file = recipe.unwrap().path();
        let server = file.file_stem().unwrap().to_str().unwrap();
        let printed = stdout(&mut ims(&["new", server]));
        assert_eq!(printed, std::fs::read_to_string(&file).unwrap().trim_end(), "{server}");
    }
}
