//! A service account, with the token server that knows it.

use std::path::PathBuf;

use ims_sandbox::{Account, Config, PublicKey, Sandbox};
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use support::directory::Directory;
use support::keys;

pub struct Host {
    pub directory: Directory,
    pub sandbox: Sandbox,
    /// A second key that the sandbox knows.
    pub other_key: PKey<Private>,
}

impl Host {
    pub fn new() -> Self {
        let other_key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let mut account = Account::default();
        for public_key in [keys::rsa().public_key_to_pem(), other_key.public_key_to_pem()] {
            account.public_keys.push(PublicKey::from_bytes(&public_key.unwrap()).unwrap());
        }
        let sandbox = Sandbox::start(Config::new(vec![account])).unwrap();
        let directory = Directory::new();
        directory.write("private.key", keys::pkcs8_pem());
        directory.write("ec.pem", keys::ec().private_key_to_pem_pkcs8().unwrap());
        directory.write("encrypted.key", keys::encrypted_pem(b"passphrase"));
        let credentials = serde_json::json!({
            "ims": sandbox.url(),
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "org_id": "SANDBOX@AdobeOrg",
            "technical_account_id": "sandbox@techacct.adobe.com",
            "metascopes": ["ent_sandbox"],
            "private_key": "private.key",
        });
        directory.write("service_token.json", credentials.to_string());
        Self { directory, sandbox, other_key }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Exchanges that gave a token.
    pub fn issued(&self) -> u64 {
        let exchanges = self.sandbox.exchanges("sandbox-client").unwrap();
        assert_eq!(exchanges.refused, 0);
        exchanges.issued
    }
}
