//! The tokens that this process was told to forget, as long as they could come back from a cache that
//! could not forget them.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use arc_swap::ArcSwap;

/// One every 10 s for a day, which is as long as Adobe's tokens live.
const MAX_FORGOTTEN: usize = 10_000;

/// Holds hashes: the tokens themselves must not stay in memory. It has no lock, so that a child may
/// be forked at any time.
#[derive(Default)]
pub(super) struct Forgotten {
    hasher: RandomState,
    hashes: ArcSwap<Vec<u64>>,
}

impl Forgotten {
    /// From now on [`Forgotten::contains`] is true for this token.
    pub fn add(&self, access_token: &str) {
        let hash = self.hasher.hash_one(access_token);
        self.hashes.rcu(|hashes| {
            let kept = hashes.iter().copied().filter(|other| *other != hash);
            let surplus = (hashes.len() + 1).saturating_sub(MAX_FORGOTTEN);
            Arc::new(kept.skip(surplus).chain([hash]).collect::<Vec<_>>())
        });
    }

    /// The server has just issued this token: it counts again.
    pub fn remove(&self, access_token: &str) {
        if self.contains(access_token) {
            let hash = self.hasher.hash_one(access_token);
            self.hashes.rcu(|hashes| {
                Arc::new(hashes.iter().copied().filter(|other| *other != hash).collect::<Vec<_>>())
            });
        }
    }

    pub fn contains(&self, access_token: &str) -> bool {
        let hashes = self.hashes.load();
        !hashes.is_empty() && hashes.contains(&self.hasher.hash_one(access_token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stays_forgotten_until_the_server_issues_it_again() {
        let forgotten = Forgotten::default();
        assert!(!forgotten.contains("one"));
        forgotten.add("one");
        forgotten.add("one");
        forgotten.add("two");
        assert!(forgotten.contains("one") && forgotten.contains("two"));
        forgotten.remove("one");
        assert!(!forgotten.contains("one") && forgotten.contains("two"));
    }

    #[test]
    fn the_oldest_of_too_many_is_dropped() {
        let forgotten = Forgotten::default();
        forgotten.hashes.store(Arc::new((0..MAX_FORGOTTEN as u64).collect()));
        forgotten.add("new");
        assert_eq!(forgotten.hashes.load().len(), MAX_FORGOTTEN);
        assert!(!forgotten.hashes.load().contains(&0));
        assert!(forgotten.contains("new"));
    }
}
