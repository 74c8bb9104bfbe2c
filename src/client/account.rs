//! Whose token a client gets: its credentials and their entry in the shared cache. Keys and secrets
//! are replaced while a program runs, so a client that was refused looks whether they were.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use arc_swap::ArcSwapOption;

use super::Client;
use crate::cache::{self, Cache, SharedCache};
use crate::credentials::{Credentials, Origin};
use crate::environment;
use crate::error::{Cause, Error, Status};
use crate::http::Transport;

pub(super) struct Account {
    pub credentials: Credentials,
    pub shared: Option<SharedCache>,
    /// Of the file of CA certificates that are trusted.
    trusted: Option<Version>,
}

impl Account {
    /// # Errors
    /// [`Status::Cache`] where this build has no such cache.
    pub fn new(
        credentials: Credentials,
        cache: &Cache,
        transport: &Transport,
    ) -> Result<Self, Error> {
        let ca_file = transport.ca_file.as_deref();
        let shared = SharedCache::new(cache, &cache::Account::from(&credentials), ca_file)?;
        Ok(Self { credentials, shared, trusted: trusted(transport) })
    }
}

/// What programs send along with a client's tokens: it stays as it was when the client was made.
#[derive(PartialEq)]
pub(super) struct Names {
    pub client_id: Option<String>,
    pub org_id: Option<String>,
    pub sandbox_name: Option<String>,
}

impl Names {
    pub fn new(credentials: &Credentials) -> Self {
        Self {
            client_id: credentials.client_id().map(str::to_owned),
            org_id: credentials.org_id().map(str::to_owned),
            sandbox_name: credentials.sandbox_name().map(str::to_owned),
        }
    }
}

/// What changes with a file: device, inode, length, and the time of its last change in seconds and
/// nanoseconds. The system's CA certificates are too many to read for it.
type Version = (u64, u64, u64, i64, i64);

/// The version of the file whose CA certificates are trusted.
fn trusted(transport: &Transport) -> Option<Version> {
    let system = || {
        environment::variable("SSL_CERT_FILE")
            .map(PathBuf::from)
            .or_else(|| openssl_probe::probe().cert_file)
    };
    let file = fs::metadata(transport.ca_file.clone().or_else(system)?).ok()?;
    Some((file.dev(), file.ino(), file.len(), file.ctime(), file.ctime_nsec()))
}

/// What was found when a client last looked for a new key, secret or CA file.
#[derive(Default)]
pub(super) struct LastLook {
    /// For the hint of the refusal that made it look.
    note: ArcSwapOption<String>,
    /// What could not be used then: it is not read again until it changes again.
    unusable: AtomicU64,
}

impl LastLook {
    fn note(&self, note: Option<String>) {
        self.note.store(note.map(Arc::new));
    }
}

/// Whether a new key, secret or certificate may be the answer to `error`.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error.status(),
        Status::Rejected | Status::Credentials | Status::Key | Status::Passphrase
    )
}

impl Client {
    /// Takes a key, secret, certificate or CA file that was replaced since `used` was read, where
    /// that may be the answer to `error`; returns whether the client has something new. What cannot
    /// be used, such as a file that is half written, changes nothing.
    pub(super) fn renew(&self, used: &Arc<Account>, error: &Error, deadline: Instant) -> bool {
        let is_trust = error.cause() == Some(Cause::UnknownCa);
        if !is_trust && !is_refusal(error) {
            return false;
        }
        // Another caller was first.
        if !Arc::ptr_eq(&self.account.load(), used) {
            return true;
        }
        let credentials = self.new_credentials(used, deadline);
        let has_new_trust = is_trust && trusted(&self.transport) != used.trusted;
        if credentials.is_none() && !(has_new_trust && self.transport.check().is_ok()) {
            return false;
        }
        let credentials = credentials.unwrap_or_else(|| used.credentials.clone());
        let Ok(new) = Account::new(credentials, &self.cache, &self.transport) else { return false };
        let process = self.process();
        // First: a caller who has seen the new account meets no failure of the old.
        process.flights.clear_failure();
        process.http.store(None);
        self.account.compare_and_swap(used, Arc::new(new));
        true
    }

    /// The same account's, where what they were read from has changed.
    fn new_credentials(&self, used: &Account, deadline: Instant) -> Option<Credentials> {
        let look = &self.last_look;
        let origin = used.credentials.origin.as_ref()?;
        let state = origin.state();
        if state == origin.state_when_read() {
            look.note(self.unchanged(origin));
            return None;
        }
        if state == look.unusable.load(Ordering::Relaxed) {
            return None;
        }
        let problem = match origin.read(deadline) {
            Ok(new) if Names::new(&new) == self.names && !new.are_anothers(&used.credentials) => {
                look.note(None);
                return Some(new);
            }
            Ok(_) => "are another account's now: make a new client for it".to_owned(),
            Err(error) => {
                // With more time, it may end.
                if error.status() != Status::Timeout {
                    look.unusable.store(state, Ordering::Relaxed);
                }
                format!("have changed, but the new ones cannot be used: {}", error.message())
            }
        };
        look.note(Some(format!("the credentials {problem}")));
        None
    }

    /// What has not changed although it worked before: where the server knows a new key or secret,
    /// these files still hold the old.
    fn unchanged(&self, origin: &Origin) -> Option<String> {
        let files: Vec<String> = origin.files().map(|file| file.display().to_string()).collect();
        (self.has_worked.load(Ordering::Relaxed) && !files.is_empty())
            .then(|| format!("it worked before, and since then unchanged: {}", files.join(", ")))
    }

    /// Adds to a refusal what the client found when it looked for something new.
    pub(super) fn with_last_look(&self, error: Error) -> Error {
        match &*self.last_look.note.load() {
            Some(note) if is_refusal(&error) => error.with_more_hint(note.as_str()),
            _ => error,
        }
    }
}
