//! EC and Ed25519 keys: the public key is computed, and compared with the one that the file holds.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey, Private};

use super::in_openssl::refused;
use super::kind::Kind;
use super::material::Material;
use super::problem::inconsistent;
use crate::error::Error;

/// A private key, and the public one that is computed from it.
type Loaded = (PKey<Private>, Vec<u8>);

/// Loads and checks a key that is not RSA, and returns its public key with it.
pub(super) fn load(material: &Material) -> Result<Loaded, Error> {
    let stated = material.public.as_deref();
    let loaded = match material.kind.curve() {
        Some(_) => ec(material.kind, &material.private, stated),
        None => ed25519(&material.private, stated),
    };
    loaded.map_err(|stack| refused(&stack))?.ok_or_else(inconsistent)
}

/// Returns `None` if the parts do not belong together.
fn ec(kind: Kind, private: &[u8], stated: Option<&[u8]>) -> Result<Option<Loaded>, ErrorStack> {
    let Some(curve) = kind.curve() else { return Ok(None) };
    let group = EcGroup::from_curve_name(curve)?;
    let mut context = BigNumContext::new_secure()?;
    let mut order = BigNum::new()?;
    group.order(&mut order, &mut context)?;
    let mut scalar = BigNum::new_secure()?;
    scalar.copy_from_slice(private)?;
    scalar.set_const_time();
    if scalar.num_bits() == 0 || scalar >= order {
        return Ok(None);
    }
    let mut point = EcPoint::new(&group)?;
    point.mul_generator2(&group, &scalar, &mut context)?;
    let form = PointConversionForm::UNCOMPRESSED;
    let public = point.to_bytes(&group, form, &mut context)?;
    if let Some(stated) = stated {
        let Ok(stated) = EcPoint::from_bytes(&group, stated, &mut context) else { return Ok(None) };
        if !stated.eq(&group, &point, &mut context)? {
            return Ok(None);
        }
    }
    let key = EcKey::from_private_components(&group, &scalar, &point)?;
    Ok(Some((PKey::from_ec_key(key)?, public)))
}

fn ed25519(seed: &[u8], stated: Option<&[u8]>) -> Result<Option<Loaded>, ErrorStack> {
    let key = PKey::private_key_from_raw_bytes(seed, Id::ED25519)?;
    let public = key.raw_public_key()?;
    let is_own = stated.is_none_or(|stated| stated == public);
    Ok(is_own.then_some((key, public)))
}
