//! The log says more than IMS does, and no secret.

use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use ims_sandbox::{Fault, LogEntry};
use openssl::rsa::Rsa;

use super::running::Process;
use super::*;

/// A sandbox of `account`, and what it logs.
pub(super) fn logged(account: Account) -> (Sandbox, Arc<Mutex<Vec<LogEntry>>>) {
    let entries = Arc::new(Mutex::new(Vec::new()));
    let mut config = Config::new(vec![account]);
    let log = Arc::clone(&entries);
    config.log = Box::new(move |entry| log.lock().unwrap().push(entry.clone()));
    (Sandbox::start(config).unwrap(), entries)
}

/// The line of an entry, without how long it took.
fn line(entry: &LogEntry) -> String {
    let line = entry.to_string();
    let (line, took) = line.rsplit_once(" (").unwrap();
    assert!(took.ends_with(" ms)"));
    line.to_owned()
}

#[test]
fn the_log_has_a_line_a_request_and_no_secret() {
    let (sandbox, entries) = logged(account());
    let jwt = jwt(&claims());

    let answer = exchange(&sandbox, &jwt);
    let token = answer.body["access_token"].as_str().unwrap();
    exchange(&sandbox, "not.a.jwt");
    // A client that takes one field for the other.
    post(&sandbox, "/ims/exchange/jwt", &[("client_id", "s3cret"), ("jwt_token", &jwt)]);
    post(&sandbox, &format!("/{jwt}?jwt_token=s3cret"), &CLIENT);
    exchange(&sandbox, &super::jwt(&claims_with("iss", json!("sandbox-secret"))));
    post(&sandbox, "/ims/validate_token/v1", &[CLIENT[0], ("token", token)]);
    sandbox.inject(Fault::status(503).times(1)).unwrap();
    client_credentials(&sandbox, &[]);

    let entries = entries.lock().unwrap();
    let lines: Vec<String> = entries.iter().map(line).collect();
    let expected = [
        "200 POST /ims/exchange/jwt sandbox-client token for 24 h, ent_sandbox",
        "400 POST /ims/exchange/jwt sandbox-client invalid_token \"JWT token is incorrectly \
         formatted, and can not be decoded.\": a part of it is not JSON in base64url without \
         padding",
        "400 POST /ims/exchange/jwt - invalid_client \"invalid client_id parameter\": no account \
         has this client_id",
        "400 POST /[redacted] sandbox-client unsupported_grant_type \"This path does not accept this \
         grant_type.\": grant_type should be urn:ietf:params:oauth:grant-type:jwt-bearer",
        "400 POST /ims/exchange/jwt sandbox-client bad_request \"iss is missing or wrong.\": iss \
         is [redacted], but should be SANDBOX@AdobeOrg",
        "200 POST /ims/validate_token/v1 sandbox-client valid",
        "503 POST /ims/token/v3 sandbox-client temporarily_unavailable \"The sandbox was told to \
         respond so.\" [fault status=503,times=1]",
    ];
    assert_eq!(lines, expected);
    for secret in ["sandbox-secret", "s3cret", jwt.as_str(), token] {
        assert!(!format!("{entries:?}").contains(secret));
    }
}

#[test]
fn the_log_says_what_imss_errors_keep_to_themselves() {
    let mut account = account();
    let other = Rsa::generate(2048).unwrap().public_key_to_pem().unwrap();
    account.public_keys.push(PublicKey::from_bytes(&other).unwrap());
    let (sandbox, entries) = logged(account);
    let stranger = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let sha256 = MessageDigest::sha256();
    let stage = "https://ims-na1-stg1.adobelogin.com";

    for (jwt, cause) in [
        (String::new(), "there is none"),
        ("a.b".into(), "it has not three parts with dots between"),
        (
            sign(RS256, &claims(), &stranger, sha256),
            "the signature fits none of the 2 registered keys",
        ),
        (
            sign(r#"{"alg":"none"}"#, &claims(), keys::rsa(), sha256),
            "the header's alg is none, but should be RS256",
        ),
        (
            jwt(&claims_with("exp", json!("soon"))),
            "exp is soon, but should be an integer of seconds",
        ),
        (jwt(&claims_with("jti", json!("x1"))), "jti is x1, but should be an integer"),
        (jwt(&claims_with("exp", Value::Null)), "exp is missing"),
        (
            jwt(&claims_with("aud", json!(format!("{stage}/c/sandbox-client")))),
            "aud is https://ims-na1-stg1.adobelogin.com/c/sandbox-client, but should be \
             https://ims-na1.adobelogin.com/c/sandbox-client",
        ),
        (
            jwt(&claims_with("sub", json!("x@techacct.adobe.com"))),
            "sub is x@techacct.adobe.com, but should be sandbox@techacct.adobe.com",
        ),
        (
            jwt(&claims_with(&format!("{IMS}/s/ent_x"), json!(true))),
            "ent_x is not granted; granted: ent_sandbox",
        ),
        (
            jwt(&claims_with(&format!("{stage}/s/ent_x"), json!(true))),
            "https://ims-na1-stg1.adobelogin.com/s/ent_x is of another host",
        ),
        (
            jwt(&claims_with(&format!("{IMS}/s/ent_sandbox"), Value::Null)),
            "the JWT claims no metascope",
        ),
    ] {
        exchange(&sandbox, &jwt);
        assert_eq!(entries.lock().unwrap().pop().unwrap().cause, cause);
    }

    for (exp, begin, end) in [
        (now() - 100, "exp lies 10", " s in the past"),
        ((now() + 300) * 1000, "exp lies ", " s ahead, over 86400 s: is it milliseconds?"),
        (now() + 90_000, "exp lies ", " s ahead, over 86400 s"),
    ] {
        exchange(&sandbox, &jwt(&claims_with("exp", json!(exp))));
        let cause = entries.lock().unwrap().pop().unwrap().cause;
        assert!(cause.starts_with(begin) && cause.ends_with(end), "{cause}");
    }

    client_credentials(&sandbox, &[("scope", "openid,other")]);
    let cause = entries.lock().unwrap().pop().unwrap().cause;
    assert_eq!(cause, "other is not granted; granted: openid, AdobeID, read_organizations");
}

#[test]
fn a_certificate_that_has_expired_is_named_as_the_cause() {
    use support::certificates::{Validity, self_signed};
    for (validity, problem) in
        [(Validity::expired(), "has expired"), (Validity::not_yet(), "is not valid yet")]
    {
        let certificate = self_signed(keys::rsa(), validity).to_pem().unwrap();
        let mut account = Account::default();
        account.public_keys.push(PublicKey::from_bytes(&certificate).unwrap());
        let (sandbox, entries) = logged(account);
        exchange(&sandbox, &jwt(&claims()));
        let cause = entries.lock().unwrap().pop().unwrap().cause;
        assert_eq!(cause, format!("the certificate that the signature fits {problem}"));
    }
}

#[test]
fn ims_sandbox_begins_each_line_with_the_local_time_and_colours_no_file() {
    let ims = Process::start(&[]);
    get(&format!("{}/ims/keys", ims.url));
    let log = fs::read_to_string(ims.directory.path().join("log")).unwrap();
    let line = log.lines().nth(1).unwrap();
    let (time, rest) = line.split_once(' ').unwrap();
    let digits: Vec<_> = time.split(':').map(|part| part.parse::<u8>().unwrap()).collect();
    assert!(time.len() == 8 && digits.len() == 3, "{time}");
    assert!(rest.starts_with("200 GET /ims/keys - the key of its tokens ("), "{rest}");
    assert!(!log.contains('\x1b'), "{log}");
}

/// What `ims sandbox` shows on a terminal of one request.
fn on_a_terminal(variables: &[(&str, &str)]) -> String {
    let script = "ims sandbox --port=0 --ready-file=url & \
                  for _ in $(seq 2000); do test -e url && break; sleep 0.05; done; \
                  curl --silent --noproxy '*' \"$(cat url)/ims/none\" > answer; \
                  kill $!; wait $!";
    let directory = support::directory::Directory::new();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_ims")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", script, "/dev/null"]);
    command.current_dir(directory.path()).env_clear().env("PATH", path);
    command.env("TERM", "xterm").envs(variables.iter().copied());
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_terminal_shows_colours_unless_no_color_is_set() {
    let coloured = on_a_terminal(&[]);
    assert!(coloured.contains("\x1b[33m404\x1b[0m GET /ims/none - not_found"), "{coloured:?}");
    let plain = on_a_terminal(&[("NO_COLOR", "1")]);
    assert!(plain.contains(" 404 GET /ims/none - not_found"), "{plain:?}");
    assert!(!plain.contains('\x1b'), "{plain:?}");
}
