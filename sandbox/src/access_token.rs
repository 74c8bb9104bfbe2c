//! Access tokens as IMS makes them: JWTs without `exp`, with times as strings in milliseconds.

use std::fmt::Write;
use std::slice;
use std::time::{Duration, SystemTime};

use openssl::error::ErrorStack;
use serde_json::{Map, Value, json};

use super::Account;
use super::signing_key::SigningKey;
use super::verify::Jwt;
use ims::{ImsHost, unix_seconds};

/// The key id in tokens and in the key set.
const KEY_ID: &str = "ims-sandbox";

/// Signs access tokens with a key that lives as long as the sandbox.
pub(super) struct Issuer {
    key: SigningKey,
    /// The claim `as` of the tokens, such as `ims-na1` for Adobe's production host.
    name: String,
}

/// An access token that the sandbox issued.
pub(super) struct AccessToken {
    pub claims: Map<String, Value>,
}

impl Issuer {
    pub fn new(ims: &ImsHost) -> Result<Self, ErrorStack> {
        let host = ims.to_string();
        let name = host.strip_suffix(".adobelogin.com").unwrap_or(&host).to_owned();
        Ok(Self { key: SigningKey::generate(KEY_ID)?, name })
    }

    /// Returns a token for `account` with the lifetime `lifetime` from `now`.
    pub fn issue(
        &self,
        account: &Account,
        scope: &str,
        lifetime: Duration,
        now: SystemTime,
    ) -> Result<String, ErrorStack> {
        let created_at = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
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
        self.key.sign(("itt", "at"), &claims)
    }

    /// Returns a JWT of the type `typ` with these claims.
    pub fn sign(&self, typ: &str, claims: &Value) -> Result<String, ErrorStack> {
        self.key.sign(("typ", typ), claims)
    }

    /// The JSON Web Key Set (RFC 7517) that its tokens verify with.
    pub fn key_set(&self) -> Result<Value, ErrorStack> {
        Ok(json!({ "keys": [self.key.jwk()?] }))
    }

    /// The token that `text` is; `None` where this sandbox did not sign it.
    pub fn read(&self, text: &str, now: SystemTime) -> Option<AccessToken> {
        let jwt = Jwt::parse(text).ok()?;
        jwt.check_signature(slice::from_ref(self.key.public_key()), now).ok()?;
        Some(AccessToken { claims: jwt.into_claims() })
    }
}

impl AccessToken {
    pub fn id(&self) -> &str {
        self.text("id")
    }

    pub fn client_id(&self) -> &str {
        self.text("client_id")
    }

    /// The scopes, with commas or blanks between.
    pub fn scope(&self) -> &str {
        self.text("scope")
    }

    /// The Unix second from which on it is refused.
    pub fn expiry(&self) -> i64 {
        let milliseconds = |name| self.text(name).parse().unwrap_or(0_u64);
        let end = milliseconds("created_at") + milliseconds("expires_in");
        unix_seconds(SystemTime::UNIX_EPOCH + Duration::from_millis(end))
    }

    fn text(&self, name: &str) -> &str {
        self.claims.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Returns 128 random bits in hexadecimal, for the id of a token or of an answer.
pub(super) fn random_hex() -> String {
    let mut bytes = [0; 16];
    // The ids need not be secret. Without randomness they are only not unique.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
