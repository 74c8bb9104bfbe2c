//! What a server's metadata says that it takes, compared with an account before anything is sent.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::{Client, ClientAuthMethod, Error, GrantOptions, GrantType, Status, Token, Transport};
use serde_json::{Value, json};
use support::hostile::Hostile;
use support::keys;

use crate::exchanges::{http, json as response, transport};

const METHODS: &str = "token_endpoint_auth_methods_supported";
const ALGS: &str = "token_endpoint_auth_signing_alg_values_supported";
const GRANTS: &str = "grant_types_supported";

/// A server whose metadata has these members too.
fn server(members: Value) -> Hostile {
    Hostile::run(move |connection| {
        let request = connection.read_request()?;
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let url = format!("http://{host}");
        let mut metadata = json!({ "issuer": url, "token_endpoint": format!("{url}/token") });
        metadata.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        connection.send(match request.starts_with("GET ") {
            true => response("200 OK", metadata.to_string()),
            false => response("200 OK", r#"{"access_token":"t","expires_in":3600}"#),
        })
    })
}

/// Asks `server` for the token of an account with these settings.
fn token(server: &Hostile, settings: Value) -> Result<Token, Error> {
    let mut account = json!({
        "grant": "client_credentials", "issuer": format!("http://{}", server.address()),
        "client_id": "c",
    });
    account.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    Client::builder().transport(transport()).from_json(account.to_string())?.token()
}

fn key() -> String {
    String::from_utf8(keys::pkcs8_pem()).unwrap()
}

#[test]
fn what_the_server_does_not_list_is_an_error_that_names_the_setting_and_nothing_is_sent() {
    let secret = json!({ "client_secret": "s3cret-of-it" });
    let by_key = json!({ "client_auth": "private_key_jwt", "private_key": key() });
    let by_mac = json!({ "client_auth": "client_secret_jwt", "client_secret": "s".repeat(32) });
    for (settings, members, field, problem, hint) in [
        (
            secret.clone(),
            json!({ METHODS: ["client_secret_basic", "private_key_jwt"] }),
            "client_auth",
            "client_auth is body (client_secret_post), which the server's metadata does not list: \
             it lists client_secret_basic, private_key_jwt",
            "set client_auth to basic or private_key_jwt",
        ),
        (
            by_key.clone(),
            json!({ METHODS: ["tls_client_auth"] }),
            "client_auth",
            "client_auth is private_key_jwt, which the server's metadata does not list: it lists \
             tls_client_auth",
            "libims has none of them",
        ),
        (
            by_key,
            json!({ METHODS: ["private_key_jwt"], ALGS: ["ES256", "PS256"] }),
            "alg",
            "alg is RS256, which the server's metadata does not list: it lists ES256, PS256",
            "set alg to one that the server lists",
        ),
        (by_mac, json!({ ALGS: ["HS512"] }), "alg", "alg is HS256, which", "set alg to one"),
    ] {
        let server = server(members);
        let error = token(&server, settings).unwrap_err();
        assert_eq!((error.status(), error.field()), (Status::Credentials, Some(field)), "{error}");
        assert!(error.message().contains(problem), "{error}");
        assert!(error.hint().unwrap().starts_with(hint), "{error:?}");
        assert!(server.requests().iter().all(|request| request.starts_with("GET ")), "{error}");
    }
}

#[test]
fn a_list_that_is_not_given_says_nothing_and_one_that_names_what_is_needed_is_enough() {
    let body = json!({ "client_secret": "s" });
    let by_key = json!({ "client_auth": "private_key_jwt", "private_key": key() });
    for (settings, members) in [
        (&body, json!({})),
        (&body, json!({ METHODS: [] })),
        (&body, json!({ METHODS: null, ALGS: "RS256", GRANTS: 1 })),
        (&body, json!({ METHODS: ["client_secret_post"], ALGS: ["ES256"] })),
        // Adobe's own metadata lists no client credentials, and takes them.
        (&body, json!({ GRANTS: ["authorization_code"] })),
        (&by_key, json!({ METHODS: ["private_key_jwt"] })),
        (&by_key, json!({ ALGS: ["none", "RS256"] })),
        // A client that proves nothing may be one that the list is not about.
        (&json!({ "client_auth": "none" }), json!({ METHODS: ["client_secret_basic"] })),
    ] {
        assert!(token(&server(members.clone()), settings.clone()).is_ok(), "{members}");
    }
}

/// Exchanges client credentials that an assertion of this algorithm proves.
fn exchanged(server: &Hostile, alg: &str, transport: &Transport) -> Result<Token, Error> {
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg }).to_string());
    let mut options = GrantOptions::default();
    options.grant_type = GrantType::ClientCredentials;
    options.client_auth = ClientAuthMethod::PrivateKeyJwt;
    options.issuer = Some(format!("http://{}", server.address()));
    options.client_id = Some("c".into());
    options.client_assertion = Some(format!("{header}.e30.c2ln").into());
    let (endpoint, grant) = options.grant()?;
    endpoint.exchange(&grant, transport)
}

#[test]
fn an_exchange_by_issuer_compares_the_assertion_that_was_given() {
    let server = server(json!({ METHODS: ["private_key_jwt"], ALGS: ["ES256"] }));
    exchanged(&server, "ES256", &transport()).unwrap();
    for (alg, problem) in [
        ("RS256", "alg is RS256, which the server's metadata does not list: it lists ES256"),
        ("HS256", "client_auth is client_secret_jwt, which the server's metadata does not list"),
    ] {
        let error = exchanged(&server, alg, &transport()).unwrap_err();
        assert_eq!(error.status(), Status::Argument);
        assert!(error.message().starts_with(problem), "{error}");
    }
    let posts = server.requests().iter().filter(|request| request.starts_with("POST")).count();
    assert_eq!(posts, 1);
}

#[test]
fn metadata_may_be_asked_for_again_but_an_assertion_that_was_given_is_sent_once() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let url = format!("http://{host}");
        let metadata = json!({ "issuer": url, "token_endpoint": format!("{url}/token") });
        connection.send(match request.starts_with("GET ") && connection.number > 0 {
            true => response("200 OK", metadata.to_string()),
            false => response("503 Down", "{}"),
        })
    });
    let mut transport = transport();
    transport.max_attempts = 3;
    let error = exchanged(&server, "RS256", &transport).unwrap_err();
    assert_eq!(error.status(), Status::Unavailable);
    let methods: Vec<String> =
        server.requests().iter().map(|request| request[..4].trim().to_owned()).collect();
    assert_eq!(methods, ["GET", "GET", "POST"]);
}

#[test]
fn metadata_and_exchange_have_one_deadline() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        if request.starts_with("POST") {
            return connection.hang();
        }
        let url = format!("http://{host}");
        let metadata = json!({ "issuer": url, "token_endpoint": format!("{url}/token") });
        connection.send(response("200 OK", metadata.to_string()))
    });
    let (mut transport, begun) = (transport(), Instant::now());
    transport.timeout = Duration::from_secs(1);
    let error = exchanged(&server, "RS256", &transport).unwrap_err();
    assert_eq!(error.status(), Status::Timeout);
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn of_several_keys_one_that_signs_as_the_server_lists_is_enough() {
    let ec = String::from_utf8(keys::ec().private_key_to_pem_pkcs8().unwrap()).unwrap();
    let account =
        json!({ "client_auth": "private_key_jwt", "private_keys": [key(), ec.clone(), ec] });
    assert!(token(&server(json!({ ALGS: ["ES256"] })), account.clone()).is_ok());
    let error = token(&server(json!({ ALGS: ["ES384"] })), account).unwrap_err();
    assert!(error.message().contains("alg is RS256, ES256, which"), "{error}");
}

#[test]
fn metadata_that_is_limited_by_rate_is_waited_for_within_the_deadline_or_the_wait_is_told() {
    let secret = || json!({ "client_secret": "s3cret-of-it" });
    let busy = Hostile::run(|connection| {
        connection.read_request()?;
        connection.send(http("429 Slow down", "Retry-After: 60\r\n", ""))
    });
    let error = token(&busy, secret()).unwrap_err();
    assert_eq!(error.status(), Status::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!((error.field(), busy.requests().len()), (Some("issuer"), 1));
}

#[test]
fn metadata_that_is_too_large_names_the_issuer() {
    let large = Hostile::run(|connection| {
        connection.read_request()?;
        connection.send(http("200 OK", "", " ".repeat(70_000)))
    });
    let error = token(&large, json!({ "client_secret": "s3cret-of-it" })).unwrap_err();
    assert_eq!((error.status(), error.field()), (Status::Response, Some("issuer")));
    assert!(error.message().starts_with("issuer has no metadata: the response of "), "{error}");
    assert!(error.message().contains("is over 64 KiB"), "{error}");
}
