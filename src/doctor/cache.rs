//! The cache: whether it can be used, and what it holds for this account.

use std::time::{Instant, SystemTime};

use super::{Check, Setup};
use crate::cache::{Cache, Entry, SharedCache};
use crate::client::shared_cache;
use crate::credentials::Credentials;

const NAME: &str = "cache";

/// The cache, where there is one that is shared.
pub(super) fn examine(
    setup: &Setup,
    credentials: &Credentials,
    online: bool,
    report: &mut dyn FnMut(Check),
) -> Option<Entry> {
    let shared =
        setup.cache.clone().and_then(|cache| shared_cache(credentials, &cache, &setup.transport));
    let shared = match shared {
        Ok(Some(shared)) => shared,
        Ok(None) => {
            report(Check::ok(NAME, "none that processes share"));
            return None;
        }
        Err(error) => {
            report(Check::error(NAME, &error));
            return None;
        }
    };
    let (place, flaw) = shared.survey();
    let is_far = matches!(setup.cache, Ok(Cache::Redis(_)));
    if let Some((flaw, hint)) = flaw {
        report(Check::warning(NAME, format!("{place}: {flaw}"), hint));
        if !is_far {
            return None;
        }
    }
    if is_far && !online {
        report(Check::ok(NAME, format!("{place}; --online asks it")));
        return None;
    }
    held(setup, &shared, &place, report)
}

/// What it holds.
fn held(
    setup: &Setup,
    shared: &SharedCache,
    place: &str,
    report: &mut dyn FnMut(Check),
) -> Option<Entry> {
    let mut visit = shared.visit(Instant::now() + setup.transport.timeout);
    let read = visit.probe().and_then(|()| visit.try_read());
    let entry = match read {
        Ok(entry) => entry.unwrap_or_default(),
        Err(error) => {
            let hint = "tokens are kept by each process alone until this is mended";
            report(Check::warning(NAME, error.message(), hint));
            return None;
        }
    };
    let now = SystemTime::now();
    report(match &entry.token {
        Some(stored) => {
            let left = stored.token.expires_in(now).as_secs();
            Check::ok(NAME, format!("{place} holds a token that lives {left} s more"))
        }
        None => Check::ok(NAME, format!("{place} holds no token of this account")),
    });
    if let Some(failure) = &entry.failure {
        let left = failure.until.duration_since(now).unwrap_or_default().as_secs();
        let error = Check::error("last failure", &failure.error);
        let message = format!("callers get it for {left} s more: {}", error.message);
        let hint = error.hint.unwrap_or_else(|| "wait, or see what failed".to_owned());
        report(Check { cause: error.cause, ..Check::warning("last failure", message, hint) });
    }
    Some(entry)
}
