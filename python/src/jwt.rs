//! Claims in, a signed JWT out.

use std::time::SystemTime;

use ims::{Assertion, Claims, Expiry};
use pyo3::prelude::*;

use crate::arguments::{json, optional, text, texts};
use crate::failure::{Failure, guarded};
use crate::key::key as read_key;
use crate::times::{jti as read_jti, lifetime as read_lifetime, time};

/// Signs the claims with RS256, and returns the JWT.
///
/// key: ims.Key; PEM as str or bytes; or a path, as os.PathLike.
/// lifetime: seconds from iat to exp, or a timedelta; 1 to 86,400, and 300 by default. Not together with exp.
/// exp, nbf, iat: Unix seconds, or an aware datetime; iat is now by default.
/// jti: a str or, as Adobe IMS wants it, an int.
/// metascopes: full names of claims, each set to true.
/// claims: further ones.
#[pyfunction]
#[pyo3(signature = (key, *, iss, sub, aud, metascopes=None, lifetime=None, exp=None, nbf=None, iat=None, jti=None, kid=None, claims=None))]
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
    let key = read_key("key", key, None)?;
    let jwt = py.detach(|| guarded(|| ims::generate_jwt(&key, &assertion, SystemTime::now())))?;
    Ok(jwt.expose().clone())
}
