//! The JWT of the platform: where it comes from, and its claims, never the JWT.

use std::fs;
use std::path::Path;
use std::time::{Instant, SystemTime};

use serde_json::{Map, Value};

use super::check::Check;
use crate::assertion_source::{AssertionPlace, AssertionSource};
use crate::credentials::Credentials;
use crate::error::{printable, redact};
use crate::http::Http;
use crate::jwt;
use crate::unix_time::unix_seconds;

const NAME: &str = "platform's JWT";

/// Reports the JWT of a file, without network. Returns false if it cannot be used.
pub(super) fn in_file(credentials: &Credentials, report: &mut dyn FnMut(Check)) -> bool {
    let now = SystemTime::now();
    let Some(source) = credentials.assertion_source() else { return true };
    match source.assertion_in_file(now) {
        Some(Ok(found)) => describe(credentials, source, found.expose(), now, report),
        Some(Err(error)) => {
            report(Check::error(NAME, &error));
            return false;
        }
        None => report(Check::ok(NAME, format!("comes from {}", origin(source, now)))),
    }
    true
}

/// Asks a command or URL, and reports the JWT. Returns false if there is none.
pub(super) fn from_platform(
    credentials: &Credentials,
    http: &Http,
    deadline: Instant,
    report: &mut dyn FnMut(Check),
) -> bool {
    let now = SystemTime::now();
    let source = credentials.assertion_source();
    let source = source.filter(|source| !matches!(source.place, AssertionPlace::File(_)));
    let Some(source) = source else { return true };
    match source.assertion(http, now, deadline) {
        Ok(found) => describe(credentials, source, found.expose(), now, report),
        Err(error) => {
            report(Check::error(NAME, &error));
            return false;
        }
    }
    true
}

/// Continues "comes from".
fn origin(source: &AssertionSource, now: SystemTime) -> String {
    match &source.place {
        AssertionPlace::File(file) => match age(&file.path, now) {
            Some(age) => format!("the file {}, written {age} s ago", file.path.display()),
            None => format!("the file {}", file.path.display()),
        },
        AssertionPlace::Command(command) => format!("the command {}", command.program),
        AssertionPlace::Url(url) => url.url.without_query().to_owned(),
    }
}

/// Returns the seconds since a file was written.
fn age(path: &Path, now: SystemTime) -> Option<u64> {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
    now.duration_since(written).ok().map(|age| age.as_secs())
}

fn describe(
    credentials: &Credentials,
    source: &AssertionSource,
    found: &str,
    now: SystemTime,
    report: &mut dyn FnMut(Check),
) {
    let origin = origin(source, now);
    let claims = jwt::decode(found).and_then(|jwt| serde_json::from_str(&jwt.claims).ok());
    let Some(claims): Option<Map<String, Value>> = claims else {
        report(Check::ok(NAME, format!("comes from {origin}; it is a token of another kind")));
        return;
    };
    let mut said: Vec<String> = ["iss", "sub", "aud"]
        .into_iter()
        .map(|name| match texts(&claims, name).join(" ") {
            none if none.is_empty() => format!("no {name}"),
            text => format!("{name} {}", printable(&redact(&text, &[found]), &[])),
        })
        .collect();
    said.push(match claims.get("exp").and_then(Value::as_f64) {
        Some(exp) => format!("expires in {} s", exp as i64 - unix_seconds(now)),
        None => "no exp".to_owned(),
    });
    report(Check::ok(NAME, format!("comes from {origin}: {}", said.join(", "))));
    report_audience(credentials, &texts(&claims, "aud"), report);
}

/// Compares the audience with what a server whose issuer is known expects (RFC 7523 section 3).
fn report_audience(credentials: &Credentials, aud: &[&str], report: &mut dyn FnMut(Check)) {
    let Some(issuer) = &credentials.issuer else { return };
    let issuer = issuer.to_string();
    let expected = [issuer.as_str(), credentials.token_url().as_str()];
    if aud.iter().any(|aud| expected.contains(aud)) {
        return;
    }
    let aud = match aud.join(" ") {
        none if none.is_empty() => "missing".to_owned(),
        aud => printable(&redact(&aud, &[]), &[]),
    };
    let hint = format!(
        "have the platform make the JWT for the audience {issuer}, unless the server's documentation names \
         another"
    );
    report(Check::warning("JWT's audience", format!("aud is {aud}, not the issuer"), hint));
}

/// Returns the texts of a claim that is a text or a list.
fn texts<'a>(claims: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    match claims.get(name) {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}
