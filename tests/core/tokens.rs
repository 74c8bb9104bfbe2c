//! What of a token response is believed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::exchanges::{TOKEN, assert_status, exchange, exchange_grant, http, json, transport};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::{Client, Grant, GrantKind, GrantType, Status, Token};
use serde_json::json;
use support::hostile::Hostile;

const ADOBE: GrantType = GrantType::JwtExchange;
const DAY: u64 = 86_400;

/// A grant of this type to a server that answers `body`.
fn answered(grant_type: GrantType, body: impl AsRef<[u8]>) -> Result<Token, ims::Error> {
    let server = Hostile::answering([json("200 OK", body)]);
    let grant = match grant_type {
        GrantType::JwtBearer => Grant::jwt_bearer(crate::exchanges::jwt()),
        GrantType::ClientCredentials => {
            Grant::client_credentials("client", crate::exchanges::CLIENT_SECRET, "openid")
        }
        _ => crate::exchanges::grant(),
    };
    let mut transport = transport();
    transport.max_attempts = 3;
    let result = exchange_grant(&server.url(), &grant, &transport);
    assert_eq!(server.requests().len(), 1, "no answer is asked for again");
    result
}

fn refused(grant_type: GrantType, body: impl AsRef<[u8]>) {
    let error = answered(grant_type, body.as_ref()).unwrap_err();
    assert_status(&error, Status::Response);
}

/// The lifetime that such an answer leads to, in seconds.
fn lifetime(grant_type: GrantType, fields: &str) -> u64 {
    let before = SystemTime::now();
    let token = answered(grant_type, format!(r#"{{"access_token":"{TOKEN}"{fields}}}"#)).unwrap();
    let lifetime = token.expires_at().duration_since(before).unwrap();
    // Some milliseconds went by until the request was sent.
    lifetime.as_secs()
}

#[test]
fn a_token_answer_becomes_a_token() {
    let body = format!(
        r#"{{"token_type":"bearer","access_token":"{TOKEN}","expires_in":3600000,"scope":"openid,AdobeID"}}"#
    );
    let token = answered(ADOBE, body).unwrap();
    assert_eq!(token.access_token(), TOKEN);
    assert_eq!(token.token_type(), "bearer");
    assert_eq!(token.scope(), Some("openid,AdobeID"));
    let left = token.expires_in(SystemTime::now());
    assert!(left > Duration::from_secs(3590) && left <= Duration::from_secs(3600), "{left:?}");
    assert!(!format!("{token:?}").contains(TOKEN), "a token never shows");
}

#[test]
fn an_access_token_that_is_missing_or_no_string_is_refused() {
    for body in ["{}", r#"{"token":"x"}"#, r#"{"ACCESS_TOKEN":"x"}"#] {
        refused(ADOBE, body);
    }
    for token in ["null", "1", "true", "{}", r#"["x"]"#, r#"{"value":"x"}"#] {
        refused(ADOBE, format!(r#"{{"access_token":{token}}}"#));
    }
}

#[test]
fn an_access_token_that_fits_into_no_header_is_refused() {
    for token in ["", r"a\r\nb", r"a\nX: y", r"a\u0000", "a b", "t\u{f6}ken", r"\u00e4", r"\ud800"]
    {
        refused(ADOBE, format!(r#"{{"access_token":"{token}"}}"#));
    }
}

#[test]
fn an_access_token_over_16_kib_is_refused() {
    let body = |length| format!(r#"{{"access_token":"{}"}}"#, "a".repeat(length));
    assert_eq!(answered(ADOBE, body(16 * 1024)).unwrap().access_token().len(), 16 * 1024);
    refused(ADOBE, body(16 * 1024 + 1));
}

#[test]
fn duplicate_keys_are_refused() {
    for second in [
        r#""access_token":"other""#,
        r#""access_\u0074oken":"other""#,
        r#""expires_in":1,"expires_in":2"#,
        r#""x":1,"x":1"#,
    ] {
        refused(ADOBE, format!(r#"{{"access_token":"{TOKEN}",{second}}}"#));
    }
}

#[test]
fn a_token_type_is_bearer_as_servers_spell_it_or_absent() {
    for kind in [
        "",
        r#","token_type":null"#,
        r#","token_type":"bearer""#,
        r#","token_type":"Bearer""#,
        r#","token_type":"BEARER""#,
        r#","token_type":"Bearer ""#,
        r#","token_type":"BearerToken""#,
    ] {
        let token = answered(ADOBE, format!(r#"{{"access_token":"{TOKEN}"{kind}}}"#)).unwrap();
        assert_eq!(token.token_type(), "bearer");
    }
    for kind in [r#""mac""#, r#""""#, r#""N_A""#, r#""bearer x""#, r#""DPoP""#, "1", "[]"] {
        refused(ADOBE, format!(r#"{{"access_token":"{TOKEN}","token_type":{kind}}}"#));
    }
}

#[test]
fn expires_in_counts_milliseconds_on_the_jwt_exchange_and_seconds_elsewhere() {
    assert_eq!(lifetime(GrantType::JwtExchange, r#","expires_in":3600000"#), 3600);
    assert_eq!(lifetime(GrantType::ClientCredentials, r#","expires_in":3600"#), 3600);
    assert_eq!(lifetime(GrantType::JwtBearer, r#","expires_in":3600"#), 3600);
}

#[test]
fn without_expires_in_the_time_of_expires_counts_or_else_300_seconds() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for absent in ["", r#","expires_in":null"#] {
        assert_eq!(lifetime(GrantType::JwtBearer, absent), 300);
        let expires = format!(r#"{absent},"expires":{}"#, now + 1000);
        assert!((998..=1000).contains(&lifetime(GrantType::JwtBearer, &expires)));
    }
    refused(ADOBE, format!(r#"{{"access_token":"{TOKEN}","expires":{}}}"#, now - 10));
    // expires_in counts where both are given.
    assert_eq!(lifetime(GrantType::JwtBearer, r#","expires_in":60,"expires":1"#), 60);
}

#[test]
fn the_time_of_expires_is_one_of_the_servers_clock() {
    // Clocks that are years behind and ahead of this machine's.
    for date in [784_111_777, 4_102_444_800] {
        let date = UNIX_EPOCH + Duration::from_secs(date);
        let expires = date.duration_since(UNIX_EPOCH).unwrap().as_secs() + 1000;
        let body = format!(r#"{{"access_token":"{TOKEN}","expires":{expires}}}"#);
        let headers = format!("Date: {}\r\n", httpdate::fmt_http_date(date));
        let server = Hostile::answering([http("200 OK", &headers, body)]);
        let token = exchange(&server.url(), &transport()).unwrap();
        assert!((995..=1000).contains(&token.expires_in(SystemTime::now()).as_secs()));
    }
}

#[test]
fn a_token_that_is_no_access_token_says_so() {
    let issued = "urn:ietf:params:oauth:token-type:id_token";
    let body = format!(
        r#"{{"access_token":"{TOKEN}","token_type":"N_A","issued_token_type":"{issued}"}}"#
    );
    let token = answered(GrantType::JwtBearer, body).unwrap();
    assert_eq!((token.token_type(), token.issued_token_type()), ("N_A", Some(issued)));
}

#[test]
fn an_expires_in_that_is_no_number_is_refused() {
    for expires_in in [
        "true",
        "false",
        "NaN",
        "1e400",
        "-1e400",
        "Infinity",
        "[]",
        "[3600]",
        "{}",
        r#"{"seconds":1}"#,
        r#""soon""#,
        r#""+5""#,
        r#""inf""#,
        r#""NaN""#,
        r#""3600 s""#,
        r#""0x10""#,
    ] {
        for grant_type in [GrantType::JwtBearer, GrantType::JwtExchange] {
            refused(
                grant_type,
                format!(r#"{{"access_token":"{TOKEN}","expires_in":{expires_in}}}"#),
            );
        }
    }
}

#[test]
fn an_expires_in_that_names_no_time_is_unknown_which_is_300_seconds() {
    for expires_in in [
        "null",
        "0",
        "-1",
        "0.5",
        "-9223372036854775808",
        r#""""#,
        r#""  ""#,
        r#""0""#,
        r#""-1""#,
        r#""-0.5""#,
    ] {
        for grant_type in [GrantType::JwtBearer, GrantType::JwtExchange] {
            let fields = format!(r#","expires_in":{expires_in}"#);
            assert_eq!(lifetime(grant_type, &fields), 300, "{expires_in}");
        }
    }
}

#[test]
fn an_expires_in_as_a_string_or_with_a_fraction_works() {
    assert_eq!(lifetime(GrantType::JwtExchange, r#","expires_in":"3600000""#), 3600);
    assert_eq!(lifetime(GrantType::JwtExchange, r#","expires_in":3600999.5"#), 3600);
    for expires_in in
        ["3600.0", "3600.87", "36e2", r#""3600""#, r#""3600.0""#, r#"" 3600""#, r#""3.6e3 ""#]
    {
        let fields = format!(r#","expires_in":{expires_in}"#);
        assert_eq!(lifetime(GrantType::JwtBearer, &fields), 3600, "{expires_in}");
    }
}

#[test]
fn a_lifetime_that_is_far_too_large_is_cut_to_a_century() {
    const CENTURY: u64 = 100 * 366 * DAY;
    for expires_in in [
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e300",
        r#""9223372036854775808""#,
        r#""1e400""#,
    ] {
        let fields = format!(r#","expires_in":{expires_in}"#);
        assert_eq!(lifetime(GrantType::JwtBearer, &fields), CENTURY, "{expires_in}");
        assert_eq!(lifetime(GrantType::JwtExchange, &fields), DAY, "{expires_in}");
        let fields = format!(r#","expires_at":{expires_in}"#);
        assert_eq!(lifetime(GrantType::JwtBearer, &fields), CENTURY, "{expires_in}");
    }
}

#[test]
fn a_token_of_adobes_lives_24_hours_at_most_and_no_other_servers() {
    assert_eq!(lifetime(GrantType::JwtExchange, r#","expires_in":86399999"#), DAY - 1);
    assert_eq!(lifetime(GrantType::JwtExchange, r#","expires_in":864000000"#), DAY);
    for grant_type in [GrantType::JwtBearer, GrantType::ClientCredentials] {
        assert_eq!(lifetime(grant_type, r#","expires_in":864000"#), 10 * DAY);
    }
    let body = format!(r#"{{"access_token":"{TOKEN}","expires_in":864000}}"#);
    let server = Hostile::answering([json("200 OK", body)]);
    let grant = Grant::client_credentials("client", crate::exchanges::CLIENT_SECRET, "openid");
    let url = server.url().replace("/token", "") + "/ims/token/v3";
    let token = exchange_grant(&url, &grant, &transport()).unwrap();
    assert!(token.expires_in(SystemTime::now()) <= Duration::from_secs(DAY));
}

#[test]
fn any_success_with_a_token_is_one() {
    for status in ["200 OK", "201 Created", "202 Accepted", "206 Partial Content", "299 Odd"] {
        let server = Hostile::answering([json(status, format!(r#"{{"access_token":"{TOKEN}"}}"#))]);
        assert_eq!(
            exchange(&server.url(), &transport()).unwrap().access_token(),
            TOKEN,
            "{status}"
        );
    }
}

#[test]
fn the_time_of_expires_on_or_expires_at_counts_where_expires_in_is_absent() {
    let date = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let headers = format!("Date: {}\r\n", httpdate::fmt_http_date(date));
    for expiry in [
        r#""expires_on":"1800001000""#,
        r#""expires_on":1800001000,"expires_in":0"#,
        r#""expires_at":1800001000.5"#,
        r#""expires_at":"2027-01-15T08:16:40Z""#,
        r#""expires_at":"2027-01-15T10:16:40.123456789+02:00""#,
        r#""expires":1800001000"#,
        r#""expires_in":"1000","expires_at":"1970-01-01T00:00:00Z""#,
    ] {
        let body = format!(r#"{{"access_token":"{TOKEN}",{expiry}}}"#);
        let server = Hostile::answering([http("200 OK", &headers, body)]);
        let grant = Grant::jwt_bearer(crate::exchanges::jwt());
        let token = exchange_grant(&server.url(), &grant, &transport()).unwrap();
        let left = token.expires_in(SystemTime::now()).as_secs();
        assert!((995..=1000).contains(&left), "{expiry}: {left}");
    }
}

#[test]
fn further_members_are_there_by_name_as_text_or_json() {
    let body = format!(
        r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":60,"scope":"a","refresh_token":"r3fresh",
            "instance_url":"https://na1.example.com","restricted_to":[{{"id":1}}],"n":7,"none":null}}"#
    );
    let token = answered(GrantType::JwtBearer, body).unwrap();
    assert_eq!(token.get("instance_url"), Some("https://na1.example.com"));
    assert_eq!(token.get("restricted_to"), Some(r#"[{"id":1}]"#));
    assert_eq!(token.get("n"), Some("7"));
    for absent in ["none", "other", "access_token", "expires_in", "scope", "token_type", ""] {
        assert_eq!(token.get(absent), None, "{absent}");
    }
    assert!(!format!("{token:?}").contains("r3fresh"), "a member may be a secret");
}

/// A grant that asks for an ID token, to a server that answers `body`.
fn id_token(body: &str) -> Result<Token, ims::Error> {
    let claims = URL_SAFE_NO_PAD.encode(r#"{"iss":"me","target_audience":"https://example.com"}"#);
    let server = Hostile::answering([json("200 OK", body)]);
    let grant = Grant::jwt_bearer(format!("eyJhbGciOiJSUzI1NiJ9.{claims}.c2ln"));
    exchange_grant(&server.url(), &grant, &transport())
}

#[test]
fn an_id_token_alone_is_the_token_where_one_was_asked_for() {
    let exp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 3600;
    let jwt = format!(
        "eyJhbGciOiJSUzI1NiJ9.{}.c2ln",
        URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{exp}}}"#))
    );
    let body = format!(r#"{{"id_token":"{jwt}"}}"#);
    let token = id_token(&body).unwrap();
    assert_eq!(token.access_token(), jwt);
    assert!((3590..=3600).contains(&token.expires_in(SystemTime::now()).as_secs()));
    refused(GrantType::JwtBearer, &body);
    let both = format!(r#"{{"id_token":"{jwt}","access_token":"{TOKEN}"}}"#);
    let token = id_token(&both).unwrap();
    assert_eq!((token.access_token(), token.get("id_token")), (TOKEN, Some(&*jwt)));
}

#[test]
fn a_token_exchange_for_an_id_token_returns_it_in_either_member() {
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{}}}"#, unix_now() + 1200));
    let jwt = format!("eyJhbGciOiJSUzI1NiJ9.{claims}.c2ln");
    let issued = r#""issued_token_type":"urn:ietf:params:oauth:token-type:id_token""#;
    let asked = |requested: Option<&str>, body: String| {
        let server = Hostile::answering([json("200 OK", body)]);
        let mut grant = Grant::token_exchange("a.subject.token", "access_token");
        if let GrantKind::TokenExchange { requested_token_type, .. } = &mut grant.kind {
            *requested_token_type = requested.map(str::to_owned);
        }
        exchange_grant(&server.url(), &grant, &transport())
    };
    for (requested, body, token_type) in [
        // RFC 8693 section 2.2.1: the issued token is the access_token, whatever it is.
        (
            Some("id_token"),
            format!(r#"{{"access_token":"{jwt}",{issued},"token_type":"N_A"}}"#),
            "N_A",
        ),
        (None, format!(r#"{{"access_token":"{jwt}",{issued}}}"#), "bearer"),
        (Some("id_token"), format!(r#"{{"id_token":"{jwt}"}}"#), "bearer"),
        (
            Some("urn:ietf:params:oauth:token-type:id_token"),
            format!(r#"{{"id_token":"{jwt}",{issued},"token_type":"N_A"}}"#),
            "N_A",
        ),
    ] {
        let token = asked(requested, body.clone()).unwrap();
        assert_eq!((token.access_token(), token.token_type()), (&*jwt, token_type), "{body}");
        let left = token.expires_in(SystemTime::now()).as_secs();
        assert!((1190..=1200).contains(&left), "its own exp: {body}: {left}");
    }
    // Only what was asked for.
    for requested in [None, Some("access_token"), Some("jwt")] {
        let error = asked(requested, format!(r#"{{"id_token":"{jwt}"}}"#)).unwrap_err();
        assert_status(&error, Status::Response);
    }
    // What the server says of its lifetime comes first.
    let body = format!(r#"{{"access_token":"{jwt}",{issued},"expires_in":60}}"#);
    let left = asked(None, body).unwrap().expires_in(SystemTime::now()).as_secs();
    assert!((50..=60).contains(&left), "{left}");
}

#[test]
fn default_lifetime_counts_where_the_server_names_none() {
    let exp = unix_now() + 1200;
    let id_token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{exp}}}"#)));
    for (response, given, expected) in [
        (json!({}), Some(900), 900),
        (json!({}), None, 300),
        (json!({ "expires_in": "" }), Some(900), 900),
        (json!({ "expires_in": null }), Some(900), 900),
        (json!({ "expires_in": 0 }), Some(900), 900),
        (json!({ "expires_in": -1 }), Some(900), 900),
        (json!({ "expires_in": 60 }), Some(900), 60),
        (json!({ "expires_at": exp }), Some(900), 1200),
        (json!({ "access_token": id_token, "issued_token_type": "x:id_token" }), Some(900), 1200),
    ] {
        let mut body = json!({ "access_token": TOKEN });
        body.as_object_mut().unwrap().extend(response.as_object().unwrap().clone());
        let server = Hostile::answering([json("200 OK", body.to_string())]);
        let account = json!({
            "grant": "client_credentials", "token_url": server.url(), "client_id": "c",
            "client_secret": "s", "default_lifetime": given,
        });
        let client = Client::builder().transport(transport()).from_json(account.to_string());
        let token = client.unwrap().token().unwrap();
        let left = token.expires_in(SystemTime::now()).as_secs();
        assert!((expected - 10..=expected).contains(&left), "{response} {given:?}: {left}");
    }
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// An IMS access token: a JWT with its own `created_at` and `expires_in`, in milliseconds.
fn ims_token(created_at: &str, expires_in: &str) -> String {
    let claims =
        format!(r#"{{"as":"ims-na1","created_at":{created_at},"expires_in":{expires_in}}}"#);
    format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}

#[test]
fn an_ims_tokens_own_lifetime_may_only_shorten_it() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let seconds = |created_at: &str, expires_in: &str| {
        let token = ims_token(created_at, expires_in);
        let body = format!(r#"{{"access_token":"{token}","expires_in":3600000}}"#);
        let token = answered(ADOBE, body).unwrap();
        token.expires_in(SystemTime::now()).as_secs_f64().round() as u64
    };
    let created_at = format!(r#""{now}""#);
    assert_eq!(seconds(&created_at, r#""86400000""#), 3600);
    assert!((598..=600).contains(&seconds(&created_at, r#""600000""#)));
    let a_while_ago = format!(r#""{}""#, now - 300_000);
    assert!((298..=300).contains(&seconds(&a_while_ago, r#""600000""#)));
    // What makes no sense says nothing.
    for (created_at, expires_in) in [
        (r#""0""#, r#""1""#),
        (r#""-5""#, r#""600000""#),
        ("null", "{}"),
        (r#""9223372036854775807""#, r#""9223372036854775807""#),
        (r#""99999999999999999999""#, "1e400"),
    ] {
        assert_eq!(seconds(created_at, expires_in), 3600, "{created_at} {expires_in}");
    }
}

#[test]
fn an_ims_token_that_is_dead_by_the_servers_own_clock_is_refused() {
    let body = format!(
        r#"{{"access_token":"{}","expires_in":3600000}}"#,
        ims_token(r#""784110000000""#, r#""600000""#)
    );
    let answer = |date: &str| {
        let headers = format!("Date: Sun, 06 Nov 1994 {date} GMT\r\n");
        let server = Hostile::answering([http("200 OK", &headers, &body)]);
        exchange(&server.url(), &transport())
    };
    // Made at 08:20:00.
    let left = answer("08:29:00").unwrap().expires_in(SystemTime::now());
    assert!(left <= Duration::from_secs(60), "{left:?}");
    assert_status(&answer("08:30:00").unwrap_err(), Status::Response);
}

#[test]
fn a_scope_is_text_or_not_there() {
    for (scope, read) in [(r#""a,b""#, Some("a,b")), (r#""""#, None), ("null", None)] {
        let body = format!(r#"{{"access_token":"{TOKEN}","scope":{scope}}}"#);
        assert_eq!(answered(ADOBE, body).unwrap().scope(), read);
    }
    refused(ADOBE, format!(r#"{{"access_token":"{TOKEN}","scope":"a\r\nb"}}"#));
}

#[test]
fn the_answer_of_an_rfc_7523_server_works() {
    // As the old Omniture token server writes it.
    let body = format!(
        r#"{{"access_token":"{TOKEN}","expires_in":3600,"token_type":"bearer","scope":null,"success":true}}"#
    );
    answered(GrantType::JwtBearer, body).unwrap();
}

#[test]
fn after_a_refused_answer_the_next_good_call_works() {
    refused(ADOBE, "{}");
    let server = Hostile::answering([crate::exchanges::token_answer()]);
    exchange(&server.url(), &transport()).unwrap();
}
