//! The doctor finds the same from C as from Rust.

use ims_sandbox::{Account, Config, PublicKey, Sandbox};
use serde_json::json;
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::keys;

use super::run_with;
use crate::findings::{findings, without_clock};

#[test]
fn the_doctor_tells_a_c_program_what_it_tells_a_rust_program() {
    let mut account = Account::default();
    account.public_keys.push(PublicKey::from_bytes(keys::public_key_pem().as_bytes()).unwrap());
    let sandbox = Sandbox::start(Config::new(vec![account])).unwrap();
    let directory = Directory::new();
    let certificate = |validity| self_signed(keys::rsa(), validity).to_pem().unwrap();
    directory.write("private.key", keys::pkcs8_pem());
    directory.write("expired.pem", certificate(Validity::expired()));
    let credentials = |certificate: Option<&str>| {
        json!({
            "ims": sandbox.url(), "client_id": "sandbox-client", "client_secret": "sandbox-secret",
            "org_id": "SANDBOX@AdobeOrg", "technical_account_id": "sandbox@techacct.adobe.com",
            "metascopes": ["ent_sandbox"], "private_key": "private.key", "certificate": certificate,
        })
        .to_string()
    };
    let sound = directory.write("sound.json", credentials(None));
    let expired = directory.write("expired.json", credentials(Some("expired.pem")));
    let certificate = directory.write("certificate.pem", certificate(Validity::a_year()));

    let printed = run_with(
        "doctor",
        &[],
        &[
            ("CREDENTIALS", sound.as_os_str()),
            ("EXPIRED", expired.as_os_str()),
            ("CERTIFICATE", certificate.as_os_str()),
        ],
    );

    assert_eq!(without_clock(&printed), without_clock(&findings(&expired)));
    assert_eq!(sandbox.exchanges("sandbox-client").unwrap().issued, 1);
}
