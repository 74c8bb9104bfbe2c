//! The validation and invalidation of access tokens.

use serde_json::{Value, json};

use super::access_token::AccessToken;
use super::outcome::Success;
use super::refusal::Refusal;
use super::server::{Call, Server};
use ims::unix_seconds;

/// The value of the form's field for the kind of token. There is only this kind.
const ACCESS_TOKEN: &str = "access_token";
const NOT_OURS: &str =
    "the token was changed, or is of another server: the sandbox's key is new at each start";
const OF_ANOTHER_CLIENT: &str = "the token is another client's";

impl Server {
    /// `{"valid":true,"token":{...}}` with the token's claims, or `{"valid":false,"reason":"..."}`.
    pub fn validate(&self, call: &Call) -> Result<Success, Refusal> {
        let client = call.client()?;
        check_kind(call, "type")?;
        let token = self.issuer.read(token(call)?, call.now);
        let (reason, cause) = match &token {
            None => ("bad_signature", NOT_OURS),
            Some(token) if token.client_id() != client.account.client_id => {
                ("bad_client_id", OF_ANOTHER_CLIENT)
            }
            Some(token) if client.ledger().invalidated.contains(token.id()) => ("invalidated", ""),
            Some(token) if token.expiry() <= unix_seconds(call.now) => ("expired", ""),
            Some(AccessToken { claims }) => {
                return Ok(Success::new(json!({ "valid": true, "token": claims }), "valid"));
            }
        };
        let body = json!({ "valid": false, "reason": reason });
        Ok(Success { cause, ..Success::new(body, format!("not valid, {reason}")) })
    }

    /// Takes a token of this client's back; whether it was valid until now is all the same.
    pub fn invalidate(&self, call: &Call) -> Result<Success, Refusal> {
        let client = call.client()?;
        client.check_secret(call, 400)?;
        check_kind(call, "token_type")?;
        let token = self.issuer.read(token(call)?, call.now);
        let token = token.ok_or_else(|| Refusal::TOKEN.because(NOT_OURS))?;
        if token.client_id() != client.account.client_id {
            return Err(Refusal::TOKEN.because(OF_ANOTHER_CLIENT));
        }
        let id = token.id().to_owned();
        client.ledger().invalidated.insert(id, token.expiry(), unix_seconds(call.now));
        Ok(Success::new(Value::Null, "invalidated"))
    }
}

fn token<'a>(call: &'a Call) -> Result<&'a str, Refusal> {
    call.form.get("token").ok_or_else(|| Refusal::wrong("token").because("token is missing"))
}

/// The kind of token may be left out.
fn check_kind(call: &Call, field: &str) -> Result<(), Refusal> {
    match call.form.get(field) {
        None | Some(ACCESS_TOKEN) => Ok(()),
        Some(_) => {
            let cause = format!("there are only access tokens, {field} {ACCESS_TOKEN}");
            Err(Refusal::wrong(field).because(cause))
        }
    }
}
