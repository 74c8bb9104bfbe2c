//! The account whose token a client gets: its credentials, their entry in the shared cache, and the way
//! to the server. Keys, secrets and CA files are rotated while a program runs, so a client that was
//! refused checks whether they were.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::process::CurrentProcess;
use crate::cache::{self, Cache, FoundEndpoint, SharedCache, WorkedSecret};
use crate::credentials::{Credentials, Origin};
use crate::endpoint::Endpoint;
use crate::error::{Cause, Error, Status};
use crate::http::Transport;
use crate::retry::Call;
use crate::system::{self, ArcSwap, ArcSwapOption, AtomicBool, AtomicU64};
use crate::token_url::TokenUrl;

/// An account as it was last read.
pub(super) struct Account {
    pub credentials: Credentials,
    pub shared: Option<SharedCache>,
    pub transport: Transport,
    /// The secret and key that worked last, where there are several; `None` until one has.
    worked: ArcSwapOption<WorkedSecret>,
    /// The number of the secret and key for which the last call had no time left, if there is one.
    next: ArcSwapOption<usize>,
    /// The token endpoint that the issuer's metadata named; `None` for an account with a token URL.
    endpoint: ArcSwapOption<FoundEndpoint>,
}

impl Account {
    /// # Errors
    /// [`Status::Cache`] for a relative directory, or a Redis URL that cannot be one.
    fn new(credentials: Credentials, cache: &Cache, transport: Transport) -> Result<Self, Error> {
        let ca_file = transport.ca_file.as_deref();
        let shared = SharedCache::new(cache, &cache::Account::from(&credentials), ca_file)?;
        let (worked, next) = (ArcSwapOption::empty(), ArcSwapOption::empty());
        let endpoint = ArcSwapOption::empty();
        Ok(Self { credentials, shared, transport, worked, next, endpoint })
    }

    /// Makes an exchange at the token endpoint. That of an issuer may have moved since it was found: where no
    /// token server responds there, the metadata is read again.
    pub fn at_endpoint<T>(
        &self,
        call: Call<'_>,
        exchange: impl Fn(&TokenUrl) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Endpoint::TokenUrl(url) = &self.credentials.endpoint {
            return exchange(url);
        }
        let find = || {
            let url = self.credentials.token_endpoint(call)?;
            Ok(Arc::new(FoundEndpoint { url, found_at: system::system_time() }))
        };
        let kept = self.endpoint();
        let mut endpoint = kept.clone().map_or_else(find, Ok)?;
        let mut outcome = exchange(&endpoint.url);
        if kept.is_some() && outcome.as_ref().is_err_and(says_no_token_server) {
            // Without metadata, the refusal says more than that they are missing.
            if let Ok(found) = find() {
                if found.url != endpoint.url {
                    outcome = exchange(&found.url);
                }
                endpoint = found;
            }
        }
        let is_there = !outcome.as_ref().is_err_and(says_no_token_server);
        self.endpoint.store(Some(endpoint).filter(|_| is_there));
        outcome
    }

    /// Returns the token endpoint that was found last, if that is not too long ago.
    pub fn endpoint(&self) -> Option<Arc<FoundEndpoint>> {
        self.endpoint.load_full().filter(|found| found.is_recent(system::system_time()))
    }

    /// Takes over the endpoint that another process found, where this one knows none that was found later.
    pub fn take_endpoint(&self, found: &FoundEndpoint) {
        let known = self.endpoint.load();
        if known.as_ref().is_none_or(|known| known.found_at < found.found_at) {
            self.endpoint.store(Some(Arc::new(found.clone())));
        }
    }

    /// Returns the secret and key that worked last, to be tried first by other processes, too.
    pub fn worked(&self) -> Option<WorkedSecret> {
        self.worked.load().as_deref().cloned()
    }

    /// Takes over the secret and key that worked last in another process. Its entry was read just before an
    /// exchange, and is newer than what this process knows.
    pub fn take_worked(&self, worked: &WorkedSecret) {
        self.worked.store(Some(Arc::new(worked.clone())));
    }

    fn note_worked(&self, one: &Credentials) {
        if !self.credentials.others.is_empty() {
            let (proof, worked_at) = (cache::digest(one.own_proof()), system::system_time());
            self.worked.store(Some(Arc::new(WorkedSecret { proof, worked_at })));
        }
    }

    /// Returns the number of the secret and key that worked last; of the first, where none has.
    fn last_worked(&self) -> usize {
        let worked = self.worked.load();
        let is_it = |one: &Credentials| {
            worked.as_ref().is_some_and(|worked| cache::digest(one.own_proof()) == worked.proof)
        };
        self.credentials.each().position(is_it).unwrap_or(0)
    }

    /// Returns the digest of what the account's requests are proved with.
    pub fn proof(&self) -> String {
        cache::digest(self.credentials.proof())
    }

    /// Makes an exchange with the secret and key that worked last. While the server does not know the
    /// client by them, tries the others, one after the other. Where no time was left for one of them, the next
    /// call begins with it.
    pub fn with_each_secret<T>(
        &self,
        mut exchange: impl FnMut(&Credentials) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let is_unknown = |error: &Error| error.oauth_error() == Some("invalid_client");
        // Once only: it may be one to which the server never responds.
        let next = self.next.swap(None);
        let first = next.map_or_else(|| self.last_worked(), |next| *next);
        let mut refusal = None;
        let numbered = || self.credentials.each().enumerate();
        for (number, one) in numbered().skip(first).chain(numbered().take(first)) {
            match exchange(one) {
                Ok(done) => {
                    self.note_worked(one);
                    return Ok(done);
                }
                // What the server said of another says more.
                Err(error) if is_out_of_date(&error) => refusal = refusal.or(Some(error)),
                Err(error) if is_unknown(&error) => refusal = Some(error),
                Err(error) => {
                    if error.status() == Status::Timeout && refusal.is_some() {
                        self.next.store(Some(Arc::new(number)));
                    }
                    return Err(error);
                }
            }
        }
        Err(refusal.expect("there is a secret, and each was refused"))
    }
}

/// The names that programs send along with a client's tokens. They stay as they were when the client was
/// made.
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

/// An account, and what replaces it when something of it was rotated.
pub(super) struct CurrentAccount {
    account: ArcSwap<Account>,
    pub names: Names,
    cache: Cache,
    has_worked: AtomicBool,
    /// The finding of the last check for something new, for the hint of the refusal that caused it.
    note: ArcSwapOption<String>,
    /// The state of the files that could not be used then: they are not read until they change again.
    unusable: AtomicU64,
}

impl CurrentAccount {
    /// # Errors
    /// [`Status::Cache`] for a relative directory, or a Redis URL that cannot be one.
    pub fn new(
        credentials: Credentials,
        cache: &Cache,
        transport: Transport,
    ) -> Result<Self, Error> {
        Ok(Self {
            names: Names::new(&credentials),
            account: ArcSwap::from_pointee(Account::new(credentials, cache, transport)?),
            cache: cache.clone(),
            has_worked: AtomicBool::new(false),
            note: ArcSwapOption::empty(),
            unusable: AtomicU64::new(0),
        })
    }

    pub fn load(&self) -> Arc<Account> {
        self.account.load_full()
    }

    /// Notes that the account had a token.
    pub fn has_worked(&self) {
        self.has_worked.store(true, Ordering::Relaxed);
    }

    /// Takes a key, secret, certificate or CA file that was replaced since `used` was read, if that
    /// may help against `error`. Returns true if there is something new. An unusable file, such as
    /// one that is half written, changes nothing. The token and failure of the old account are dropped
    /// from `process`.
    pub fn renew(
        &self,
        used: &Arc<Account>,
        error: &Error,
        deadline: Instant,
        process: &CurrentProcess,
    ) -> bool {
        let is_trust = error.cause() == Some(Cause::UnknownCa);
        if !is_trust && !is_refusal(error) {
            return false;
        }
        // Another caller was first.
        if !Arc::ptr_eq(&self.account.load(), used) {
            return true;
        }
        let credentials = self.new_credentials(used, deadline);
        let has_new_trust = is_trust && process.load().has_new_trust(&used.transport);
        if credentials.is_none() && !(has_new_trust && used.transport.check().is_ok()) {
            return false;
        }
        let credentials = credentials.unwrap_or_else(|| used.credentials.clone());
        let Ok(new) = Account::new(credentials, &self.cache, used.transport.clone()) else {
            return false;
        };
        // Reset first, so that a caller who has seen the new account gets no failure of the old
        // one.
        process.load().reset();
        self.account.compare_and_swap(used, Arc::new(new));
        true
    }

    /// Returns the new credentials of the same account, if their files or variables have changed.
    fn new_credentials(&self, used: &Account, deadline: Instant) -> Option<Credentials> {
        let origin = used.credentials.origin.as_ref()?;
        let state = origin.state();
        if state == origin.state_when_read() {
            self.set_note(self.unchanged(origin));
            return None;
        }
        if state == self.unusable.load(Ordering::Relaxed) {
            return None;
        }
        let problem = match origin.read(deadline) {
            Ok(new) if Names::new(&new) == self.names && !new.are_anothers(&used.credentials) => {
                self.set_note(None);
                return Some(new);
            }
            Ok(_) => "are another account's now: make a new client for it".to_owned(),
            Err(error) => {
                // With more time, it may succeed.
                if error.status() != Status::Timeout {
                    self.unusable.store(state, Ordering::Relaxed);
                }
                format!("have changed, but the new ones cannot be used: {}", error.message())
            }
        };
        self.set_note(Some(format!("the credentials {problem}")));
        None
    }

    /// Names the files that have not changed although the account worked before: where the server
    /// knows a new key or secret, these still hold the old.
    fn unchanged(&self, origin: &Origin) -> Option<String> {
        let files: Vec<String> = origin.files().map(|file| file.display().to_string()).collect();
        (self.has_worked.load(Ordering::Relaxed) && !files.is_empty())
            .then(|| format!("it worked before, and since then unchanged: {}", files.join(", ")))
    }

    fn set_note(&self, note: Option<String>) {
        self.note.store(note.map(Arc::new));
    }

    /// Adds to a refusal what the last check for something new found.
    pub fn with_note(&self, error: Error) -> Error {
        match &*self.note.load() {
            Some(note) if is_refusal(&error) => error.with_more_hint(note.as_str()),
            _ => error,
        }
    }
}

/// Returns whether `error` is about a certificate that has expired or is not valid yet: nothing was sent.
fn is_out_of_date(error: &Error) -> bool {
    error.status() == Status::Credentials
        && matches!(error.cause(), Some(Cause::ExpiredCertificate | Cause::ClockOrExp))
}

/// Returns whether `error` came from no token server: none was reached, or another server responded.
fn says_no_token_server(error: &Error) -> bool {
    error.oauth_error().is_none()
        && matches!(
            error.status(),
            Status::Connect | Status::Tls | Status::Rejected | Status::Response
        )
}

/// Returns whether a new key, secret or certificate may help against `error`.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error.status(),
        Status::Rejected | Status::Credentials | Status::Key | Status::Passphrase
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::CredentialsOptions;
    use crate::error::ServerResponse;

    fn account(secrets: &str) -> Account {
        let json = format!(
            r#"{{"token_url": "https://as.example.com/token", "grant": "client_credentials",
            "client_id": "client", "client_secrets": {secrets}}}"#
        );
        let options = CredentialsOptions::default();
        let credentials = Credentials::from_json(json.as_bytes(), &options).unwrap();
        Account::new(credentials, &Cache::Memory, Transport::default()).unwrap()
    }

    fn unknown() -> Result<(), Error> {
        let oauth_error = Some("invalid_client".into());
        let response = ServerResponse { oauth_error, ..ServerResponse::default() };
        Err(Error::new(Status::Rejected, "no").with_server_response(response))
    }

    fn too_late() -> Result<(), Error> {
        Err(Error::new(Status::Timeout, "no response before the deadline"))
    }

    /// Returns the numbers of the secrets that one call tries, which end as `outcomes` says.
    fn tried<const N: usize>(account: &Account, outcomes: [Result<(), Error>; N]) -> Vec<usize> {
        let mut tried = Vec::new();
        let _ = account.with_each_secret(|one| {
            let is_it = |other: &Credentials| std::ptr::eq(other, one);
            let number = account.credentials.each().position(is_it).unwrap();
            tried.push(number);
            outcomes[number].clone()
        });
        tried
    }

    #[test]
    fn a_secret_for_which_a_call_had_no_time_left_is_the_first_of_the_next_call() {
        let account = account(r#"["old", "new"]"#);
        assert_eq!(tried(&account, [unknown(), too_late()]), [0, 1]);
        assert_eq!(tried(&account, [unknown(), Ok(())]), [1]);
        assert_eq!(tried(&account, [unknown(), Ok(())]), [1], "it worked last");
    }

    #[test]
    fn calls_with_time_for_one_request_come_to_each_secret() {
        let account = account(r#"["old", "older", "new"]"#);
        assert_eq!(tried(&account, [unknown(), too_late(), too_late()]), [0, 1]);
        assert_eq!(tried(&account, [unknown(), unknown(), too_late()]), [1, 2]);
        assert_eq!(tried(&account, [unknown(), unknown(), Ok(())]), [2]);
    }

    #[test]
    fn a_secret_to_which_the_server_never_responds_hides_no_other() {
        let account = account(r#"["good", "dead"]"#);
        assert_eq!(tried(&account, [unknown(), too_late()]), [0, 1]);
        assert_eq!(tried(&account, [Ok(()), too_late()]), [1]);
        assert_eq!(tried(&account, [Ok(()), too_late()]), [0]);
    }
}
