//! Access tokens as IMS makes them: JWTs without `exp`, with times as strings in milliseconds.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use serde_json::json;

use super::Account;
use crate::ims_host::ImsHost;

/// Signs access tokens with a key that lives as long as the sandbox.
pub(super) struct Issuer {
    key: PKey<Private>,
    /// What tokens name as `as`, such as `ims-na1` for Adobe's production host.
    name: String,
}

impl Issuer {
    pub fn new(ims: &ImsHost) -> Result<Self, ErrorStack> {
        let host = ims.to_string();
        let name = host.strip_suffix(".adobelogin.com").unwrap_or(&host).to_owned();
        Ok(Self { key: PKey::from_rsa(Rsa::generate(2048)?)?, name })
    }

    /// A token for `account` that says it lives for `lifetime` from `now` on.
    pub fn access_token(
        &self,
        account: &Account,
        scope: &str,
        lifetime: Duration,
        now: SystemTime,
    ) -> Result<String, ErrorStack> {
        let created_at = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let header = json!({ "alg": "RS256", "kid": "ims-sandbox", "itt": "at" });
        let claims = json!({
            "id": random_hex(),
            "type": "access_token",
            "client_id": account.client_id,
            "user_id": account.technical_account_id,
            "as": self.name,
            "scope": scope,
            "created_at": created_at.as_millis().to_string(),
            "expires_in": lifetime.as_millis().to_string(),
        });
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key)?;
        let signature = signer.sign_oneshot_to_vec(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// 128 random bits: the id of a token or of an answer.
pub(super) fn random_hex() -> String {
    let mut bytes = [0; 16];
    // Ids need not be secret: without randomness they are merely not unique.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
