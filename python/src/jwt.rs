//! Claims in, a signed JWT out.

use std::time::SystemTime;

use ims::{Assertion, Claims, Expiry};
use pyo3::prelude::*;

use crate::arguments::{json, optional, text, texts};
use crate::failure::{Failure, guarded};
use crate::key::shared_key;
use crate::times::{jti as read_jti, lifetime as read_lifetime, time};

/// Does what `ims.generate_jwt` does, with all of its arguments in order.
#[pyfunction]
#[pyo3(text_signature = None)]
#[allow(clippy::too_many_arguments, reason = "Python's callers name them")]
pub fn generate_jwt(
    py: Python<'_>,
    key: &Bound<'_, PyAny>,
    iss: &Bound<'_, PyAny>,
    sub: &Bound<'_, PyAny>,
    aud: &Bound<'_, PyAny>,
    metascopes: Option<&Bound<'_, PyAny>>,
    lifetime: Option<&Bound<'_, PyAny>>,
    exp: Option<&Bound<'_, PyAny>>,
    nbf: Option<&Bound<'_, PyAny>>,
    iat: Option<&Bound<'_, PyAny>>,
    jti: Option<&Bound<'_, PyAny>>,
    kid: Option<&Bound<'_, PyAny>>,
    claims: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let mut given = Claims::new(text("iss", iss)?, text("sub", sub)?, text("aud", aud)?);
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
    let key = shared_key("key", key, None)?;
    let jwt = py.detach(|| guarded(|| ims::generate_jwt(&key, &assertion, SystemTime::now())))?;
    Ok(jwt.expose().clone())
}
