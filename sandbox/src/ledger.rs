//! The record of an account: counts, used JWT ids, and invalidated tokens.

use std::collections::HashMap;

/// The number of an account's requests that were answered, whatever the grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Exchanges {
    /// Requests that were answered with a token.
    pub issued: u64,
    /// Requests that were answered with an error.
    pub refused: u64,
}

#[derive(Default)]
pub(super) struct Ledger {
    pub exchanges: Exchanges,
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

/// Ids that are kept until the expiry of what they name. After that, it is refused as expired
/// anyway.
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
