//! The options that a client takes, and the doctor with it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ims::{Cache, CredentialsOptions, Error, MayRead, Transport};
use pyo3::prelude::*;

use crate::arguments::{boolean, bytes, optional, text, wrong_type};
use crate::key::shared_key;
use crate::transport::Given;

pub struct Options {
    pub credentials: CredentialsOptions,
    cache: Option<String>,
    pub transport: Transport,
    /// The caller's `may_read`.
    pub callback: Option<Arc<FileCallback>>,
}

impl Options {
    /// # Errors
    /// `TypeError`, and `ims.Error` naming the argument.
    pub fn read(
        name: Option<&Bound<'_, PyAny>>,
        passphrase: Option<&Bound<'_, PyAny>>,
        key: Option<&Bound<'_, PyAny>>,
        cache: Option<&Bound<'_, PyAny>>,
        may_read: Option<&Bound<'_, PyAny>>,
        transport: &Given<'_, '_>,
    ) -> PyResult<Self> {
        let mut credentials = CredentialsOptions::default();
        credentials.name = optional("name", name, text)?;
        credentials.passphrase = optional("passphrase", passphrase, bytes)?;
        if let Some(key) = key {
            let key = shared_key("key", key, passphrase)?;
            credentials.key = Some(Arc::unwrap_or_clone(key));
        }
        let cache = optional("cache", cache, text)?;
        let callback = may_read.map(FileCallback::new).transpose()?.map(Arc::new);
        credentials.may_read =
            callback.clone().map(|callback| MayRead::new(move |path| callback.allows(path)));
        Ok(Self { credentials, cache, transport: transport.read()?, callback })
    }

    /// Sets what to ask for instead of what the credentials say.
    ///
    /// # Errors
    /// `TypeError`, and `ims.Error` naming the argument.
    pub fn asking_for(
        mut self,
        scope: Option<&Bound<'_, PyAny>>,
        subject: Option<&Bound<'_, PyAny>>,
        audience: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        self.credentials.scope = optional("scope", scope, text)?;
        self.credentials.subject = optional("subject", subject, text)?;
        self.credentials.audience = optional("audience", audience, text)?;
        Ok(self)
    }

    /// Sets whether the credentials may name a command.
    ///
    /// # Errors
    /// `TypeError` naming the argument.
    pub fn allowing_command(mut self, allow_command: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.credentials.allow_command = boolean("allow_command", allow_command)?;
        Ok(self)
    }

    /// Parses the argument `cache`.
    ///
    /// # Errors
    /// The core's.
    pub fn cache(&self) -> Result<Cache, Error> {
        self.cache.as_ref().map_or(Ok(Cache::default()), |text| text.parse())
    }
}

/// A caller's `may_read`, and the exception that it raised.
pub struct FileCallback {
    callable: Py<PyAny>,
    raised: Mutex<Option<PyErr>>,
}

impl FileCallback {
    fn new(callable: &Bound<'_, PyAny>) -> PyResult<Self> {
        if !callable.is_callable() {
            return Err(wrong_type("may_read", "a callable", callable));
        }
        Ok(Self { callable: callable.clone().unbind(), raised: Mutex::default() })
    }

    /// Asks with a `str`, as `os.fsdecode` makes it. What it raises refuses the file.
    fn allows(&self, path: &Path) -> bool {
        Python::attach(|py| {
            let answer = self.callable.bind(py).call1((path.as_os_str(),));
            answer.and_then(|answer| answer.is_truthy()).unwrap_or_else(|error| {
                *self.lock() = Some(error);
                false
            })
        })
    }

    /// Returns what the callable raised, once.
    pub fn raised(&self) -> Option<PyErr> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<PyErr>> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
