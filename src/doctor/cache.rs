//! The checks of the cache: the operations of a call, and the entry of this account.

use std::time::{Duration, Instant, SystemTime};

use super::check::Check;
use super::setup::Setup;
use crate::cache::{Account, Entry, Problem, SharedCache};
use crate::credentials::Credentials;

const NAME: &str = "cache";
const FAILURE: &str = "last failure";
/// A lock that is held for an exchange is released sooner, as a rule.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// A shared cache and the entry that it holds.
pub(super) struct ProbedCache {
    shared: SharedCache,
    pub entry: Entry,
}

/// Returns `None` where no cache is shared, or it was not asked.
pub(super) fn examine(
    setup: &Setup,
    credentials: &Credentials,
    online: bool,
    report: &mut dyn FnMut(Check),
) -> Option<ProbedCache> {
    let ca_file = setup.transport.ca_file.as_deref();
    let account = Account::from(credentials);
    let shared = setup.cache.clone().and_then(|cache| SharedCache::new(&cache, &account, ca_file));
    let shared = match shared {
        Ok(Some(shared)) => shared,
        Ok(None) => {
            report(Check::ok(
                NAME,
                match account.secret {
                    [] => {
                        "none that processes share: the account has no secret to seal an entry with"
                    }
                    _ => "none that processes share",
                },
            ));
            return None;
        }
        Err(error) => {
            report(Check::error(NAME, &error));
            return None;
        }
    };
    let survey = shared.survey();
    for problem in survey.problems {
        report(warning(problem));
    }
    if let Some(idle) = survey.idle.filter(|_| !online) {
        report(Check::ok(NAME, format!("{} {idle}", survey.place)));
        return None;
    }
    let timeout = setup.transport.timeout;
    let mut session = shared.session(Instant::now() + timeout);
    let (entry, problems) = session.probe(LOCK_WAIT.min(timeout / 4));
    drop(session);
    // A cache that cannot be written may still return what it has.
    if problems.is_empty() || entry.token.is_some() {
        report(token(&survey.place, &entry));
    }
    for problem in problems {
        report(warning(problem));
    }
    if let Some(check) = failure(&entry) {
        report(check);
    }
    Some(ProbedCache { shared, entry })
}

impl ProbedCache {
    /// Clears a remembered failure after a successful exchange, so that callers try again at once.
    pub fn clear_failure(&self, timeout: Duration, report: &mut dyn FnMut(Check)) {
        if self.entry.failure.is_none() {
            return;
        }
        let mut session = self.shared.session(Instant::now() + timeout);
        session.clear_failure();
        let is_there = match session.try_read() {
            Ok(entry) => entry.is_some_and(|entry| entry.failure.is_some()),
            Err(_) => true,
        };
        report(if is_there {
            let hint = "wait until it has passed, or try again";
            Check::warning(FAILURE, "could not be cleared", hint)
        } else {
            Check::ok(
                FAILURE,
                "is cleared: an exchange succeeds now, and callers try again at once",
            )
        });
    }
}

fn warning(problem: Problem) -> Check {
    let hint = problem.hint.unwrap_or_else(|| {
        "until this is fixed, each process gets its own token: name another cache".to_owned()
    });
    Check::warning(NAME, problem.problem, hint)
}

fn token(place: &str, entry: &Entry) -> Check {
    match &entry.token {
        Some(stored) => {
            let left = stored.token.expires_in(SystemTime::now()).as_secs();
            Check::ok(NAME, format!("{place} holds a token that expires in {left} s"))
        }
        None => Check::ok(NAME, format!("{place} holds no token of this account")),
    }
}

fn failure(entry: &Entry) -> Option<Check> {
    let failure = entry.failure.as_ref()?;
    let left = failure.until.duration_since(SystemTime::now()).unwrap_or_default().as_secs();
    let error = &failure.error;
    let message = format!("callers get it for {left} s more: {}", error.message());
    // The other command would invalidate the token as well.
    let clear = match entry.token {
        None => {
            "once it is fixed, ims doctor --online clears it, as ims invalidate CREDENTIALS does"
        }
        Some(_) => "once it is fixed, ims doctor --online clears it",
    };
    let hint = error.hint().map_or_else(|| clear.to_owned(), |hint| format!("{hint}; {clear}"));
    Some(Check { cause: error.cause(), ..Check::warning(FAILURE, message, hint) })
}
