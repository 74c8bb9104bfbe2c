//! Secrets and keys that change while the sandbox runs.

use super::*;

fn change(sandbox: &Sandbox, change: &Value) -> Answer {
    let url = format!("{}/__sandbox/accounts", sandbox.url());
    send(&url, "application/json", None, change.to_string().as_bytes())
}

/// The HTTP status of client credentials with this secret.
fn with_secret(sandbox: &Sandbox, secret: &str) -> u16 {
    let fields = [("grant_type", "client_credentials"), CLIENT[0], ("client_secret", secret)];
    post(sandbox, "/ims/token/v3", &fields).status
}

#[test]
fn secrets_and_keys_of_an_account_change_and_its_counts_go_on() {
    let sandbox = serve(account());
    assert_eq!(with_secret(&sandbox, "sandbox-secret"), 200);
    let both = json!({ "client_id": CLIENT[0].1, "client_secrets": ["new", "sandbox-secret"] });
    assert_eq!(change(&sandbox, &both).status, 200);
    assert_eq!(with_secret(&sandbox, "new"), 200);
    assert_eq!(with_secret(&sandbox, "sandbox-secret"), 200);
    assert_eq!(exchange(&sandbox, &jwt(&claims())).status, 200, "the keys stay");
    let new = json!({ "client_id": CLIENT[0].1, "client_secrets": ["new"] });
    assert_eq!(change(&sandbox, &new).status, 200);
    assert_eq!(with_secret(&sandbox, "sandbox-secret"), 400);
    let other = PKey::private_key_from_pem(&keys::new_pkcs8_pem()).unwrap();
    let other = String::from_utf8(other.public_key_to_pem().unwrap()).unwrap();
    let keys = json!({
        "client_id": CLIENT[0].1, "client_secrets": ["sandbox-secret"], "public_keys": [other],
    });
    assert_eq!(change(&sandbox, &keys).status, 200);
    let answer = exchange(&sandbox, &jwt(&claims()));
    let (status, error, _) = answer.refusal();
    assert_eq!((status, error), (400, "invalid_token"));
    let exchanges = sandbox.exchanges(CLIENT[0].1).unwrap();
    assert_eq!((exchanges.issued, exchanges.refused), (4, 2));
    for bad in [
        json!({ "client_id": "other" }),
        json!({ "client_id": CLIENT[0].1, "client_secrets": [] }),
        json!({ "client_id": CLIENT[0].1, "public_keys": ["x"] }),
        json!({ "client_id": CLIENT[0].1, "secret": "x" }),
    ] {
        assert_eq!(change(&sandbox, &bad).status, 400, "{bad}");
    }
}

#[test]
fn the_api_of_client_secrets_wants_the_scope_and_the_client_of_the_token() {
    let sandbox = serve(account());
    let url = format!("{}/console/organizations/1/credentials/2/secrets", sandbox.url());
    let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let agent = ureq::Agent::from(agent);
    let token = client_credentials(&sandbox, &[("scope", "openid")]).body["access_token"].clone();
    let bearer = format!("Bearer {}", token.as_str().unwrap());
    for (client_id, authorization, expected) in [
        ("other", bearer.as_str(), (403, "403003")),
        (CLIENT[0].1, "Bearer x", (401, "401013")),
        (CLIENT[0].1, &bearer, (403, "403010")),
    ] {
        let request = agent.get(&url).header("x-api-key", client_id);
        let answer = read(request.header("authorization", authorization).call().unwrap());
        let (status, error, _) = answer.refusal();
        assert_eq!((status, error), expected);
    }
}
