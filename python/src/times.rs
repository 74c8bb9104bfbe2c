//! Points in time and lengths of it.

use std::time::{Duration, SystemTime};

use ims::{Jti, Transport, from_unix_seconds};
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDelta, PyString, PyTzInfo};

use crate::arguments::{bad, text, whole};

/// Reads Unix seconds, or an aware datetime, cut to the second.
pub fn time(name: &str, value: &Bound<'_, PyAny>) -> PyResult<SystemTime> {
    seconds(name, value).map(from_unix_seconds)
}

fn seconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<i64> {
    let py = value.py();
    if value.is_instance_of::<PyDateTime>() {
        if value.call_method0("utcoffset")?.is_none() {
            return Err(bad(name, "is a datetime without a time zone"));
        }
        let utc = PyTzInfo::utc(py)?;
        let epoch = PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&utc))?;
        let second = PyDelta::new(py, 0, 1, 0, true)?;
        return whole(name, "int or datetime", &value.sub(epoch)?.floor_div(second)?);
    }
    whole(name, "int or datetime", value)
}

/// Whole seconds: an integer or a timedelta.
pub fn lifetime(name: &str, value: &Bound<'_, PyAny>) -> PyResult<i64> {
    if !value.is_instance_of::<PyDelta>() {
        return whole(name, "int or timedelta", value);
    }
    let second = PyDelta::new(value.py(), 0, 1, 0, true)?;
    if value.rem(&second)?.is_truthy()? {
        return Err(bad(name, "is not an integer number of seconds"));
    }
    whole(name, "int or timedelta", &value.floor_div(second)?)
}

/// A JWT id.
pub fn jti(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Jti> {
    if value.is_instance_of::<PyString>() {
        return text(name, value).map(Jti::Text);
    }
    whole(name, "str or int", value).map(Jti::Integer)
}

/// A timeout in seconds.
pub fn timeout(name: &str, value: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(value)
        .ok()
        .filter(|timeout| !timeout.is_zero() && *timeout <= Transport::MAX_TIMEOUT)
        .ok_or_else(|| bad(name, "must be more than 0 and at most 3600 seconds"))
}

/// An aware datetime in UTC, cut to the second.
pub fn datetime<'py>(py: Python<'py>, time: SystemTime) -> PyResult<Bound<'py, PyDateTime>> {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let utc = PyTzInfo::utc(py)?;
    // Exact, because the seconds until the year 9999 have 38 bits.
    PyDateTime::from_timestamp(py, seconds as f64, Some(&utc))
}
