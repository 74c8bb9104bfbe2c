//! An MCP client whose tokens come from `ims` passes the scenarios of the protocol's own conformance suite.

use std::fs;

use serde_json::Value;
use support::directory::Directory;
use support::processes::{node, node_program, peers};

/// Runs a scenario, with what the client is told in addition. Returns each check that is judged, in their order, with
/// its status, and what the suite said.
fn judged(scenario: &str, options: &[&str]) -> (Vec<(String, String)>, String) {
    let results = Directory::new();
    let client = [node_program(), peers().join("mcp_client.js"), env!("CARGO_BIN_EXE_ims").into()];
    let mut client = client.map(|part| format!("'{}'", part.display())).join(" ");
    options.iter().for_each(|option| client.push_str(&format!(" {option}")));
    let mut suite = node("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    suite.args(["client", "--timeout", "120000", "--scenario", scenario, "--command", &client]);
    let ran = suite.arg("--output-dir").arg(results.path()).env_clear().output().unwrap();
    let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    // The folder's name has the time in it.
    let [result] = &fs::read_dir(results.path().join("auth")).unwrap().collect::<Vec<_>>()[..]
    else {
        panic!("{said}");
    };
    let checks = fs::read(result.as_ref().unwrap().path().join("checks.json")).unwrap();
    let checks: Vec<Value> = serde_json::from_slice(&checks).unwrap();
    let judged = checks.iter().filter(|check| check["status"] != "INFO");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (judged.map(|check| (text(&check["id"]), text(&check["status"]))).collect(), said)
}

/// Runs a scenario. Each check must pass; `proof` is the one of what the client proves itself with.
fn assert_passes(scenario: &str, proof: &str) {
    let (judged, said) = judged(scenario, &[]);
    let expected = [
        "prm-pathbased-requested",
        "authorization-server-metadata",
        "token-request",
        proof,
        // In each of three requests.
        "valid-bearer-token",
        "valid-bearer-token",
        "valid-bearer-token",
    ];
    assert_eq!(judged, expected.map(|id| (id.to_owned(), "SUCCESS".to_owned())), "{said}");
}

#[test]
fn a_client_of_mcp_proves_itself_with_a_jwt() {
    assert_passes("auth/client-credentials-jwt", "client-credentials-jwt-verified");
}

#[test]
fn a_client_of_mcp_proves_itself_with_a_secret() {
    assert_passes("auth/client-credentials-basic", "client-credentials-basic-auth");
}

#[test]
fn a_client_of_mcp_shows_the_jwt_of_its_platform() {
    assert_passes("auth/wif-jwt-bearer", "wif-assertion-verified");
}

/// The JWT must not be sent more than once, and no other grant be tried: either is a check of the suite's own,
/// which warns.
#[test]
fn a_jwt_that_is_refused_is_not_sent_again_and_no_other_grant_is_tried() {
    for (options, last) in [
        (&["wrong_audience_jwt"][..], ("wif-assertion-audience", "FAILURE")),
        (&["valid_jwt", "wif.rejected"], ("wif-assertion-verified", "SUCCESS")),
        (&["valid_jwt", "wif.trigger-unauthorized"], ("wif-assertion-verified", "SUCCESS")),
    ] {
        let (judged, said) = judged("auth/wif-jwt-bearer", options);
        let expected = [
            ("prm-pathbased-requested", "SUCCESS"),
            ("authorization-server-metadata", "SUCCESS"),
            ("token-request", "SUCCESS"),
            last,
        ];
        let expected = expected.map(|(id, status)| (id.to_owned(), status.to_owned()));
        assert_eq!(judged, expected, "{options:?}: {said}");
    }
}

#[test]
fn a_jwt_that_has_expired_is_not_sent() {
    let (judged, said) = judged("auth/wif-jwt-bearer", &["expired_jwt"]);
    let expected = [
        ("prm-pathbased-requested", "SUCCESS"),
        ("authorization-server-metadata", "SUCCESS"),
        // No request came.
        ("wif-assertion-verified", "FAILURE"),
    ];
    let expected = expected.map(|(id, status)| (id.to_owned(), status.to_owned()));
    assert_eq!(judged, expected, "{said}");
    assert!(said.contains("assertion_file") && said.contains("expired at"), "{said}");
}
