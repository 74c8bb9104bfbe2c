//! What each request's JWT comes from.

use std::sync::Arc;

use crate::assertion_source::AssertionSource;
use crate::jwt::Assertion;

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
