//! From a server's issuer identifier to its token endpoint, by its metadata (RFC 8414).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ims::{Cache, Client, Error, Status, Token, Transport};
use serde_json::{Value, json};
use support::directory::Directory;
use support::hostile::Hostile;
use support::redis::Redis;

use crate::exchanges::{json as response, transport};

const RFC_8414: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// A server whose metadata, at this path, is what `metadata` makes of its URL.
fn server(path: &'static str, metadata: fn(&str) -> Value) -> Hostile {
    server_of("3600", path, metadata)
}

/// The same, whose tokens live for this number of seconds.
fn server_of(lifetime: &'static str, path: &'static str, metadata: fn(&str) -> Value) -> Hostile {
    Hostile::run(move |connection| {
        let request = connection.read_request()?;
        let asked = request.split(' ').nth(1).unwrap_or_default();
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let url = format!("http://{host}");
        connection.send(if asked == path {
            response("200 OK", metadata(&url).to_string())
        } else if asked == "/token" {
            response("200 OK", format!(r#"{{"access_token":"t","expires_in":{lifetime}}}"#))
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

/// A client that has no token, as in a new process, and shares `cache` with others.
fn new_process(issuer: &str, cache: &Cache) -> Client {
    let account = json!({
        "grant": "client_credentials", "issuer": issuer, "client_id": "c", "client_secret": "s",
    });
    Client::builder()
        .transport(transport())
        .cache(cache.clone())
        .from_json(account.to_string())
        .unwrap()
}

#[test]
fn processes_that_share_a_cache_find_the_endpoint_once() {
    let directory = Directory::new();
    let redis = Redis::start(&[]);
    for cache in
        [Cache::File(Some(directory.path().join("cache"))), Cache::Redis(redis.url().into())]
    {
        // Its tokens have expired when the next process asks.
        let server = server_of("1", RFC_8414, sound);
        for _ in 0..3 {
            new_process(&issuer(&server), &cache).token().unwrap();
            thread::sleep(Duration::from_millis(1100));
        }
        let metadata = format!("GET {RFC_8414}");
        assert_eq!(asked(&server), [&metadata, "POST /token", "POST /token", "POST /token"]);
    }
}

#[test]
fn an_endpoint_in_the_cache_that_has_moved_is_looked_for_at_once() {
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    let has_moved = Arc::new(AtomicBool::new(false));
    let moved = Arc::clone(&has_moved);
    let server = Hostile::run(move |connection| {
        let request = connection.read_request()?;
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let endpoint = if moved.load(Ordering::Relaxed) { "new" } else { "old" };
        let asked = request.split(' ').nth(1).unwrap_or_default();
        connection.send(if asked == RFC_8414 {
            let url = format!("http://{host}");
            let metadata = json!({ "issuer": url, "token_endpoint": format!("{url}/{endpoint}") });
            response("200 OK", metadata.to_string())
        } else if asked.ends_with(endpoint) {
            response("200 OK", r#"{"access_token":"t","expires_in":1}"#)
        } else {
            response("404 Not Found", "")
        })
    });
    new_process(&issuer(&server), &cache).token().unwrap();
    thread::sleep(Duration::from_millis(1100));
    has_moved.store(true, Ordering::Relaxed);
    new_process(&issuer(&server), &cache).token().unwrap();
    thread::sleep(Duration::from_millis(1100));
    new_process(&issuer(&server), &cache).token().unwrap();
    let metadata = &*format!("GET {RFC_8414}");
    let expected = [metadata, "POST /old", "POST /old", metadata, "POST /new", "POST /new"];
    assert_eq!(asked(&server), expected);
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
