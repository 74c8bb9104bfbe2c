//! What must be true in every state of a fleet.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime};

use simulated_ims::{Error, Status, Token};

use crate::fault::Kind;
use crate::scenario::{Scenario, Sharing};
use crate::token_server::{Issued, TokenServer};

/// The promise of [`simulated_ims::Client::token`]: this much is left, or a quarter of a short lifetime.
const FLOOR: Duration = Duration::from_secs(60);
/// A call may take this much longer to store its token for others.
const STORING: Duration = Duration::from_millis(150);
/// Entries in a cache count milliseconds.
const TOLERANCE: Duration = Duration::from_millis(10);
/// The longest that a failure is remembered, where the server asks for nothing.
const BACKOFF: Duration = Duration::from_secs(30);

/// An exchange may be in progress for as long as an advisory refresh.
const IN_PROGRESS: Duration = Duration::from_secs(2);

/// A call as it begins.
pub struct Call {
    pub caller: usize,
    pub process: usize,
    pub at: Duration,
    /// The time by the steady clock of its host.
    pub steady: Duration,
    /// By how many nanoseconds the wall clock of its host was set forward.
    pub clock_offset: i64,
    /// For how long its process, and its thread, had stood still by then.
    pub stopped_for: Duration,
}

pub struct Invariants {
    violation: Option<String>,
    seen: Vec<Seen>,
    /// The requests that reached the token server.
    pub requests: Vec<Request>,
    /// When processes dropped their tokens before their time.
    drops: Vec<(Duration, usize)>,
    pub calls: u64,
    pub failures: u64,
}

/// A request that reached the token server.
pub struct Request {
    pub at: Duration,
    process: usize,
    /// How often the process had been started.
    life: u32,
}

/// What a process did with its tokens, by their numbers.
#[derive(Clone, Default)]
struct Seen {
    /// The end of each token's use, by the steady clock.
    ends: BTreeMap<usize, Duration>,
    forgotten: BTreeMap<usize, Duration>,
    forgot_at: Option<Duration>,
    /// The token that it handed out last, and when.
    last: Option<(Duration, usize)>,
    /// When a call of it first had no time for a second request.
    was_short: Option<Duration>,
    /// How often it was started.
    life: u32,
}

impl Invariants {
    pub fn new(_: &Scenario, processes: usize) -> Self {
        let seen = vec![Seen::default(); processes];
        Self {
            violation: None,
            seen,
            requests: Vec::new(),
            drops: Vec::new(),
            calls: 0,
            failures: 0,
        }
    }

    /// Returns whether all were true until now.
    pub fn hold(&self) -> bool {
        self.violation.is_none()
    }

    /// Returns what was not true first.
    pub fn violation(&self) -> Option<&str> {
        self.violation.as_deref()
    }

    pub fn check(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds && self.violation.is_none() {
            self.violation = Some(problem());
        }
    }

    /// A process was started.
    pub fn started(&mut self, process: usize) {
        self.seen[process] = Seen { life: self.seen[process].life + 1, ..Seen::default() };
    }

    /// A request reached the token server.
    pub fn requested(&mut self, now: Duration, process: usize) {
        let life = self.seen[process].life;
        self.requests.push(Request { at: now, process, life });
    }

    /// A call ended, after it ran for so long.
    pub fn ended(&mut self, scenario: &Scenario, call: &Call, took: Duration) {
        let Call { caller, .. } = call;
        self.check(took <= scenario.timeout + STORING + TOLERANCE, || {
            format!("the call of caller {caller} took {took:?} and had {:?}", scenario.timeout)
        });
    }

    /// A caller got a token: at this time, and by these clocks of its host.
    pub fn handed_out(
        &mut self,
        scenario: &Scenario,
        call: &Call,
        token: &Token,
        issued: Option<&Issued>,
        (now, wall, steady): (Duration, SystemTime, Duration),
    ) {
        self.calls += 1;
        let name = token.access_token();
        let Call { caller, process, .. } = call;
        let Some(issued) = issued else {
            return self.check(false, || format!("caller {caller} got {name}, which never was"));
        };
        let floor = FLOOR.min(issued.lifetime / 4);
        let left = token.expires_in(wall);
        // Where a clock is set while a server responds, its token is as good as can be, for all who wait for it.
        let is_just_issued = issued.delivered_at.is_some_and(|at| at >= call.at)
            && issued.at + issued.lifetime + TOLERANCE
                >= now + floor.saturating_sub(scenario.timeout);
        self.check(left + TOLERANCE >= floor || is_just_issued, || {
            format!("caller {caller} got {name} with {left:?} left by its clock")
        });
        let end = steady + left.saturating_sub(floor);
        let seen = &mut self.seen[*process];
        seen.last = Some((now, issued.number));
        let end = *seen.ends.entry(issued.number).or_insert(end);
        let is_forgotten = seen.forgotten.get(&issued.number).is_some_and(|at| *at <= call.at);
        self.check(steady <= end + TOLERANCE, || {
            format!(
                "caller {caller} got {name} {:?} after its use by the steady clock",
                steady - end
            )
        });
        self.check(!is_forgotten, || format!("caller {caller} got {name}, which was forgotten"));
        if !scenario.has(|kind| matches!(kind, Kind::ClockSet(_) | Kind::Suspended)) {
            let left = (issued.at + issued.lifetime).saturating_sub(now);
            self.check(left + 2 * scenario.skew + TOLERANCE >= floor, || {
                format!("caller {caller} got {name} with {left:?} left")
            });
        }
    }

    /// A caller got an error.
    pub fn failed(&mut self, scenario: &Scenario, call: &Call, error: &Error) {
        self.calls += 1;
        self.failures += 1;
        let quiet = scenario.faults_end() + quiet_after(scenario);
        // Where a secret was rotated, a call may need two requests, after it waited half of its time for another
        // process. The next call of the process needs one.
        let is_short = scenario.has(|kind| kind == Kind::Rotated)
            && error.status() == Status::Timeout
            && 2 * scenario.request() > scenario.timeout / 2;
        let first = &mut self.seen[call.process].was_short;
        let holds =
            call.at < quiet || (is_short && call.at <= *first.get_or_insert(call.at) + BACKOFF);
        self.check(holds, || {
            let after = call.at - scenario.faults_end();
            format!("caller {} got an error {after:?} after the last fault: {error}", call.caller)
        });
    }

    /// A process is told to forget a token. Returns whether it does so, which is once in 10 s.
    pub fn forgets(&mut self, call: &Call) -> bool {
        let seen = &mut self.seen[call.process];
        let is_told = seen.forgot_at.is_none_or(|at| call.steady >= at + Duration::from_secs(10));
        seen.forgot_at = Some(call.steady);
        is_told
    }

    /// A process has forgotten a token, unless it was told so too soon.
    pub fn forgot(
        &mut self,
        call: &Call,
        token: usize,
        (now, steady): (Duration, Duration),
        was_told: bool,
    ) {
        self.drops.push((now, call.process));
        let seen = &mut self.seen[call.process];
        // The process counts from somewhere in the call.
        seen.forgot_at = Some(steady);
        if was_told {
            seen.forgotten.insert(token, call.at);
        }
    }

    /// A process was told to end the tokens that it keeps: the last one that it handed out is one of them.
    pub fn invalidated(&mut self, call: &Call, now: Duration) {
        self.drops.push((now, call.process));
        let seen = &mut self.seen[call.process];
        if let Some((at, token)) = seen.last.take().filter(|(at, _)| *at < call.at) {
            seen.forgotten.insert(token, now.max(at));
        }
    }

    /// Checks the requests of the whole run.
    pub fn check_load(&mut self, scenario: &Scenario, server: &TokenServer) {
        let groups = |process: usize| match scenario.sharing {
            Sharing::Memory => process,
            Sharing::File => process / scenario.processes as usize,
            Sharing::Redis => 0,
        };
        let quiet = match scenario.is_calm() {
            true => Duration::ZERO,
            false => scenario.faults_end() + quiet_after(scenario),
        };
        if !scenario.invalidates && !scenario.has(|kind| matches!(kind, Kind::ClockSet(_))) {
            self.check_exchanges(scenario, server, quiet, groups);
        }
        if !scenario.invalidates {
            self.check_backoff(scenario);
        }
    }

    /// Checks that a process sends few requests in any minute, however often its callers call: the attempts of two
    /// calls, and one for each step of a backoff, with each secret.
    fn check_backoff(&mut self, scenario: &Scenario) {
        let steps = 8;
        let secrets = if scenario.has(|kind| kind == Kind::Rotated) { 2 } else { 1 };
        let most = secrets * (2 * scenario.max_attempts as usize + steps);
        let mut recent: BTreeMap<(usize, u32), VecDeque<Duration>> = BTreeMap::new();
        for Request { at, process, life } in &self.requests {
            let recent = recent.entry((*process, *life)).or_default();
            recent.push_back(*at);
            while recent.front().is_some_and(|first| *at - *first > Duration::from_secs(60)) {
                recent.pop_front();
            }
            if recent.len() > most && self.violation.is_none() {
                let count = recent.len();
                self.violation = Some(format!(
                    "process {process} sent {count} requests in the minute before {at:?}"
                ));
            }
        }
    }

    /// Checks that those who share a cache make one exchange for each expiry: the next comes with the advisory
    /// refresh. A process whose old token has little time left does not wait for one in progress, and is alone
    /// with that.
    fn check_exchanges(
        &mut self,
        scenario: &Scenario,
        server: &TokenServer,
        quiet: Duration,
        group: impl Fn(usize) -> usize,
    ) {
        let lifetime = Duration::from_secs(scenario.lifetime);
        let advisory = Duration::from_secs(300).max(lifetime / 10).min(lifetime / 2);
        let skew = 2 * scenario.skew + Duration::from_secs(1);
        let first_refresh = lifetime.saturating_sub(advisory + skew);
        let mut exchanges: BTreeMap<usize, Vec<Duration>> = BTreeMap::new();
        let is_concerned = |token: &&Issued| token.delivered_at.is_some() && token.at >= quiet;
        for token in server.issued.iter().filter(is_concerned) {
            let group_of_it = group(token.process);
            let before = exchanges.entry(group_of_it).or_default();
            before.retain(|at| token.at - *at < first_refresh);
            let since = token.at.saturating_sub(2 * lifetime);
            let is_dropped = self.drops.iter().any(|(at, process)| {
                group(*process) == group_of_it && (since..=token.at).contains(at)
            });
            let is_one = match before[..] {
                [] => true,
                [other] => token.at - other < IN_PROGRESS,
                _ => false,
            };
            let others = before.clone();
            before.push(token.at);
            self.check(is_one || is_dropped, || {
                format!("an exchange at {:?} after others at {others:?}", token.at)
            });
        }
    }
}

/// Returns how long after the last fault every call succeeds: two steps of the backoff.
fn quiet_after(scenario: &Scenario) -> Duration {
    let asked = scenario.faults.iter().map(|fault| match fault.kind {
        Kind::Refusals(429, Some(wait)) => Duration::from_secs(wait.min(3600)),
        Kind::Refusals(_, Some(wait)) => Duration::from_secs(wait.min(300)),
        _ => BACKOFF,
    });
    // A failure that others stored ends by the clock of the host that reads it.
    2 * asked.max().unwrap_or(BACKOFF).max(BACKOFF) + 2 * scenario.skew + scenario.timeout
}
