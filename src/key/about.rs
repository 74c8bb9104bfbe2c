//! A key as it is stored, with what its file says of it.

use super::material::Material;
use crate::algorithm::Algorithm;

/// A key that was read and is not checked yet.
#[derive(Clone)]
pub(super) struct Stored {
    pub material: Material,
    pub about: About,
}

/// What a file says of its key. The header of a JWT has no other default.
#[derive(Clone, Default)]
pub(super) struct About {
    /// The `kid` of a JWK.
    pub kid: Option<String>,
    /// The `alg` of a JWK.
    pub algorithm: Option<Algorithm>,
    /// The certificates of a PKCS#12 store, in PEM.
    pub certificates: Option<Vec<u8>>,
}

impl From<Material> for Stored {
    fn from(material: Material) -> Self {
        Self { material, about: About::default() }
    }
}
