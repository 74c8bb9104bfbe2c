//! The arguments of callers, read strictly: a wrong type is a `TypeError`, a bad value an
//! `ims.ArgumentError`, and both begin with the argument's name. No error text repeats the value,
//! which may be a secret.

use std::path::PathBuf;

use ims::{Parameters, Secret};
use pyo3::exceptions::{
    PyOverflowError, PyRecursionError, PyTypeError, PyUnicodeEncodeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyMapping, PyString};

use crate::failure::Failure;

const SURROGATE: &str = "holds half of a surrogate pair";

/// An argument that may be left out, or be None.
pub fn optional<'py, T>(
    name: &str,
    value: Option<&Bound<'py, PyAny>>,
    read: fn(&str, &Bound<'py, PyAny>) -> PyResult<T>,
) -> PyResult<Option<T>> {
    value.map(|value| read(name, value)).transpose()
}

/// A bad value: `problem` continues a sentence that begins with the name.
pub fn bad(name: &str, problem: &str) -> PyErr {
    Failure::Argument { name: name.to_owned(), problem: problem.to_owned() }.into()
}

/// A wrong type.
pub fn wrong_type(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let given = value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
    PyTypeError::new_err(format!("{name} must be {expected}, not {given}"))
}

/// Adds the argument's name to an error that Python raised about its value. An error that is not
/// about the value, such as KeyboardInterrupt, is returned unchanged.
fn explained(error: PyErr, name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let py = value.py();
    if error.is_instance_of::<PyTypeError>(py) {
        wrong_type(name, expected, value)
    } else if error.is_instance_of::<PyOverflowError>(py) {
        bad(name, "is out of range")
    } else if error.is_instance_of::<PyUnicodeEncodeError>(py) {
        bad(name, SURROGATE)
    } else {
        error
    }
}

/// A text.
pub fn text(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = value.cast::<PyString>().map_err(|_| wrong_type(name, "str", value))?;
    utf8(name, text)
}

/// Returns the text as UTF-8. Python's own error is not used, because it would hold the text.
fn utf8(name: &str, text: &Bound<'_, PyString>) -> PyResult<String> {
    let text = text.to_cow().map_err(|_| bad(name, SURROGATE))?;
    Ok(text.into_owned())
}

/// A text or bytes, as a passphrase or PEM is.
pub fn bytes(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Secret<Vec<u8>>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Secret::new(bytes.as_bytes()));
    }
    let text = value.cast::<PyString>().map_err(|_| wrong_type(name, "str or bytes", value))?;
    utf8(name, text).map(Secret::new)
}

/// A path: text or `os.PathLike`.
pub fn path(name: &str, value: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    let path: PathBuf =
        value.extract().map_err(|error| explained(error, name, "str or os.PathLike", value))?;
    if path.as_os_str().is_empty() {
        return Err(bad(name, "is empty"));
    }
    Ok(path)
}

/// An integer, and neither a float nor a boolean; `expected` names all that may stand there.
pub fn whole<'py, T>(name: &str, expected: &str, value: &Bound<'py, PyAny>) -> PyResult<T>
where
    T: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    if value.is_instance_of::<PyBool>() {
        return Err(wrong_type(name, expected, value));
    }
    value.extract().map_err(|error| explained(error, name, expected, value))
}

/// A boolean, and no other value.
pub fn boolean(name: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.extract().map_err(|error| explained(error, name, "bool", value))
}

/// Seconds, an integer or a float.
pub fn seconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    if value.is_instance_of::<PyBool>() || value.is_instance_of::<PyString>() {
        return Err(wrong_type(name, "float", value));
    }
    value.extract().map_err(|error| explained(error, name, "float", value))
}

/// Reads a sequence of texts. A single text is refused, although Python treats it as a sequence.
pub fn texts(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    const EXPECTED: &str = "an iterable of str";
    let is_another = value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyMapping>();
    if is_another {
        return Err(wrong_type(name, EXPECTED, value));
    }
    let items = value.try_iter().map_err(|error| explained(error, name, EXPECTED, value))?;
    items.map(|item| text(name, &item?)).collect()
}

/// Reads further fields of a request: a mapping of names to texts, or to iterables of texts.
pub fn parameters(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Parameters> {
    let mapping = value.cast::<PyMapping>().map_err(|_| wrong_type(name, "a mapping", value))?;
    let mut parameters = Parameters::default();
    for item in mapping.items()? {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let key = text(&format!("{name}: each name"), &key)?;
        if value.is_instance_of::<PyString>() {
            parameters.push(key, text(name, &value)?);
        } else {
            texts(name, &value)?.into_iter().for_each(|value| parameters.push(&*key, value));
        }
    }
    Ok(parameters)
}

/// A mapping as JSON, as `json.dumps` writes it.
pub fn json(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = value.py();
    let mapping = value.cast::<PyMapping>().map_err(|_| wrong_type(name, "a mapping", value))?;
    let object = PyDict::new(py);
    for item in mapping.items()? {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        if !key.is_instance_of::<PyString>() {
            return Err(wrong_type(&format!("{name}: each name"), "str", &key));
        }
        object.set_item(key, value)?;
    }
    let options = PyDict::new(py);
    options.set_item("allow_nan", false)?;
    options.set_item("ensure_ascii", false)?;
    options.set_item("separators", (",", ":"))?;
    let json = py.import("json")?.call_method("dumps", (object,), Some(&options));
    let json = json.map_err(|error| {
        // The texts of these errors name types, and no values except numbers.
        let problem = error.value(py);
        if error.is_instance_of::<PyTypeError>(py) {
            PyTypeError::new_err(format!("{name}: {problem}"))
        } else if error.is_instance_of::<PyValueError>(py) {
            bad(name, "holds what JSON has no form for: a number that is not finite or has too many digits, or itself")
        } else if error.is_instance_of::<PyRecursionError>(py) {
            bad(name, "is too deep")
        } else {
            error
        }
    })?;
    text(name, &json)
}
