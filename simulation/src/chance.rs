//! Chance that a seed decides. No function of a C library is asked, so that a seed means the same everywhere.

use std::time::Duration;

use support::random::Random;

/// A source of random values.
pub struct Chance(Random);

impl Chance {
    /// Returns the source that `seed` names.
    pub fn seeded(seed: u64) -> Self {
        Self(Random::seeded(seed))
    }

    /// Returns any number.
    pub fn number(&mut self) -> u64 {
        self.0.number()
    }

    /// Returns a number from 0 to below 1.
    pub fn fraction(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns true with this probability.
    pub fn is(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    /// Returns one of `choices`.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.below(choices.len() as u64) as usize]
    }

    /// Returns a number from `least` to `most`, each order of magnitude as often as any other.
    pub fn number_between(&mut self, least: u64, most: u64) -> u64 {
        let (low, high) = (least.max(1), most + 1);
        loop {
            let exponent = self.0.below(u64::from(high.ilog2() - low.ilog2() + 1));
            let power = 1 << (u64::from(low.ilog2()) + exponent);
            let number = power + self.0.below(power);
            if (low..high).contains(&number) {
                return number;
            }
        }
    }

    /// Returns a time from `least` to `most`, each order of magnitude as often as any other.
    pub fn time_between(&mut self, least: Duration, most: Duration) -> Duration {
        let nanoseconds = |time: Duration| time.as_nanos() as u64;
        Duration::from_nanos(self.number_between(nanoseconds(least), nanoseconds(most)))
    }

    /// Returns a part of `time`.
    pub fn part_of(&mut self, time: Duration) -> Duration {
        time.mul_f64(self.fraction())
    }

    /// Returns a time around `time`, up to twice as long.
    pub fn around(&mut self, time: Duration) -> Duration {
        time.mul_f64(2.0 * self.fraction())
    }
}
