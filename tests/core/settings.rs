//! Settings that no request could be made of are refused by name; all others arrive as given.

use std::time::Duration;

use crate::exchanges::{
    CLIENT_SECRET, assert_shows_no_secret, assert_status, exchange, exchange_grant, grant,
    token_answer, transport,
};
use ims::{Grant, GrantKind, GrantOptions, GrantType, Secret, Status, Transport};
use support::hostile::Hostile;

const NOWHERE: &str = "http://127.0.0.1:1/token";

fn argument_of(url: &str) -> String {
    let error = exchange(url, &transport()).unwrap_err();
    assert_status(&error, Status::Argument);
    assert!(error.message().starts_with("token_url "), "{error}");
    error.to_string()
}

#[test]
fn plain_http_reaches_this_machine_alone() {
    let server = Hostile::answering([token_answer()]);
    let port = server.address().port();
    for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
        exchange(&format!("http://{host}:{port}/token"), &transport()).unwrap();
    }
    for host in ["ims-na1.adobelogin.com", "192.0.2.1", "[2001:db8::1]", "localhost.example.com"] {
        assert!(argument_of(&format!("http://{host}:{port}/token")).contains("in clear"));
    }
}

#[test]
fn a_url_with_user_and_password_is_refused_without_showing_them() {
    let text = argument_of("https://someone:hunter2@127.0.0.1/token");
    assert!(!text.contains("hunter2") && !text.contains("someone"), "{text}");
}

#[test]
fn a_url_with_a_fragment_is_refused() {
    argument_of("https://127.0.0.1/token#fragment");
}

#[test]
fn a_url_of_another_scheme_is_refused() {
    for url in ["ftp://127.0.0.1/token", "file:///etc/passwd", "127.0.0.1/token", "/token", "://"] {
        argument_of(url);
    }
}

#[test]
fn a_port_out_of_range_is_refused() {
    for port in ["0", "99999", "-1", "https"] {
        argument_of(&format!("https://127.0.0.1:{port}/token"));
    }
}

#[test]
fn a_url_with_control_characters_or_over_4_kib_is_refused() {
    argument_of("https://127.0.0.1/to\r\nken");
    argument_of(&format!("https://127.0.0.1/{}", "a".repeat(4096)));
}

#[test]
fn a_timeout_of_zero_or_over_an_hour_is_refused() {
    for timeout in [Duration::ZERO, Duration::from_millis(3_600_001), Duration::MAX] {
        let mut transport = Transport::default();
        transport.timeout = timeout;
        let error = ims::exchange(&NOWHERE.parse().unwrap(), &grant(), &transport).unwrap_err();
        assert_status(&error, Status::Argument);
        assert!(error.message().starts_with("timeout "), "{error}");
    }
}

#[test]
fn attempts_out_of_range_are_refused() {
    for attempts in [0, 11, u32::MAX] {
        let mut transport = transport();
        transport.max_attempts = attempts;
        let error = exchange(NOWHERE, &transport).unwrap_err();
        assert_status(&error, Status::Argument);
        assert!(error.message().starts_with("max_attempts "), "{error}");
    }
}

#[test]
fn special_characters_in_any_field_arrive_unchanged() {
    let awkward = "\"quotes\" \\back\\slash & = + % \u{e4}\u{1f600} <>;,/?#";
    let server = Hostile::answering([token_answer()]);
    let mut grant = Grant::client_credentials(awkward, CLIENT_SECRET, awkward);
    grant.kind = GrantKind::ClientCredentials { org_id: Some(awkward.into()) };
    exchange_grant(&server.url(), &grant, &transport()).unwrap();
    let requests = server.requests();
    let body = requests[0].split_once("\r\n\r\n").unwrap().1;
    let fields: Vec<_> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    for (name, value) in [
        ("grant_type", "client_credentials"),
        ("client_id", awkward),
        ("client_secret", CLIENT_SECRET),
        ("scope", awkward),
        ("org_id", awkward),
    ] {
        let field = (name.to_owned(), value.to_owned());
        assert!(fields.contains(&field), "{name} is missing or changed: {body}");
    }
    assert_eq!(fields.len(), 5);
}

#[test]
fn a_field_that_is_empty_too_long_or_holds_control_characters_is_refused_by_name() {
    for bad in ["", "a\r\nb", "a\0b", "\u{7f}", &"a".repeat(4097)] {
        for name in ["client_id", "client_secret", "scope", "org_id"] {
            let value =
                |field, good: &str| if field == name { bad.to_owned() } else { good.to_owned() };
            let (client_id, secret) = (value("client_id", "client"), value("client_secret", "s"));
            let mut grant = Grant::client_credentials(client_id, secret, value("scope", "openid"));
            let org_id = Some(value("org_id", "ORG@AdobeOrg"));
            grant.kind = GrantKind::ClientCredentials { org_id };
            let error = exchange_grant(NOWHERE, &grant, &transport()).unwrap_err();
            assert_status(&error, Status::Argument);
            assert!(error.message().starts_with(name), "{error}");
        }
    }
}

#[test]
fn a_jwt_may_have_64_kib_and_no_blank_in_it() {
    let server = Hostile::answering([token_answer()]);
    let grant = |jwt: String| Grant::jwt_exchange("client", CLIENT_SECRET, jwt);
    exchange_grant(&server.url(), &grant("a".repeat(64 * 1024)), &transport()).unwrap();
    for bad in
        ["".to_owned(), "a".repeat(64 * 1024 + 1), "a b".into(), "a\n".into(), "\u{e4}".into()]
    {
        let error = exchange_grant(NOWHERE, &grant(bad), &transport()).unwrap_err();
        assert_status(&error, Status::Argument);
        assert!(error.message().starts_with("jwt "), "{error}");
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_a_grant_cannot_do_without_is_refused_by_name() {
    let mut full = GrantOptions::default();
    full.token_url = Some(NOWHERE.into());
    full.client_id = Some("client".into());
    full.client_secret = Some(CLIENT_SECRET.into());
    full.jwt = Some("e30.e30.c2ln".into());
    for (grant_type, name) in [
        (GrantType::JwtExchange, "client_id"),
        (GrantType::JwtExchange, "client_secret"),
        (GrantType::JwtExchange, "jwt"),
        (GrantType::JwtBearer, "jwt"),
        (GrantType::JwtBearer, "token_url"),
    ] {
        let mut options = full.clone();
        options.grant_type = grant_type;
        options.clone().grant().unwrap();
        match name {
            "client_id" => options.client_id = None,
            "client_secret" => options.client_secret = None,
            "jwt" => options.jwt = None::<Secret>,
            _ => options.token_url = None,
        }
        let error = options.grant().unwrap_err();
        assert_status(&error, Status::Argument);
        assert!(error.message().starts_with(name), "{error}");
        assert_shows_no_secret(&error, &[CLIENT_SECRET]);
    }
}
