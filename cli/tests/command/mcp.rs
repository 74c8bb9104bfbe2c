//! An MCP client whose tokens come from `ims` passes the scenarios of the protocol's own conformance suite.

use std::fs;

use serde_json::Value;
use support::directory::Directory;
use support::processes::{node, node_program, peers};

/// Runs a scenario. Each check must pass; `proof` is the one of what the client proves itself with.
fn assert_passes(scenario: &str, proof: &str) {
    let results = Directory::new();
    let client = [node_program(), peers().join("mcp_client.js"), env!("CARGO_BIN_EXE_ims").into()];
    let client = client.map(|part| format!("'{}'", part.display())).join(" ");
    let mut suite = node("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    suite.args(["client", "--timeout", "120000", "--scenario", scenario, "--command", &client]);
    let ran = suite.arg("--output-dir").arg(results.path()).env_clear().output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}");

    // The folder's name has the time in it.
    let [result] = &fs::read_dir(results.path().join("auth")).unwrap().collect::<Vec<_>>()[..]
    else {
        panic!("{said}");
    };
    let checks = fs::read(result.as_ref().unwrap().path().join("checks.json")).unwrap();
    let checks: Vec<Value> = serde_json::from_slice(&checks).unwrap();
    let judged = checks.iter().filter(|check| check["status"] != "INFO");
    let judged: Vec<_> = judged
        .map(|check| (check["id"].as_str().unwrap(), check["status"].as_str().unwrap()))
        .collect();
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
    assert_eq!(judged, expected.map(|id| (id, "SUCCESS")), "{said}");
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
