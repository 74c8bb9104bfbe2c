//! Answers that are no token answers: each ends in a typed error, in time, however much is sent.

use std::io;
use std::time::{Duration, SystemTime};

use crate::exchanges::{
    CLIENT_SECRET, TOKEN, assert_shows_no_secret, assert_status, exchange, exchange_grant, failure,
    http, impatient, json, jwt, token_answer, transport,
};
use ims::{ClientAuth, Error, Grant, Status, Transport};
use support::hostile::{Connection, Hostile};

/// The error of an answer that must not be taken for a token response, nor asked for again.
fn not_a_token_answer(answer: impl AsRef<[u8]>) -> Error {
    let server = Hostile::answering([answer.as_ref().to_vec()]);
    let mut transport = transport();
    transport.max_attempts = 3;
    let error = exchange(&server.url(), &transport).unwrap_err();
    assert_status(&error, Status::Response);
    assert!(!error.is_retryable());
    assert_eq!(server.requests().len(), 1);
    error
}

/// The error of a server that runs `script` after it read the request.
fn failure_of(
    transport: &Transport,
    script: impl Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static,
) -> Error {
    let server = Hostile::run(move |connection| {
        connection.read_request()?;
        script(connection)
    });
    exchange(&server.url(), transport).unwrap_err()
}

fn token_body() -> String {
    format!(r#"{{"access_token":"{TOKEN}","expires_in":3600000}}"#)
}

#[test]
fn an_html_page_is_no_token_answer_and_the_hint_says_so() {
    let page = "<!DOCTYPE html><title>Sign in</title>";
    let error =
        not_a_token_answer(http("200 OK", "Content-Type: text/html; charset=utf-8\r\n", page));
    assert!(error.hint().unwrap().contains("HTML"), "{error:?}");
    assert_eq!(error.http_status(), Some(200));
}

#[test]
fn an_empty_body_is_no_token_answer() {
    not_a_token_answer(json("200 OK", ""));
}

#[test]
fn json_that_is_no_object_is_no_token_answer() {
    for body in ["null", "[]", r#"["access_token"]"#, r#""token""#, "1", "true", "{", "}{", "{}{}"]
    {
        not_a_token_answer(json("200 OK", body));
    }
}

#[test]
fn a_body_that_is_not_utf_8_is_no_token_answer() {
    not_a_token_answer(json("200 OK", b"{\"access_token\":\"\xff\xfe\"}"));
}

#[test]
fn statuses_that_are_no_success_or_have_no_body_are_no_token_answers() {
    not_a_token_answer("HTTP/1.1 204 No Content\r\n\r\n");
    for status in ["201 Created", "202 Accepted", "206 Partial Content", "299 Odd"] {
        not_a_token_answer(json(status, ""));
        not_a_token_answer(json(status, "{}"));
    }
    for status in ["600 Odd", "999 Odd", "101 Switching Protocols"] {
        not_a_token_answer(json(status, token_body()));
    }
}

#[test]
fn interim_answers_before_the_answer_are_skipped() {
    let interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    let server = Hostile::answering([[&interim[..], &token_answer()].concat()]);
    exchange(&server.url(), &transport()).unwrap();
}

#[test]
fn a_flood_of_interim_answers_is_no_token_answer() {
    for interim in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"]
    {
        let error = failure_of(&transport(), |connection| connection.flood(interim.repeat(100)));
        assert_status(&error, Status::Response);
    }
}

#[test]
fn what_is_not_http_is_no_token_answer() {
    for answer in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNul: \0\r\n\r\n",
        "\0\0\0\0\0\0\0\0\r\n\r\n",
    ] {
        not_a_token_answer(answer);
    }
}

#[test]
fn an_http_2_preface_is_no_token_answer() {
    not_a_token_answer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    // A SETTINGS frame, with which a server begins.
    not_a_token_answer([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100, 13, 10, 13, 10]);
}

#[test]
fn both_lengths_at_once_are_no_token_answer() {
    let body = token_body();
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    not_a_token_answer(http("200 OK", "Transfer-Encoding: chunked\r\n", chunked));
}

#[test]
fn two_lengths_that_differ_are_no_token_answer() {
    not_a_token_answer(http("200 OK", "Content-Length: 3\r\n", token_body()));
}

#[test]
fn a_length_that_is_no_number_is_no_token_answer() {
    for length in ["-1", "abc", "99999999999999999999", "1e3"] {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", token_body());
        not_a_token_answer(answer);
    }
}

#[test]
fn a_compressed_answer_is_no_token_answer() {
    for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip"] {
        let headers = format!("Content-Encoding: {encoding}\r\n");
        let error = not_a_token_answer(http("200 OK", &headers, token_body()));
        assert!(error.message().contains("compressed"), "{error}");
        assert_eq!(error.http_status(), Some(200));
    }
}

#[test]
fn an_answer_that_is_called_identity_is_not_compressed() {
    let answer = http("200 OK", "Content-Encoding: Identity\r\n", token_body());
    let server = Hostile::answering([answer]);
    assert_eq!(exchange(&server.url(), &transport()).unwrap().access_token(), TOKEN);
}

#[test]
fn an_empty_error_beside_a_token_is_none() {
    for error in [r#""""#, "false", "null"] {
        let body = format!(r#"{{"access_token":"{TOKEN}","error":{error}}}"#);
        let server = Hostile::answering([json("200 OK", body)]);
        assert_eq!(exchange(&server.url(), &transport()).unwrap().access_token(), TOKEN);
        if error != "null" {
            let alone = failure(json("200 OK", format!(r#"{{"error":{error}}}"#)));
            assert_status(&alone, Status::Rejected);
        }
    }
}

#[test]
fn a_number_out_of_range_is_said_to_be_one() {
    let body = format!(r#"{{"access_token":"{TOKEN}","expires_in":1e400}}"#);
    let error = not_a_token_answer(json("200 OK", body));
    assert!(error.message().contains("it holds a number that is out of range"), "{error}");
}

#[test]
fn a_gzip_bomb_is_not_unpacked() {
    // 64 KiB that would grow to 64 MiB.
    let mut bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    bomb.resize(64 * 1024, 0);
    not_a_token_answer(http("200 OK", "Content-Encoding: gzip\r\n", bomb));
}

#[test]
fn an_answer_cut_off_by_a_lost_connection_is_unavailable() {
    let whole = token_answer();
    for length in [1, 20, whole.len() / 2, whole.len() - 1] {
        let error = failure(&whole[..length]);
        assert_status(&error, Status::Unavailable);
        assert!(error.is_retryable());
    }
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{";
    assert_status(&failure(chunked), Status::Unavailable);
}

#[test]
fn headers_that_drip_end_at_the_deadline() {
    let error = failure_of(&impatient(), |connection| {
        connection.drip(token_answer(), Duration::from_millis(20))
    });
    assert_status(&error, Status::Timeout);
}

#[test]
fn a_body_that_drips_ends_at_the_deadline() {
    for head in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
        let error = failure_of(&impatient(), move |connection| {
            connection.send(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n"))?;
            connection.drip("1\r\n \r\n".repeat(1000), Duration::from_millis(20))
        });
        assert_status(&error, Status::Timeout);
    }
}

#[test]
fn a_length_longer_than_the_body_ends_at_the_deadline() {
    let error = failure_of(&impatient(), |connection| {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}")?;
        connection.hang()
    });
    assert_status(&error, Status::Timeout);
}

#[test]
fn a_length_shorter_than_the_body_is_no_token_answer() {
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}", token_body());
    not_a_token_answer(answer);
}

#[test]
fn endless_headers_are_no_token_answer() {
    for header in ["X: y\r\n".repeat(100), "x".repeat(1000)] {
        let error = failure_of(&transport(), move |connection| {
            connection.send("HTTP/1.1 200 OK\r\nX: ")?;
            connection.flood(&header)
        });
        assert_status(&error, Status::Response);
    }
}

#[test]
fn headers_over_32_kib_are_no_token_answer() {
    let header = |length| format!("X: {}\r\n", "y".repeat(length));
    let server = Hostile::answering([http("200 OK", &header(31 * 1024), token_body())]);
    exchange(&server.url(), &transport()).unwrap();
    not_a_token_answer(http("200 OK", &header(32 * 1024), token_body()));
}

#[test]
fn endless_chunks_are_no_token_answer() {
    for (start, more) in [
        ("", "1\r\n \r\n".repeat(100)),
        ("", "1000\r\n".to_owned() + &" ".repeat(0x1000) + "\r\n"),
        ("", "0".repeat(1000)),
        ("1;extension=", "x".repeat(1000)),
        ("0\r\n", "Trailer: x\r\n".repeat(100)),
    ] {
        let error = failure_of(&transport(), move |connection| {
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            connection.send(start)?;
            connection.flood(&more)
        });
        assert_status(&error, Status::Response);
    }
}

#[test]
fn a_body_over_64_kib_is_no_token_answer() {
    let padded =
        |length: usize| json("200 OK", token_body() + &" ".repeat(length - token_body().len()));
    let server = Hostile::answering([padded(64 * 1024)]);
    exchange(&server.url(), &transport()).unwrap();
    not_a_token_answer(padded(64 * 1024 + 1));
    let endless = failure_of(&transport(), |connection| {
        connection.send("HTTP/1.0 200 OK\r\n\r\n")?;
        connection.flood(" ".repeat(1000))
    });
    assert_status(&endless, Status::Response);
}

#[test]
fn nesting_over_128_is_no_token_answer() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = open.repeat(10_000) + "1" + &close.repeat(10_000);
        let body = format!(r#"{{"access_token":"{TOKEN}","x":{deep}}}"#);
        not_a_token_answer(json("200 OK", body));
    }
}

#[test]
fn no_redirect_is_followed_and_nothing_is_sent_on() {
    let elsewhere = Hostile::answering([token_answer()]);
    for status in ["300", "301", "302", "303", "304", "305", "307", "308", "399"] {
        let location = format!("Location: {}\r\n", elsewhere.url());
        let error = not_a_token_answer(http(&format!("{status} Moved"), &location, ""));
        assert_eq!(error.http_status(), Some(status.parse().unwrap()));
    }
    not_a_token_answer(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://\xff\r\n\r\n");
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn any_4xx_is_a_refusal_whatever_its_body_and_not_retried() {
    let large = format!(r#"{{"error":"x","error_description":"{}"}}"#, "x".repeat(1024 * 1024));
    let deep = "[".repeat(10_000);
    for body in ["", "null", "{}", "<html>", r#"{"error":"invalid_client"}"#, &large, &deep] {
        for status in ["400", "401", "403", "404", "405", "407", "410", "418", "451", "499"] {
            let server = Hostile::answering([json(&format!("{status} No"), body)]);
            let mut transport = transport();
            transport.max_attempts = 3;
            let error = exchange(&server.url(), &transport).unwrap_err();
            assert_status(&error, Status::Rejected);
            assert_eq!(error.http_status(), Some(status.parse().unwrap()));
            assert!(!error.is_retryable());
            assert_eq!(server.requests().len(), 1);
        }
    }
}

#[test]
fn a_compressed_refusal_is_still_a_refusal() {
    let error = failure(http("401 No", "Content-Encoding: gzip\r\n", [0x1f, 0x8b, 8]));
    assert_status(&error, Status::Rejected);
}

#[test]
fn a_refusal_with_a_broken_or_cut_body_is_still_a_refusal() {
    for body in [
        "Transfer-Encoding: chunked\r\n\r\nno length\r\n",
        "Transfer-Encoding: chunked\r\n\r\nff\r\n{",
        "Content-Length: 100\r\n\r\n{",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    ] {
        assert_status(&failure(format!("HTTP/1.1 401 No\r\n{body}")), Status::Rejected);
    }
}

#[test]
fn a_refusal_that_does_not_wait_for_the_request_is_still_a_refusal() {
    let server = Hostile::run(|connection| connection.send(json("413 Too Large", "{}")));
    let grant = Grant::jwt_exchange("client", CLIENT_SECRET, "a".repeat(64 * 1024));
    // How far the client comes with its request is chance.
    for _ in 0..20 {
        assert_status(
            &exchange_grant(&server.url(), &grant, &transport()).unwrap_err(),
            Status::Rejected,
        );
    }
}

#[test]
fn an_endless_refusal_is_still_a_refusal() {
    let error = failure_of(&transport(), |connection| {
        connection.send("HTTP/1.1 400 No\r\n\r\n")?;
        connection.flood(" ".repeat(1000))
    });
    assert_status(&error, Status::Rejected);
}

#[test]
fn a_200_that_says_error_is_a_refusal() {
    for body in [
        r#"{"error":"invalid_token","error_description":"expired"}"#.to_owned(),
        r#"{"success":false}"#.to_owned(),
        format!(r#"{{"success":false,"access_token":"{TOKEN}"}}"#),
        format!(r#"{{"error":"odd","access_token":"{TOKEN}"}}"#),
    ] {
        let error = failure(json("200 OK", body));
        assert_status(&error, Status::Rejected);
        assert_eq!(error.http_status(), Some(200));
    }
}

#[test]
fn an_error_that_is_no_string_is_a_refusal_all_the_same() {
    for error in ["1", "true", "{}", r#"["invalid_token"]"#, r#"{"code":1}"#] {
        for status in ["200 OK", "400 Bad Request"] {
            let error = failure(json(status, format!(r#"{{"error":{error}}}"#)));
            assert_status(&error, Status::Rejected);
            assert_eq!(error.oauth_error(), None);
        }
    }
}

#[test]
fn what_the_server_says_is_kept_for_programs_and_people() {
    let body = r#"{"error":"invalid_token","error_description":"Could not match JWT signature to any of the bindings"}"#;
    let headers = "Content-Type: application/json\r\nx-debug-id: 7f3a-42\r\n";
    let error = failure(http("400 Bad Request", headers, body));
    assert_eq!(error.oauth_error(), Some("invalid_token"));
    assert!(error.oauth_description().unwrap().starts_with("Could not match"), "{error:?}");
    assert_eq!(error.debug_id(), Some("7f3a-42"));
    assert!(error.message().contains("7f3a-42") && error.message().contains("400"), "{error}");
    assert!(error.hint().unwrap().contains("certificate"), "{error:?}");
}

#[test]
fn an_error_text_that_echoes_the_request_loses_its_secrets() {
    let encoded: String = form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    let encoded_otherwise = encoded.replace('+', "%20").to_lowercase();
    for echo in
        [CLIENT_SECRET, &encoded, &encoded_otherwise, &jwt(), TOKEN, &format!("Bearer {}", jwt())]
    {
        let echo = serde_json::to_string(&format!("got {echo} from you")).unwrap();
        let body = format!(r#"{{"error":{echo},"error_description":{echo}}}"#);
        let headers = format!("x-debug-id: {}\r\n", jwt());
        let error = failure(http("400 Bad Request", &headers, body));
        assert_status(&error, Status::Rejected);
        assert!(error.oauth_description().unwrap().contains("[redacted]"), "{error:?}");
    }
}

#[test]
fn a_debug_id_that_echoes_the_request_loses_its_secrets_whatever_the_answer() {
    for status in ["200 OK", "204 No Content", "302 Found", "400 No", "429 No", "503 No"] {
        let error = failure(http(status, &format!("x-debug-id: 7f3a {}\r\n", jwt()), ""));
        assert_eq!(error.debug_id(), Some("7f3a [redacted]"), "{status}");
    }
}

#[test]
fn a_debug_id_that_echoes_the_request_loses_its_secrets() {
    for status in ["200 OK", "302 Found", "400 Bad Request", "503 Later"] {
        let error = failure(http(status, &format!("x-debug-id: {} 7f3a\r\n", jwt()), "{}"));
        assert_eq!(error.debug_id(), Some("[redacted] 7f3a"));
    }
}

#[test]
fn a_refusal_tells_how_far_this_machines_clock_is_off() {
    let hint = |date: SystemTime| {
        let date = format!("Date: {}\r\n", httpdate::fmt_http_date(date));
        let error = failure(http("400 No", &date, r#"{"error":"invalid_token"}"#));
        error.hint().unwrap().to_owned()
    };
    let (now, hour) = (SystemTime::now(), Duration::from_secs(3600));
    for (date, direction) in [(now - hour, "s ahead of the server's"), (now + hour, "s behind the")]
    {
        let hint = hint(date);
        assert!(hint.contains("this machine's clock is 3") && hint.contains(direction), "{hint}");
        assert!(hint.contains("check iss, sub, aud"), "{hint}");
    }
    assert!(!hint(now).contains("clock"), "{}", hint(now));
}

#[test]
fn an_error_text_is_cut_to_1000_printable_characters() {
    let long = "lengthy ".repeat(1000);
    let megabyte = "lengthy ".repeat(128 * 1024);
    let ansi = r"\u001b[31mred\u001b[0m\r\nSet-Cookie: x\u0007\u202e";
    for text in [long.as_str(), &megabyte, ansi] {
        let body = format!(r#"{{"error":"odd","error_description":"{text}"}}"#);
        let error = failure(json("400 Bad Request", body));
        let description = error.oauth_description().unwrap();
        assert_status(&error, Status::Rejected);
        assert_eq!(error.oauth_error(), Some("odd"));
        assert!(description.chars().count() <= 1000, "{description}");
        assert!(!description.contains(|c: char| c.is_control() || c == '\u{202e}'), "{error:?}");
    }
}

#[test]
fn an_error_text_that_echoes_basic_authentication_loses_it() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let sent = request.lines().find(|line| line.contains("Basic ")).unwrap();
        connection
            .send(json("401 No", format!(r#"{{"error":"odd","error_description":"{sent}"}}"#)))
    });
    let grant = Grant::jwt_exchange("me", "short", crate::exchanges::jwt())
        .with_client(ClientAuth::basic("me", "short"));
    let error = exchange_grant(&server.url(), &grant, &transport()).unwrap_err();
    // me:short
    assert_shows_no_secret(&error, &["bWU6c2hvcnQ="]);
    assert!(error.message().contains("Basic [redacted]"), "{error}");
}

/// The refusals of servers that do not write as RFC 6749 says: what they send, and what the user reads.
const OWN_WORDS: [(&str, &str, &str); 22] = [
    (
        "application/json",
        r#"{"fault":{"faultstring":"Invalid ApiKey","detail":{"errorcode":"oauth.v2.InvalidApiKey"}}}"#,
        "HTTP 400: Invalid ApiKey",
    ),
    (
        "application/json",
        r#"{"ErrorCode":"invalid_request","Error":"Required param : grant_type"}"#,
        "HTTP 400 invalid_request: Required param : grant_type",
    ),
    (
        "application/json",
        r#"{"errors":{"client_id":["is unknown"]}}"#,
        "HTTP 400: client_id: is unknown",
    ),
    (
        "application/json",
        r#"{"detail":[{"loc":["body","scope"],"msg":"field required","type":"missing"}]}"#,
        "HTTP 400: field required",
    ),
    ("application/json", r#"{"code":4711,"message":"No app"}"#, "HTTP 400 4711: No app"),
    (
        "application/json",
        r#"{"errorCode":"E0000004","errorSummary":"Authentication failed","errorId":"oaeQ1"}"#,
        "HTTP 400 E0000004: Authentication failed; errorId oaeQ1",
    ),
    (
        "application/json",
        r#"{"error":"x","error_description":"AADSTS1: no","trace_id":"2a1b","correlation_id":"3c4d"}"#,
        "HTTP 400 x: AADSTS1: no; trace_id 2a1b; correlation_id 3c4d",
    ),
    (
        "application/json",
        r#"{"error":"x","error_description":"no. Trace ID: 2a1b","trace_id":"2a1b"}"#,
        "HTTP 400 x: no. Trace ID: 2a1b",
    ),
    (
        "application/json",
        r#"{"error":{"code":403,"message":"IAM API has not been used","status":"PERMISSION_DENIED"}}"#,
        "HTTP 400: IAM API has not been used",
    ),
    ("application/json", r#"{"message":"Bad credentials"}"#, "HTTP 400: Bad credentials"),
    (
        "application/json",
        r#"{"errorCode":"E0000011","errorSummary":"Invalid token provided","errorCauses":[]}"#,
        "HTTP 400 E0000011: Invalid token provided",
    ),
    (
        "application/problem+json",
        r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"kid is unknown"}"#,
        "HTTP 400: kid is unknown",
    ),
    ("application/problem+json", r#"{"title":"Bad Request"}"#, "HTTP 400: Bad Request"),
    (
        "application/json",
        r#"{"reason":"Invalid client_id or client_secret","error":"invalid_client"}"#,
        "HTTP 400 invalid_client: Invalid client_id or client_secret",
    ),
    (
        "application/json",
        r#"{"code":"390144","message":"JWT token is invalid."}"#,
        "HTTP 400 390144: JWT token is invalid.",
    ),
    ("application/json", r#"{"error_code":"no_key"}"#, "HTTP 400 no_key"),
    (
        "application/json",
        r#"{"errors":[{"code":"auth.failed","detail":"The key has expired"}]}"#,
        "HTTP 400 auth.failed: The key has expired",
    ),
    (
        "application/json",
        r#"[{"errorCode":"INVALID_SESSION_ID","message":"Session expired"}]"#,
        "HTTP 400 INVALID_SESSION_ID: Session expired",
    ),
    (
        "application/json",
        r#"{"errors":["The audience is wrong"]}"#,
        "HTTP 400: The audience is wrong",
    ),
    ("application/json", r#""Unauthorized""#, "HTTP 400: Unauthorized"),
    ("text/plain", "Invalid\tassertion\r\n", "HTTP 400: Invalid assertion"),
    (
        "application/json",
        r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Trace ID: 2a1b Correlation ID: 3c4d","error_uri":"https://login.microsoftonline.com/error?code=7000215"}"#,
        "HTTP 400 invalid_client: AADSTS7000215: Invalid client secret provided. Trace ID: 2a1b Correlation ID: 3c4d; \
         see https://login.microsoftonline.com/error?code=7000215",
    ),
];

#[test]
fn a_refusal_is_told_in_the_servers_own_words_wherever_they_stand() {
    for (kind, body, told) in OWN_WORDS {
        let error = failure(http("400 Bad Request", &format!("Content-Type: {kind}\r\n"), body));
        assert_eq!(error.message(), format!("the token server refused: {told}"), "{body}");
        assert!(error.hint().is_none_or(|hint| !hint.contains("proxy")), "{error:?}");
        assert_ne!(error.cause(), Some(ims::Cause::NoErrorText), "{body}");
    }
}

#[test]
fn a_page_for_people_is_no_error_text_however_it_is_called() {
    for (kind, page) in [
        ("Text/HTML; charset=utf-8", "Sign in"),
        ("text/plain", "<!-- made by a proxy --><html>Sign in</html>"),
    ] {
        let error = failure(http("400 No", &format!("Content-Type: {kind}\r\n"), page));
        assert!(!error.message().contains("Sign in"), "{error}");
        assert_eq!(error.cause(), Some(ims::Cause::NoErrorText), "{kind}");
    }
}

#[test]
fn the_name_of_the_request_may_stand_in_the_body() {
    let body = r#"{"error":"x","trace_id":"2a1b"}"#;
    assert_eq!(failure(http("400 No", "", body)).debug_id(), Some("2a1b"));
    let error = failure(http("400 No", "x-ms-request-id: 5e6f\r\n", body));
    assert_eq!(error.debug_id(), Some("5e6f"));
    assert!(error.message().ends_with("x-ms-request-id 5e6f; trace_id 2a1b"), "{error}");
}

#[test]
fn a_refusal_in_own_words_loses_its_secrets_too() {
    let jwt = jwt();
    let jwt = &jwt;
    for body in [
        format!("no client with the secret {CLIENT_SECRET} or {jwt}"),
        serde_json::json!({"message": format!("{CLIENT_SECRET} or {jwt}")}).to_string(),
        serde_json::json!({"error": {"message": format!("{CLIENT_SECRET} or {jwt}")}}).to_string(),
        serde_json::json!({"code": jwt, "errors": [CLIENT_SECRET]}).to_string(),
        serde_json::json!({"error": "x", "error_uri": format!("https://h/?a={CLIENT_SECRET}&b={jwt}")})
            .to_string(),
    ] {
        let error = failure(http("400 No", "Content-Type: text/plain\r\n", &body));
        assert!(error.message().contains("[redacted]"), "{body}: {error}");
        assert_shows_no_secret(&error, &[jwt, CLIENT_SECRET]);
    }
}

#[test]
fn only_an_html_page_is_taken_for_a_proxys_or_a_login_page() {
    let page = "<!DOCTYPE html><title>Sign in</title>";
    for headers in ["Content-Type: text/html; charset=utf-8\r\n", ""] {
        let error = failure(http("403 Forbidden", headers, page));
        assert_eq!(error.message(), "the token server refused: HTTP 403");
        assert!(error.hint().unwrap().contains("a proxy or a login page"), "{error:?}");
    }
    for body in ["", "{}", "null", "{\"error\":1}", "\u{1f}"] {
        let hint = failure(http("403 Forbidden", "", body)).hint().unwrap().to_owned();
        assert!(hint.contains("no error text") && !hint.contains("proxy"), "{body}: {hint}");
    }
}

#[test]
fn the_name_that_a_server_gives_the_request_is_kept_whatever_the_header() {
    for header in ["x-debug-id", "x-ms-request-id", "x-okta-request-id", "x-request-id"] {
        let error = failure(http("400 No", &format!("{header}: 7f3a\r\n"), "{}"));
        assert_eq!(error.debug_id(), Some("7f3a"), "{header}");
        assert!(error.message().ends_with(&format!("; {header} 7f3a")), "{error}");
    }
}

#[test]
fn a_description_keeps_the_ids_at_its_end() {
    let description = format!("{}Correlation ID: 3c4d", "lengthy ".repeat(100));
    let body = format!(r#"{{"error":"odd","error_description":"{description}"}}"#);
    let error = failure(json("400 Bad Request", body));
    assert_eq!(error.oauth_description(), Some(&*description));
}
