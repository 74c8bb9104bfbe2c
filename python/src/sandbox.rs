//! The local token server, for tests.

use std::sync::{Mutex, PoisonError};

use ims::{Credentials, CredentialsOptions};
use ims_sandbox::{Account, Config, Fault};
use openssl::rsa::Rsa;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::arguments::{bad, json};
use crate::failure::guarded;

/// RFC 7518 section 3.3 has no smaller ones.
const KEY_BITS: u32 = 2048;

/// A running token server with the account of these credentials; see ims.sandbox.
#[pyclass(frozen, module = "ims._native")]
pub struct Sandbox {
    /// The running sandbox; None after it is stopped.
    running: Mutex<Option<ims_sandbox::Sandbox>>,
    url: String,
    client_id: String,
}

impl Sandbox {
    fn with<T>(&self, ask: impl FnOnce(&ims_sandbox::Sandbox) -> PyResult<T>) -> PyResult<T> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        ask(running.as_ref().ok_or_else(|| PyRuntimeError::new_err("the sandbox is stopped"))?)
    }
}

#[pymethods]
impl Sandbox {
    #[new]
    fn new(py: Python<'_>, credentials: &Bound<'_, PyAny>) -> PyResult<Self> {
        let credentials = json("credentials", credentials)?;
        let (client_id, running) = py.detach(|| {
            guarded(|| {
                let options = CredentialsOptions::default();
                let credentials = Credentials::from_json(credentials.as_bytes(), &options)?;
                let account = Account::from_credentials(&credentials)?;
                let client_id = account.client_id.clone();
                ims_sandbox::Sandbox::start(Config::new(vec![account]))
                    .map(|running| (client_id, running))
            })
        })?;
        Ok(Self { url: running.url().to_owned(), client_id, running: Mutex::new(Some(running)) })
    }

    /// Such as "http://127.0.0.1:8400".
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    /// Returns the number of the account's requests that were answered with a token, and of those
    /// with an error.
    fn exchanges(&self) -> PyResult<(u64, u64)> {
        self.with(|sandbox| {
            let exchanges = sandbox.exchanges(&self.client_id).unwrap_or_default();
            Ok((exchanges.issued, exchanges.refused))
        })
    }

    /// Makes something go wrong.
    fn inject(&self, fault: &Bound<'_, PyAny>) -> PyResult<()> {
        let fault: Fault = serde_json::from_str(&json("fault", fault)?)
            .map_err(|error| bad("fault", &format!("cannot be: {error}")))?;
        self.with(|sandbox| Ok(guarded(|| sandbox.inject(fault))?))
    }

    /// Forgets every fault that is left.
    fn clear_faults(&self) -> PyResult<()> {
        self.with(|sandbox| {
            sandbox.clear_faults();
            Ok(())
        })
    }

    /// Stops listening; a second time, does nothing.
    fn stop(&self, py: Python<'_>) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| drop(running));
    }
}

/// A new RSA key in PEM.
#[pyfunction]
pub fn generate_private_key(py: Python<'_>) -> PyResult<String> {
    let pem = py.detach(|| Rsa::generate(KEY_BITS).and_then(|key| key.private_key_to_pem()));
    let pem = pem.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    Ok(String::from_utf8_lossy(&pem).into_owned())
}
