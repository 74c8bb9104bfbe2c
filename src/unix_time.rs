//! Unix seconds, in which JWTs, servers and C count time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last second of the year 9999.
pub(crate) const LAST_SECOND: i64 = 253_402_300_799;

/// Returns the whole seconds since 1970; 0 before it.
pub fn unix_seconds(time: SystemTime) -> i64 {
    checked_seconds(time).unwrap_or_default()
}

/// Returns the whole seconds since 1970; `None` before it.
pub(crate) fn checked_seconds(time: SystemTime) -> Option<i64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Returns the time that is `seconds` after 1970, or before it where they are negative.
///
/// What the system's clock cannot hold becomes 1970.
pub fn from_unix_seconds(seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let time = if seconds < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_a_time_and_back_and_before_1970_is_before_it() {
        assert_eq!(from_unix_seconds(0), UNIX_EPOCH);
        assert_eq!(from_unix_seconds(5), UNIX_EPOCH + Duration::from_secs(5));
        assert_eq!(from_unix_seconds(-5), UNIX_EPOCH - Duration::from_secs(5));
        assert_eq!(unix_seconds(from_unix_seconds(LAST_SECOND)), LAST_SECOND);
        assert_eq!(unix_seconds(from_unix_seconds(-5)), 0);
        assert_eq!(checked_seconds(from_unix_seconds(-5)), None);
    }
}
