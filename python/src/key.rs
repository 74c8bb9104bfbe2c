//! Private keys.

use std::borrow::Cow;

use ims::Error;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::arguments::{bytes, optional, path, wrong_type};
use crate::failure::{Failure, guarded};

/// In bytes; a key of 2048 bits has over 1100 in DER.
const LONGEST_PATH: usize = 1024;

/// A private RSA key, parsed once. Threads share it.
///
/// pem: str or bytes: PEM or DER, or base64 of one; PKCS#8 or PKCS#1, encrypted or not.
/// passphrase: str or bytes. Nobody is ever asked for one.
#[pyclass(frozen, module = "ims")]
pub struct Key(pub ims::Key);

#[pymethods]
impl Key {
    #[new]
    #[pyo3(signature = (pem, passphrase=None))]
    fn new(pem: &Bound<'_, PyAny>, passphrase: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        from_text("pem", pem, passphrase).map(Self)
    }

    /// Reads a file of at most 64 KiB.
    #[staticmethod]
    #[pyo3(signature = (path, passphrase=None))]
    fn from_file(path: &Bound<'_, PyAny>, passphrase: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        from_path("path", path, passphrase).map(Self)
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

/// The key that a caller passes: a `Key`, its text, or its path.
pub fn key<'a>(
    name: &str,
    value: &'a Bound<'_, PyAny>,
    passphrase: Option<&Bound<'_, PyAny>>,
) -> PyResult<Cow<'a, ims::Key>> {
    if let Ok(key) = value.cast::<Key>() {
        return Ok(Cow::Borrowed(&key.get().0));
    }
    if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
        return from_text(name, value, passphrase).map(Cow::Owned);
    }
    if value.hasattr("__fspath__")? {
        return from_path(name, value, passphrase).map(Cow::Owned);
    }
    Err(wrong_type(name, "ims.Key, PEM as str or bytes, or os.PathLike", value))
}

fn from_text(
    name: &str,
    value: &Bound<'_, PyAny>,
    passphrase: Option<&Bound<'_, PyAny>>,
) -> PyResult<ims::Key> {
    let pem = bytes(name, value)?;
    if may_be_path(pem.expose()) {
        return Err(Failure::PathAsText(name.to_owned()).into());
    }
    read(value.py(), passphrase, |passphrase| ims::Key::from_bytes(pem.expose(), passphrase))
}

/// The shortest key takes more than a path, which is one line.
fn may_be_path(text: &[u8]) -> bool {
    (1..LONGEST_PATH).contains(&text.len()) && !text.contains(&b'\n') && !text.starts_with(b"-----")
}

fn from_path(
    name: &str,
    value: &Bound<'_, PyAny>,
    passphrase: Option<&Bound<'_, PyAny>>,
) -> PyResult<ims::Key> {
    let path = path(name, value)?;
    read(value.py(), passphrase, |passphrase| ims::Key::from_file(&path, passphrase))
}

fn read(
    py: Python<'_>,
    passphrase: Option<&Bound<'_, PyAny>>,
    read: impl FnOnce(Option<&[u8]>) -> Result<ims::Key, Error> + Send,
) -> PyResult<ims::Key> {
    let passphrase = optional("passphrase", passphrase, bytes)?;
    let passphrase = passphrase.as_ref().map(|passphrase| passphrase.expose().as_slice());
    Ok(py.detach(|| guarded(|| read(passphrase)))?)
}
