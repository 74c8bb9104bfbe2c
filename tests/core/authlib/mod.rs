//! A token server that we did not write, Authlib on Flask behind nginx's TLS, takes what libims
//! signs and sends as it was meant, and nothing that was altered.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use ims::{
    Cache, Client, Credentials, CredentialsOptions, Error, Grant, Secret, Status, Token, exchange,
};
use serde_json::{Value, json};

use mutations::{mutations, signed};
use server::{Account, ISSUER, Server};

mod mutations;
mod server;

#[test]
fn authlib_accepts_a_thousand_claim_sets_by_the_bearer_grant() {
    let server = Server::running();
    for account in &server.accounts {
        let token = bearer(&server, account.jwt()).unwrap();
        assert_eq!(accepted_claims(&token), account.read);
        assert_expires_in_an_hour(&token);
    }
}

#[test]
fn authlib_accepts_a_thousand_claim_sets_by_the_jwt_exchange() {
    let server = Server::running();
    for account in &server.accounts {
        let token = jwt_exchange(&server, account, account.jwt()).unwrap();
        assert_eq!(accepted_claims(&token), account.read);
        assert_expires_in_an_hour(&token);
    }
}

#[test]
fn authlib_refuses_every_mutated_jwt() {
    let server = Server::running();
    let account = &server.accounts[0];
    bearer(&server, signed(&account.read).into()).unwrap();
    for (mutation, jwt) in mutations(account, &server.accounts[1]) {
        for result in [bearer(&server, jwt.clone()), jwt_exchange(&server, account, jwt)] {
            let error = result.expect_err(&mutation);
            assert_eq!(error.status(), Status::Rejected, "{mutation}: {error}");
            assert_eq!(error.http_status(), Some(400), "{mutation}: {error}");
            let refusals = [Some("invalid_grant"), Some("invalid_client")];
            assert!(refusals.contains(&error.oauth_error()), "{mutation}: {error}");
        }
    }
}

#[test]
fn what_nginx_answers_by_itself_is_a_typed_error() {
    let server = Server::running();
    let post = |path| {
        let url = format!("{}{path}", server.url).parse().unwrap();
        let grant = Grant::jwt_bearer(server.accounts[0].jwt());
        exchange(&url, &grant, &server.transport).unwrap_err()
    };
    for (path, status, http_status) in [
        ("/down", Status::Unavailable, 502),
        ("/busy", Status::RateLimited, 429),
        ("/forbidden", Status::Rejected, 403),
        ("/moved", Status::Response, 302),
        ("/page", Status::Response, 200),
    ] {
        let error = post(path);
        assert_eq!(error.status(), status, "{path}: {error}");
        assert_eq!(error.http_status(), Some(http_status), "{path}: {error}");
    }
    assert_eq!(post("/busy").retry_after(), Some(Duration::from_secs(3600)));
}

#[test]
fn nginx_is_trusted_over_tls_1_2_and_1_3_and_only_with_its_ca() {
    let server = Server::running();
    for url in [&server.url, &server.tls_1_2_url] {
        let url = format!("{url}/token").parse().unwrap();
        let grant = Grant::jwt_bearer(server.accounts[0].jwt());
        exchange(&url, &grant, &server.transport).unwrap();

        let mut transport = server.transport.clone();
        transport.ca_file = Some(server.other_ca.clone());
        assert_eq!(exchange(&url, &grant, &transport).unwrap_err().status(), Status::Tls);
    }
}

#[test]
fn authlib_knows_a_client_by_a_jwt_of_any_algorithm() {
    let server = Server::running();
    for account in &server.clients {
        let client = Client::builder().transport(server.transport.clone()).cache(Cache::None);
        let token = client.from_json(account.to_string()).unwrap().token();
        let claims =
            accepted_claims(&token.unwrap_or_else(|error| panic!("{}: {error}", account["alg"])));
        let id = &account["client_id"];
        assert_eq!([&claims["iss"], &claims["sub"], &claims["aud"]], [id, id, &json!(ISSUER)]);
    }
}

#[test]
fn authlib_takes_no_assertion_twice() {
    let server = Server::running();
    let account = server.clients[0].to_string();
    let options = CredentialsOptions::default();
    let credentials = Credentials::from_json(account.as_bytes(), &options).unwrap();
    let now = SystemTime::now();
    let key = credentials.checked_key(now).unwrap();
    let grant = credentials.grant(key.as_ref(), now).unwrap();
    exchange(credentials.token_url(), &grant, &server.transport).unwrap();
    let error = exchange(credentials.token_url(), &grant, &server.transport).unwrap_err();
    assert_eq!(error.oauth_error(), Some("invalid_client"), "{error}");
    assert!(error.message().contains("JWT ID is used before"), "{error}");
}

fn bearer(server: &Server, jwt: Secret) -> Result<Token, Error> {
    let url = format!("{}/token", server.url).parse().unwrap();
    exchange(&url, &Grant::jwt_bearer(jwt), &server.transport)
}

fn jwt_exchange(server: &Server, account: &Account, jwt: Secret) -> Result<Token, Error> {
    let client_secret = account.client_secret.as_str();
    let grant = Grant::jwt_exchange(&account.assertion.claims.iss, client_secret, jwt);
    let url = format!("{}/ims/exchange/jwt", server.url).parse().unwrap();
    exchange(&url, &grant, &server.transport)
}

/// What authlib_server.py puts into its access tokens.
fn accepted_claims(token: &Token) -> Value {
    serde_json::from_slice(&URL_SAFE.decode(token.access_token()).unwrap()).unwrap()
}

/// Authlib says 3600; its route for the JWT exchange says it in milliseconds.
fn assert_expires_in_an_hour(token: &Token) {
    let left = token.expires_in(SystemTime::now()).as_secs();
    assert!((3_500..=3_600).contains(&left), "{left} s");
}
