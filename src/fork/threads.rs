//! Sets of threads, which code at a fork may change at any time.

use std::sync::atomic::Ordering;

use crate::system::AtomicU32;

/// Set in the number of a thread that is not where its entry stands yet. Linux has no thread with such a number.
pub(super) const PENDING: u32 = 1 << 31;

/// A set of threads by their numbers, which may hold one several times; 0 is a free place.
pub(super) struct Threads<const PLACES: usize> {
    places: [AtomicU32; PLACES],
    /// The number of further threads, for which no place is left.
    unnamed: AtomicU32,
}

impl<const PLACES: usize> Threads<PLACES> {
    pub(super) const fn none() -> Self {
        Self { places: [const { AtomicU32::new(0) }; PLACES], unnamed: AtomicU32::new(0) }
    }

    pub(super) fn add(&self, thread: u32) -> ThreadEntry<'_> {
        // Each thread begins its search at a different place, so that threads seldom meet.
        let (before, after) = self.places.split_at(thread as usize % PLACES);
        let free = after.iter().chain(before).find(|place| {
            place.compare_exchange(0, thread, Ordering::SeqCst, Ordering::Relaxed).is_ok()
        });
        free.map_or_else(
            || {
                self.unnamed.fetch_add(1, Ordering::SeqCst);
                ThreadEntry::Unnamed(&self.unnamed)
            },
            |place| ThreadEntry::Named(place, thread),
        )
    }

    pub(super) fn remove(&self, thread: u32) {
        let is_named = self.places.iter().any(|place| ThreadEntry::Named(place, thread).leave());
        if !is_named {
            ThreadEntry::Unnamed(&self.unnamed).leave();
        }
    }

    pub(super) fn clear(&self) {
        self.places.iter().for_each(|place| place.store(0, Ordering::SeqCst));
        self.unnamed.store(0, Ordering::SeqCst);
    }

    /// Returns whether it holds a thread that is not pending.
    pub(super) fn has_confirmed(&self) -> bool {
        self.unnamed.load(Ordering::SeqCst) != 0
            || self.places.iter().any(|place| {
                let thread = place.load(Ordering::SeqCst);
                thread != 0 && thread & PENDING == 0
            })
    }

    pub(super) fn contains(&self, thread: u32) -> bool {
        self.places.iter().any(|place| place.load(Ordering::SeqCst) == thread)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.is_empty_but_for(0)
    }

    pub(super) fn is_empty_but_for(&self, thread: u32) -> bool {
        self.unnamed.load(Ordering::SeqCst) == 0
            && self
                .places
                .iter()
                .all(|place| [0, thread].contains(&(place.load(Ordering::SeqCst) & !PENDING)))
    }
}

/// The place of a thread in a set.
pub(super) enum ThreadEntry<'a> {
    Named(&'a AtomicU32, u32),
    Unnamed(&'a AtomicU32),
}

impl ThreadEntry<'_> {
    /// Makes the entry of a pending thread one that counts. Returns `None` where it has been cleared, as in a child.
    pub(super) fn confirm(self) -> Option<Self> {
        let (ordering, otherwise) = (Ordering::SeqCst, Ordering::Relaxed);
        match self {
            Self::Named(place, pending) => {
                let thread = pending & !PENDING;
                let changed = place.compare_exchange(pending, thread, ordering, otherwise);
                changed.is_ok().then_some(Self::Named(place, thread))
            }
            Self::Unnamed(_) => Some(self),
        }
    }

    /// Returns whether the thread still stood there: in a child, its place has been cleared.
    pub(super) fn leave(&self) -> bool {
        let (ordering, otherwise) = (Ordering::SeqCst, Ordering::Relaxed);
        match self {
            Self::Named(place, thread) => place.compare_exchange(*thread, 0, ordering, otherwise),
            Self::Unnamed(count) => {
                count.fetch_update(ordering, otherwise, |now| now.checked_sub(1))
            }
        }
        .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_set_of_threads_counts_those_that_have_no_place() {
        let threads = Threads::<2>::none();
        threads.add(1);
        threads.add(1);
        let last = threads.add(2);
        threads.remove(1);
        threads.remove(1);
        assert!(!threads.contains(2) && !threads.is_empty());
        assert!(last.leave() && threads.is_empty());
        assert!(!last.leave(), "it left twice");
    }
}
