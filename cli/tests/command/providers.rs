//! OpenSSL's configurations without RSA and SHA-256: named as the cause, by every way to a key.

use std::path::Path;
use std::process::Command;

use support::directory::Directory;
use support::keys;

/// The providers that are active, by name, and what stands in the section of algorithms.
fn configuration(providers: &[&str], algorithms: &str) -> String {
    let listed: String = providers.iter().map(|name| format!("{name} = active\n")).collect();
    format!(
        "openssl_conf = init\n[init]\nproviders = providers\nalg_section = algorithms\n\
         [providers]\n{listed}[active]\nactivate = 1\n[algorithms]\n{algorithms}\n"
    )
}

/// What `ims` says with this configuration: its exit code and standard output and error.
fn ims(configuration: &Path, args: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
    command.args(args).current_dir(configuration.parent().unwrap()).env_clear();
    command.env("OPENSSL_CONF", configuration).env("IMS_PASSPHRASE", "pass");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text.into_owned())
}

fn directory() -> Directory {
    let directory = Directory::new();
    let rsa = keys::rsa().rsa().unwrap();
    directory.write("plain.pem", rsa.private_key_to_pem().unwrap());
    let aes = openssl::symm::Cipher::aes_256_cbc();
    let encrypted = keys::rsa().private_key_to_pem_pkcs8_passphrase(aes, b"pass").unwrap();
    directory.write("aes.pem", encrypted);
    directory.write("old.pem", rsa.private_key_to_pem_passphrase(aes, b"pass").unwrap());
    directory
}

fn sign(key: &str) -> [&str; 9] {
    ["jwt", "--iss", "a", "--sub", "b", "--aud", "https://c", "--key", key]
}

#[test]
fn a_configuration_without_rsa_and_sha_256_is_named_and_the_key_is_not_blamed() {
    let directory = directory();
    for (name, text) in [
        ("fips.cnf", configuration(&["base"], "default_properties = fips=yes")),
        ("legacy.cnf", configuration(&["legacy"], "")),
        ("base.cnf", configuration(&["base"], "")),
    ] {
        let path = directory.write(name, text);
        for key in ["plain.pem", "aes.pem", "old.pem"] {
            let (code, text) = ims(&path, &sign(key));
            // As for every other key that cannot be used.
            assert_eq!(code, 12, "{name} {key}: {text}");
            assert!(text.contains("OpenSSL offers no RSA with SHA-256"), "{name} {key}: {text}");
            assert!(text.contains(&format!("OPENSSL_CONF={}", path.display())), "{text}");
            assert!(text.contains("provider default"), "{text}");
            assert!(
                !text.contains("passphrase") && !text.contains("encrypt"),
                "{name} {key}: {text}"
            );
        }
    }
}

#[test]
fn doctor_signs_once_and_so_finds_what_a_call_would_meet() {
    let directory = directory();
    let credentials = r#"{"client_id": "a", "client_secret": "b", "org_id": "o@AdobeOrg",
        "technical_account_id": "t@techacct.adobe.com", "metascopes": "ent_a", "ims": "ims.example",
        "private_key": "plain.pem"}"#;
    directory.write("credentials.json", credentials);
    let path = directory.write("base.cnf", configuration(&["base"], ""));
    let (_, text) = ims(&path, &["doctor", "credentials.json", "--cache", "none"]);
    let line = text.lines().find(|line| line.starts_with("error   key:")).unwrap_or_default();
    assert!(line.contains("OPENSSL_CONF="), "{text}");
}

#[test]
fn a_configuration_that_is_missing_or_broken_changes_nothing() {
    let directory = directory();
    let broken = directory.write("broken.cnf", "openssl_conf = [ = \n[[[\n");
    for path in [directory.path().join("missing.cnf"), broken] {
        for key in ["plain.pem", "aes.pem", "old.pem"] {
            let (code, text) = ims(&path, &sign(key));
            assert_eq!(code, 0, "{} {key}: {text}", path.display());
        }
    }
}
