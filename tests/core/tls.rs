//! TLS that fails says why, and sends no byte of the request.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::exchanges::{
    CLIENT_SECRET, assert_status, exchange, http, impatient, in_own_process, jwt, token_answer,
    transport,
};
use ims::{Cause, Error, Status, Token, Transport};
use openssl::ssl::SslVersion;
use support::certificates::{
    Authority, Identity, Validity, self_signed_server, self_signed_server_marked_as_authority,
};
use support::hostile::Hostile;
use support::keys;

/// Names of the server of these tests.
const HOSTS: &[&str] = &["127.0.0.1", "localhost"];

/// A file of this test's own.
fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path
}

fn trusting(authority: &Authority, test: &str) -> Transport {
    let mut transport = transport();
    transport.ca_file = Some(file(&format!("{test}.pem"), authority.pem()));
    transport
}

/// What comes of an exchange with a server of this identity by a client that trusts `authority`.
/// Where TLS fails, nothing of the request has left this machine.
fn exchange_with(identity: &Identity, authority: &Authority, test: &str) -> Result<Token, Error> {
    let server = Hostile::answering_over_tls(identity, [token_answer()]);
    let mut transport = trusting(authority, test);
    transport.max_attempts = 3;
    let result = exchange(&server.https_url(), &transport);
    if result.is_err() {
        assert_eq!(server.requests(), [""; 0]);
        assert_eq!(server.connections(), 1, "a TLS error is no reason to try again");
    }
    result
}

/// The TLS error of such an exchange.
fn refusal(identity: &Identity, authority: &Authority, test: &str) -> Error {
    let error = exchange_with(identity, authority, test).unwrap_err();
    assert_status(&error, Status::Tls);
    assert!(error.message().contains("127.0.0.1"), "{error}");
    assert!(error.hint().is_some(), "{error:?}");
    error
}

#[test]
fn a_certificate_of_an_authority_in_ca_file_is_trusted() {
    let authority = Authority::new("root");
    let identity = authority.server(HOSTS, Validity::now());
    exchange_with(&identity, &authority, "trusted").unwrap();
}

#[test]
fn a_host_name_is_checked_like_an_address() {
    let authority = Authority::new("root");
    let identity = authority.server(&["localhost"], Validity::now());
    let server = Hostile::answering_over_tls(&identity, [token_answer()]);
    let url = format!("https://localhost:{}/token", server.address().port());
    exchange(&url, &trusting(&authority, "by-name")).unwrap();
}

#[test]
fn a_chain_that_the_server_sends_whole_is_trusted() {
    let root = Authority::new("root");
    let identity = root.subordinate("between").server(HOSTS, Validity::now());
    exchange_with(&identity, &root, "chain").unwrap();
}

#[test]
fn a_missing_intermediate_is_refused() {
    let root = Authority::new("root");
    let mut identity = root.subordinate("between").server(HOSTS, Validity::now());
    identity.chain.clear();
    let error = refusal(&identity, &root, "intermediate");
    assert!(error.hint().unwrap().contains("whole chain"), "{error:?}");
}

#[test]
fn a_self_signed_certificate_is_refused() {
    let identity = self_signed_server(HOSTS);
    let error = refusal(&identity, &Authority::new("root"), "self-signed");
    assert!(error.hint().unwrap().contains("ca_file"), "{error:?}");
}

#[test]
fn an_unknown_authority_is_refused_with_a_hint_at_ca_file() {
    let identity = Authority::new("theirs").server(HOSTS, Validity::now());
    let error = refusal(&identity, &Authority::new("ours"), "unknown-ca");
    assert!(error.message().contains("from an unknown CA"), "{error}");
    assert!(error.hint().unwrap().contains("ca_file"), "{error:?}");
}

#[test]
fn an_authority_made_anew_under_its_old_name_is_refused_with_a_hint_at_ca_file() {
    let identity = Authority::new("root").server(HOSTS, Validity::now());
    let error = refusal(&identity, &Authority::new("root"), "made-anew");
    assert!(error.message().contains("not signed by the trusted CA"), "{error}");
    assert!(error.hint().unwrap().contains("ca_file"), "{error:?}");
}

#[test]
fn an_expired_certificate_is_refused() {
    let authority = Authority::new("root");
    let identity = authority.server(HOSTS, Validity::expired());
    let error = refusal(&identity, &authority, "expired");
    assert!(error.message().contains("expired"), "{error}");
}

#[test]
fn a_certificate_not_yet_valid_is_refused() {
    let authority = Authority::new("root");
    let identity = authority.server(HOSTS, Validity::not_yet());
    let error = refusal(&identity, &authority, "not-yet");
    assert!(error.message().contains("not valid yet"), "{error}");
    assert!(error.hint().unwrap().contains("clock"), "{error:?}");
}

#[test]
fn a_certificate_for_another_host_is_refused_without_repeating_its_names() {
    let authority = Authority::new("root");
    let identity = authority.server(&["elsewhere.example"], Validity::now());
    let error = refusal(&identity, &authority, "wrong-host");
    assert!(error.message().contains("another host"), "{error}");
    assert!(!format!("{error:?}").contains("elsewhere"), "{error:?}");
}

#[test]
fn tls_1_1_is_refused() {
    let authority = Authority::new("root");
    let identity = authority.server(HOSTS, Validity::now());
    let server = Hostile::answering_over_old_tls(&identity, SslVersion::TLS1_1, [token_answer()]);
    let error = exchange(&server.https_url(), &trusting(&authority, "tls-1-1")).unwrap_err();
    assert_status(&error, Status::Tls);
    assert!(error.hint().unwrap().contains("TLS 1.2"), "{error:?}");
    assert_eq!(server.requests(), [""; 0]);
}

#[test]
fn plain_http_on_the_tls_port_is_refused_and_gets_no_byte_of_the_request() {
    let server = Hostile::run(|connection| {
        connection.send(http("200 OK", "", "not TLS"))?;
        connection.hang()
    });
    let error = exchange(&server.https_url(), &transport()).unwrap_err();
    assert_status(&error, Status::Tls);
    assert!(error.message().contains("does not speak TLS"), "{error}");
    let received = String::from_utf8_lossy(&server.received()).into_owned();
    for part in ["POST", "client", CLIENT_SECRET, jwt().as_str()] {
        assert!(!received.contains(part), "{part} was sent in clear");
    }
}

#[test]
fn garbage_in_place_of_a_handshake_is_refused() {
    // A handshake record that holds no handshake.
    let server = Hostile::run(|connection| {
        connection.send([22, 3, 3, 0, 5, 99, 0, 0, 1, 0])?;
        connection.hang()
    });
    assert_status(&exchange(&server.https_url(), &transport()).unwrap_err(), Status::Tls);
}

#[test]
fn a_handshake_broken_off_is_unavailable_and_retried() {
    let server = Hostile::run(|connection| connection.send(""));
    let mut transport = transport();
    transport.max_attempts = 2;
    assert_status(&exchange(&server.https_url(), &transport).unwrap_err(), Status::Unavailable);
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_handshake_that_drips_ends_at_the_deadline() {
    let server = Hostile::run(|connection| {
        connection.send([22, 3, 3, 0x3f, 0xff, 2, 0, 0x3f, 0xfb])?;
        connection.drip([0; 10_000], Duration::from_millis(20))
    });
    assert_status(&exchange(&server.https_url(), &impatient()).unwrap_err(), Status::Timeout);
}

#[test]
fn a_next_attempt_resumes_the_tls_session() {
    let authority = Authority::new("root");
    let identity = authority.server(HOSTS, Validity::now());
    let answers = [http("503 Later", "", ""), token_answer()];
    let server = Hostile::answering_over_tls(&identity, answers);
    let mut transport = trusting(&authority, "resumes");
    transport.max_attempts = 2;
    exchange(&server.https_url(), &transport).unwrap();
    assert_eq!((server.connections(), server.resumed()), (2, 1));
}

#[test]
fn a_self_signed_certificate_in_ca_file_is_trusted() {
    let identity = self_signed_server(HOSTS);
    let mut transport = transport();
    transport.ca_file = Some(file("own.pem", identity.chain_pem()));
    let server = Hostile::answering_over_tls(&identity, [token_answer()]);
    exchange(&server.https_url(), &transport).unwrap();
}

#[test]
fn an_authoritys_own_certificate_is_refused_as_a_servers_with_a_hint() {
    let identity = self_signed_server_marked_as_authority(HOSTS);
    let mut transport = transport();
    transport.ca_file = Some(file("marked.pem", identity.chain_pem()));
    let server = Hostile::answering_over_tls(&identity, [token_answer()]);
    let error = exchange(&server.https_url(), &transport).unwrap_err();
    assert_status(&error, Status::Tls);
    assert!(error.hint().unwrap().contains("CA:FALSE"), "{error:?}");
}

#[test]
fn an_answer_cut_off_inside_tls_is_unavailable() {
    let authority = Authority::new("root");
    let identity = authority.server(HOSTS, Validity::now());
    let mut cut = token_answer();
    cut.truncate(cut.len() - 10);
    let server = Hostile::answering_over_tls(&identity, [cut]);
    let error = exchange(&server.https_url(), &trusting(&authority, "cut")).unwrap_err();
    assert_status(&error, Status::Unavailable);
}

#[test]
fn a_ca_file_that_cannot_be_used_is_refused_by_path() {
    let good = String::from_utf8(Authority::new("root").pem()).unwrap();
    let broken = good.replace("\nMII", "\nMIJ");
    assert_ne!(good, broken);
    let fifo = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ca-fifo");
    let _ = fs::remove_file(&fifo);
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for path in [
        file("empty.pem", ""),
        file("text.pem", "no certificate"),
        file("broken.pem", &broken),
        file("one-broken-of-two.pem", format!("{good}{broken}")),
        file("cut.pem", &good[..good.len() / 2]),
        file("not-base64.pem", good.replace("MII", "!!!")),
        file("large.pem", good.repeat(4000)),
        fifo,
        PathBuf::from("/dev/zero"),
        PathBuf::from("/nonexistent/ca.pem"),
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
    ] {
        let mut transport = transport();
        transport.ca_file = Some(path.clone());
        let error = exchange("https://127.0.0.1:1/token", &transport).unwrap_err();
        assert_status(&error, Status::Argument);
        assert!(error.message().starts_with("ca_file "), "{error}");
        assert!(error.message().contains(path.to_str().unwrap()), "{error}");
    }
}

#[test]
fn a_key_that_is_given_as_the_ca_file_is_not_shown() {
    let key = String::from_utf8(keys::pkcs8_pem()).unwrap();
    let mut transport = transport();
    transport.ca_file = Some(PathBuf::from(&key));
    let error = exchange("https://127.0.0.1:1/token", &transport).unwrap_err();
    assert_status(&error, Status::Argument);
    assert!(error.message().starts_with("ca_file (its name is not shown"), "{error}");
    assert!(key.lines().all(|line| !error.message().contains(line)), "{error}");
}

#[test]
fn a_ca_file_may_hold_text_and_several_certificates_with_crlf() {
    let (first, second) = (Authority::new("first"), Authority::new("second"));
    let pem = [b"Our authorities:\n".to_vec(), first.pem(), second.pem()].concat();
    let pem = String::from_utf8(pem).unwrap().replace('\n', "\r\n");
    let mut transport = transport();
    transport.ca_file = Some(file("several.pem", pem));
    let identity = second.server(HOSTS, Validity::now());
    let server = Hostile::answering_over_tls(&identity, [token_answer()]);
    exchange(&server.https_url(), &transport).unwrap();
}

#[test]
fn there_is_no_switch_that_turns_verification_off() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    for file in fs::read_dir(source).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for switch in ["disable_verification", "dangerous", "ServerCertVerifier"] {
            assert!(!text.contains(switch), "{switch} is used");
        }
    }
}

#[test]
fn the_trust_store_of_the_system_is_the_default() {
    let store = Path::new(env!("CARGO_TARGET_TMPDIR")).join("system.pem");
    let environment = [("SSL_CERT_FILE", store.to_str().unwrap())];
    in_own_process("the_trust_store_of_the_system_is_the_default", &environment, || {
        let authority = Authority::new("root");
        fs::write(&store, authority.pem()).unwrap();
        let identity = authority.server(HOSTS, Validity::now());
        let server = Hostile::answering_over_tls(&identity, [token_answer()]);
        exchange(&server.https_url(), &transport()).unwrap();
    });
}

#[test]
fn the_systems_own_authorities_do_not_trust_a_strangers() {
    in_own_process("the_systems_own_authorities_do_not_trust_a_strangers", &[], || {
        let identity = Authority::new("root").server(HOSTS, Validity::now());
        let server = Hostile::answering_over_tls(&identity, [token_answer()]);
        let error = exchange(&server.https_url(), &transport()).unwrap_err();
        assert_status(&error, Status::Tls);
        assert!(error.message().contains("an unknown CA"), "{error:?}");
        assert_eq!(server.requests(), [""; 0]);
    });
}

#[test]
fn an_empty_trust_store_trusts_nobody() {
    let store = file("no-authorities.pem", "");
    for store in [store.to_str().unwrap(), "/nonexistent/ca.pem"] {
        let environment = [("SSL_CERT_FILE", store)];
        in_own_process("an_empty_trust_store_trusts_nobody", &environment, || {
            let identity = self_signed_server(HOSTS);
            let server = Hostile::answering_over_tls(&identity, [token_answer()]);
            let error = exchange(&server.https_url(), &transport()).unwrap_err();
            assert_status(&error, Status::Tls);
            let hint = error.hint().unwrap();
            // What is installed is not the cause: the variable is.
            assert!(
                hint.contains("remove the variable") && hint.contains("SSL_CERT_FILE="),
                "{hint}"
            );
            assert!(!hint.contains("install"), "{hint}");
            assert_eq!(server.requests(), [""; 0]);
        });
    }
}

/// What an exchange with a server of an unknown CA says of the variables that name CA certificates.
fn hint_with(test: &str, environment: &[(&str, &str)], check: impl Fn(&str)) {
    in_own_process(test, environment, || {
        let identity = Authority::new("theirs").server(HOSTS, Validity::now());
        let server = Hostile::answering_over_tls(&identity, [token_answer()]);
        let error = exchange(&server.https_url(), &transport()).unwrap_err();
        assert_eq!(error.cause(), Some(Cause::UnknownCa), "{error:?}");
        check(error.hint().unwrap());
    });
}

#[test]
fn an_unknown_authority_is_explained_with_what_became_of_each_variable() {
    let test = "an_unknown_authority_is_explained_with_what_became_of_each_variable";
    let ours = file("ours.pem", Authority::new("ours").pem());
    let ours = ours.to_str().unwrap();
    let not_pem = file("not-pem.pem", "no certificate");
    let environment = [
        ("SSL_CERT_FILE", ours),
        ("SSL_CERT_DIR", "/nonexistent"),
        ("REQUESTS_CA_BUNDLE", ours),
        ("CURL_CA_BUNDLE", not_pem.to_str().unwrap()),
    ];
    hint_with(test, &environment, |hint| {
        assert!(hint.contains(&format!("SSL_CERT_FILE={ours} is used: 1 CA")), "{hint}");
        assert!(hint.contains("SSL_CERT_DIR=/nonexistent names nothing usable: No such"), "{hint}");
        for name in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
            let (_, rest) = hint.split_once(&format!("{name}=")).unwrap();
            let said = rest.split(';').next().unwrap();
            assert!(
                said.ends_with("is not read by libims: set SSL_CERT_FILE or ca_file"),
                "{hint}"
            );
        }
    });
}

#[test]
fn what_is_not_set_is_not_explained() {
    hint_with("what_is_not_set_is_not_explained", &[("SSL_CERT_FILE", "")], |hint| {
        assert!(!hint.contains("SSL_CERT") && !hint.contains("BUNDLE"), "{hint}");
    });
}

#[test]
fn a_fifo_for_a_trust_store_is_not_waited_for() {
    let fifo = Path::new(env!("CARGO_TARGET_TMPDIR")).join("authorities.fifo");
    let _ = fs::remove_file(&fifo);
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let environment = [("SSL_CERT_FILE", fifo.to_str().unwrap())];
    hint_with("a_fifo_for_a_trust_store_is_not_waited_for", &environment, |hint| {
        assert!(hint.contains("names nothing usable: not a file"), "{hint}");
    });
}
