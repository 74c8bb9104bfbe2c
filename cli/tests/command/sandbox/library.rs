//! The library against the sandbox: its JWTs are accepted, and its hints fit Adobe's errors.

use ims::{Claims, Error, ImsHost, Key, Secret, Status, from_unix_seconds, generate_jwt};
use support::keys;

use super::*;

fn signed(claims: &Claims) -> Secret {
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    generate_jwt(&key, &claims.clone().into(), SystemTime::now()).unwrap()
}

fn ims_claims() -> Claims {
    let ims = ImsHost::default();
    let mut claims = Claims::new(
        "SANDBOX@AdobeOrg",
        "sandbox@techacct.adobe.com",
        ims.audience("sandbox-client"),
    );
    claims.metascopes = ims.metascopes("ent_sandbox").unwrap();
    claims
}

/// Sends `grant` to `path` once and reads how long its token lives.
fn lifetime(grant: Grant, path: &str) -> Result<u64, Error> {
    let url = format!("{}{path}", sandbox().url()).parse().unwrap();
    let token = ims::exchange(&url, &grant, &transport(None))?;
    // Less what passed since.
    Ok(token.expires_in(SystemTime::now()).as_secs().next_multiple_of(60))
}

fn jwt_exchange(claims: &Claims) -> Result<u64, Error> {
    let grant = Grant::jwt_exchange(CLIENT[0].1, CLIENT[1].1, signed(claims));
    lifetime(grant, "/ims/exchange/jwt")
}

#[test]
fn each_grant_gets_a_token_that_lives_as_long_as_the_server_meant() {
    let client_credentials = Grant::client_credentials(CLIENT[0].1, CLIENT[1].1, "openid");
    let claims = Claims::new("sandbox-client", "SANDBOX@AdobeOrg", "ims-na1.adobelogin.com");
    let bearer = Grant::jwt_bearer(signed(&claims));

    assert_eq!(jwt_exchange(&ims_claims()).unwrap(), 86_400);
    assert_eq!(lifetime(client_credentials, "/ims/token/v3").unwrap(), 86_400);
    assert_eq!(lifetime(bearer, "/token").unwrap(), 3600);
}

/// Of an exchange that is refused.
fn hint(error: Error) -> String {
    assert_eq!(error.status(), Status::Rejected);
    assert!(error.debug_id().is_some());
    error.hint().unwrap().to_owned()
}

#[test]
fn what_adobe_refuses_comes_with_a_hint_that_names_the_cause() {
    type Mistake = fn(&mut Claims);
    let mistakes: [(Mistake, &str); 5] = [
        (|claims| claims.iss = "OTHER@AdobeOrg".into(), "iss is ORG@AdobeOrg"),
        (
            |claims| claims.aud = Some("https://ims-na1-stg1.adobelogin.com/c/x".into()),
            "aud must be",
        ),
        (|claims| claims.metascopes.clear(), "a metascope or scope is not granted"),
        (|claims| claims.iat = Some(from_unix_seconds(now() - 400)), "the JWT expired"),
        (|claims| claims.jti = Some("text".into()), "must be integers"),
    ];
    for (mistake, expected) in mistakes {
        let mut claims = ims_claims();
        mistake(&mut claims);
        let hint = hint(jwt_exchange(&claims).unwrap_err());
        assert!(hint.contains(expected), "{hint}");
    }

    let wrong = Grant::jwt_exchange(CLIENT[0].1, "wrong", signed(&ims_claims()));
    let hint = hint(lifetime(wrong, "/ims/exchange/jwt").unwrap_err());
    assert!(hint.contains("the client secret is wrong"), "{hint}");
}
