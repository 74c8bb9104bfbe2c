//! The endpoints of the sandbox itself, for the person who runs the tests.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::Method;
use serde_json::{Value, json};

use super::json;
use super::ledger::{Exchanges, Targets};
use super::outcome::Success;
use super::refusal::Refusal;
use super::server::Server;

/// An account's record, as `/__sandbox/stats` shows it.
#[derive(serde::Serialize)]
struct Stats {
    #[serde(flatten)]
    exchanges: Exchanges,
    #[serde(flatten)]
    targets: Targets,
}

pub(super) enum Control {
    Stats,
    Faults,
    InjectFault,
    ClearFaults,
}

impl Control {
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        match (method.as_str(), path) {
            ("GET", "/__sandbox/stats") => Some(Self::Stats),
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
            Control::Faults => {}
            Control::ClearFaults => self.faults.clear(),
            Control::InjectFault => {
                let body = Bytes::from_request(request, &()).await;
                let body =
                    body.map_err(|_| Refusal::bad_request("The body cannot be read.".into()))?;
                json::from_slice(&body)
                    .and_then(|fault| self.inject(fault))
                    .map_err(|error| Refusal::bad_request(error.to_string()))?;
            }
        }
        let faults = self.faults.list();
        let decision = format!("{} faults in force", faults.len());
        Ok(Success::new(json!({ "faults": faults }), decision))
    }

    fn stats(&self) -> Value {
        let exchanges: BTreeMap<_, _> = self
            .accounts
            .iter()
            .map(|(client_id, registered)| {
                let ledger = registered.ledger();
                let (exchanges, targets) = (ledger.exchanges, ledger.targets.clone());
                (client_id, Stats { exchanges, targets })
            })
            .collect();
        json!({ "accounts": exchanges })
    }
}
