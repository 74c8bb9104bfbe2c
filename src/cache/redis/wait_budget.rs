//! The time that a session with Redis may wait.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::system;

/// A server that is gone may cost a tenth of the time that a call has left; the rest of this
/// fraction is for what the waiting itself costs.
const FRACTION: u32 = 12;
const SLICES: u32 = 64;
/// A shorter slice would be late on an idle host, too.
const MIN_SLICE: Duration = Duration::from_millis(2);
/// The number of slices that a prompt response gives back, so that it costs nothing.
const PROMPT: u32 = 4;
/// The shortest wait after which a server counts as slow.
const MIN_VERDICT: Duration = Duration::from_millis(50);

/// The waiting that is left to one session, which ends at the call's deadline as well.
///
/// A busy host is not a dead server. A thread that the system does not run cannot tell from the
/// clock whether the server is slow, or the thread itself. So it waits in short slices and looks
/// again after each. A slice costs its length; one that ended late costs less, by as much as it was
/// late: where this thread waits for a processor, a server on the same host does, too.
pub(super) struct WaitBudget {
    deadline: Instant,
    whole: Duration,
    left: Cell<Duration>,
}

impl WaitBudget {
    /// Allows a part of the time that is left until the call's `deadline`.
    pub fn new(deadline: Instant) -> Self {
        let whole = deadline.saturating_duration_since(system::now()) / FRACTION;
        Self { deadline, whole, left: Cell::new(whole) }
    }

    /// Calls `look`, which waits for as long as it is told, until it sees something; `None` once
    /// the budget or the call's time is over.
    pub fn wait<T>(&self, mut look: impl FnMut(Duration) -> Option<T>) -> Option<T> {
        loop {
            let start = system::now();
            let slice = self.slice().min(self.deadline.saturating_duration_since(start));
            if slice.is_zero() || self.left.get().is_zero() {
                return None;
            }
            let seen = look(slice);
            let took = system::now().saturating_duration_since(start);
            let cost =
                if took <= slice { took } else { slice.mul_f64(slice.div_duration_f64(took)) };
            self.left.set(self.left.get().saturating_sub(cost));
            if seen.is_some() {
                return seen;
            }
        }
    }

    /// Returns for how long a server that is gone may still be waited for.
    pub fn left(&self) -> Duration {
        self.left.get().min(self.deadline.saturating_duration_since(system::now()))
    }

    /// Runs `step` with one of `parts` equal parts of the remaining time.
    pub fn part<T>(&self, parts: usize, step: impl FnOnce() -> T) -> T {
        let left = self.left.get();
        let part = left / u32::try_from(parts.max(1)).unwrap_or(u32::MAX);
        self.left.set(part);
        let done = step();
        self.left.set(left - part + self.left.get());
        done
    }

    fn slice(&self) -> Duration {
        (self.whole / SLICES).max(MIN_SLICE)
    }

    /// Gives something back: a whole response has come.
    pub fn answered(&self) {
        let back = self.whole / SLICES * PROMPT;
        self.left.set(self.whole.min(self.left.get() + back));
    }

    /// Returns whether the call has no time left.
    pub fn is_late(&self) -> bool {
        system::now() >= self.deadline
    }

    /// Returns whether so much was waited for nothing that the server must be gone. A call that has little
    /// time itself does not tell.
    pub fn is_spent(&self) -> bool {
        self.left.get().is_zero() && self.whole >= MIN_VERDICT
    }
}

#[cfg(test)]
impl WaitBudget {
    /// Allows `whole`, in a call that has time enough, however slow the machine is.
    pub fn of(whole: Duration) -> Self {
        let deadline = system::now() + Duration::from_secs(3600);
        Self { deadline, whole, left: Cell::new(whole) }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_thread_that_waits_for_its_turn_looks_more_often_and_not_less() {
        let wait_budget = WaitBudget::of(Duration::from_millis(64));
        let mut looks = 0;
        let seen: Option<()> = wait_budget.wait(|slice| {
            looks += 1;
            // A busy system lets the thread sleep four times as long as it asked.
            thread::sleep(slice * 4);
            None
        });
        assert_eq!(seen, None);
        assert!(looks >= 4 * 64 / 2, "{looks}");
        assert!(wait_budget.is_spent() && !wait_budget.is_late());
    }

    #[test]
    fn what_comes_after_a_long_absence_is_still_seen() {
        let wait_budget = WaitBudget::of(Duration::from_millis(64));
        let seen = wait_budget.wait(|slice| {
            thread::sleep(slice * 10);
            Some(7)
        });
        assert_eq!(seen, Some(7));
        assert!(wait_budget.whole - wait_budget.left.get() <= MIN_SLICE / 10);
    }

    #[test]
    fn bytes_that_drip_are_waited_for_no_longer_than_none() {
        let wait_budget = WaitBudget::of(Duration::from_secs(300));
        let dripping = |wait_budget: &WaitBudget| {
            let mut slept = Duration::ZERO;
            let waited = wait_budget.left.get();
            while slept < Duration::from_millis(20) {
                wait_budget.wait(|_| {
                    thread::sleep(Duration::from_millis(2));
                    slept += Duration::from_millis(2);
                    Some(())
                });
            }
            waited - wait_budget.left.get()
        };
        assert!(dripping(&wait_budget) >= Duration::from_millis(20));
    }

    #[test]
    fn a_prompt_response_costs_nothing_and_a_slow_one_is_not_forgotten() {
        let wait_budget = WaitBudget::of(Duration::from_secs(300));
        let slice = wait_budget.whole / SLICES;
        let left = |slices: u32| wait_budget.whole - slice * slices;
        wait_budget.left.set(left(PROMPT));
        wait_budget.answered();
        assert_eq!(wait_budget.left.get(), wait_budget.whole);
        wait_budget.left.set(left(20));
        wait_budget.answered();
        assert_eq!(wait_budget.left.get(), left(20 - PROMPT));
    }

    #[test]
    fn one_of_several_servers_uses_up_its_part_and_not_that_of_the_others() {
        let wait_budget = WaitBudget::of(Duration::from_secs(300));
        for parts in [3, 2] {
            wait_budget.part(parts, || wait_budget.left.set(Duration::ZERO));
            assert!(!wait_budget.is_spent());
        }
        wait_budget.part(1, || wait_budget.left.set(Duration::ZERO));
        assert!(wait_budget.is_spent());
    }

    #[test]
    fn the_deadline_ends_a_wait_and_says_nothing_about_the_server() {
        let over = WaitBudget::new(Instant::now());
        assert_eq!(over.wait(|_| Some(7)), None);
        assert!(over.is_late() && !over.is_spent());
        let near = WaitBudget::new(Instant::now() + Duration::from_millis(100));
        let seen: Option<()> = near.wait(|slice| {
            thread::sleep(slice);
            None
        });
        assert_eq!(seen, None);
        assert!(!near.is_spent());
    }
}
