//! The tests of bindings/php/tests, run by PHP's own runner. `make check-memory` runs each of them under valgrind
//! (PHP_RUNNER), and with the extension built with UndefinedBehaviorSanitizer (C_FLAGS).

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::thread;
use std::time::Duration;

use support::certificates;
use support::hostile::{Connection, Hostile};

use super::account::Host;
use super::extension::EXTENSION;

#[test]
fn every_promise_of_the_extension_is_kept() {
    let host = Host::new();
    let server = Hostile::run(answer);
    let other_server = Hostile::run(answer);
    let closing_server = Hostile::run(|_| Ok(()));
    let unknown = certificates::self_signed_server(&["127.0.0.1"]);
    let tls_server = Hostile::answering_over_tls(&unknown, [""]);
    let mut runner = Command::new("php");
    runner
        .args(["-n", "run-tests.php", "-n", "-q", "-j2", "--show-diff", "-d"])
        .arg(format!("extension={}", EXTENSION.module().display()))
        // What it compiles, valgrind does not understand.
        .args(["-d", "pcre.jit=0", "tests"])
        .current_dir(EXTENSION.build())
        .env("NO_INTERACTION", "1")
        // Seconds; valgrind takes its time.
        .env("TEST_TIMEOUT", "600")
        .env("TEST_PHP_EXECUTABLE", php(&host))
        // PHP before 8.4 writes it where it makes a key: not into the home of who runs the tests.
        .env("RANDFILE", host.path("seed"))
        .env("KEY", host.path("private.key"))
        .env("ENCRYPTED_KEY", host.path("encrypted.key"))
        .env("SANDBOX", host.sandbox.url())
        .env("SERVER", format!("http://{}", server.address()))
        .env("OTHER_SERVER", format!("http://{}", other_server.address()))
        .env("TLS_SERVER", format!("https://{}", tls_server.address()))
        .env("CLOSING_SERVER", format!("http://{}", closing_server.address()));
    EXTENSION.environment(&mut runner);

    let ran = runner.output().unwrap();

    let said = String::from_utf8_lossy(&ran.stdout);
    let tests = fs::read_dir("bindings/php/tests")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|name| name == "phpt"))
        .count();
    assert!(ran.status.success(), "{said}");
    assert_eq!(passed(&said), Some(tests), "{said}");
}

/// The number in `Tests passed    :   23 ( 95.8%) (100.0%)`, whose columns each PHP sets differently.
fn passed(said: &str) -> Option<usize> {
    let mut rows = said.lines().filter_map(|line| line.split_once(':'));
    let (_, counts) = rows.find(|(name, _)| name.trim() == "Tests passed")?;
    counts.split_whitespace().next()?.parse().ok()
}

/// PHP's path, or that of a program that runs it as PHP_RUNNER says.
fn php(host: &Host) -> String {
    let php = support::processes::output(Command::new("sh").args(["-c", "command -v php"]), "");
    let php = php.trim();
    let Ok(runner) = env::var("PHP_RUNNER") else { return php.to_owned() };
    let script = host.directory.write("php", format!("#!/bin/sh\nexec {runner} {php} \"$@\"\n"));
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    script.display().to_string()
}

/// The server of the tests: its paths are what can happen.
fn answer(connection: &mut Connection) -> io::Result<()> {
    const TOKEN: &str = r#"{"access_token":"the-access-token","token_type":"bearer","expires_in":3600,"scope":"openid"}"#;
    const MEMBERS: &str = r#"{"access_token":"the-access-token","token_type":"N_A","issued_token_type":"urn:x","instance_url":"https://na1.example.com","restricted_to":[1]}"#;
    const REFUSAL: &str = r#"{"error_uri":"https://example.com/7","error":"invalid_token","error_description":"Could not match JWT signature to any of the bindings"}"#;
    let request = connection.read_request()?;
    let echo = serde_json::json!({ "error": "bad", "error_description": request }).to_string();
    let path = request.split(' ').nth(1).unwrap_or_default();
    if path.starts_with("/api") {
        return api(connection, &request, path);
    }
    let (status, header, body) = match path {
        "/token" | "/slow" => ("200 OK", "", TOKEN),
        "/members" => ("201 Created", "", MEMBERS),
        "/refused" => ("400 Bad Request", "X-Debug-Id: debug-7\r\n", REFUSAL),
        "/echo" => ("400 Bad Request", "", echo.as_str()),
        "/busy" => ("429 Too Many Requests", "Retry-After: 60\r\n", ""),
        "/at-once" => ("429 Too Many Requests", "Retry-After: 0\r\n", ""),
        "/unavailable" => ("503 Service Unavailable", "", ""),
        "/html" => ("200 OK", "Content-Type: text/html\r\n", "<html>"),
        "/silent" => return connection.hang(),
        _ => ("404 Not Found", "", ""),
    };
    if path == "/slow" {
        thread::sleep(Duration::from_millis(1500));
    }
    let length = body.len();
    connection.send(format!("HTTP/1.1 {status}\r\n{header}Content-Length: {length}\r\n\r\n{body}"))
}

/// An API that takes tokens, but for the one of its query; it responds with the request that it got.
fn api(connection: &mut Connection, request: &str, path: &str) -> io::Result<()> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let refused = !query.is_empty() && request.contains(&format!("Bearer {query}\r\n"));
    let status = match path {
        "/api-redirect" => format!("302 Found\r\nLocation: {query}"),
        "/api-refusing" => "401 Unauthorized".to_owned(),
        _ if refused => "401 Unauthorized".to_owned(),
        _ => "200 OK".to_owned(),
    };
    let length = request.len();
    connection.send(format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{request}"
    ))
}
