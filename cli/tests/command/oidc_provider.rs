//! oidc-provider, asked by `ims`.

use std::process::{Command, Output};

use support::directory::Directory;
use support::oidc_provider::OidcProvider;

fn ims(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ims")).args(arguments).env_clear().output().unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let ran = ims(arguments);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn oidc_provider_verifies_every_algorithm_and_takes_no_assertion_twice() {
    let (server, folder) = (OidcProvider::start(), Directory::new());
    let arguments = server.arguments(&folder);
    let [issuer, client_id, key, files @ ..] = &arguments[..] else { panic!("{arguments:?}") };
    let mut output = String::new();
    for file in files {
        output += &printed(&["token", file, "--cache", "none"]);
    }

    let header = ["--typ", "client-authentication+jwt"];
    let claims = ["--iss", client_id, "--sub", client_id, "--aud", issuer, "--jti", "once"];
    let jwt = printed(&[&["jwt", "--key", key], &header[..], &claims].concat());
    let jwt = folder.write("jwt", jwt).display().to_string();
    let token_url = format!("{issuer}/token");
    let exchange = [
        ["exchange", "--grant", "client-credentials"].as_slice(),
        &["--token-url", &token_url, "--client-id", client_id],
        &["--client-auth", "private_key_jwt", "--client-assertion-file", &jwt],
    ]
    .concat();
    printed(&exchange);
    let refused = ims(&exchange);
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && error.contains("invalid_client"), "{error}");
    server.assert_printed(&(output + "invalid_client\n"));
}
