//! Private keys.

use std::sync::Arc;

use ims::{Error, Secret};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::arguments::{bytes, optional, path, wrong_type};
use crate::failure::{Failure, guarded};

/// The native base of `ims.Key`.
#[pyclass(frozen, subclass, module = "ims._native")]
pub struct Key(Arc<ims::Key>);

#[pymethods]
impl Key {
    /// Takes an argument of `ims.Key` or its `from_file`, and its name: `pem` or `path`.
    #[new]
    #[pyo3(text_signature = None)]
    fn new(
        argument: &str,
        value: &Bound<'_, PyAny>,
        passphrase: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let key = if argument == "path" {
            let path = path(argument, value)?;
            read(value.py(), passphrase, |passphrase| ims::Key::from_file(&path, passphrase))
        } else {
            let pem = pem(argument, value)?;
            read(value.py(), passphrase, |passphrase| {
                ims::Key::from_bytes(pem.expose(), passphrase)
            })
        };
        key.map(|key| Self(Arc::new(key)))
    }

    fn __repr__(&self) -> &'static str {
        "<ims.Key: not shown>"
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("cannot pickle 'ims.Key' object: read the key where it is used"))
    }
}

/// Returns the key that a caller passes: a `Key`, its text, or its path. A process parses the same text or file once.
pub fn shared_key(
    name: &str,
    value: &Bound<'_, PyAny>,
    passphrase: Option<&Bound<'_, PyAny>>,
) -> PyResult<Arc<ims::Key>> {
    let py = value.py();
    if let Ok(key) = value.cast::<Key>() {
        return Ok(Arc::clone(&key.get().0));
    }
    if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
        let pem = pem(name, value)?;
        return read(py, passphrase, |passphrase| {
            ims::Key::shared_from_bytes(pem.expose(), passphrase)
        });
    }
    if value.hasattr("__fspath__")? {
        let path = path(name, value)?;
        return read(py, passphrase, |passphrase| ims::Key::shared_from_file(&path, passphrase));
    }
    Err(wrong_type(name, "ims.Key, PEM as str or bytes, or os.PathLike", value))
}

/// Reads the text of a key, and refuses a path.
pub fn pem(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Secret<Vec<u8>>> {
    let pem = bytes(name, value)?;
    if !pem.expose().is_empty() && ims::Key::is_path(pem.expose()) {
        return Err(Failure::PathAsText(name.to_owned()).into());
    }
    Ok(pem)
}

fn read<T: Send>(
    py: Python<'_>,
    passphrase: Option<&Bound<'_, PyAny>>,
    read: impl FnOnce(Option<&[u8]>) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let passphrase = optional("passphrase", passphrase, bytes)?;
    let passphrase = passphrase.as_ref().map(|passphrase| passphrase.expose().as_slice());
    Ok(py.detach(|| guarded(|| read(passphrase)))?)
}
