//! A table of shared objects. The key of an object is the digest of what it is made from. Above a
//! limit, the least recently used object is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;

use super::digest::Digest;
use crate::error::Error;
use crate::fork::Process;

/// A table that is changed without a lock: a fork in another thread at any time leaves nothing locked in the child.
pub(super) struct Table<T> {
    /// The objects; `None` while the table is empty.
    slots: ArcSwapOption<Slots<T>>,
    /// The number of uses so far, of all objects.
    uses: AtomicU64,
}

type Slots<T> = Vec<Arc<Slot<T>>>;

struct Slot<T> {
    digest: Digest,
    object: Arc<T>,
    last_use: AtomicU64,
    /// The process that made the object: a forked child begins with an empty table.
    process: Process,
}

impl<T> Table<T> {
    pub const fn new() -> Self {
        Self { slots: ArcSwapOption::const_empty(), uses: AtomicU64::new(0) }
    }

    /// Returns the object of `digest` where it `is_current`, or else the one that `make` makes, which is kept among the
    /// `limit` objects that were used last. Threads that make the same object at once all get the first one.
    ///
    /// # Errors
    /// Those of `make`; they are not kept.
    pub fn get_or_make(
        &self,
        digest: &Digest,
        limit: usize,
        is_current: impl Fn(&T) -> bool,
        make: impl FnOnce() -> Result<T, Error>,
    ) -> Result<Arc<T>, Error> {
        let find = |slots: Option<&Arc<Slots<T>>>| {
            let process = Process::current();
            let is_it = |slot: &&Arc<Slot<T>>| slot.digest == *digest && slot.process == process;
            let slot = slots?.iter().find(is_it).filter(|slot| is_current(&slot.object))?;
            slot.last_use.store(self.next_use(), Ordering::Relaxed);
            Some(Arc::clone(&slot.object))
        };
        // In full, for `is_current` may call back into the program.
        if let Some(object) = find(self.slots.load_full().as_ref()) {
            return Ok(object);
        }
        let object = Arc::new(make()?);
        let made = Arc::new(Slot {
            digest: *digest,
            object: Arc::clone(&object),
            last_use: AtomicU64::new(self.next_use()),
            process: Process::current(),
        });
        loop {
            let slots = self.slots.load_full();
            if let Some(object) = find(slots.as_ref()) {
                return Ok(object);
            }
            let next = Some(Arc::new(with(slots.as_deref(), &made, limit)));
            let before = self.slots.compare_and_swap(&slots, next);
            if before.as_ref().map(Arc::as_ptr) == slots.as_ref().map(Arc::as_ptr) {
                return Ok(object);
            }
        }
    }

    fn next_use(&self) -> u64 {
        self.uses.fetch_add(1, Ordering::Relaxed)
    }
}

/// The slots with `made`, which replaces the one of the same digest, and without the least recently used beyond `limit`.
fn with<T>(slots: Option<&Slots<T>>, made: &Arc<Slot<T>>, limit: usize) -> Slots<T> {
    let stays = |slot: &&Arc<Slot<T>>| slot.digest != made.digest && slot.process == made.process;
    let mut all: Slots<T> = slots.into_iter().flatten().filter(stays).cloned().collect();
    all.push(Arc::clone(made));
    // Another thread may use one meanwhile.
    all.sort_by_cached_key(|slot| slot.last_use.load(Ordering::Relaxed));
    all.drain(..all.len().saturating_sub(limit));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;

    fn digest(number: u8) -> Digest {
        [number; 32]
    }

    /// Gets or makes the object `number`, which is its digest, too.
    fn get(table: &Table<u8>, number: u8) -> Arc<u8> {
        table.get_or_make(&digest(number), 2, |_| true, || Ok(number)).unwrap()
    }

    #[test]
    fn the_same_object_is_found_until_two_others_were_used_since() {
        let table = Table::new();
        let one = get(&table, 1);
        get(&table, 2);
        assert!(Arc::ptr_eq(&one, &get(&table, 1)));
        get(&table, 3);
        assert!(Arc::ptr_eq(&one, &get(&table, 1)), "2 went, which was used before");
        get(&table, 2);
        get(&table, 3);
        assert!(!Arc::ptr_eq(&one, &get(&table, 1)));
        assert_eq!(table.slots.load().as_ref().unwrap().len(), 2);
    }

    #[test]
    fn an_object_that_is_not_current_is_replaced_by_the_new_one_and_by_no_error() {
        let table = Table::new();
        let old = get(&table, 1);
        let stale = |_: &u8| false;
        let failed = || Key::from_bytes(b"", None).map(|_| 0);
        assert!(table.get_or_make(&digest(1), 2, stale, failed).is_err());
        assert!(Arc::ptr_eq(&old, &get(&table, 1)));
        let new = table.get_or_make(&digest(1), 2, |object| *object == 7, || Ok(7)).unwrap();
        assert!(Arc::ptr_eq(&new, &get(&table, 1)));
    }

    #[test]
    fn of_two_threads_that_make_one_object_at_once_both_get_the_first() {
        let table = Table::new();
        let second = table.get_or_make(&digest(1), 2, |_| true, || Ok(*get(&table, 1) + 1));
        assert_eq!(*second.unwrap(), 1);
    }
}
