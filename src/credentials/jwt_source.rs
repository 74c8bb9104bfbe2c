//! What each request's JWT comes from.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::settings::JtiKind;
use crate::assertion_source::AssertionSource;
use crate::error::Error;
use crate::grant::Grant;
use crate::jwt::{Assertion, Expiry, Jti};

/// A JWT that a request holds: signed here each time, or from elsewhere.
#[derive(Clone, Debug)]
pub(crate) enum JwtSource {
    Signed(Box<Assertion>),
    Elsewhere(Arc<AssertionSource>),
}

impl JwtSource {
    /// Returns what is signed, if it is signed here.
    pub fn signed(&self) -> Option<&Assertion> {
        match self {
            Self::Signed(assertion) => Some(assertion),
            Self::Elsewhere(_) => None,
        }
    }

    pub fn elsewhere(&self) -> Option<&AssertionSource> {
        match self {
            Self::Signed(_) => None,
            Self::Elsewhere(source) => Some(source),
        }
    }
}

/// Returns the kind of `jti` of a client's assertion. Servers accept each only once, so that it has one.
pub(super) fn jti_of_client(chosen: Option<JtiKind>) -> JtiKind {
    chosen.unwrap_or(JtiKind::Uuid)
}

/// Returns the content of a JWT that is signed at `now`: with its own `jti`, and an `iat` that is set
/// back without a change of `exp`.
pub(super) fn completed(
    assertion: &Assertion,
    jti: Option<Jti>,
    iat_leeway: Duration,
    now: SystemTime,
) -> Assertion {
    let mut assertion = assertion.clone();
    let claims = &mut assertion.claims;
    claims.jti = jti;
    if let (false, Expiry::In(lifetime)) = (iat_leeway.is_zero(), claims.expiry) {
        claims.iat = Some(now - iat_leeway);
        claims.expiry = Expiry::At(now + lifetime);
    }
    assertion
}

/// Checks grant and claims as they will be signed, so that a problem shows before the first exchange.
pub(super) fn check(
    grant: &Grant<JwtSource>,
    jti: Option<JtiKind>,
    iat_leeway: Duration,
) -> Result<(), Error> {
    grant.check()?;
    let now = SystemTime::now();
    let jti_of_client = Some(jti_of_client(jti));
    for (assertion, jti) in [(grant.assertion(), jti), (grant.client_assertion(), jti_of_client)] {
        let Some(assertion) = assertion.and_then(JwtSource::signed) else { continue };
        assertion.check(now)?;
        if let Expiry::In(lifetime) = assertion.claims.expiry
            && lifetime + iat_leeway > Expiry::MAX_LIFETIME
        {
            let problem = "and the lifetime are over 86400 seconds (24 h) together";
            return Err(Error::argument("iat_leeway", problem));
        }
        if jti.is_some() || !iat_leeway.is_zero() {
            // Any jti will do, for only the names of the claims are compared.
            let jti = jti.map(|_| Jti::Integer(0));
            completed(assertion, jti, iat_leeway, now).check(now)?;
        }
    }
    Ok(())
}
