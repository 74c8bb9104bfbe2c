//! No web page of a developer's browser makes the sandbox do anything.

use std::io::{Read, Write};
use std::net::TcpStream;

use ims_sandbox::{Fault, Tls};
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
use support::certificates::{Authority, Validity};

use super::*;

fn connect(sandbox: &Sandbox) -> TcpStream {
    TcpStream::connect(sandbox.url().split("://").nth(1).unwrap()).unwrap()
}

/// The HTTP status of the answer to a request with these headers.
fn status(sandbox: &Sandbox, request: &str, headers: &str) -> u16 {
    status_over(connect(sandbox), request, headers)
}

fn status_over(mut stream: impl Read + Write, request: &str, headers: &str) -> u16 {
    let body = r#"{"status":503}"#;
    let length = if request.starts_with("POST") { body.len() } else { 0 };
    write!(
        stream,
        "{request} HTTP/1.1\r\n{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n{}",
        &body[..length]
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

const REQUESTS: [&str; 9] = [
    "POST /__sandbox/accounts",
    "POST /__sandbox/faults",
    "DELETE /__sandbox/faults",
    "GET /__sandbox/stats",
    "POST /ims/token/v3",
    "GET /ims/validate_token/v1",
    "GET /",
    "POST /oauth/token",
    "GET /.well-known/oauth-authorization-server",
];

#[test]
fn a_web_page_injects_no_fault_and_uses_none_up() {
    let mut config = Config::new(vec![account()]);
    config.faults.push(Fault::status(503).times(1));
    let sandbox = Sandbox::start(config).unwrap();
    let port = sandbox.url().rsplit(':').next().unwrap();
    for headers in [
        format!("Host: 127.0.0.1:{port}\r\nOrigin: https://evil.example\r\n"),
        format!("Host: localhost:{port}\r\nOrigin: null\r\n"),
        format!("Host: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"),
        format!("Host: localhost:{port}\r\nSec-Fetch-Site: cross-site\r\n"),
        format!("Host: localhost:{port}\r\nSec-Fetch-Site: same-site\r\n"),
        format!("Host: evil.example:{port}\r\n"),
        format!("Host: localhost.evil.example:{port}\r\n"),
        format!("Host: evillocalhost:{port}\r\n"),
        format!("Host: user@evil.example:{port}\r\n"),
        "Host: 127.0.0.1.evil.example\r\n".to_owned(),
        "Host: \r\n".to_owned(),
    ] {
        for request in REQUESTS {
            let status = status(&sandbox, request, &headers);
            // Some of these are no HTTP.
            assert!(matches!(status, 400 | 403), "{request} {headers}: {status}");
        }
        assert_eq!(status(&sandbox, REQUESTS[0], &headers) / 100, 4);
    }
    let whole = "POST http://evil.example/__sandbox/faults";
    assert_eq!(status(&sandbox, whole, "Host: localhost\r\n"), 403);
    let faults = get(&format!("{}/__sandbox/faults", sandbox.url())).body;
    assert_eq!(faults, json!({ "faults": [{ "status": 503, "times": 1 }] }));
}

#[test]
fn programs_may_call_it_by_every_name_of_its_own() {
    let sandbox = serve(account());
    for host in [
        "localhost",
        "LOCALHOST.:1",
        "ims.localhost:8400",
        "127.0.0.1:9",
        "[::1]:8400",
        "0.0.0.0",
        "ims-na1.adobelogin.com",
    ] {
        assert_eq!(status(&sandbox, "GET /__sandbox/stats", &format!("Host: {host}\r\n")), 200);
    }
    let typed = "Host: localhost\r\nSec-Fetch-Site: none\r\n";
    assert_eq!(status(&sandbox, "GET /__sandbox/stats", typed), 200);
}

#[test]
fn a_given_certificate_says_what_the_sandbox_is_called() {
    let authority = Authority::new("authority");
    let identity = authority.server(&["token.example", "*.test.example"], Validity::now());
    let mut config = Config::new(vec![account()]);
    config.tls = Tls::Given { certificate: identity.chain_pem(), key: identity.key_pem().into() };
    let sandbox = Sandbox::start(config).unwrap();
    let mut tls = SslConnector::builder(SslMethod::tls()).unwrap();
    tls.set_verify(SslVerifyMode::NONE);
    let tls = tls.build();
    for (host, status) in [
        ("token.example", 200),
        ("a.test.example", 200),
        ("test.example", 403),
        ("a.b.test.example", 403),
        ("evil.example", 403),
    ] {
        let stream = tls.connect("token.example", connect(&sandbox)).unwrap();
        let headers = format!("Host: {host}:8400\r\n");
        assert_eq!(status_over(stream, "GET /__sandbox/stats", &headers), status, "{host}");
    }
}
