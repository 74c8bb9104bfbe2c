//! Whether an access token is valid, and how one is taken back before its time.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::server::{Call, Server};
use crate::token::unix_seconds;

/// What the forms call the one kind of token that there is here.
const ACCESS_TOKEN: &str = "access_token";

impl Server {
    /// `{"valid":true,"token":{...}}` with the token's claims, or `{"valid":false,"reason":"..."}`.
    pub fn validate(&self, call: &Call) -> Result<Value, Refusal> {
        let client = call.client.ok_or(Refusal::UNKNOWN_CLIENT)?;
        check_kind(call, "type")?;
        let text = call.form.get("token").ok_or_else(|| Refusal::wrong("token"))?;
        let invalid = |reason: &str| Ok(json!({ "valid": false, "reason": reason }));
        let Some(token) = self.issuer.read(text, call.now) else {
            return invalid("bad_signature");
        };
        if token.client_id() != client.account.client_id {
            return invalid("bad_client_id");
        }
        if client.ledger().invalidated.contains(token.id()) {
            return invalid("invalidated");
        }
        if unix_seconds(call.now) >= token.expiry() {
            return invalid("expired");
        }
        Ok(json!({ "valid": true, "token": token.claims }))
    }

    /// Takes a token of this client's back; whether it was valid until now is all the same.
    pub fn invalidate(&self, call: &Call) -> Result<(), Refusal> {
        let client = call.client.ok_or(Refusal::UNKNOWN_CLIENT)?;
        client.check_secret(call, 400)?;
        check_kind(call, "token_type")?;
        let text = call.form.get("token").ok_or_else(|| Refusal::wrong("token"))?;
        let token = self
            .issuer
            .read(text, call.now)
            .filter(|token| token.client_id() == client.account.client_id)
            .ok_or(Refusal::TOKEN)?;
        let id = token.id().to_owned();
        client.ledger().invalidated.insert(id, token.expiry(), unix_seconds(call.now));
        Ok(())
    }
}

/// The kind of token may be left out.
fn check_kind(call: &Call, field: &str) -> Result<(), Refusal> {
    match call.form.get(field) {
        None | Some(ACCESS_TOKEN) => Ok(()),
        Some(_) => Err(Refusal::wrong(field)),
    }
}
