//! The doctor: the reason why there is no token.

use std::path::PathBuf;

use ims::doctor::{Check, Setup, examine};
use pyo3::prelude::*;

use crate::arguments::{boolean, optional, path};
use crate::failure::guarded;
use crate::log::collected;
use crate::options::Options;
use crate::transport::Given;
use crate::wait::wait;

/// The name, outcome, message, hint and cause of a check.
type Finding = (&'static str, &'static str, String, Option<String>, Option<&'static str>);

/// Does what `ims.doctor` does, with all of its arguments in order, and returns the checks as tuples.
#[pyfunction]
#[pyo3(text_signature = None)]
#[allow(clippy::too_many_arguments, reason = "Python's callers name them")]
pub fn doctor(
    py: Python<'_>,
    file: Option<&Bound<'_, PyAny>>,
    online: &Bound<'_, PyAny>,
    certificate: Option<&Bound<'_, PyAny>>,
    name: Option<&Bound<'_, PyAny>>,
    passphrase: Option<&Bound<'_, PyAny>>,
    key: Option<&Bound<'_, PyAny>>,
    cache: Option<&Bound<'_, PyAny>>,
    may_read: Option<&Bound<'_, PyAny>>,
    timeout: Option<&Bound<'_, PyAny>>,
    max_attempts: Option<&Bound<'_, PyAny>>,
    ca_file: Option<&Bound<'_, PyAny>>,
    proxy: Option<&Bound<'_, PyAny>>,
    scope: Option<&Bound<'_, PyAny>>,
    subject: Option<&Bound<'_, PyAny>>,
    audience: Option<&Bound<'_, PyAny>>,
    allow_command: &Bound<'_, PyAny>,
) -> PyResult<Vec<Finding>> {
    let file = optional("file", file, path)?;
    let online = boolean("online", online)?;
    let certificate = optional("certificate", certificate, path)?;
    let transport = Given { timeout, max_attempts, ca_file, proxy };
    let options = Options::read(name, passphrase, key, cache, may_read, &transport)?
        .asking_for(scope, subject, audience)?
        .allowing_command(allow_command)?;
    let Some(callback) = options.callback.clone() else {
        return wait(py, move || Ok(findings(file, certificate, options, online)));
    };
    // A caller's `may_read` is called on the caller's thread, so Ctrl-C takes effect when the doctor is done.
    let (found, lines) =
        py.detach(|| collected(|| guarded(|| Ok(findings(file, certificate, options, online)))));
    lines.hand_over(py)?;
    match callback.raised() {
        Some(raised) => Err(raised),
        None => Ok(found?),
    }
}

fn findings(
    file: Option<PathBuf>,
    certificate: Option<PathBuf>,
    options: Options,
    online: bool,
) -> Vec<Finding> {
    let mut setup = Setup::new(file.as_deref());
    setup.cache = options.cache();
    setup.options = options.credentials;
    setup.transport = options.transport;
    if let Some(certificate) = certificate {
        setup.read_certificate(&certificate);
    }
    let mut findings = Vec::new();
    examine(&setup, online, &mut |check| findings.push(finding(check)));
    findings
}

fn finding(check: Check) -> Finding {
    let cause = check.cause.map(|cause| cause.name());
    (check.name, check.outcome.name(), check.message, check.hint, cause)
}
