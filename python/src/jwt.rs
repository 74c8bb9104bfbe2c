//! Claims in, a signed JWT out.

use std::str::FromStr;
use std::time::SystemTime;

use ims::{Assertion, Claims, Error, Expiry};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::arguments::{json, optional, path, text, texts, wrong_type};
use crate::failure::{Failure, guarded};
use crate::key::{pem, shared_key};
use crate::times::{jti as read_jti, lifetime as read_lifetime, time};

/// Does what `ims.generate_jwt` does, with all of its arguments in order.
#[pyfunction]
#[pyo3(text_signature = None)]
#[allow(clippy::too_many_arguments, reason = "Python's callers name them")]
pub fn generate_jwt(
    py: Python<'_>,
    key: &Bound<'_, PyAny>,
    iss: &Bound<'_, PyAny>,
    sub: Option<&Bound<'_, PyAny>>,
    aud: Option<&Bound<'_, PyAny>>,
    metascopes: Option<&Bound<'_, PyAny>>,
    lifetime: Option<&Bound<'_, PyAny>>,
    exp: Option<&Bound<'_, PyAny>>,
    nbf: Option<&Bound<'_, PyAny>>,
    iat: Option<&Bound<'_, PyAny>>,
    jti: Option<&Bound<'_, PyAny>>,
    kid: Option<&Bound<'_, PyAny>>,
    claims: Option<&Bound<'_, PyAny>>,
    alg: Option<&Bound<'_, PyAny>>,
    typ: Option<&Bound<'_, PyAny>>,
    header: Option<&Bound<'_, PyAny>>,
    certificate: Option<&Bound<'_, PyAny>>,
    x5t: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let mut given = Claims::default();
    given.iss = text("iss", iss)?;
    given.sub = optional("sub", sub, text)?;
    given.aud = optional("aud", aud, text)?;
    given.metascopes = optional("metascopes", metascopes, texts)?.unwrap_or_default();
    let lifetime = optional("lifetime", lifetime, read_lifetime)?;
    let exp = optional("exp", exp, time)?;
    given.nbf = optional("nbf", nbf, time)?;
    given.iat = optional("iat", iat, time)?;
    given.jti = optional("jti", jti, read_jti)?;
    let kid = optional("kid", kid, text)?;
    given.claims_json = optional("claims", claims, json)?;
    given.expiry = Expiry::from_options(lifetime, exp).map_err(Failure::Core)?;
    let mut assertion = Assertion::from(given);
    assertion.header.kid = kid;
    assertion.header.alg = parsed("alg", alg)?;
    assertion.header.typ = optional("typ", typ, text)?;
    assertion.header.header_json = optional("header", header, json)?;
    assertion.header.certificate = optional("certificate", certificate, read_certificate)?;
    assertion.header.x5t = parsed("x5t", x5t)?;
    let key = shared_key("key", key, None)?;
    let jwt = py.detach(|| guarded(|| ims::generate_jwt(&key, &assertion, SystemTime::now())))?;
    Ok(jwt.expose().clone())
}

fn parsed<T: FromStr<Err = Error>>(
    name: &str,
    value: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<T>> {
    let value = optional(name, value, text)?;
    Ok(value.map(|value| value.parse()).transpose().map_err(Failure::Core)?)
}

/// A certificate: its PEM, or its path as `os.PathLike`.
fn read_certificate(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
        return Ok(pem(name, value)?.expose().clone());
    }
    if value.hasattr("__fspath__")? {
        let path = path(name, value)?.into_os_string().into_encoded_bytes();
        return Ok(guarded(|| ims::read_certificate(&path))?);
    }
    Err(wrong_type(name, "PEM as str or bytes, or os.PathLike", value))
}
