//! Servers that cannot be reached, or break off: a typed error in time, and a retry where one helps.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::thread;
use std::time::Duration;

use crate::exchanges::{
    CLIENT_SECRET, UNKNOWN_HOST, assert_status, exchange, exchange_grant, http, impatient,
    in_own_process, jwt, token_answer, transport,
};
use ims::{ClientAuth, Credentials, CredentialsOptions, Grant, Key, Proxy, Status, Transport};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::certificates::{Authority, Validity};
use support::directory::Directory;
use support::hostile::{Deaf, Hostile};
use support::keys;
use support::network::in_own_network;

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

/// One attempt more, and time for a slow machine: a third of it is for a server to start.
fn patient() -> Transport {
    let mut transport = transport();
    transport.timeout = Duration::from_secs(60);
    transport.max_attempts = 2;
    transport
}

#[test]
fn a_server_that_starts_a_little_later_is_reached_within_the_same_call() {
    // Free, and no other test's: those listen at 127.0.0.1.
    let address = TcpListener::bind("127.1.2.3:0").unwrap().local_addr().unwrap();
    let starting = thread::spawn(move || {
        thread::sleep(Duration::from_millis(1500));
        let (mut client, _) = TcpListener::bind(address).unwrap().accept().unwrap();
        let read = client.read(&mut [0; 4096]).unwrap();
        client.write_all(&token_answer()).unwrap();
        read
    });
    exchange(&format!("http://{address}/token"), &patient()).unwrap();
    assert!(starting.join().unwrap() > 0);
}

/// A name server that gives 127.0.0.1 for every name.
fn name_server() {
    let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
    let mut query = [0; 512];
    while let Ok((length, client)) = socket.recv_from(&mut query) {
        let name = query[12..length].iter().position(|byte| *byte == 0).unwrap() + 12;
        let question = &query[..name + 5];
        let is_ipv4 = query[name + 2] == 1;
        let mut answer = question.to_vec();
        // RFC 1035 section 4.1: a response without error, one question, one answer or none.
        answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, is_ipv4.into(), 0, 0, 0, 0]);
        if is_ipv4 {
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
        }
        socket.send_to(&answer, client).unwrap();
    }
}

#[test]
fn name_servers_that_do_not_answer_are_not_blamed_on_the_spelling_and_are_waited_for() {
    let test = "name_servers_that_do_not_answer_are_not_blamed_on_the_spelling_and_are_waited_for";
    in_own_network(test, "", || {
        let authority = Authority::new("root");
        let identity = authority.server(&["ims.example"], Validity::now());
        let server = Hostile::answering_over_tls(&identity, [token_answer()]);
        let directory = Directory::new();
        let mut patient = patient();
        patient.ca_file = Some(directory.write("ca.pem", authority.pem()));
        let url = format!("https://ims.example:{}/token", server.address().port());
        let error = exchange(&url, &transport()).unwrap_err();
        assert_status(&error, Status::Connect);
        assert!(error.is_retryable());
        let hint = error.hint().unwrap();
        assert!(hint.contains("name servers") && !hint.contains("spelling"), "{error:?}");
        thread::spawn(|| {
            thread::sleep(Duration::from_millis(1500));
            name_server();
        });
        exchange(&url, &patient).unwrap();
    });
}

#[test]
fn a_call_without_file_descriptors_says_so_and_may_be_tried_again() {
    in_own_process("a_call_without_file_descriptors_says_so_and_may_be_tried_again", &[], || {
        let server = Hostile::answering([token_answer()]);
        let directory = Directory::new();
        let ca_file = directory.write("ca.pem", Authority::new("root").pem());
        let key = directory.write("key.pem", keys::rsa().private_key_to_pem_pkcs8().unwrap());
        let limit = Rlimit { current: Some(64), maximum: None };
        let limit = Rlimit { maximum: getrlimit(Resource::Nofile).maximum, ..limit };
        setrlimit(Resource::Nofile, limit).unwrap();
        let held: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();

        let mut with_ca_file = transport();
        with_ca_file.ca_file = Some(ca_file);
        let mut through_proxy = with_ca_file.clone();
        through_proxy.proxy = Proxy::Url("http://127.0.0.1:1".into());
        let of_transport = |url: &str, transport| exchange(url, transport).unwrap_err();
        for error in [
            of_transport(&server.url(), &transport()),
            of_transport("https://localhost:1/token", &transport()),
            of_transport("https://localhost:1/token", &with_ca_file),
            of_transport("https://localhost:1/token", &through_proxy),
            Key::from_file(&key, None).unwrap_err(),
            Credentials::from_file(&key, &CredentialsOptions::default()).unwrap_err(),
        ] {
            assert!(error.is_retryable(), "{error:?}");
            assert!(error.hint().unwrap().contains("no file descriptor left"), "{error:?}");
        }

        drop(held);
        exchange(&server.url(), &transport()).unwrap();
    });
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
fn a_lookup_without_a_thread_to_be_had_is_a_connect_error() {
    // No such stack fits into any address space; the test itself runs in the main thread.
    let too_large = [("RUST_MIN_STACK", "70368744177664000")];
    in_own_process("a_lookup_without_a_thread_to_be_had_is_a_connect_error", &too_large, || {
        let error = exchange("https://localhost:1/token", &transport()).unwrap_err();
        assert_status(&error, Status::Connect);
        assert!(error.message().contains("no thread"), "{error}");
        // An address needs no lookup, and so no thread.
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
    let client = ClientAuth::basic("client", CLIENT_SECRET);
    let grant = Grant::jwt_exchange("client", CLIENT_SECRET, jwt()).with_client(client);
    assert_status(
        &exchange_grant(&server.url(), &grant, &transport()).unwrap_err(),
        Status::Rejected,
    );
    let request = server.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.to_ascii_lowercase().contains("authorization: basic "), "{head}");
    assert!(!body.contains("client_secret"), "{body}");
}
