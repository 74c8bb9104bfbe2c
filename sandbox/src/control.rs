//! The endpoints of the sandbox itself, for the person who runs the tests.

use std::collections::BTreeMap;
use std::time::SystemTime;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::Method;
use serde_json::{Value, json};

use super::json;
use super::ledger::{Exchanges, Targets};
use super::outcome::Success;
use super::public_key::PublicKey;
use super::refusal::Refusal;
use super::server::Server;
use ims::{Error, Secret};

/// An account's record, as `/__sandbox/stats` shows it.
#[derive(serde::Serialize)]
struct Stats {
    #[serde(flatten)]
    exchanges: Exchanges,
    #[serde(flatten)]
    targets: Targets,
}

/// The client secrets and keys that an account has from now on; those that are not given stay.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    client_id: String,
    client_secrets: Option<Vec<String>>,
    /// Each PEM: a public key or certificates.
    public_keys: Option<Vec<String>>,
}

pub(super) enum Control {
    Stats,
    ChangeAccount,
    RotatePlatformKey,
    Faults,
    InjectFault,
    ClearFaults,
}

impl Control {
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        match (method.as_str(), path) {
            ("GET", "/__sandbox/stats") => Some(Self::Stats),
            ("POST", "/__sandbox/accounts") => Some(Self::ChangeAccount),
            ("POST", "/__sandbox/platform/keys") => Some(Self::RotatePlatformKey),
            ("GET", "/__sandbox/faults") => Some(Self::Faults),
            ("POST", "/__sandbox/faults") => Some(Self::InjectFault),
            ("DELETE", "/__sandbox/faults") => Some(Self::ClearFaults),
            _ => None,
        }
    }
}

impl Server {
    /// Returns the counts of each account, and the faults that are active after the request has
    /// changed them.
    pub async fn control(&self, control: Control, request: Request) -> Result<Success, Refusal> {
        match control {
            Control::Stats => return Ok(Success::new(self.stats(), "counts")),
            Control::RotatePlatformKey => {
                let rotated = self.workloads.rotate(SystemTime::now());
                rotated.map_err(|error| Refusal::INTERNAL.because(error.to_string()))?;
                let keys = self.workloads.key_set().map_err(|_| Refusal::INTERNAL)?;
                return Ok(Success::new(keys, "the platform has a new key"));
            }
            Control::Faults => {}
            Control::ClearFaults => self.faults.clear(),
            Control::InjectFault => {
                json::from_slice(&body_of(request).await?)
                    .and_then(|fault| self.inject(fault))
                    .map_err(|error| Refusal::bad_request(error.to_string()))?;
            }
            Control::ChangeAccount => {
                json::from_slice(&body_of(request).await?)
                    .and_then(|change| self.change_account(change))
                    .map_err(|error| Refusal::bad_request(error.to_string()))?;
                return Ok(Success::new(self.stats(), "the account has changed"));
            }
        }
        let faults = self.faults.list();
        let decision = format!("{} faults in force", faults.len());
        Ok(Success::new(json!({ "faults": faults }), decision))
    }

    /// Rotates secrets and keys of an account.
    fn change_account(&self, change: Change) -> Result<(), Error> {
        let Change { client_id, client_secrets, public_keys } = change;
        let known = self.client(&client_id);
        let known = known.ok_or_else(|| Error::argument("client_id", "is no account's"))?;
        let mut account = known.account.clone();
        if let Some(secrets) = client_secrets {
            let mut secrets = secrets.into_iter().map(Secret::from);
            let first = secrets.next();
            account.client_secret =
                first.ok_or_else(|| Error::argument("client_secrets", "is empty"))?;
            account.further_secrets = secrets.collect();
        }
        if let Some(keys) = public_keys {
            let keys = keys.iter().map(|pem| PublicKey::all_from_bytes(pem.as_bytes()));
            account.public_keys = keys.collect::<Result<Vec<_>, _>>()?.concat();
        }
        self.set_account(account)
    }

    fn stats(&self) -> Value {
        let exchanges: BTreeMap<_, _> = self
            .clients()
            .iter()
            .map(|registered| {
                let client_id = registered.account.client_id.clone();
                let ledger = registered.ledger();
                let (exchanges, targets) = (ledger.exchanges, ledger.targets.clone());
                (client_id, Stats { exchanges, targets })
            })
            .collect();
        json!({ "accounts": exchanges })
    }
}

async fn body_of(request: Request) -> Result<Bytes, Refusal> {
    let body = Bytes::from_request(request, &()).await;
    body.map_err(|_| Refusal::bad_request("The body cannot be read.".into()))
}
