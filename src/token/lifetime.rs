//! The lifetime of a token, as the response or the token itself states it.

use std::ops::Range;
use std::time::SystemTime;

use der::DateTime;
use serde_json::{Map, Value};

use super::requested::Requested;
use crate::jwt;
use crate::server::max_lifetime;
use crate::unix_time::unix_seconds;

/// A hundred years: no token lives longer, and no time overflows.
const MAX_BELIEVED: i64 = 100 * 366 * 86_400;
/// The members that name the time of the expiry, by the server's clock, where expires_in is absent.
/// The last is Google's (IAM Service Account Credentials API).
const EXPIRY_TIMES: [&str; 4] = ["expires_on", "expires_at", "expires", "expireTime"];

/// Returns the lifetime in seconds at `now` according to the response, or `default` where it names
/// none; always over 0.
pub(super) fn lifetime(
    body: &Map<String, Value>,
    requested: &Requested,
    default: i64,
    now: SystemTime,
) -> Result<i64, String> {
    let given = |name: &str| body.get(name).filter(|value| is_given(value));
    let expires_in = match given("expires_in") {
        Some(value) => integer(value).ok_or("its expires_in is not a number")?,
        None => 0,
    };
    let mut times = EXPIRY_TIMES.iter().filter_map(|name| Some((name, given(name)?)));
    let lifetime = if expires_in > 0 {
        (expires_in / requested.grant_type.expires_in_per_second()).max(1)
    } else if let Some((name, value)) = times.next() {
        let time = unix_time(value)
            .ok_or_else(|| format!("its {name} is neither a number nor a date of RFC 3339"))?;
        time.saturating_sub(unix_seconds(now))
    } else {
        default
    };
    if lifetime < 1 {
        return Err("its token has expired already".into());
    }
    Ok(lifetime.min(max_lifetime(requested.server).unwrap_or(MAX_BELIEVED)))
}

/// Returns the lifetime in seconds at `now` that an IMS access token, which is a JWT, states
/// itself. Returns `None` if it states none or an impossible one.
pub(super) fn ims_lifetime(access_token: &str, now: SystemTime) -> Option<i64> {
    let claims: Value = serde_json::from_str(&jwt::decode(access_token)?.claims).ok()?;
    let (created_at, expires_in) = ims_times(claims.as_object()?)?;
    let age = unix_seconds(now).saturating_sub(created_at).max(0);
    Some(expires_in - age)
}

/// Returns the lifetime in seconds at `now` that an ID token states itself: it always has `exp`
/// (OpenID Connect Core section 2).
pub(super) fn id_token_lifetime(id_token: &str, now: SystemTime) -> Option<i64> {
    let claims: Value = serde_json::from_str(&jwt::decode(id_token)?.claims).ok()?;
    let exp = integer(claims.get("exp")?).filter(|exp| *exp > 0)?;
    Some(exp.saturating_sub(unix_seconds(now)))
}

/// Returns when the IMS access token of these claims was made, and how long it lives: Unix seconds, and seconds. `None`
/// where the claims do not say it as IMS does.
pub fn ims_times(claims: &Map<String, Value>) -> Option<(i64, i64)> {
    let seconds = |name| Some(integer(claims.get(name)?).filter(|time| *time > 0)? / 1000);
    Some((seconds("created_at")?, seconds("expires_in")?))
}

fn is_given(value: &Value) -> bool {
    !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty())
}

/// Reads a number, bare or in a string, and rounds it down. One that is too large becomes the
/// largest integer.
fn integer(value: &Value) -> Option<i64> {
    let rounded = |number: f64| number.floor() as i64;
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(rounded)),
        Value::String(text) => {
            let text = text.trim();
            // Rust's numbers may also be `+5`, `inf` and `nan`.
            let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
                && !text.contains(|c: char| c.is_alphabetic() && !c.eq_ignore_ascii_case(&'e'));
            let number = text.parse().ok().or_else(|| text.parse().ok().map(rounded));
            number.filter(|_| is_number)
        }
        _ => None,
    }
}

/// The numbers that are a time of this era in milliseconds: as seconds, they are over 30,000 years ahead.
const MILLISECONDS: Range<i64> = 1_000_000_000_000..10_000_000_000_000;

/// Reads a time in Unix seconds: a number, or a date of RFC 3339.
fn unix_time(value: &Value) -> Option<i64> {
    let seconds = |number| if MILLISECONDS.contains(&number) { number / 1000 } else { number };
    integer(value).map(seconds).or_else(|| rfc_3339(value.as_str()?.trim()))
}

/// Reads `2027-01-15T08:00:00.5+01:00`; fractions are ignored.
fn rfc_3339(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, zone) = rest.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
    let date_time: DateTime = format!("{date}T{time}Z").parse().ok()?;
    let zone = match zone.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => zone,
    };
    let seconds = |hours: &str| {
        let (hours, minutes) = hours.split_once(':')?;
        Some(
            3600 * hours.parse::<u8>().ok().map(i64::from)?
                + 60 * minutes.parse::<u8>().ok().map(i64::from)?,
        )
    };
    let ahead = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        ("+", hours) => seconds(hours)?,
        ("-", hours) => -seconds(hours)?,
        _ => return None,
    };
    i64::try_from(date_time.unix_duration().as_secs()).ok().map(|time| time - ahead)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::error::ADOBE;
    use crate::grant::GrantType;
    use crate::token::requested::DEFAULT_LIFETIME;
    use crate::unix_time::from_unix_seconds;

    /// The lifetime that the response of such a server states at 1,000,000 s; the default is 600 s.
    fn of_server(
        server: Option<&'static str>,
        grant_type: GrantType,
        body: Value,
    ) -> Result<i64, String> {
        let requested = Requested {
            grant_type,
            server,
            sent: [None, None],
            scope: None,
            id_token: false,
            default_lifetime: DEFAULT_LIFETIME,
        };
        lifetime(body.as_object().unwrap(), &requested, 600, from_unix_seconds(1_000_000))
    }

    fn of(body: Value) -> Result<i64, String> {
        of_server(None, GrantType::ClientCredentials, body)
    }

    #[test]
    fn a_lifetime_is_expires_in_or_the_time_of_the_expiry_or_the_default() {
        assert_eq!(of(json!({ "expires_in": 1 })), Ok(1));
        assert_eq!(of(json!({ "expires_in": "3599.9" })), Ok(3599));
        assert_eq!(of(json!({ "expires_in": 0, "expires_at": 1_000_001 })), Ok(1));
        assert_eq!(
            of(json!({ "expires_in": null, "expires_on": " ", "expires": 1_000_060 })),
            Ok(60)
        );
        assert_eq!(of(json!({ "expires_in": "" })), Ok(600));
        assert_eq!(of(json!({})), Ok(600));
        for ended in [999_999, 1_000_000] {
            assert!(of(json!({ "expires_at": ended })).is_err(), "{ended}");
        }
        assert!(of(json!({ "expires_in": "soon" })).is_err());
        assert_eq!(of(json!({ "expires_in": i64::MAX })), Ok(MAX_BELIEVED));
    }

    #[test]
    fn adobe_counts_a_jwt_exchange_in_milliseconds_and_no_token_of_it_lives_over_a_day() {
        let of = |expires_in: i64| {
            of_server(Some(ADOBE), GrantType::JwtExchange, json!({ "expires_in": expires_in }))
        };
        assert_eq!(of(3_600_000), Ok(3600));
        assert_eq!(of(1), Ok(1), "a part of a second is one");
        assert_eq!(of(172_800_000), Ok(86_400));
    }

    #[test]
    fn a_token_of_ims_says_in_milliseconds_when_it_was_made_and_how_long_it_lives() {
        let times = |claims: Value| ims_times(claims.as_object().unwrap());
        assert_eq!(
            times(json!({ "created_at": "1000000000", "expires_in": "86400000" })),
            Some((1_000_000, 86_400))
        );
        for impossible in ["0", "-1", "soon"] {
            assert_eq!(times(json!({ "created_at": impossible, "expires_in": "1000" })), None);
            assert_eq!(times(json!({ "created_at": "1000", "expires_in": impossible })), None);
        }
    }

    #[test]
    fn what_is_left_of_a_token_of_ims_is_counted_from_when_it_was_made() {
        let segment =
            |text: &str| base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, text);
        let token = format!(
            "{}.{}.{}",
            segment(r#"{"alg":"RS256"}"#),
            segment(r#"{"created_at":"1000000000","expires_in":"86400000"}"#),
            segment("signature")
        );
        let made = from_unix_seconds(1_000_000);
        assert_eq!(ims_lifetime(&token, made + Duration::from_secs(400)), Some(86_000));
        assert_eq!(
            ims_lifetime(&token, made - Duration::from_secs(400)),
            Some(86_400),
            "a clock behind"
        );
        assert_eq!(ims_lifetime("opaque", made), None);
    }

    #[test]
    fn a_time_is_seconds_or_a_date_with_any_zone() {
        for text in [
            "1800000000",
            " 1800000000.9 ",
            "1800000000999",
            "2027-01-15T08:00:00Z",
            "2027-01-15 08:00:00.123z",
            "2027-01-15T09:30:00+01:30",
            "2027-01-15T08:00:00-00:00",
            "2027-01-15T07:00:00.5-01:00",
        ] {
            assert_eq!(unix_time(&text.into()), Some(1_800_000_000), "{text}");
        }
        for text in [
            "",
            "soon",
            "2027-01-15",
            "2027-01-15T08:00:00",
            "2027-13-15T08:00:00Z",
            "+5",
            "inf",
            "nan",
            "2027-01-15T08:00:00Zz",
            "2027-01-15T08:00:00+1",
            "2027-01-1\u{e4}T08:00:00Z",
        ] {
            assert_eq!(unix_time(&text.into()), None, "{text}");
        }
    }
}
