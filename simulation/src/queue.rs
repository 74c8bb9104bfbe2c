//! What is to happen, in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Events by their time in nanoseconds; chance decides between those of the same time.
pub struct Queue<T> {
    heap: BinaryHeap<Reverse<(u64, u64, usize)>>,
    /// The events themselves are never moved.
    events: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), events: Vec::new(), free: Vec::new() }
    }
}

impl<T> Queue<T> {
    /// Adds an event; the one of the lowest `order` comes first of those at the same time.
    pub fn push(&mut self, at: Duration, order: u64, event: T) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.events.push(None);
            self.events.len() - 1
        });
        self.events[place] = Some(event);
        self.heap.push(Reverse((at.as_nanos() as u64, order, place)));
    }

    /// Returns the next event and its time.
    pub fn pop(&mut self) -> Option<(Duration, T)> {
        let Reverse((at, _, place)) = self.heap.pop()?;
        self.free.push(place);
        Some((Duration::from_nanos(at), self.events[place].take()?))
    }
}
