//! Proxies: which is used when, and that a bad one costs an error in time and shows no password.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::exchanges::{
    CLIENT_SECRET, UNKNOWN_HOST, assert_shows_no_secret, assert_status, exchange, in_own_process,
    jwt, token_answer, transport,
};
use ims::{Cause, Error, Proxy, Status, Transport};
use support::certificates::{Authority, Validity};
use support::hostile::{Connection, Hostile};

const PASSWORD: &str = "pr0xy-password";
/// Nothing listens on port 1.
const DEAD_PROXY: &str = "http://127.0.0.1:1";

/// A token server over TLS, and a transport that trusts it.
fn tls_server(test: &str) -> (Hostile, Transport) {
    let authority = Authority::new("root");
    let identity = authority.server(&["127.0.0.1", "localhost"], Validity::now());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("proxy-{test}.pem"));
    fs::write(&path, authority.pem()).unwrap();
    let mut transport = transport();
    transport.ca_file = Some(path);
    (Hostile::answering_over_tls(&identity, [token_answer()]), transport)
}

fn through(proxy: &Hostile) -> Transport {
    let mut transport = transport();
    transport.proxy = Proxy::Url(format!("http://user:{PASSWORD}@{}", proxy.address()).into());
    transport
}

/// The error of an exchange through a proxy that runs `script` after it read the CONNECT. The form
/// never reaches it, the password no text.
fn failure(
    timeout: Duration,
    script: impl Fn(&mut Connection) -> std::io::Result<()> + Send + Sync + 'static,
) -> Error {
    let proxy = Hostile::run(move |connection| {
        connection.read_request()?;
        script(connection)
    });
    let mut transport = through(&proxy);
    transport.timeout = timeout;
    let error = exchange("https://ims.example/token", &transport).unwrap_err();
    assert_shows_no_secret(&error, &[PASSWORD]);
    assert!(error.message().contains("proxy"), "{error}");
    let received = String::from_utf8_lossy(&proxy.received()).into_owned();
    assert!(received.starts_with("CONNECT ims.example:443 HTTP/1.1\r\n"), "{received}");
    assert!(!received.contains("jwt_token") && !received.contains(&jwt()), "{received}");
    error
}

const SOON: Duration = Duration::from_millis(400);
const LATER: Duration = Duration::from_secs(30);

#[test]
fn a_proxy_carries_tls_to_the_server_and_reads_nothing_of_it() {
    let (server, trusting) = tls_server("carries");
    let target = server.address();
    let proxy = Hostile::run(move |connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 Connection established\r\n\r\n")?;
        connection.tunnel(target)
    });
    let mut transport = through(&proxy);
    transport.ca_file = trusting.ca_file;
    exchange(&server.https_url(), &transport).unwrap();
    assert_eq!(server.requests().len(), 1);
    let seen = String::from_utf8_lossy(&proxy.received()).into_owned();
    assert!(seen.starts_with(&format!("CONNECT {target} HTTP/1.1\r\n")), "{seen}");
    // user:pr0xy-password
    assert!(seen.contains("Proxy-Authorization: Basic dXNlcjpwcjB4eS1wYXNzd29yZA==\r\n"), "{seen}");
    assert!(!seen.contains(&jwt()) && !seen.contains("POST"), "{seen}");
    assert!(!server.requests()[0].to_ascii_lowercase().contains("proxy-"), "meant for the proxy");
    assert!(server.requests()[0].contains("client_secret"), "{CLIENT_SECRET} is missing");
}

#[test]
fn a_proxy_that_asks_for_a_password_is_a_connect_error_with_a_hint() {
    let error = failure(LATER, |proxy| {
        proxy.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    });
    assert_status(&error, Status::Connect);
    assert!(error.hint().unwrap().contains("user:password@"), "{error:?}");
}

#[test]
fn a_proxy_that_refuses_the_host_is_a_connect_error() {
    let error = failure(LATER, |proxy| proxy.send("HTTP/1.1 403 Forbidden\r\n\r\n"));
    assert_status(&error, Status::Connect);
    assert!(error.message().contains("403"), "{error}");
}

#[test]
fn a_proxy_that_hangs_ends_at_the_deadline() {
    assert_status(&failure(SOON, |proxy| proxy.hang()), Status::Timeout);
}

#[test]
fn a_proxy_whose_answer_drips_ends_at_the_deadline() {
    let error = failure(SOON, |proxy| {
        proxy.send("HTTP/1.1 200 OK\r\nX: ")?;
        proxy.drip([b'x'; 10_000], Duration::from_millis(20))
    });
    assert_status(&error, Status::Timeout);
}

#[test]
fn a_proxy_whose_answer_never_ends_is_a_connect_error() {
    let error = failure(LATER, |proxy| {
        proxy.send("HTTP/1.1 200 OK\r\n")?;
        proxy.flood("X: y\r\n".repeat(100))
    });
    assert_status(&error, Status::Connect);
}

#[test]
fn a_proxy_that_does_not_speak_http_is_a_connect_error() {
    assert_status(&failure(LATER, |proxy| proxy.send("SSH-2.0-x\r\n\r\n")), Status::Connect);
}

#[test]
fn a_proxy_that_hangs_up_is_a_connect_error() {
    assert_status(&failure(LATER, |proxy| proxy.send("")), Status::Connect);
}

#[test]
fn a_proxy_that_hangs_after_connect_ends_at_the_deadline() {
    let proxy = Hostile::run(|connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\n\r\n")?;
        connection.hang()
    });
    let mut transport = through(&proxy);
    transport.timeout = SOON;
    let error = exchange("https://ims.example/token", &transport).unwrap_err();
    assert_status(&error, Status::Timeout);
}

#[test]
fn a_dead_proxy_is_a_connect_error_that_names_it() {
    let mut transport = transport();
    for (proxy, named) in [
        (DEAD_PROXY, "127.0.0.1:1"),
        ("http://user:pr0xy-password@127.0.0.1:1", "127.0.0.1:1"),
        (&format!("http://{UNKNOWN_HOST}:3128"), UNKNOWN_HOST),
    ] {
        transport.proxy = Proxy::Url(proxy.into());
        let error = exchange("https://127.0.0.1:2/token", &transport).unwrap_err();
        assert_status(&error, Status::Connect);
        assert!(error.message().contains("proxy") && error.message().contains(named), "{error}");
        assert_shows_no_secret(&error, &[PASSWORD]);
    }
}

#[test]
fn a_proxy_url_of_another_form_is_refused_without_showing_it() {
    for url in [
        "",
        "127.0.0.1:3128",
        "ftp://user:pr0xy-password@127.0.0.1:3128",
        "socks4://user:pr0xy-password@127.0.0.1:1080",
        "socks4a://127.0.0.1:1080",
        "socks://127.0.0.1:1080",
        "http://user:pr0xy-password@127.0.0.1:0",
        "socks5://user:pr0xy-password@127.0.0.1:0",
        "https://user:pr0xy-password@127.0.0.1:99999",
        "http://user:pr0xy-password@127.0.0.1:99999",
        "http://user:pr0xy-password@:3128",
        "http://user:pr0xy-password@127.0.0.1:3128/path",
        "http://user:pr0xy-password@127.0.0.1:3128/?query",
        "http://user:123#pr0xy-password@127.0.0.1:3128",
        "http://user:123/pr0xy-password@127.0.0.1:3128",
        "http://user:pr0xy-password\r\n@127.0.0.1:3128",
        "http://user:pr0xy-password%ff@127.0.0.1:3128",
    ] {
        let mut transport = transport();
        transport.proxy = Proxy::Url(url.into());
        let error = exchange("https://127.0.0.1:1/token", &transport).unwrap_err();
        assert_status(&error, Status::Argument);
        assert!(error.message().starts_with("proxy "), "{error}");
        for scheme in ["http://host:port", "https", "socks5", "socks5h"] {
            assert!(error.hint().unwrap().contains(scheme), "{error:?}");
        }
        assert_shows_no_secret(&error, &[PASSWORD, "123"]);
        assert!(!format!("{transport:?}").contains(PASSWORD));
    }
}

/// A proxy of SOCKS5 that lets `user:pr0xy-password` through to `target`, whatever is asked for.
fn socks(target: SocketAddr) -> Hostile {
    Hostile::run(move |proxy| {
        assert_eq!(proxy.read(4)?, [5, 2, 0, 2]);
        proxy.send([5, 2])?;
        assert_eq!(proxy.read(20)?, b"\x01\x04user\x0epr0xy-password"[..20]);
        proxy.read(1)?;
        proxy.send([1, 0])?;
        let request = proxy.read(4)?;
        let host = match request[3] {
            1 => proxy.read(4)?,
            _ => {
                let length = proxy.read(1)?[0].into();
                proxy.read(length)?
            }
        };
        assert!(host == [127, 0, 0, 1] || host == b"localhost", "{host:?}");
        assert_eq!(proxy.read(2)?, target.port().to_be_bytes());
        proxy.send([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
        proxy.tunnel(target)
    })
}

#[test]
fn a_socks5_proxy_carries_tls_to_the_server_and_looks_names_up_where_asked_to() {
    for (scheme, seen) in [("socks5", false), ("socks5h", true)] {
        let (server, mut transport) = tls_server(scheme);
        let proxy = socks(server.address());
        let url = format!("{scheme}://user:{PASSWORD}@{}", proxy.address());
        transport.proxy = Proxy::Url(url.into());
        exchange(&server.https_url(), &transport).unwrap();
        let by_name = format!("https://localhost:{}/token", server.address().port());
        exchange(&by_name, &transport).unwrap();
        assert_eq!(server.requests().len(), 2);
        let received = String::from_utf8_lossy(&proxy.received()).into_owned();
        assert_eq!(received.contains("\x05\x01\0\x03\x09localhost"), seen, "{scheme}");
        assert!(!received.contains(&jwt()), "{scheme}");
    }
}

/// The error of an exchange through a SOCKS5 proxy that sends `answers`, then says no more.
fn socks_failure(timeout: Duration, answers: &[&'static [u8]]) -> Error {
    let answers = answers.to_vec();
    let proxy = Hostile::run(move |proxy| {
        for answer in &answers {
            proxy.read(3)?;
            proxy.send(answer)?;
        }
        proxy.hang()
    });
    let mut transport = transport();
    transport.timeout = timeout;
    transport.proxy = Proxy::Url(format!("socks5h://{}", proxy.address()).into());
    exchange("https://ims.example/token", &transport).unwrap_err()
}

/// The proxy wants no password.
const WELCOME: &[u8] = &[5, 0];

#[test]
fn a_socks5_proxy_that_refuses_is_a_connect_error_with_its_reason() {
    for (answers, reason) in [
        (&[WELCOME, &[5, 2, 0, 1]][..], "rules do not allow"),
        (&[WELCOME, &[5, 4, 0, 1]], "does not find it"),
        (&[WELCOME, &[5, 5, 0, 1]], "refused"),
        (&[&[5, 255]], "no authentication method"),
        (&[b"HTTP/1.1 400 Bad Request\r\n\r\n"], "not that of a proxy"),
        (&[WELCOME, &[4, 0, 0, 1]], "not that of a proxy"),
    ] {
        let error = socks_failure(LATER, answers);
        assert_status(&error, Status::Connect);
        assert!(error.message().contains(reason), "{error}");
    }
    let error = socks_failure(LATER, &[&[5, 255]]);
    assert!(error.hint().unwrap().contains("user:password@"), "{error:?}");
}

#[test]
fn a_socks5_proxy_that_hangs_or_drips_ends_at_the_deadline() {
    for answers in [&[][..], &[WELCOME], &[WELCOME, &[5, 0, 0, 3, 255]]] {
        assert_status(&socks_failure(SOON, answers), Status::Timeout);
    }
    let proxy = Hostile::run(|proxy| {
        proxy.read(3)?;
        proxy.send([5, 0])?;
        proxy.read(5)?;
        proxy.send([5, 0, 0, 3, 255])?;
        proxy.drip([b'x'; 257], Duration::from_millis(20))
    });
    let mut transport = transport();
    transport.timeout = SOON;
    transport.proxy = Proxy::Url(format!("socks5h://{}", proxy.address()).into());
    let error = exchange("https://ims.example/token", &transport).unwrap_err();
    assert_status(&error, Status::Timeout);
}

#[test]
fn a_proxy_by_https_is_reached_over_tls_and_so_is_the_server_behind_it() {
    let (server, mut transport) = tls_server("by-https");
    let authority = Authority::new("proxy's root");
    let identity = authority.server(&["127.0.0.1"], Validity::now());
    let ca_file = transport.ca_file.clone().unwrap();
    let target = server.address();
    let proxy = Hostile::run_over_tls(&identity, move |proxy| {
        proxy.read_request()?;
        proxy.send("HTTP/1.1 200 Connection established\r\n\r\n")?;
        proxy.relay(target)
    });
    let url = format!("https://user:{PASSWORD}@{}", proxy.address());
    transport.proxy = Proxy::Url(url.into());
    // The proxy's certificate is checked as any other.
    let error = exchange(&server.https_url(), &transport).unwrap_err();
    assert_status(&error, Status::Tls);
    assert!(error.message().contains("no connection to the proxy: TLS with"), "{error}");
    assert_eq!(error.cause(), Some(Cause::UnknownCa));
    assert_shows_no_secret(&error, &[PASSWORD]);
    let both = [fs::read(&ca_file).unwrap(), authority.pem()].concat();
    fs::write(&ca_file, both).unwrap();
    exchange(&server.https_url(), &transport).unwrap();
    assert_eq!(server.requests().len(), 1);
    let received = String::from_utf8_lossy(&proxy.received()).into_owned();
    assert!(!received.contains("CONNECT"), "the password is sent in clear");
}

#[test]
fn plain_http_never_goes_through_a_proxy() {
    let server = Hostile::answering([token_answer()]);
    let mut transport = transport();
    transport.proxy = Proxy::Url(DEAD_PROXY.into());
    exchange(&server.url(), &transport).unwrap();
}

#[test]
fn http_proxy_and_all_proxy_are_never_read() {
    let environment = [
        ("HTTP_PROXY", DEAD_PROXY),
        ("http_proxy", DEAD_PROXY),
        ("ALL_PROXY", DEAD_PROXY),
        ("all_proxy", DEAD_PROXY),
    ];
    in_own_process("http_proxy_and_all_proxy_are_never_read", &environment, || {
        let (server, mut transport) = tls_server("never-read");
        transport.proxy = Proxy::Environment;
        exchange(&server.https_url(), &transport).unwrap();
    });
}

#[test]
fn https_proxy_of_the_environment_is_used() {
    let environment = [("HTTPS_PROXY", DEAD_PROXY)];
    in_own_process("https_proxy_of_the_environment_is_used", &environment, || {
        let (server, mut transport) = tls_server("environment");
        transport.proxy = Proxy::Environment;
        let error = exchange(&server.https_url(), &transport).unwrap_err();
        assert_status(&error, Status::Connect);
        assert!(error.message().contains("proxy: 127.0.0.1:1 refused"), "{error}");
        transport.proxy = Proxy::None;
        exchange(&server.https_url(), &transport).unwrap();
    });
}

#[test]
fn the_environment_may_name_a_proxy_without_a_scheme() {
    let environment = [("https_proxy", "127.0.0.1:1")];
    in_own_process("the_environment_may_name_a_proxy_without_a_scheme", &environment, || {
        let mut transport = transport();
        transport.proxy = Proxy::Environment;
        let error = exchange("https://127.0.0.1:2/token", &transport).unwrap_err();
        assert!(error.message().contains("proxy: 127.0.0.1:1 refused"), "{error}");
    });
}

#[test]
fn a_bad_proxy_in_the_environment_is_refused_by_the_name_of_its_variable() {
    let environment = [("HTTPS_PROXY", "socks4://user:pr0xy-password@127.0.0.1:1")];
    let test = "a_bad_proxy_in_the_environment_is_refused_by_the_name_of_its_variable";
    in_own_process(test, &environment, || {
        let mut transport = transport();
        transport.proxy = Proxy::Environment;
        let error = exchange("https://127.0.0.1:2/token", &transport).unwrap_err();
        assert_status(&error, Status::Argument);
        assert!(error.message().contains("HTTPS_PROXY"), "{error}");
        assert_shows_no_secret(&error, &[PASSWORD]);
    });
}

#[test]
fn no_proxy_names_hosts_that_are_reached_directly() {
    let environment =
        [("HTTPS_PROXY", DEAD_PROXY), ("NO_PROXY", "a.example, 127.0.0.1,.b.example")];
    in_own_process("no_proxy_names_hosts_that_are_reached_directly", &environment, || {
        let (server, mut transport) = tls_server("no-proxy");
        transport.proxy = Proxy::Environment;
        exchange(&server.https_url(), &transport).unwrap();
        // Any other host still goes through it.
        let by_name = format!("https://localhost:{}/token", server.address().port());
        let error = exchange(&by_name, &transport).unwrap_err();
        assert!(error.message().contains("proxy"), "{error}");
    });
}
