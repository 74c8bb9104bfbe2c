//! Which accounts share a token in a cache, and which never do: everything that a server may make
//! another token for tells them apart.

use std::collections::HashMap;

use ims::{Cache, Client, ClientBuilder};
use serde_json::{Value, json};
use support::directory::Directory;
use support::hostile::Hostile;
use support::keys;

use crate::exchanges::{json as response, transport};

/// A server that never issues a token twice, and an issuer at every path.
fn server() -> Hostile {
    Hostile::run(|connection| {
        let request = connection.read_request()?;
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let path = request.split(' ').nth(1).unwrap_or_default();
        let issuer = path.strip_prefix("/.well-known/oauth-authorization-server");
        let number = connection.number;
        let body = match issuer {
            Some(issuer) => json!({
                "issuer": format!("http://{host}{issuer}"),
                "token_endpoint": format!("http://{host}/token"),
            }),
            None => json!({ "access_token": format!("token-{number}"), "expires_in": 3600 }),
        };
        connection.send(response("200 OK", body.to_string()))
    })
}

/// A shared cache, and the server of its tokens.
struct Desk {
    server: Hostile,
    cache: Directory,
}

impl Desk {
    fn new() -> Self {
        Self { server: server(), cache: Directory::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// The token that a process with these settings gets.
    fn token(&self, settings: &Value, options: impl Fn(ClientBuilder) -> ClientBuilder) -> String {
        let cache = Cache::File(Some(self.cache.path().to_owned()));
        let builder = options(Client::builder().cache(cache).transport(transport()));
        let client = builder.from_json(settings.to_string()).unwrap();
        client.token().unwrap().access_token().to_owned()
    }
}

/// `base` with each of these changes, of which null removes a setting.
fn changed(base: &Value, changes: Value) -> Value {
    let mut settings = base.clone();
    settings.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    settings.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    settings
}

#[test]
fn each_setting_that_a_server_may_make_another_token_for_tells_accounts_apart() {
    let desk = Desk::new();
    let key = String::from_utf8(keys::pkcs8_pem()).unwrap();
    let proven = json!({
        "grant": "client_credentials", "client_auth": "private_key_jwt", "client_id": "c",
        "token_url": desk.url("/token"), "private_key": key,
    });
    let bearer = json!({
        "grant": "jwt_bearer", "iss": "i", "token_url": desk.url("/token"), "private_key": key,
    });
    let exchange = changed(&bearer, json!({ "grant": "token_exchange" }));
    let issuer = |path: &str| json!({ "token_url": null, "issuer": desk.url(path) });
    let accounts = [
        proven.clone(),
        changed(&proven, json!({ "client_id": "d" })),
        changed(&proven, json!({ "token_url": desk.url("/other") })),
        changed(&proven, json!({ "scope": "a" })),
        changed(&proven, json!({ "scope": "a b" })),
        changed(&proven, json!({ "resource": "urn:a" })),
        changed(&proven, json!({ "resource": ["urn:a", "urn:b"] })),
        changed(&proven, json!({ "audience": "urn:a" })),
        changed(&proven, json!({ "parameters": { "a": "1" } })),
        changed(&proven, json!({ "parameters": { "a": "2" } })),
        changed(&proven, json!({ "parameters": { "a": ["1", "2"] } })),
        changed(&proven, json!({ "parameters": { "b": "1" } })),
        changed(&proven, issuer("/one")),
        changed(&proven, issuer("/two")),
        changed(&proven, json!({ "issuer": desk.url("/one") })),
        changed(&proven, json!({ "kid": "1" })),
        changed(&proven, json!({ "aud": "x" })),
        changed(&proven, json!({ "body": "json" })),
        changed(&proven, json!({ "grant": "password" })),
        bearer.clone(),
        changed(&bearer, json!({ "subject": "u" })),
        changed(&bearer, json!({ "subject": "v" })),
        changed(&bearer, json!({ "scope": "a" })),
        changed(&bearer, json!({ "scope": "a", "scope_claim": true })),
        changed(&bearer, json!({ "audience": "a" })),
        changed(&bearer, json!({ "aud": "a" })),
        changed(&bearer, json!({ "claims": { "a": 1 } })),
        changed(&bearer, json!({ "issuer": desk.url("/one") })),
        exchange.clone(),
        changed(&exchange, json!({ "subject_token_type": "access_token" })),
        changed(&exchange, json!({ "requested_token_type": "access_token" })),
        changed(&exchange, json!({ "requested_token_type": "id_token" })),
    ];
    let mut seen = HashMap::new();
    for account in &accounts {
        let other = seen.insert(desk.token(account, |builder| builder), account);
        assert_eq!(other, None, "{account}");
    }
    for account in &accounts {
        assert_eq!(seen.get(&desk.token(account, |builder| builder)), Some(&account));
    }
    let requests = desk.server.requests();
    let posts = requests.iter().filter(|request| request.starts_with("POST ")).count();
    assert_eq!(posts, accounts.len(), "each of them once");
}

#[test]
fn an_option_tells_accounts_apart_as_the_setting_of_its_name_does() {
    let desk = Desk::new();
    let key = String::from_utf8(keys::pkcs8_pem()).unwrap();
    let base = json!({
        "grant": "jwt_bearer", "iss": "i", "token_url": desk.url("/token"), "private_key": key,
        "scope": "s", "subject": "u", "audience": "a",
    });
    let token = |changes: Value| desk.token(&changed(&base, changes), |builder| builder);
    let own = token(json!({}));
    for (by_setting, by_option) in [
        (json!({ "scope": "t" }), desk.token(&base, |builder| builder.scope("t"))),
        (json!({ "subject": "v" }), desk.token(&base, |builder| builder.subject("v"))),
        (json!({ "audience": "b" }), desk.token(&base, |builder| builder.audience("b"))),
    ] {
        assert_ne!(by_option, own, "{by_setting}");
        assert_eq!(by_option, token(by_setting));
    }
}

#[test]
fn what_makes_no_other_token_tells_no_accounts_apart() {
    let desk = Desk::new();
    let key = String::from_utf8(keys::pkcs8_pem()).unwrap();
    let base = json!({
        "grant": "client_credentials", "client_auth": "private_key_jwt", "client_id": "c",
        "token_url": desk.url("/token"), "private_key": key,
    });
    let token = |changes: Value| desk.token(&changed(&base, changes), |builder| builder);
    let own = token(json!({}));
    for changes in [
        json!({ "alg": "RS256" }),
        json!({ "alg": "PS512" }),
        json!({ "default_lifetime": 900 }),
        json!({ "//": "a comment" }),
        json!({ "private_key": String::from_utf8(keys::pkcs1_pem()).unwrap() }),
    ] {
        assert_eq!(token(changes.clone()), own, "{changes}");
    }
}
