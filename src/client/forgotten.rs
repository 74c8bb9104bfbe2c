//! The tokens that this process was told to forget, as long as they could come back from a cache that
//! cannot drop them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::system::{self, ArcSwapOption, AtomicU32};

/// The limit of forgotten tokens: one every 10 s for a day, which is the lifetime of Adobe's
/// tokens.
const MAX_FORGOTTEN: usize = 10_000;

/// The forgotten tokens of all clients of the process, because the next client of an account reads
/// the same cache. It holds hashes, because the tokens themselves must not stay in memory. It has
/// no lock, so that a child may be forked at any time.
static FORGOTTEN: Forgotten = Forgotten::none();

/// Makes [`contains`] true for this token.
pub(super) fn add(access_token: &str) {
    system::of_process(&FORGOTTEN).add(hash(access_token));
}

/// Makes [`contains`] false again for a token that the server has just issued.
pub(super) fn remove(access_token: &str) {
    system::of_process(&FORGOTTEN).remove(hash(access_token));
}

/// Returns whether the token was forgotten.
pub(super) fn contains(access_token: &str) -> bool {
    system::of_process(&FORGOTTEN).contains(hash(access_token))
}

/// Returns a number that changes with each token that is forgotten.
pub(super) fn count() -> u32 {
    system::of_process(&FORGOTTEN).count.load(Ordering::Acquire)
}

/// Returns the number of a token, from which the token is not known.
pub(super) fn hash(access_token: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    access_token.hash(&mut hasher);
    hasher.finish()
}

#[derive(Default)]
struct Forgotten {
    hashes: ArcSwapOption<Vec<u64>>,
    count: AtomicU32,
}

impl Forgotten {
    const fn none() -> Self {
        Self { hashes: ArcSwapOption::const_empty(), count: AtomicU32::new(0) }
    }

    fn add(&self, hash: u64) {
        self.replace(hash, Some(hash));
        self.count.fetch_add(1, Ordering::Release);
    }

    fn remove(&self, hash: u64) {
        if self.contains(hash) {
            self.replace(hash, None);
        }
    }

    fn contains(&self, hash: u64) -> bool {
        self.hashes.load().as_ref().is_some_and(|hashes| hashes.contains(&hash))
    }

    fn replace(&self, old: u64, new: Option<u64>) {
        self.hashes.rcu(|hashes| {
            let hashes = hashes.as_deref().map_or(&[][..], Vec::as_slice);
            let kept = hashes.iter().copied().filter(|hash| *hash != old);
            let mut hashes: Vec<u64> = kept.chain(new).collect();
            let surplus = hashes.len().saturating_sub(MAX_FORGOTTEN);
            hashes.drain(..surplus);
            Some(Arc::new(hashes))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stays_forgotten_until_the_server_issues_it_again() {
        let forgotten = Forgotten::none();
        assert!(!forgotten.contains(1));
        for hash in [1, 1, 2] {
            forgotten.add(hash);
        }
        assert!(forgotten.contains(1) && forgotten.contains(2));
        forgotten.remove(1);
        assert!(!forgotten.contains(1) && forgotten.contains(2));
    }

    #[test]
    fn the_oldest_of_too_many_is_dropped() {
        let forgotten = Forgotten::none();
        forgotten.hashes.store(Some(Arc::new((0..MAX_FORGOTTEN as u64).collect())));
        forgotten.add(u64::MAX);
        assert_eq!(forgotten.hashes.load().as_ref().unwrap().len(), MAX_FORGOTTEN);
        assert!(!forgotten.contains(0) && forgotten.contains(u64::MAX));
    }
}
