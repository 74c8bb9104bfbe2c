//! A token server that we did not write, oidc-provider, knows a client by a JWT, and takes each JWT once.

use std::net::TcpStream;
use std::time::SystemTime;

use ims::{Cache, Client, Credentials, CredentialsOptions, Error, Token, exchange};
use serde_json::{Value, json};
use support::keys;
use support::processes::{Running, free_port, node};

use crate::exchanges::transport;

/// As long as HS512 needs.
const CLIENT_SECRET: &str = "a secret as long as SHA-512's output has bytes, that is 64 of them";

/// oidc-provider with clients that a JWT proves.
struct Server {
    issuer: String,
    _running: Running,
}

impl Server {
    fn start() -> Self {
        let port = free_port();
        let config = json!({
            "port": port,
            "clients": clients(),
        });
        let ready = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        let running = Running::start(&mut node("oidc_provider.js"), &format!("{config}\n"), ready);
        Self { issuer: format!("http://127.0.0.1:{port}"), _running: running }
    }

    /// The account of the client, with further settings.
    fn account(&self, settings: Value) -> Credentials {
        let mut account = json!({
            "grant": "client_credentials", "token_url": format!("{}/token", self.issuer),
            "issuer": self.issuer, "client_id": "by-key", "client_auth": "private_key_jwt",
            "private_key": String::from_utf8(keys::pkcs8_pem()).unwrap(),
        });
        for (name, value) in settings.as_object().unwrap() {
            account[name] = value.clone();
        }
        let options = CredentialsOptions::default();
        Credentials::from_json(account.to_string().as_bytes(), &options).unwrap()
    }
}

/// A client for each algorithm, by its name, and `by-key`.
fn clients() -> Vec<Value> {
    let rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
    let by_key = |id: &str, alg: &str| json!({ "client_id": id, "alg": alg, "public_key": keys::public_key_pem() });
    let by_secret =
        |alg: &str| json!({ "client_id": alg, "alg": alg, "client_secret": CLIENT_SECRET });
    let rsa = rsa.into_iter().map(|alg| by_key(alg, alg));
    let hmac = ["HS256", "HS384", "HS512"].into_iter().map(by_secret);
    rsa.chain(hmac).chain([by_key("by-key", "RS256")]).collect()
}

fn token(credentials: Credentials) -> Result<Token, Error> {
    Client::new(credentials, &Cache::None, transport())?.token()
}

#[test]
fn oidc_provider_knows_a_client_by_its_key_and_grants_what_it_asks_for() {
    let server = Server::start();
    let granted = |settings| token(server.account(settings)).unwrap().scope().map(str::to_owned);
    assert_eq!(granted(json!({})), None);
    assert_eq!(granted(json!({ "scope": ["read", "write"] })).as_deref(), Some("read write"));
    let resource = json!({ "scope": "write", "resource": "https://api.example/files" });
    assert_eq!(granted(resource).as_deref(), Some("write"));
    assert_eq!(granted(json!({ "token_url": null })), None, "found by its metadata");
    let wrong = json!({ "resource": "https://api.example/", "aud": "https://other.example" });
    let error = token(server.account(wrong)).unwrap_err();
    assert_eq!(error.oauth_error(), Some("invalid_client"), "{error}");
}

#[test]
fn oidc_provider_verifies_each_algorithm_of_rsa_keys_and_client_secrets() {
    let server = Server::start();
    for client in clients() {
        let (id, alg) = (&client["client_id"], &client["alg"]);
        let mut settings = json!({ "client_id": id, "alg": alg });
        if !client["client_secret"].is_null() {
            settings["client_auth"] = "client_secret_jwt".into();
            settings["client_secret"] = CLIENT_SECRET.into();
            settings["private_key"] = Value::Null;
        }
        token(server.account(settings)).unwrap_or_else(|error| panic!("{alg}: {error}"));
    }
    let wrong = json!({ "client_id": "PS256", "alg": "RS256" });
    let error = token(server.account(wrong)).unwrap_err();
    assert_eq!(error.oauth_error(), Some("invalid_client"), "{error}");
}

#[test]
fn oidc_provider_takes_no_assertion_twice() {
    let server = Server::start();
    let credentials = server.account(json!({}));
    let now = SystemTime::now();
    let key = credentials.checked_key(now).unwrap();
    let grant = credentials.grant(key.as_ref(), now).unwrap();
    exchange(credentials.token_url(), &grant, &transport()).unwrap();
    let error = exchange(credentials.token_url(), &grant, &transport()).unwrap_err();
    assert_eq!(error.oauth_error(), Some("invalid_client"), "{error}");
}
