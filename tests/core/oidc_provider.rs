//! A token server that we did not write, oidc-provider, knows a client by a JWT, and takes each JWT once.

use std::time::SystemTime;

use ims::{Cache, Client, Credentials, CredentialsOptions, Error, Token, exchange};
use serde_json::{Value, json};
use support::oidc_provider::OidcProvider;
use support::signatures::ALGORITHMS;

use crate::exchanges::transport;

/// The algorithms of clients that a secret proves.
const ALGORITHMS_OF_SECRETS: [&str; 3] = ["HS256", "HS384", "HS512"];

fn read(account: &Value) -> Credentials {
    let options = CredentialsOptions::default();
    Credentials::from_json(account.to_string().as_bytes(), &options).unwrap()
}

fn token(account: &Value) -> Result<Token, Error> {
    Client::new(read(account), &Cache::None, transport())?.token()
}

#[test]
fn oidc_provider_verifies_every_algorithm_and_grants_the_scope_and_resource_that_are_asked_for() {
    let server = OidcProvider::start();
    let algorithms: Vec<&str> = ALGORITHMS.into_iter().chain(ALGORITHMS_OF_SECRETS).collect();
    let tested = server.requests().iter().take(algorithms.len());
    assert!(tested.map(|request| &request.credentials["alg"]).eq(&algorithms));
    for request in server.requests() {
        let token = token(&request.credentials).unwrap();
        request.assert_granted(token.access_token());
        // Servers name the scope that they grant.
        assert_eq!(token.scope(), request.claims["scope"].as_str());
    }
}

#[test]
fn oidc_provider_refuses_what_is_signed_with_another_algorithm_or_for_another_server() {
    let server = OidcProvider::start();
    for (alg, name, wrong) in [
        ("RS256", "alg", "PS256"),
        ("PS256", "alg", "RS256"),
        ("PS384", "alg", "PS256"),
        ("EdDSA", "alg", "Ed25519"),
        ("Ed25519", "alg", "EdDSA"),
        ("HS512", "alg", "HS256"),
        ("ES256", "aud", "https://other.example"),
    ] {
        let mut account = server.request(alg).credentials.clone();
        account[name] = json!(wrong);
        let error = token(&account).unwrap_err();
        assert_eq!(error.oauth_error(), Some("invalid_client"), "{alg} {wrong}: {error}");
    }
}

#[test]
fn oidc_provider_takes_no_assertion_twice() {
    let server = OidcProvider::start();
    let credentials = read(&server.request("RS256").credentials);
    let now = SystemTime::now();
    let key = credentials.checked_key(now).unwrap();
    let grant = credentials.grant(key.as_ref(), now).unwrap();
    exchange(credentials.token_url(), &grant, &transport()).unwrap();
    let error = exchange(credentials.token_url(), &grant, &transport()).unwrap_err();
    assert_eq!(error.oauth_error(), Some("invalid_client"), "{error}");
}
