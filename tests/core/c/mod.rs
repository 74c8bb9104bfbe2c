//! The C programs of tests/c, each a promise of include/ims.h, run against the built library.
//!
//! `make check-memory` runs them under valgrind (C_RUNNER), and with UndefinedBehaviorSanitizer and AddressSanitizer
//! (C_FLAGS).

mod doctor;
mod interrupted;
mod libcurl;
mod oidc_provider;
mod stress;

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use crate::c_programs::compile;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::hash::MessageDigest;
use openssl::sign::Verifier;
use openssl::symm::Cipher;
use support::certificates::{Authority, Validity};
use support::directory::Directory;
use support::hostile::{Connection, Hostile};
use support::keys;
use support::signatures::{ALGORITHMS, is_signed, key_for};

#[test]
fn what_a_caller_leaves_out_or_makes_up_is_refused_by_name() {
    run("arguments", &[]);
}

#[test]
fn a_key_signs_every_claim_and_a_jwt_becomes_a_token() {
    let jwt = run("flow", &[]);

    let (signed, signature) = jwt.trim().rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let decode = |segment| URL_SAFE_NO_PAD.decode(segment).unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha256(), keys::rsa()).unwrap();
    assert!(verifier.verify_oneshot(&decode(signature), signed.as_bytes()).unwrap());
    assert_eq!(decode(header), br#"{"typ":"JWT","alg":"RS256","kid":"key-1"}"#);
    assert_eq!(
        String::from_utf8(decode(claims)).unwrap(),
        concat!(
            r#"{"iss":"org@AdobeOrg","sub":"account@techacct.adobe.com","#,
            r#""aud":"https://ims-na1.adobelogin.com/c/client","#,
            r#""exp":1500000060,"iat":1500000000,"nbf":1500000001,"jti":"once","#,
            r#""https://ims-na1.adobelogin.com/s/ent_b":true,"#,
            r#""https://ims-na1.adobelogin.com/s/ent_a":true,"#,
            r#""further":[1.0, "\u00e9"]}"#
        )
    );
}

#[test]
fn the_seeds_claims_and_times_give_the_seeds_header_and_payload() {
    let vector = include_str!("../../vectors/seed_002.txt");
    let values: Vec<&str> = vector.lines().map(|line| line.split_once('=').unwrap().1).collect();

    let jwt = run("seed", &values[..5]);

    let without_signature = |jwt: &str| jwt.rsplit_once('.').unwrap().0.to_owned();
    assert_eq!(without_signature(&jwt), without_signature(values[5]));
}

#[test]
fn every_algorithm_signs() {
    let folder = Directory::new();
    let keys: Vec<_> = ALGORITHMS.map(key_for).into_iter().zip(ALGORITHMS).collect();
    let mut arguments = Vec::new();
    for (key, algorithm) in &keys {
        let pem = key.private_key_to_pem_pkcs8().unwrap();
        let path = folder.write(&format!("{algorithm}.pem"), pem);
        arguments.extend([(*algorithm).to_owned(), path.display().to_string()]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let jwts = run("algorithms", &arguments);
    assert_eq!(jwts.lines().count(), keys.len());
    for (jwt, (key, algorithm)) in jwts.lines().zip(&keys) {
        assert!(is_signed(jwt, key, algorithm), "{algorithm}");
    }
}

#[test]
fn threads_share_objects() {
    run("threads", &[]);
}

#[test]
fn forked_children_use_what_their_parent_made() {
    run("forks", &[]);
}

#[test]
fn what_belongs_to_the_program_stays_as_it_was() {
    run("guest", &[]);
}

#[test]
fn a_client_is_made_from_what_people_have() {
    run("client", &[]);
}

#[test]
fn a_program_that_names_its_key_or_credentials_in_every_call_shares_what_is_made_from_them() {
    run("shared", &[]);
}

#[test]
fn forked_children_share_keys_and_clients_that_threads_of_their_parent_use() {
    run("shared_forks", &[]);
}

#[test]
fn forked_children_use_a_client_that_threads_of_their_parent_use() {
    run("client_forks", &[]);
}

#[test]
fn forked_children_sign_with_a_key_that_threads_of_their_parent_use() {
    run("key_forks", &[]);
}

#[test]
fn forked_children_sign_with_ec_and_ed25519_keys_that_threads_of_their_parent_use() {
    let folder = Directory::new();
    for algorithm in ["ES256", "EdDSA", "ES384", "ES512"] {
        let pem = key_for(algorithm).private_key_to_pem_pkcs8().unwrap();
        let key = folder.write(&format!("{algorithm}.pem"), pem);
        let arguments: &[&str] = if algorithm == "ES512" { &["openssl"] } else { &[] };
        run_with("key_forks", arguments, &[("KEY", key.as_os_str())]);
    }
}

#[test]
fn a_child_signs_though_its_parents_thread_held_a_lock_of_openssls_for_longer_than_a_fork_waits() {
    for done in ["signed", "decrypted"] {
        run("slow_entropy", &[done]);
    }
}

#[test]
fn signals_interrupt_no_call() {
    run("signals", &[]);
}

#[test]
fn the_code_stays_when_a_host_unloads_it() {
    run("plugin", &[]);
}

/// Where valgrind is not installed, the exchange itself.
#[test]
fn valgrind_reports_nothing_over_https_with_the_suppressions_that_are_installed() {
    let folder = &made("https");
    let authority = Authority::new("authority");
    let identity = authority.server(&["127.0.0.1"], Validity::now());
    let token = r#"{"access_token":"the-access-token","expires_in":3600}"#;
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{token}", token.len());
    let server = Hostile::answering_over_tls(&identity, [answer]);
    let credentials = format!(
        r#"{{"client_id":"c","client_secret":"s","scope":"openid","token_url":"{}"}}"#,
        server.https_url()
    );
    fs::write(folder.join("credentials.json"), credentials).unwrap();
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    let has_valgrind =
        Command::new("valgrind").arg("--version").output().is_ok_and(|ran| ran.status.success());
    let suppressions = concat!(env!("CARGO_MANIFEST_DIR"), "/tools/valgrind.supp");
    let valgrind = format!("valgrind --quiet --error-exitcode=9 --suppressions={suppressions}");
    let runner = env::var("C_RUNNER")
        .unwrap_or_else(|_| if has_valgrind { valgrind } else { "env".to_owned() });

    execute(&runner, &folder.join("https"), &[], |program| {
        program
            .env("CREDENTIALS", folder.join("credentials.json"))
            .env("CA_FILE", folder.join("ca.pem"))
            .env("CACHE", format!("file:{}", folder.join("cache").display()));
    });
    assert_eq!(server.connections(), 1);
}

/// A new folder with the program tests/c/`name`.c, compiled against the library that cargo built for
/// this test.
fn made(name: &str) -> PathBuf {
    // Several tests run the same program at once.
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c").join(format!("{name}-{number}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    compile(name, &folder);
    folder
}

/// Compiles tests/c/`name`.c against the library that cargo built for this test and runs it;
/// answers what it printed. A program ends with an error where a promise is not kept, and no one
/// may write to its stderr.
fn run(name: &str, arguments: &[&str]) -> String {
    run_with(name, arguments, &[])
}

/// The same, with further settings.
fn run_with(name: &str, arguments: &[&str], settings: &[(&str, &OsStr)]) -> String {
    let folder = &made(name);
    let (key, encrypted_key) = (folder.join("private.key"), folder.join("encrypted.key"));
    fs::write(&key, keys::pkcs8_pem()).unwrap();
    let cipher = Cipher::aes_256_cbc();
    let encrypted = keys::rsa().private_key_to_pem_pkcs8_passphrase(cipher, b"passphrase").unwrap();
    fs::write(&encrypted_key, encrypted).unwrap();

    let server = Hostile::run(answer);
    let closing_server = Hostile::run(|_| Ok(()));
    let runner = env::var("C_RUNNER").unwrap_or_else(|_| "env".to_owned());
    execute(&runner, &folder.join(name), arguments, |program| {
        program
            .env("KEY", key)
            .env("ENCRYPTED_KEY", encrypted_key)
            .env("SERVER", format!("http://{}", server.address()))
            .env("CLOSING_SERVER", closing_server.url())
            .envs(settings.iter().copied());
    })
}

/// Runs a program, which lies next to the library, by `runner`; answers what it printed.
fn execute(
    runner: &str,
    program: &Path,
    arguments: &[&str],
    set: impl FnOnce(&mut Command),
) -> String {
    let mut runner = runner.split_whitespace();
    let mut command = Command::new(runner.next().unwrap());
    command
        .args(runner)
        .arg(program)
        .args(arguments)
        .env("LD_LIBRARY_PATH", program.parent().unwrap())
        .env_remove("HTTPS_PROXY")
        .env_remove("https_proxy");
    set(&mut command);
    let ran = command.output().unwrap();
    let (stdout, stderr) =
        (String::from_utf8(ran.stdout).unwrap(), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && stderr.is_empty(), "{}: {stdout}{stderr}", ran.status);
    stdout
}

/// The server of the programs: its paths are what can happen.
fn answer(connection: &mut Connection) -> io::Result<()> {
    let request = connection.read_request()?;
    let path = request.split(' ').nth(1).unwrap_or_default();
    if path == "/.well-known/oauth-authorization-server" {
        return connection.send(metadata(&request));
    }
    let (status, header, body) = match path {
        "/token" | "/slow" => (
            "200 OK",
            "",
            r#"{"access_token":"the-access-token","token_type":"bearer","expires_in":3600000,"scope":"openid"}"#,
        ),
        "/numbered" => return connection.send(numbered(connection.number)),
        "/members" => (
            "201 Created",
            "",
            r#"{"access_token":"t","token_type":"N_A","issued_token_type":"urn:x","instance_url":"https://na1.example.com","restricted_to":[1]}"#,
        ),
        "/seconds" => {
            ("200 OK", "", r#"{"access_token":"t","token_type":"bearer","expires_in":3600}"#)
        }
        "/refused" => (
            "400 Bad Request",
            "X-Debug-Id: debug-7\r\n",
            r#"{"error":"invalid_token","error_description":"Could not match JWT signature to any of the bindings","error_uri":"https://example.com/7"}"#,
        ),
        "/busy" => ("429 Too Many Requests", "Retry-After: 60\r\n", ""),
        "/html" => ("200 OK", "Content-Type: text/html\r\n", "<html>"),
        _ => ("404 Not Found", "", ""),
    };
    if path == "/slow" {
        thread::sleep(Duration::from_millis(20));
    }
    let length = body.len();
    connection.send(format!("HTTP/1.1 {status}\r\n{header}Content-Length: {length}\r\n\r\n{body}"))
}

/// The metadata of the server as an issuer.
fn metadata(request: &str) -> String {
    let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let body = format!(
        r#"{{"issuer":"http://{host}","token_endpoint":"http://{host}/seconds",
            "token_endpoint_auth_methods_supported":["private_key_jwt"]}}"#
    );
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Another token each time.
fn numbered(number: usize) -> String {
    let body = format!(r#"{{"access_token":"token-{number}","expires_in":3600}}"#);
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
