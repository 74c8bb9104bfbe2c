//! Servers that cannot be reached, or break off: a typed error in time, and a retry where one helps.

mod exchanges;

use exchanges::{
    UNKNOWN_HOST, assert_status, exchange, exchange_grant, grant, http, impatient, in_own_process,
    jwt, token_answer, transport,
};
use ims::{ClientAuth, Status};
use support::hostile::{Deaf, Hostile};

#[test]
fn an_unknown_name_is_a_connect_error_that_names_the_host() {
    let error = exchange(&format!("https://{UNKNOWN_HOST}/token"), &transport()).unwrap_err();
    assert_status(&error, Status::Connect);
    assert!(error.message().contains(UNKNOWN_HOST), "{error}");
    assert!(error.hint().unwrap().contains("spelling"), "{error:?}");
}

#[test]
fn a_refused_connection_is_a_connect_error_with_a_hint() {
    // Nothing listens on port 1, and no test may be given it.
    let error = exchange("http://127.0.0.1:1/token", &transport()).unwrap_err();
    assert_status(&error, Status::Connect);
    assert!(error.message().contains("refused"), "{error}");
    assert!(error.hint().unwrap().contains("port"), "{error:?}");
}

#[test]
fn an_unreachable_network_is_a_connect_error() {
    // TCP has no broadcast, whatever the routes of this machine are.
    let error = exchange("https://255.255.255.255/token", &transport()).unwrap_err();
    assert_status(&error, Status::Connect);
}

#[test]
fn a_connect_that_hangs_ends_at_the_deadline() {
    let deaf = Deaf::new();
    let url = format!("http://{}/token", deaf.address());
    assert_status(&exchange(&url, &impatient()).unwrap_err(), Status::Timeout);
}

#[test]
fn a_tls_handshake_that_hangs_ends_at_the_deadline() {
    let server = Hostile::run(|connection| connection.hang());
    let error = exchange(&server.https_url(), &impatient()).unwrap_err();
    assert_status(&error, Status::Timeout);
    assert!(error.message().contains("TLS handshake"), "{error}");
}

#[test]
fn a_server_that_takes_the_request_and_stays_silent_ends_at_the_deadline() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        connection.hang()
    });
    let mut transport = impatient();
    transport.max_attempts = 3;
    let error = exchange(&server.url(), &transport).unwrap_err();
    assert_status(&error, Status::Timeout);
    assert_eq!(server.connections(), 1, "there is no time for a second attempt");
}

#[test]
fn a_connection_reset_before_an_answer_is_unavailable_and_retried() {
    // Closed while the request lies unread: the kernel sends a reset.
    let server = Hostile::run(|connection| connection.send(""));
    let mut transport = transport();
    transport.max_attempts = 3;
    let error = exchange(&server.url(), &transport).unwrap_err();
    assert_status(&error, Status::Unavailable);
    assert!(error.is_retryable());
    assert_eq!(server.connections(), 3);
}

#[test]
fn a_connection_closed_before_an_answer_is_unavailable_and_retried() {
    let server = Hostile::answering([""]);
    let mut transport = transport();
    transport.max_attempts = 2;
    assert_status(&exchange(&server.url(), &transport).unwrap_err(), Status::Unavailable);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_lost_connection_is_mended_by_the_next_attempt() {
    let server = Hostile::answering([b"HTTP/1.1 200 OK\r\nContent-".to_vec(), token_answer()]);
    let mut transport = transport();
    transport.max_attempts = 2;
    exchange(&server.url(), &transport).unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_look_up_without_a_thread_to_be_had_is_a_connect_error() {
    // No such stack fits into any address space; the test itself runs in the main thread.
    let too_large = [("RUST_MIN_STACK", "70368744177664000")];
    in_own_process("a_look_up_without_a_thread_to_be_had_is_a_connect_error", &too_large, || {
        let error = exchange("https://localhost:1/token", &transport()).unwrap_err();
        assert_status(&error, Status::Connect);
        assert!(error.message().contains("no thread"), "{error}");
        // An address needs no look-up, and so no thread.
        let error = exchange("https://127.0.0.1:1/token", &transport()).unwrap_err();
        assert!(error.message().contains("refused"), "{error}");
    });
}

#[test]
fn a_request_is_one_form_with_the_headers_that_servers_expect() {
    let server = Hostile::answering([token_answer()]);
    exchange(&server.url(), &transport()).unwrap();
    let request = server.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /token http/1.1\r\n"), "{head}");
    for header in [
        "content-type: application/x-www-form-urlencoded",
        "accept: application/json",
        concat!("user-agent: libims/", env!("CARGO_PKG_VERSION")),
    ] {
        assert_eq!(head.lines().filter(|line| *line == header).count(), 1, "{header} in {head}");
    }
    assert!(!head.contains("accept-encoding"), "compression was asked for: {head}");
    assert!(!head.contains("authorization"), "{head}");
    assert!(body.contains(&jwt()), "{body}");
}

#[test]
fn basic_authentication_keeps_the_secret_out_of_the_form() {
    let server = Hostile::answering([http("401 Unauthorized", "", "")]);
    let mut grant = grant(&server.url());
    grant.client_auth = ClientAuth::Basic;
    assert_status(&exchange_grant(&grant, &transport()).unwrap_err(), Status::Rejected);
    let request = server.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.to_ascii_lowercase().contains("authorization: basic "), "{head}");
    assert!(!body.contains("client_secret"), "{body}");
}
