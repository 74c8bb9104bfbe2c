//! The client secrets of an account.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::access_token::random_hex;
use super::account::Account;
use ims::Secret;

/// The client secrets of one account.
pub(super) struct ClientSecrets(pub Vec<ClientSecret>);

pub(super) struct ClientSecret {
    pub uuid: String,
    pub secret: Secret,
    created_at: SystemTime,
    last_used_at: Option<SystemTime>,
}

impl ClientSecret {
    pub fn new(secret: Secret, created_at: SystemTime) -> Self {
        Self { uuid: random_hex(), secret, created_at, last_used_at: None }
    }

    /// The record of the API. Times are texts in milliseconds.
    pub fn listed(&self) -> Value {
        let milliseconds = |time: SystemTime| {
            let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            since.as_millis().to_string()
        };
        let usage = self.last_used_at.map(
            |at| json!([{ "last_used_at": milliseconds(at), "grant_type": "client_credentials" }]),
        );
        json!({
            "expires_at": "PERMANENT",
            "expires_at_str": "PERMANENT",
            "created_at": milliseconds(self.created_at),
            "uuid": self.uuid,
            "secret_usages": usage,
        })
    }
}

impl ClientSecrets {
    pub fn new(account: &Account) -> Self {
        let all = [&account.client_secret].into_iter().chain(&account.further_secrets);
        let now = SystemTime::now();
        Self(all.map(|secret| ClientSecret::new(secret.clone(), now)).collect())
    }

    /// Returns whether `secret` is one of them, which is used now.
    pub fn accept(&mut self, secret: &str, now: SystemTime) -> bool {
        let known = self.0.iter_mut().find(|known| known.secret.expose() == secret);
        known.map(|known| known.last_used_at = Some(now)).is_some()
    }

    /// Returns the secrets themselves, which no log may show.
    pub fn all(&self) -> Vec<Secret> {
        self.0.iter().map(|known| known.secret.clone()).collect()
    }
}
