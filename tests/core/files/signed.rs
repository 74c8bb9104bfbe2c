//! JWTs as the tables show them.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use openssl::pkey::{Id, PKey, Public};
use serde_json::{Value, json};
use support::files::folder;
use support::signatures::is_signed_by;

/// The public keys of `tests/files/public`, by name.
static PUBLIC_KEYS: LazyLock<Vec<(String, PKey<Public>)>> = LazyLock::new(|| {
    let files = fs::read_dir(folder().join("public")).unwrap();
    let key = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, PKey::public_key_from_pem(&fs::read(path).unwrap()).unwrap())
    };
    files.map(|file| key(file.unwrap().path())).collect()
});

/// Returns the header, the claims and the name of the key that verifies the signature; `None` if `text` is not a JWT. A
/// claim that differs each time is `*`.
pub fn shown(text: &str) -> Option<Value> {
    let decoded = ims::decode_jwt(text).filter(|_| text.starts_with("eyJ"))?;
    let header: Value = serde_json::from_str(&decoded.header).unwrap();
    let mut claims: Value = serde_json::from_str(&decoded.claims).unwrap();
    for (name, claim) in claims.as_object_mut().unwrap() {
        if ["exp", "iat", "nbf", "jti"].contains(&name.as_str()) {
            *claim = json!("*");
        }
    }
    let alg = header["alg"].as_str().unwrap();
    let by = PUBLIC_KEYS.iter().find(|(_, key)| signs(key, alg) && is_signed_by(text, key, alg));
    Some(json!({ "header": header, "claims": claims, "signed_by": by.map(|(name, _)| name) }))
}

/// Returns whether keys like this one have the algorithm.
fn signs(key: &PKey<Public>, alg: &str) -> bool {
    match &alg[..2] {
        "RS" => key.id() == Id::RSA,
        "PS" => [Id::RSA, Id::RSA_PSS].contains(&key.id()),
        "ES" => key.id() == Id::EC,
        "Ed" => key.id() == Id::ED25519,
        _ => false,
    }
}
