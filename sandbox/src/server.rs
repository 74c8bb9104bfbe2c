//! The state that all requests share: the accounts, the issuer and the faults.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::SystemTime;

use super::access_token::Issuer;
use super::account::Account;
use super::client_secrets::ClientSecrets;
use super::config::Log;
use super::fault::{Fault, Faults, MetadataFault, TimeUnit};
use super::form::Form;
use super::ledger::{Exchanges, Ledger};
use super::problem::internal;
use super::recent::Recent;
use super::refusal::Refusal;
use super::verify::{Accepted, Hosts};
use super::web_page::HostNames;
use super::workload_issuer::WorkloadIssuer;
use ims::error::redact;
use ims::{Error, ImsHost, unix_seconds};

/// The state that all requests share.
pub(super) struct Server {
    accounts: RwLock<BTreeMap<String, Arc<Registered>>>,
    pub ims: ImsHost,
    pub scheme: &'static str,
    pub names: HostNames,
    pub issuer: Issuer,
    /// The platform of workloads.
    pub workloads: WorkloadIssuer,
    pub faults: Faults,
    pub log: Log,
    pub recent: Recent,
}

pub(super) struct Registered {
    pub account: Account,
    secrets: Mutex<ClientSecrets>,
    /// It stays when the account is replaced.
    ledger: Arc<Mutex<Ledger>>,
}

/// A request that was read.
pub(super) struct Call<'a> {
    pub path: &'a str,
    pub hosts: Hosts<'a>,
    pub form: &'a Form,
    /// The client that sent it.
    pub client: Option<&'a Registered>,
    /// The unit of `expires_in` that a fault asks for instead of the right one.
    pub expires_in: Option<TimeUnit>,
    /// What a fault does to the metadata.
    pub metadata: Option<MetadataFault>,
    pub now: SystemTime,
}

impl Server {
    pub fn new(
        accounts: Vec<Account>,
        ims: ImsHost,
        scheme: &'static str,
        workloads: WorkloadIssuer,
        names: HostNames,
        log: Log,
    ) -> Result<Self, Error> {
        let issuer = Issuer::new(&ims).map_err(|error| internal("make a key", error))?;
        let server = Self {
            accounts: RwLock::default(),
            ims,
            scheme,
            names,
            issuer,
            workloads,
            faults: Faults::default(),
            log,
            recent: Recent::default(),
        };
        for account in accounts {
            let id = account.client_id.clone();
            if server.client(&id).is_some() {
                return Err(Error::argument("accounts", format!("hold the client id {id} twice")));
            }
            server.set_account(account)?;
        }
        Ok(server)
    }

    /// Returns the account of a client.
    pub fn client(&self, client_id: &str) -> Option<Arc<Registered>> {
        // No panic can leave the accounts half changed, so a poisoned lock is used.
        self.accounts.read().unwrap_or_else(PoisonError::into_inner).get(client_id).cloned()
    }

    /// Returns all accounts, in the order of their client ids.
    pub fn clients(&self) -> Vec<Arc<Registered>> {
        self.accounts.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Adds an account, or replaces the one with the same client id, whose counts go on.
    pub fn set_account(&self, account: Account) -> Result<(), Error> {
        account.check()?;
        let id = account.client_id.clone();
        let secrets = Mutex::new(ClientSecrets::new(&account));
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        let ledger = accounts.get(&id).map(|old| Arc::clone(&old.ledger)).unwrap_or_default();
        accounts.insert(id, Arc::new(Registered { account, secrets, ledger }));
        Ok(())
    }

    pub fn exchanges(&self, client_id: &str) -> Option<Exchanges> {
        self.client(client_id).map(|registered| registered.ledger().exchanges)
    }

    pub fn inject(&self, fault: Fault) -> Result<(), Error> {
        match fault.client_id.as_ref().filter(|id| self.client(id).is_none()) {
            Some(id) if !id.is_empty() => {
                let problem =
                    format!("{} is no account's: the fault would never show", redact(id, &[]));
                Err(Error::argument("client_id", problem))
            }
            _ => self.faults.inject(fault),
        }
    }
}

impl<'a> Call<'a> {
    pub fn client(&self) -> Result<&'a Registered, Refusal> {
        self.client.ok_or_else(|| {
            let cause = match self.form.get("client_id") {
                None => "client_id is missing",
                Some(_) => "no account has this client_id",
            };
            Refusal::UNKNOWN_CLIENT.because(cause)
        })
    }
}

impl Registered {
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // No panic can leave a ledger half written, so a poisoned lock is used.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn secrets(&self) -> MutexGuard<'_, ClientSecrets> {
        // No panic can leave them half changed, so a poisoned lock is used.
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks the client secret. A missing or wrong secret is refused with HTTP `status`.
    pub fn check_secret(&self, call: &Call, status: u16) -> Result<(), Refusal> {
        let cause = match call.form.get("client_secret") {
            Some(secret) if self.secrets().accept(secret, call.now) => return Ok(()),
            Some(_) => "client_secret is not this account's",
            None => "client_secret is missing",
        };
        Err(Refusal::wrong_secret(status).because(cause))
    }

    /// Makes sure that an accepted JWT is not accepted again, if the account asks for that.
    pub fn use_up(&self, jwt: &Accepted, now: SystemTime) -> Result<(), Refusal> {
        match &jwt.jti {
            Some(jti) if self.account.requires_jti => {
                let is_new = self.ledger().jtis.insert(jti.clone(), jwt.expiry, unix_seconds(now));
                if is_new { Ok(()) } else { Err(Refusal::JTI_USED) }
            }
            _ => Ok(()),
        }
    }
}
