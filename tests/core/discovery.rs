//! From a server's issuer identifier to its token endpoint, by its metadata (RFC 8414).

use std::fs::{self, Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use ims::{Cache, Client, Error, Status, Token, Transport};
use serde_json::{Value, json};
use support::directory::Directory;
use support::hostile::Hostile;

use crate::exchanges::{json as response, transport};

const RFC_8414: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// The URL of the server that was asked, as the request names it.
fn url_of(request: &str) -> String {
    let host = request.lines().find_map(|line| line.strip_prefix("host: "));
    format!("http://{}", host.unwrap_or_default())
}

/// A server whose metadata, at this path, is what `metadata` makes of its URL.
fn server(path: &'static str, metadata: fn(&str) -> Value) -> Hostile {
    Hostile::run(move |connection| {
        let request = connection.read_request()?;
        let asked = request.split(' ').nth(1).unwrap_or_default();
        let url = url_of(&request);
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
    client_with(Cache::Memory, issuer, transport)
}

fn client_with(cache: Cache, issuer: &str, transport: Transport) -> Client {
    let account = json!({
        "grant": "client_credentials", "issuer": issuer, "client_id": "c", "client_secret": "s",
    });
    Client::builder().cache(cache).transport(transport).from_json(account.to_string()).unwrap()
}

fn cache_directory() -> Directory {
    let directory = Directory::new();
    set_permissions(directory.path(), Permissions::from_mode(0o700)).unwrap();
    directory
}

/// A client that knows only what the cache holds, like that of a new process.
fn new_process(cache: &Directory, server: &Hostile) -> Client {
    client_with(Cache::File(Some(cache.path().to_owned())), &issuer(server), transport())
}

/// The cache's only entry.
fn entry(cache: &Directory) -> impl AsRef<Path> {
    let files = fs::read_dir(cache.path()).unwrap().map(|file| file.unwrap().path());
    let entries = files
        .filter(|file| fs::read(file).is_ok_and(|bytes| bytes.starts_with(b"libims cache entry")));
    entries.last().expect("the cache has an entry")
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

/// A server whose endpoint moves from /old to /new after its first token. The tokens are `t0`, `t1` and so on.
fn moving(after_the_move: &'static str) -> Hostile {
    Hostile::run(move |connection| {
        let request = connection.read_request()?;
        let url = url_of(&request);
        let path = if connection.number == 0 { "/old" } else { "/new" };
        let endpoint = format!("{url}{path}");
        let metadata = json!({ "issuer": url, "token_endpoint": endpoint });
        let moved = request.starts_with("POST /old") && connection.number > 1;
        connection.send(if request.starts_with("GET ") {
            response("200 OK", metadata.to_string())
        } else if moved {
            response(after_the_move, "<html>")
        } else {
            let token = format!("t{}", connection.number);
            response("200 OK", json!({ "access_token": token, "expires_in": 3600 }).to_string())
        })
    })
}

#[test]
fn an_endpoint_that_moved_is_found_again() {
    for after_the_move in ["404 Not Found", "405 Method Not Allowed", "410 Gone"] {
        let server = moving(after_the_move);
        let client = client(&issuer(&server), transport());
        client.forget(&client.token().unwrap());
        client.token().unwrap();
        let get = format!("GET {RFC_8414}");
        assert_eq!(asked(&server), [&get, "POST /old", "POST /old", &get, "POST /new"]);
    }
}

#[test]
fn a_stored_endpoint_that_moved_is_found_again_and_the_new_one_stored() {
    let (server, cache) = (moving("404 Not Found"), cache_directory());
    for _ in 0..3 {
        let client = new_process(&cache, &server);
        client.forget(&client.token().unwrap());
    }
    let get = format!("GET {RFC_8414}");
    let expected = [&get, "POST /old", "POST /old", &get, "POST /new", "POST /new"];
    assert_eq!(asked(&server), expected);
}

#[test]
fn an_endpoint_that_no_one_serves_any_more_is_found_again() {
    let old = Hostile::answering([response("200 OK", r#"{"access_token":"t","expires_in":3600}"#)]);
    let first = old.url();
    let server = Hostile::run(move |connection| {
        let request = connection.read_request()?;
        let url = url_of(&request);
        let endpoint = if connection.number == 0 { first.clone() } else { format!("{url}/token") };
        let metadata = json!({ "issuer": url, "token_endpoint": endpoint });
        connection.send(if request.starts_with("GET ") {
            response("200 OK", metadata.to_string())
        } else {
            response("200 OK", r#"{"access_token":"n","expires_in":3600}"#)
        })
    });
    let client = client(&issuer(&server), transport());
    client.forget(&client.token().unwrap());
    drop(old);
    assert_eq!(client.token().unwrap().access_token(), "n");
    let get = format!("GET {RFC_8414}");
    assert_eq!(asked(&server), [&get, &get, "POST /token"]);
}

#[test]
fn a_new_process_whose_stored_token_was_forgotten_sends_one_request() {
    let (server, cache) = (server(RFC_8414, sound), cache_directory());
    let client = new_process(&cache, &server);
    client.forget(&client.token().unwrap());
    new_process(&cache, &server).token().unwrap();
    assert_eq!(asked(&server), [&format!("GET {RFC_8414}"), "POST /token", "POST /token"]);
}

#[test]
fn a_new_process_whose_stored_token_has_expired_sends_one_request() {
    let cache = cache_directory();
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let url = url_of(&request);
        connection.send(if request.starts_with("GET ") {
            response("200 OK", sound(&url).to_string())
        } else {
            response("200 OK", r#"{"access_token":"t","expires_in":1}"#)
        })
    });
    new_process(&cache, &server).token().unwrap();
    thread::sleep(Duration::from_secs(1));
    new_process(&cache, &server).token().unwrap();
    assert_eq!(asked(&server), [&format!("GET {RFC_8414}"), "POST /token", "POST /token"]);
}

#[test]
fn a_damaged_entry_names_no_endpoint() {
    let (server, cache) = (server(RFC_8414, sound), cache_directory());
    new_process(&cache, &server).token().unwrap();
    let path = entry(&cache);
    let mut damaged = fs::read(&path).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&path, damaged).unwrap();
    new_process(&cache, &server).token().unwrap();
    let get = format!("GET {RFC_8414}");
    assert_eq!(asked(&server), [&get, "POST /token", &get, "POST /token"]);
}

#[test]
fn a_refusal_by_the_token_server_does_not_ask_for_the_metadata_again() {
    let cache = cache_directory();
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let url = url_of(&request);
        connection.send(match connection.number {
            0 => response("200 OK", sound(&url).to_string()),
            1 => response("200 OK", r#"{"access_token":"t","expires_in":3600}"#),
            _ => response("400 Bad Request", r#"{"error":"invalid_scope"}"#),
        })
    });
    let client = new_process(&cache, &server);
    client.forget(&client.token().unwrap());
    let error = new_process(&cache, &server).token().unwrap_err();
    assert_eq!(error.oauth_error(), Some("invalid_scope"));
    assert_eq!(asked(&server), [&format!("GET {RFC_8414}"), "POST /token", "POST /token"]);
}

#[test]
fn a_refusal_is_reported_where_the_metadata_is_gone_too() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let url = url_of(&request);
        connection.send(match connection.number {
            0 => response("200 OK", sound(&url).to_string()),
            1 => response("200 OK", r#"{"access_token":"t","expires_in":3600}"#),
            2 => response("410 Gone", "{}"),
            _ => response("404 Not Found", "{}"),
        })
    });
    let client = client(&issuer(&server), transport());
    client.forget(&client.token().unwrap());
    let error = client.token().unwrap_err();
    assert_eq!(error.http_status(), Some(410), "{error}");
}
