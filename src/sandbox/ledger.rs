//! What an account has done so far: counts, and the ids of JWTs that may not come again.

use std::collections::HashMap;

/// How many requests of an account were answered, whatever the grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Exchanges {
    /// With a token.
    pub issued: u64,
    /// With an error.
    pub refused: u64,
}

#[derive(Default)]
pub(super) struct Ledger {
    pub exchanges: Exchanges,
    /// `jti` to the Unix second from which its JWT is refused as expired anyway.
    seen: HashMap<String, i64>,
    forgotten_at: i64,
}

impl Ledger {
    /// Whether `jti` is new; it is not, from now until `expiry`. Times are Unix seconds.
    pub fn is_new(&mut self, jti: String, expiry: i64, now: i64) -> bool {
        if now > self.forgotten_at {
            self.seen.retain(|_, expiry| *expiry > now);
            self.forgotten_at = now;
        }
        self.seen.insert(jti, expiry).is_none()
    }

    pub fn count(&mut self, issued: bool) {
        if issued {
            self.exchanges.issued += 1;
        } else {
            self.exchanges.refused += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;

    #[test]
    fn a_jti_is_refused_until_its_jwt_has_expired_and_then_forgotten() {
        let mut ledger = Ledger::default();
        assert!(ledger.is_new("1".into(), 200, 100));
        assert!(!ledger.is_new("1".into(), 200, 199));
        assert!(ledger.is_new("2".into(), 300, 200));
        assert_eq!(ledger.seen.keys().collect::<Vec<_>>(), ["2"]);
    }
}
