//! What the sandbox says of itself is enough for others to verify its tokens.

use support::processes::{node, output, python};

use super::*;

#[test]
fn the_openid_configuration_names_where_the_sandbox_answers() {
    let sandbox = sandbox();
    let url = sandbox.url();
    let configuration = get(&format!("{url}/ims/.well-known/openid-configuration")).body;
    assert_eq!(configuration["issuer"], url);
    let by_client_credentials = [("grant_type", "client_credentials"), CLIENT[0], CLIENT[1]];
    let ask = |endpoint: &str, fields: &[(&str, &str)]| {
        let url = configuration[endpoint].as_str().unwrap();
        send(url, "application/x-www-form-urlencoded", None, &urlencoded(fields))
    };
    let token = ask("token_endpoint", &by_client_credentials);
    assert_eq!(token.status, 200);
    let token = ("token", token.body["access_token"].as_str().unwrap());
    assert_eq!(ask("revocation_endpoint", &[CLIENT[0], CLIENT[1], token]).status, 200);
}

#[test]
fn tokens_verify_with_the_keys_in_libraries_that_know_nothing_of_us() {
    let sandbox = sandbox();
    let ours = &exchange(sandbox, &jwt(&claims())).body["access_token"];
    let header = r#"{"alg":"RS256","kid":"ims-sandbox"}"#;
    let forged = sign(header, &decoded(ours), keys::rsa(), MessageDigest::sha256());
    let questions: String = [ours.clone(), json!(forged)]
        .map(|token| format!("{}\n", json!({ "url": sandbox.url(), "token": token })))
        .concat();
    let refused = |reason| json!({ "refused": reason });
    for (mut peer, refused) in [
        (python("verify_access_token.py"), refused("Signature verification failed")),
        (node("verify_access_token.js"), refused("signature verification failed")),
    ] {
        let answers = output(peer.env("no_proxy", "127.0.0.1"), &questions);
        let answers: Vec<Value> =
            answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers, [decoded(ours), refused]);
    }
}
