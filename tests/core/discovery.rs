//! From a server's issuer identifier to its token endpoint, by its metadata (RFC 8414).

use std::thread;

use ims::{Client, Error, Status, Token, Transport};
use serde_json::{Value, json};
use support::hostile::Hostile;

use crate::exchanges::{json as response, transport};

const RFC_8414: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// A server whose metadata, at this path, is what `metadata` makes of its URL.
fn server(path: &'static str, metadata: fn(&str) -> Value) -> Hostile {
    Hostile::run(move |connection| {
        let request = connection.read_request()?;
        let asked = request.split(' ').nth(1).unwrap_or_default();
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let url = format!("http://{host}");
        connection.send(if asked == path {
            response("200 OK", metadata(&url).to_string())
        } else if asked == "/token" {
            response("200 OK", r#"{"access_token":"t","expires_in":3600}"#)
        } else {
            response("404 Not Found", "{}")
        })
    })
}

fn sound(url: &str) -> Value {
    json!({ "issuer": url, "token_endpoint": format!("{url}/token") })
}

fn issuer(server: &Hostile) -> String {
    format!("http://{}", server.address())
}

fn client(issuer: &str, transport: Transport) -> Client {
    let account = json!({
        "grant": "client_credentials", "issuer": issuer, "client_id": "c", "client_secret": "s",
    });
    Client::builder().transport(transport).from_json(account.to_string()).unwrap()
}

fn token(issuer: &str) -> Result<Token, Error> {
    client(issuer, transport()).token()
}

/// The methods and paths of the requests.
fn asked(server: &Hostile) -> Vec<String> {
    let line = |request: String| {
        let words: Vec<&str> = request.split(' ').take(2).collect();
        words.join(" ")
    };
    server.requests().into_iter().map(line).collect()
}

#[test]
fn the_endpoint_is_found_once_and_kept_with_the_client() {
    let server = server(RFC_8414, sound);
    let client = client(&issuer(&server), transport());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| client.token().unwrap());
        }
    });
    client.forget(&client.token().unwrap());
    client.token().unwrap();
    assert_eq!(asked(&server), [&format!("GET {RFC_8414}"), "POST /token", "POST /token"]);
}

#[test]
fn openid_s_metadata_is_asked_for_where_the_standard_s_is_not_there() {
    let server = server(OPENID, sound);
    token(&issuer(&server)).unwrap();
    let expected = [&format!("GET {RFC_8414}"), &format!("GET {OPENID}"), "POST /token"];
    assert_eq!(asked(&server), expected);
}

#[test]
fn metadata_that_cannot_be_trusted_is_refused_and_nothing_is_sent() {
    type Metadata = fn(&str) -> Value;
    let cases: [(Metadata, &str); 5] = [
        (
            |url| json!({ "issuer": format!("{url}/"), "token_endpoint": format!("{url}/token") }),
            "issuer is not the issuer that its metadata names",
        ),
        (|url| json!({ "issuer": url }), "issuer has metadata that names no token endpoint"),
        (
            |url| json!({ "issuer": url, "token_endpoint": "http://example.com/token" }),
            "issuer has metadata whose token endpoint is http://, which would send secrets in clear",
        ),
        (|_| json!([]), "issuer has no metadata: http://"),
        (|url| json!({ "issuer": url, "more": "x".repeat(65 * 1024) }), "is over 64 KiB"),
    ];
    for (metadata, problem) in cases {
        let server = server(RFC_8414, metadata);
        let error = token(&issuer(&server)).unwrap_err();
        assert_eq!(error.status(), Status::Response, "{error}");
        assert!(error.message().contains(problem), "{problem}: {error}");
        assert!(asked(&server).iter().all(|request| request.starts_with("GET ")), "{problem}");
    }
}

#[test]
fn a_redirect_of_metadata_is_not_followed() {
    let target = server(RFC_8414, sound);
    let location = format!("Location: {}{RFC_8414}\r\n", issuer(&target));
    let redirect = crate::exchanges::http("302 Found", &location, "");
    let server = Hostile::answering([redirect]);
    let error = token(&issuer(&server)).unwrap_err();
    assert_eq!(error.field(), Some("issuer"));
    assert!(error.message().contains("redirects, which is never followed (HTTP 302)"), "{error}");
    assert_eq!(asked(&target), [""; 0]);
}

#[test]
fn metadata_that_is_unavailable_for_a_moment_is_asked_for_again() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        connection.send(response("503 Down", "{}"))
    });
    let mut transport = transport();
    transport.max_attempts = 2;
    let error = client(&issuer(&server), transport).token().unwrap_err();
    assert_eq!(error.status(), Status::Unavailable);
    assert_eq!(asked(&server).len(), 2);
}

#[test]
fn an_endpoint_that_moved_is_found_again() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        // The first endpoint serves one request.
        let path = if connection.number == 0 { "/old" } else { "/new" };
        let endpoint = format!("http://{host}{path}");
        let metadata = json!({ "issuer": format!("http://{host}"), "token_endpoint": endpoint });
        let moved = request.starts_with("POST /old") && connection.number > 1;
        connection.send(if request.starts_with("GET ") {
            response("200 OK", metadata.to_string())
        } else if moved {
            response("404 Not Found", "<html>")
        } else {
            response("200 OK", r#"{"access_token":"t","expires_in":3600}"#)
        })
    });
    let client = client(&issuer(&server), transport());
    client.forget(&client.token().unwrap());
    client.token().unwrap();
    let get = format!("GET {RFC_8414}");
    assert_eq!(asked(&server), [&get, "POST /old", "POST /old", &get, "POST /new"]);
}
