//! Adobe's on-behalf-of: a token exchange at /ims/token/v4.

use ims::{Cache, Client, Credentials, CredentialsOptions};
use support::directory::Directory;
use support::hostile::Hostile;

use crate::exchanges::{json, transport};

/// The token of a user, without an expiry.
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2ln";

#[test]
fn the_request_is_what_adobes_own_client_sends_with_each_resource() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        let token = r#"{"access_token":"t0ken","token_type":"bearer","expires_in":3600}"#;
        connection.send(json("200 OK", token))
    });
    let directory = Directory::new();
    directory.write("user-token", JWT);
    let content = serde_json::json!({
        "grant": "token_exchange",
        "token_url": server.url().replace("/token", "/ims/token/v4"),
        "client_id": "client-id",
        "client_secret": "client-secret",
        "assertion_file": "user-token",
        "subject_token_type": "access_token",
        "requested_token_type": "access_token",
        "scope": "openid,profile",
        "resource": ["https://a.adobe.io", "https://b.adobe.io"],
    });
    let file = directory.write("credentials.json", content.to_string());
    let credentials = Credentials::from_file(file, &CredentialsOptions::default()).unwrap();
    Client::new(credentials, &Cache::None, transport()).unwrap().token().unwrap();
    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /ims/token/v4 HTTP/1.1"), "{head}");
    let mut fields: Vec<&str> = body.split('&').collect();
    fields.sort_unstable();
    let subject_token = format!("subject_token={JWT}");
    let expected = [
        "client_id=client-id",
        "client_secret=client-secret",
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange",
        "requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token",
        "resource=https%3A%2F%2Fa.adobe.io",
        "resource=https%3A%2F%2Fb.adobe.io",
        "scope=openid%2Cprofile",
        &subject_token,
        "subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token",
    ];
    assert_eq!(fields, expected);
}
