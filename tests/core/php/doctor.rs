//! The doctor finds the same from PHP as from Rust.

use std::fs;

use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::keys;
use support::processes::output;

use super::account::Host;
use super::extension::EXTENSION;
use crate::findings::{findings, without_clock};

const SCRIPT: &str = r#"<?php
foreach (ims_doctor($argv[1]) as $check) {
    $hint = $check->hint ?? '-';
    $cause = $check->cause ?? '-';
    echo "{$check->outcome->value}\t$check->name\t$check->message\t$hint\t$cause\n";
}
"#;

#[test]
fn the_doctor_tells_a_script_what_it_tells_a_rust_program() {
    let host = Host::new();
    let script = host.directory.write("doctor.php", SCRIPT);
    let file = host.path("service_token.json");
    let mut credentials: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let expired = self_signed(keys::rsa(), Validity::expired()).to_pem().unwrap();
    credentials["certificate"] = json!(String::from_utf8(expired).unwrap());
    fs::write(&file, credentials.to_string()).unwrap();

    let printed = output(EXTENSION.php().arg(script).arg(&file), "");

    assert!(printed.contains("\texpired-certificate\n"), "{printed}");
    assert_eq!(without_clock(&printed), without_clock(&findings(&file)));
}
