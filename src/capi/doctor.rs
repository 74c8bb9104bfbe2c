//! Doctor: the reason why there is no token.

use std::ffi::{CString, c_char};
use std::ptr;

use super::arguments::{options, path};
use super::client::{ims_client_options, read_cache, read_options};
use super::error::{IMS_OK, code, ims_error, ims_status};
use super::make::make;
use super::objects::{c_pointer, c_text, free, read};
use crate::doctor::{Check, Outcome, Setup, examine};

/// There is nothing to do.
pub const IMS_OUTCOME_OK: i32 = 0;
/// A token can be had, but something is to be done.
pub const IMS_OUTCOME_WARNING: i32 = 1;
/// The program cannot get a token.
pub const IMS_OUTCOME_ERROR: i32 = 2;

/// The findings of ims_doctor, one for each check; immutable.
pub struct ims_report(Vec<Finding>);

struct Finding {
    name: CString,
    outcome: i32,
    message: CString,
    hint: Option<CString>,
    cause: Option<CString>,
    status: ims_status,
}

impl From<Check> for Finding {
    fn from(check: Check) -> Self {
        Self {
            name: c_text(check.name),
            outcome: match check.outcome {
                Outcome::Ok => IMS_OUTCOME_OK,
                Outcome::Warning => IMS_OUTCOME_WARNING,
                Outcome::Error => IMS_OUTCOME_ERROR,
            },
            message: c_text(&check.message),
            hint: check.hint.as_deref().map(c_text),
            cause: check.cause.map(|cause| c_text(cause.name())),
            status: check.status.map_or(IMS_OK, code),
        }
    }
}

/// Finds out why there is no token: checks the credentials part by part, the key, the certificate, this
/// machine and the cache, with the options that a client is made with. path is a credentials file; NULL:
/// the environment. certificate is the path of the certificate that is registered for the account, PEM
/// or DER; NULL: the doctor checks only one that the credentials hold or name. Sends nothing, unless
/// online is not 0: then it also asks the server, with a real exchange whose token it validates and
/// does not keep. Takes at most as long as the exchange, the validation and the cache may take together.
/// Whatever is wrong with the credentials, the certificate, the cache or the server is a finding of the
/// report, and no error. may_read is called for the certificate, too, and may be called several times
/// for a file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_doctor(
    path: *const c_char,
    certificate: *const c_char,
    options: *const ims_client_options,
    online: i32,
    out: *mut *mut ims_report,
    error: *mut *mut ims_error,
) -> ims_status {
    let report = || {
        // SAFETY: the caller's promise.
        let (path, certificate) = unsafe { (self::path(path), self::path(certificate)) };
        // SAFETY: the caller's promise.
        let options = unsafe { self::options(options) }?;
        // SAFETY: the caller's promise.
        let builder = unsafe { read_options(options.as_ref()) }?;
        let mut setup = Setup::new(path);
        setup.options = builder.options;
        setup.transport = builder.transport;
        // SAFETY: the caller's promise.
        setup.cache = unsafe { read_cache(options.as_ref()) };
        if let Some(certificate) = certificate {
            setup.read_certificate(certificate);
        }
        let mut findings = Vec::new();
        examine(&setup, online != 0, &mut |check| findings.push(check.into()));
        Ok(Box::into_raw(Box::new(ims_report(findings))))
    };
    // SAFETY: the caller's promise.
    unsafe { make(out, error, report) }
}

/// Returns the number of checks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_report_len(report: *const ims_report) -> usize {
    // SAFETY: the caller's promise.
    unsafe { read(report, 0, |report| report.0.len()) }
}

/// Returns the name of the part that was checked, such as "certificate"; several checks may have the
/// same. NULL if index is not less than ims_report_len; so do the functions below, or they return 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_report_name(report: *const ims_report, index: usize) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { get(report, index, ptr::null(), |finding| finding.name.as_ptr()) }
}

/// Returns one of IMS_OUTCOME_...
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_report_outcome(report: *const ims_report, index: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { get(report, index, IMS_OUTCOME_OK, |finding| finding.outcome) }
}

/// Returns the message: one line, without secrets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_report_message(
    report: *const ims_report,
    index: usize,
) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { get(report, index, ptr::null(), |finding| finding.message.as_ptr()) }
}

/// Returns what the user can do; NULL if nothing is to be done, or it is not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_report_hint(report: *const ims_report, index: usize) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { get(report, index, ptr::null(), |finding| c_pointer(finding.hint.as_ref())) }
}

/// Returns the cause, such as "expired-certificate", if it is one of the manual's page Troubleshooting;
/// otherwise NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_report_cause(
    report: *const ims_report,
    index: usize,
) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { get(report, index, ptr::null(), |finding| c_pointer(finding.cause.as_ref())) }
}

/// Returns the kind of error; IMS_OK if the outcome is no error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_report_status(report: *const ims_report, index: usize) -> ims_status {
    // SAFETY: the caller's promise.
    unsafe { get(report, index, IMS_OK, |finding| finding.status) }
}

/// Frees the report and its texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ims_report_free(report: *mut ims_report) {
    // SAFETY: the caller's promise; it came from `ims_doctor`.
    unsafe { free(report) }
}

/// Returns what `get` finds in a finding, or `absent` if there is none.
///
/// # Safety
/// `report` is NULL or a live object.
unsafe fn get<R: Copy>(
    report: *const ims_report,
    index: usize,
    absent: R,
    get: impl FnOnce(&Finding) -> R,
) -> R {
    // SAFETY: the caller's promise.
    unsafe { read(report, absent, |report| report.0.get(index).map_or(absent, get)) }
}
