//! A token in memory, and until when it serves. Pure: time and chance are given.

use std::array;
use std::ops::Add;
use std::ptr;
use std::time::{Duration, Instant, SystemTime};

use crate::token::Token;

/// A token is handed out with this much left, or a quarter of its lifetime.
const FLOOR: Duration = Duration::from_secs(60);
/// A refresh begins with this much left, or a tenth of the lifetime, never over half of it.
const REFRESH: Duration = Duration::from_secs(300);

/// Other processes have half of the time between refresh and floor to refresh a token, and this long at
/// least.
const MIN_TIME_OF_OTHERS: Duration = Duration::from_secs(10);

/// Both clocks: the wall's, which may be set, and the steady one, which stops while a machine is
/// suspended. What has ended by one has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub wall: SystemTime,
    pub steady: Instant,
}

impl Moment {
    pub fn now() -> Self {
        Self { wall: SystemTime::now(), steady: Instant::now() }
    }

    pub fn is_before(&self, end: Self) -> bool {
        self.wall < end.wall && self.steady < end.steady
    }

    /// What comes first, by each of the clocks.
    fn min(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), steady: self.steady.min(other.steady) }
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self { wall: self.wall + wait, steady: self.steady + wait }
    }
}

/// Threads that count references to one token in one place would wait for each other.
const COPIES: usize = 8;

/// A token and when it has to be replaced.
#[derive(Clone, Debug)]
pub(super) struct Held {
    copies: [Token; COPIES],
    /// From here on one caller refreshes it.
    pub refresh_at: Moment,
    /// Until then, a process that refreshes it is given time to.
    others_until: Moment,
    /// From here on it is not handed out any more.
    pub floor_at: Moment,
}

impl Held {
    pub fn token(&self) -> &Token {
        // Each thread has a stack of its own; a product spreads their addresses (Fibonacci hashing).
        let stack = ptr::from_ref(&self).addr() as u64 >> 20;
        let spread = stack.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        &self.copies[spread as usize % COPIES]
    }

    /// `chance` from 0 to 1 spreads the refreshes of many processes over a fifth of the time.
    pub fn new(token: &Token, obtained_at: SystemTime, now: Moment, chance: f64) -> Self {
        let lifetime = token.expires_at().duration_since(obtained_at).unwrap_or_default();
        let left = token.expires_in(now.wall);
        let floor = FLOOR.min(lifetime / 4);
        let refresh = REFRESH.max(lifetime / 10).min(lifetime / 2).mul_f64(1.0 - chance / 5.0);
        let refresh_after = left.saturating_sub(refresh);
        let floor_after = left.saturating_sub(floor);
        let window = floor_after.saturating_sub(refresh_after);
        Self {
            copies: array::from_fn(|_| token.apart()),
            refresh_at: now + refresh_after,
            others_until: now + refresh_after + (window / 2).max(MIN_TIME_OF_OTHERS),
            floor_at: now + floor_after,
        }
    }

    /// Whether the process that holds the lock is still given time to refresh it: it may be stopped, or
    /// wait for a server that it alone cannot reach.
    pub fn is_left_to_others(&self, now: Moment) -> bool {
        now.is_before(self.others_until)
    }

    /// For how long it may still be handed out.
    pub fn time_left(&self, now: Moment) -> Duration {
        let wall = self.floor_at.wall.duration_since(now.wall).unwrap_or_default();
        wall.min(self.floor_at.steady.saturating_duration_since(now.steady))
    }

    /// The same with its refresh at another time, at the floor at the latest; `None`: there.
    pub fn put_off(&self, refresh_at: Option<Moment>) -> Self {
        let refresh_at = refresh_at.map_or(self.floor_at, |at| at.min(self.floor_at));
        Self { refresh_at, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds until refresh and floor of a token that lives this long, at a chance.
    fn times(lifetime: u64, chance: f64) -> (u64, u64) {
        let now = Moment::now();
        let token = Token::new("t", None, now.wall + Duration::from_secs(lifetime));
        let held = Held::new(&token, now.wall, now, chance);
        let seconds = |end: Moment| end.steady.duration_since(now.steady).as_secs();
        (seconds(held.refresh_at), seconds(held.floor_at))
    }

    #[test]
    fn a_refresh_begins_with_a_tenth_or_5_minutes_left_and_never_over_half() {
        assert_eq!(times(86_400, 0.0), (86_400 - 8_640, 86_400 - 60));
        assert_eq!(times(1_000, 0.0), (700, 940));
        assert_eq!(times(400, 0.0), (200, 340));
        assert_eq!(times(40, 0.0), (20, 30));
    }

    #[test]
    fn chance_puts_a_refresh_off_but_never_below_the_floor() {
        assert_eq!(times(86_400, 1.0), (86_400 - 6_912, 86_400 - 60));
        for lifetime in [4, 40, 400, 4_000] {
            let (refresh, floor) = times(lifetime, 1.0);
            assert!(refresh < floor, "{lifetime}");
        }
    }

    #[test]
    fn a_refresh_is_never_put_off_beyond_the_floor() {
        let now = Moment::now();
        let hour = Duration::from_secs(3600);
        let held = Held::new(&Token::new("t", None, now.wall + hour), now.wall, now, 0.0);
        let late = now + 100 * hour;
        assert!(!late.is_before(held.put_off(Some(late)).refresh_at));
        let put_off = held.put_off(Some(late)).refresh_at;
        assert_eq!((put_off.wall, put_off.steady), (held.floor_at.wall, held.floor_at.steady));
    }

    #[test]
    fn a_refresh_is_left_to_others_for_half_of_its_time_and_10_s_at_least() {
        let now = Moment::now();
        let seconds = Duration::from_secs;
        let others_until = |lifetime| {
            let held =
                Held::new(&Token::new("t", None, now.wall + seconds(lifetime)), now.wall, now, 0.0);
            (0..).find(|after| !held.is_left_to_others(held.refresh_at + seconds(*after))).unwrap()
        };
        assert_eq!(others_until(86_400), (8_640 - 60) / 2);
        assert_eq!(others_until(8), 10);
    }

    #[test]
    fn a_clock_that_is_set_makes_no_expired_token_fresh() {
        let now = Moment::now();
        let hour = Duration::from_secs(3600);
        let end = now + hour;
        // Set back by a day, an hour passes all the same.
        let set_back = Moment { wall: now.wall - 24 * hour, steady: now.steady + hour };
        assert!(now.is_before(end) && !set_back.is_before(end));
        // Suspended, only the wall's clock goes on.
        let suspended = Moment { wall: now.wall + hour, steady: now.steady };
        assert!(!suspended.is_before(end));
    }
}
