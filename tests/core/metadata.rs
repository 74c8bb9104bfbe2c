//! What a server's metadata says that it takes, compared with an account before anything is sent.

use ims::{Client, Error, Status, Token};
use serde_json::{Value, json};
use support::hostile::Hostile;
use support::keys;

use crate::exchanges::{json as response, transport};

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

#[test]
fn of_several_keys_one_that_signs_as_the_server_lists_is_enough() {
    let ec = String::from_utf8(keys::ec().private_key_to_pem_pkcs8().unwrap()).unwrap();
    let account =
        json!({ "client_auth": "private_key_jwt", "private_keys": [key(), ec.clone(), ec] });
    assert!(token(&server(json!({ ALGS: ["ES256"] })), account.clone()).is_ok());
    let error = token(&server(json!({ ALGS: ["ES384"] })), account).unwrap_err();
    assert!(error.message().contains("alg is RS256, ES256, which"), "{error}");
}
