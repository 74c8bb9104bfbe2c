//! Public keys as JSON: a JWK or a set of them (RFC 7517, RFC 7518 section 6, RFC 8037).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::Algorithm;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Rsa;
use serde_json::{Map, Value};

/// A key, and the names that it is restricted to.
pub(super) struct Jwk {
    pub pkey: PKey<Public>,
    pub kid: Option<String>,
    pub algorithm: Option<Algorithm>,
}

/// Reads a JWK, or a set; `None` if `bytes` are not JSON.
pub(super) fn parse(bytes: &[u8]) -> Option<Result<Vec<Jwk>, &'static str>> {
    let object: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    Some(match object.get("keys") {
        Some(Value::Array(keys)) if keys.is_empty() => Err("is a JWK set without keys"),
        Some(Value::Array(keys)) => {
            keys.iter().map(|key| key.as_object().ok_or(MALFORMED).and_then(read)).collect()
        }
        Some(_) => Err(MALFORMED),
        None => read(&object).map(|key| vec![key]),
    })
}

const MALFORMED: &str = "is not a JWK or JWK set of RSA, P-256, P-384, P-521 or Ed25519 keys";

fn read(jwk: &Map<String, Value>) -> Result<Jwk, &'static str> {
    if jwk.contains_key("d") || jwk.contains_key("k") {
        return Err("holds a private or secret key; register its public JWK instead");
    }
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let bytes = |name: &str| text(name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let number = |name: &str| bytes(name).and_then(|bytes| BigNum::from_slice(&bytes).ok());
    let pkey = match (text("kty"), text("crv")) {
        (Some("RSA"), _) => number("n").zip(number("e")).map(|(n, e)| rsa(n, e)),
        (Some("EC"), Some(crv)) => curve(crv)
            .zip(number("x").zip(number("y")))
            .map(|(curve, (x, y))| elliptic(curve, &x, &y)),
        (Some("OKP"), Some("Ed25519")) => {
            bytes("x").map(|x| PKey::public_key_from_raw_bytes(&x, Id::ED25519))
        }
        _ => None,
    };
    let pkey = pkey.and_then(Result::ok).ok_or(MALFORMED)?;
    let algorithm = text("alg").map(|alg| alg.parse().map_err(|_| "has an unknown alg"));
    Ok(Jwk { pkey, kid: text("kid").map(str::to_owned), algorithm: algorithm.transpose()? })
}

fn rsa(n: BigNum, e: BigNum) -> Result<PKey<Public>, ErrorStack> {
    PKey::from_rsa(Rsa::from_public_components(n, e)?)
}

fn elliptic(curve: Nid, x: &BigNum, y: &BigNum) -> Result<PKey<Public>, ErrorStack> {
    let group = EcGroup::from_curve_name(curve)?;
    // Checks that the point is on the curve.
    PKey::from_ec_key(EcKey::from_public_key_affine_coordinates(&group, x, y)?)
}

fn curve(name: &str) -> Option<Nid> {
    match name {
        "P-256" => Some(Nid::X9_62_PRIME256V1),
        "P-384" => Some(Nid::SECP384R1),
        "P-521" => Some(Nid::SECP521R1),
        _ => None,
    }
}
