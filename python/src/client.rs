//! Clients: credentials in, a token that is always fresh out.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ims::{Cache, Credentials, CredentialsOptions, Error, MayRead, Secret};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::arguments::{bytes, json, optional, path as read_path, text, wrong_type};
use crate::failure::guarded;
use crate::key::key as read_key;
use crate::log::collected;
use crate::token::Token;
use crate::transport::Given;
use crate::wait::wait;

/// Credentials and their token, always fresh. Share one between all threads and tasks.
///
/// What the three factories take beside:
/// name: which credential, where a file holds several.
/// passphrase: of the key that the credentials hold or name; str or bytes.
/// key: where they hold none: ims.Key, PEM as str or bytes, or os.PathLike.
/// cache: "memory" (the default), "none", "file:", "file:/DIRECTORY", "redis://...",
/// "redis+sentinel://..." or "redis+cluster://...", over TLS "rediss...".
/// may_read: called with the path of the credentials file, and of the key and certificate that it names, before each is
/// read; false refuses it.
/// timeout, max_attempts, ca_file, proxy: see ims.exchange.
#[pyclass(frozen, module = "ims")]
pub struct Client(Arc<ims::Client>);

/// What the factories take beside their first argument.
struct Options<'a, 'py> {
    name: Option<&'a Bound<'py, PyAny>>,
    passphrase: Option<&'a Bound<'py, PyAny>>,
    key: Option<&'a Bound<'py, PyAny>>,
    cache: Option<&'a Bound<'py, PyAny>>,
    may_read: Option<&'a Bound<'py, PyAny>>,
    transport: Given<'a, 'py>,
}

/// A caller's `may_read`, and what it raised.
struct Asked {
    callable: Py<PyAny>,
    raised: Mutex<Option<PyErr>>,
}

impl Asked {
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
                *self.raised() = Some(error);
                false
            })
        })
    }

    fn raised(&self) -> MutexGuard<'_, Option<PyErr>> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Options<'_, '_> {
    fn client(
        &self,
        py: Python<'_>,
        read: impl FnOnce(&CredentialsOptions) -> Result<Credentials, Error> + Send,
    ) -> PyResult<Client> {
        let mut options = CredentialsOptions::default();
        options.name = optional("name", self.name, text)?;
        options.passphrase = optional("passphrase", self.passphrase, bytes)?;
        options.key = self
            .key
            .map(|key| read_key("key", key, self.passphrase).map(|key| key.into_owned()))
            .transpose()?;
        let cache = optional("cache", self.cache, text)?;
        let asked = self.may_read.map(Asked::new).transpose()?.map(Arc::new);
        options.may_read = asked.clone().map(|asked| MayRead::new(move |path| asked.allows(path)));
        let transport = self.transport.read()?;
        let client = py.detach(|| {
            guarded(|| {
                let cache = cache.map_or(Ok(Cache::default()), |cache| cache.parse())?;
                ims::Client::new(read(&options)?, &cache, transport)
            })
        });
        match asked.and_then(|asked| asked.raised().take()) {
            Some(raised) => Err(raised),
            None => Ok(Client(Arc::new(client?))),
        }
    }
}

#[pymethods]
impl Client {
    /// Reads a credentials file of any known form.
    #[staticmethod]
    #[pyo3(signature = (path, *, name=None, passphrase=None, key=None, cache=None, may_read=None, timeout=None, max_attempts=None, ca_file=None, proxy=None))]
    #[allow(clippy::too_many_arguments, reason = "Python's callers name them")]
    fn from_file(
        py: Python<'_>,
        path: &Bound<'_, PyAny>,
        name: Option<&Bound<'_, PyAny>>,
        passphrase: Option<&Bound<'_, PyAny>>,
        key: Option<&Bound<'_, PyAny>>,
        cache: Option<&Bound<'_, PyAny>>,
        may_read: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        max_attempts: Option<&Bound<'_, PyAny>>,
        ca_file: Option<&Bound<'_, PyAny>>,
        proxy: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let path = read_path("path", path)?;
        let transport = Given { timeout, max_attempts, ca_file, proxy };
        Options { name, passphrase, key, cache, may_read, transport }
            .client(py, |options| Credentials::from_file(&path, options))
    }

    /// Takes what such a file holds; paths in it count from the working directory.
    #[staticmethod]
    #[pyo3(signature = (credentials, *, name=None, passphrase=None, key=None, cache=None, may_read=None, timeout=None, max_attempts=None, ca_file=None, proxy=None))]
    #[allow(clippy::too_many_arguments, reason = "Python's callers name them")]
    fn from_dict(
        py: Python<'_>,
        credentials: &Bound<'_, PyAny>,
        name: Option<&Bound<'_, PyAny>>,
        passphrase: Option<&Bound<'_, PyAny>>,
        key: Option<&Bound<'_, PyAny>>,
        cache: Option<&Bound<'_, PyAny>>,
        may_read: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        max_attempts: Option<&Bound<'_, PyAny>>,
        ca_file: Option<&Bound<'_, PyAny>>,
        proxy: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let credentials = Secret::<String>::new(json("credentials", credentials)?);
        let transport = Given { timeout, max_attempts, ca_file, proxy };
        Options { name, passphrase, key, cache, may_read, transport }
            .client(py, |options| Credentials::from_json(credentials.expose().as_bytes(), options))
    }

    /// Reads the environment, by the names that a .env file has.
    #[staticmethod]
    #[pyo3(signature = (*, name=None, passphrase=None, key=None, cache=None, may_read=None, timeout=None, max_attempts=None, ca_file=None, proxy=None))]
    #[allow(clippy::too_many_arguments, reason = "Python's callers name them")]
    fn from_env(
        py: Python<'_>,
        name: Option<&Bound<'_, PyAny>>,
        passphrase: Option<&Bound<'_, PyAny>>,
        key: Option<&Bound<'_, PyAny>>,
        cache: Option<&Bound<'_, PyAny>>,
        may_read: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        max_attempts: Option<&Bound<'_, PyAny>>,
        ca_file: Option<&Bound<'_, PyAny>>,
        proxy: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let transport = Given { timeout, max_attempts, ca_file, proxy };
        Options { name, passphrase, key, cache, may_read, transport }
            .client(py, Credentials::from_env)
    }

    /// A fresh token, with 60 s left or, of a short-lived one, a quarter: from memory or the cache, or by one exchange
    /// that all callers share.
    fn token(&self, py: Python<'_>) -> PyResult<Token> {
        if let Some(token) = self.0.token_in_memory() {
            return Ok(Token(token));
        }
        let client = Arc::clone(&self.0);
        wait(py, move || client.token()).map(Token)
    }

    /// The same for asyncio: one exchange that all tasks of a loop share, whichever of them is cancelled.
    fn token_async<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("ims._asyncio")?.call_method1("token", (slf,))
    }

    /// An API answered 401 to this token: drops it from every cache that still holds it. Ignored within 10 s of the last.
    fn forget(&self, py: Python<'_>, token: &Bound<'_, PyAny>) -> PyResult<()> {
        let refused = token.cast::<Token>().map_err(|_| wrong_type("token", "ims.Token", token))?;
        let refused = &refused.get().0;
        let ((), lines) = py.detach(|| collected(|| self.0.forget(refused)));
        lines.hand_over(py)
    }

    /// What Adobe's APIs ask for as x-api-key.
    #[getter]
    fn client_id(&self) -> Option<&str> {
        self.0.client_id()
    }

    /// What Adobe's APIs ask for as x-gw-ims-org-id.
    #[getter]
    fn org_id(&self) -> Option<&str> {
        self.0.org_id()
    }

    /// What Adobe's APIs ask for as x-sandbox-name.
    #[getter]
    fn sandbox_name(&self) -> Option<&str> {
        self.0.sandbox_name()
    }

    fn __repr__(&self) -> String {
        let known = |name: &str, value: Option<&str>| {
            value.map(|value| format!(" {name}={value:?}")).unwrap_or_default()
        };
        let client_id = known("client_id", self.client_id());
        format!("<ims.Client{client_id}{}>", known("org_id", self.org_id()))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "cannot pickle 'ims.Client' object: make it in each process, with a cache that they share",
        ))
    }
}

/// What `token` would answer at once; None where it would have to wait.
#[pyfunction]
pub fn token_in_memory(client: &Bound<'_, Client>) -> Option<Token> {
    client.get().0.token_in_memory().map(Token)
}
