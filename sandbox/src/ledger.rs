//! The record of an account: counts, used JWT ids, and invalidated tokens.

use std::collections::{BTreeSet, HashMap};

use super::form::Form;
use ims::error::redact;

/// The number of resources, and of audiences, that are kept.
const MAX_TARGETS: usize = 100;

/// The number of an account's requests that were answered, whatever the grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Exchanges {
    /// Requests that were answered with a token.
    pub issued: u64,
    /// Requests that were answered with an error.
    pub refused: u64,
}

/// The services that tokens were asked for and issued for: those that the requests named.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub(super) struct Targets {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub resources: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub audiences: BTreeSet<String>,
}

impl Targets {
    /// Adds those of a form that was answered with a token.
    pub fn add(&mut self, form: &Form) {
        for (known, name) in [(&mut self.resources, "resource"), (&mut self.audiences, "audience")]
        {
            let shown = form.all(name).iter().map(|value| redact(value, &[]));
            known.extend(shown.take(MAX_TARGETS.saturating_sub(known.len())));
        }
    }
}

#[derive(Default)]
pub(super) struct Ledger {
    pub exchanges: Exchanges,
    pub targets: Targets,
    /// `jti` of the JWTs that were accepted.
    pub jtis: Ids,
    /// `id` of the access tokens that were invalidated.
    pub invalidated: Ids,
}

impl Ledger {
    pub fn count(&mut self, issued: bool) {
        if issued {
            self.exchanges.issued += 1;
        } else {
            self.exchanges.refused += 1;
        }
    }
}

/// Ids that are kept until the expiry of the JWT or token that has them. After that, it is refused
/// as expired anyway.
#[derive(Default)]
pub(super) struct Ids {
    /// The expiry of each id in Unix seconds.
    expiries: HashMap<String, i64>,
    forgotten_at: i64,
}

impl Ids {
    /// Keeps `id` and returns true if it is new. Times are Unix seconds.
    pub fn insert(&mut self, id: String, expiry: i64, now: i64) -> bool {
        if now > self.forgotten_at {
            self.expiries.retain(|_, expiry| *expiry > now);
            self.forgotten_at = now;
        }
        self.expiries.insert(id, expiry).is_none()
    }

    pub fn contains(&self, id: &str) -> bool {
        self.expiries.contains_key(id)
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn an_id_is_kept_until_its_expiry_and_then_forgotten() {
        let mut ids = Ids::default();
        assert!(ids.insert("1".into(), 200, 100));
        assert!(!ids.insert("1".into(), 200, 199));
        assert!(ids.insert("2".into(), 300, 200));
        assert!(!ids.contains("1") && ids.contains("2"));
    }
}
