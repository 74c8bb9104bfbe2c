//! Adobe's own client, @adobe/jwt-auth of npm, takes the sandbox for IMS. It sends multipart.

use ims::sandbox::{Account, Config, PublicKey, Sandbox, Tls};
use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::keys;
use support::processes::{node, output};

#[test]
fn adobes_client_gets_a_token_over_https_and_reads_adobes_errors() {
    let certificate = self_signed(keys::rsa(), Validity::now()).to_pem().unwrap();
    let mut account = Account::default();
    account.public_keys.push(PublicKey::from_bytes(&certificate).unwrap());
    let mut config = Config::new(vec![account]);
    config.tls = Tls::SelfMade;
    let sandbox = Sandbox::start(config).unwrap();
    let directory = Directory::new();
    let ca = directory.write("ca.pem", sandbox.ca_certificate().unwrap());
    let options = json!({
        "clientId": "sandbox-client",
        "clientSecret": "sandbox-secret",
        "orgId": "SANDBOX@AdobeOrg",
        "technicalAccountId": "sandbox@techacct.adobe.com",
        "privateKey": String::from_utf8(keys::pkcs8_pem()).unwrap(),
        "metaScopes": "ent_sandbox",
        "ims": sandbox.url(),
    });
    let with = |name: &str, value: Value| {
        let mut options = options.clone();
        options[name] = value;
        options
    };
    let questions: String = [
        options.clone(),
        with("clientSecret", json!("wrong")),
        with("metaScopes", json!("ent_other")),
        with("technicalAccountId", json!("other@techacct.adobe.com")),
    ]
    .iter()
    .map(|question| format!("{question}\n"))
    .collect();

    let answers = output(node("jwt_auth.js").env("NODE_EXTRA_CA_CERTS", &ca), &questions);

    let answers: Vec<Value> =
        answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0]["token_type"], "bearer");
    assert_eq!(answers[0]["expires_in"], 86_399_999);
    let refused =
        |error: &str, description: &str| json!({ "refused": error, "description": description });
    assert_eq!(
        answers[1..],
        [
            refused("invalid_client", "invalid client_secret parameter"),
            refused(
                "invalid_scope",
                "The metascopes in the JWT are not a subset of the metascopes in the binding."
            ),
            refused("bad_request", "sub is missing or wrong."),
        ]
    );
}
