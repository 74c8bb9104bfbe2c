//! Access tokens.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::SystemTime;

use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyString};

use crate::times::datetime;

/// An access token and what the server said of it. Two are equal where their access tokens are.
#[pyclass(frozen, module = "ims")]
pub struct Token(pub ims::Token);

#[pymethods]
impl Token {
    /// The token, for an Authorization: Bearer header.
    #[getter]
    fn access_token(&self) -> &str {
        self.0.access_token()
    }

    /// "bearer"; or "N_A" if the server says that the token is no access token (RFC 8693).
    #[getter]
    fn token_type(&self) -> &str {
        self.0.token_type()
    }

    /// The scopes of the token, if the server sent them.
    #[getter]
    fn scope(&self) -> Option<&str> {
        self.0.scope()
    }

    /// What the server issued (RFC 8693), if it says so.
    #[getter]
    fn issued_token_type(&self) -> Option<&str> {
        self.0.issued_token_type()
    }

    /// Returns a further member of the server's response, such as "instance_url": its text, or its
    /// JSON if it is no text; `default` if there is none. It may be a secret.
    #[pyo3(signature = (name, default=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        default: Option<Bound<'py, PyAny>>,
    ) -> Option<Bound<'py, PyAny>> {
        let member = self.0.get(name).map(|text| PyString::new(py, text).into_any());
        member.or(default)
    }

    fn __getitem__(&self, name: &str) -> PyResult<&str> {
        self.0.get(name).ok_or_else(|| PyKeyError::new_err(name.to_owned()))
    }

    fn __contains__(&self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    /// The expiry of the token: an aware datetime in UTC.
    #[getter]
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        datetime(py, self.0.expires_at())
    }

    /// Seconds left now; 0 once expired.
    #[getter]
    fn expires_in(&self) -> u64 {
        self.0.expires_in(SystemTime::now()).as_secs()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let expires_at = datetime(py, self.0.expires_at())?;
        Ok(format!("<ims.Token: not shown, expires {expires_at}>"))
    }

    fn __eq__(&self, other: &Bound<'_, Self>) -> bool {
        other.get().0.access_token() == self.0.access_token()
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.access_token().hash(&mut hasher);
        hasher.finish()
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "cannot pickle 'ims.Token' object: pass its access_token, or use a cache that processes share",
        ))
    }
}
