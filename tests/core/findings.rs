//! The findings of the doctor as lines, which programs in other languages print, too.

use std::path::Path;

use ims::doctor::{Setup, examine};

/// What is wrong with the credentials of `file`, without asking a server.
pub fn findings(file: &Path) -> String {
    let mut lines = String::new();
    examine(&Setup::new(Some(file)), false, &mut |check| {
        let outcome = check.outcome.name();
        let hint = check.hint.as_deref().unwrap_or("-");
        let cause = check.cause.map_or("-", |cause| cause.name());
        lines += &format!("{outcome}\t{}\t{}\t{hint}\t{cause}\n", check.name, check.message);
    });
    lines
}

/// The same without the time of day.
pub fn without_clock(findings: &str) -> Vec<&str> {
    findings.lines().filter(|line| !line.contains("\tclock\t")).collect()
}
