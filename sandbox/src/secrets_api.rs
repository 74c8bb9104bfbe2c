//! Adobe's API (I/O Management) that lists, adds and deletes the client secrets of an account.

use serde_json::{Value, json};

use super::access_token::random_hex;
use super::client_secrets::ClientSecret;
use super::endpoint::SecretsAction as Action;
use super::outcome::Success;
use super::refusal::Refusal;
use super::server::{Call, Registered, Server};
use ims::{Secret, unix_seconds};

/// Adobe allows two at a time.
const MAX_SECRETS: usize = 2;

/// Returns the scope that the access token needs.
fn scope(action: Action) -> &'static str {
    match action {
        Action::List => "read_client_secret",
        Action::Add | Action::Delete => "manage_client_secrets",
    }
}

impl Server {
    /// Responds as Adobe documents it for OAuth Server-to-Server credentials.
    pub fn client_secrets(&self, action: Action, call: &Call) -> Result<Success, Refusal> {
        let client = call.client.ok_or_else(|| {
            refused(403, "403003", "Api Key is invalid")
                .because("x-api-key is no account's client id")
        })?;
        self.check_token(action, client, call)?;
        let mut secrets = client.secrets();
        match action {
            Action::List => {
                let list: Vec<Value> = secrets.0.iter().map(ClientSecret::listed).collect();
                let decision = format!("{} client secrets", list.len());
                let body = json!({ "client_id": client.account.client_id, "client_secrets": list });
                Ok(Success::new(body, decision))
            }
            Action::Add if secrets.0.len() == MAX_SECRETS => {
                Err(refused(400, "bad_request", "The credential has two client secrets already."))
            }
            Action::Add => {
                let secret = format!("p8e-{}{}", random_hex(), random_hex());
                let new = ClientSecret::new(Secret::new(secret), call.now);
                let mut body = new.listed();
                body["client_secret"] = new.secret.expose().as_str().into();
                let decision = format!("client secret {} added", new.uuid);
                secrets.0.push(new);
                Ok(Success { status: 201, ..Success::new(body, decision) })
            }
            Action::Delete => {
                let uuid = call.path.rsplit('/').next().unwrap_or_default();
                let at = secrets.0.iter().position(|known| known.uuid == uuid);
                let at =
                    at.ok_or_else(|| refused(404, "not_found", "There is no such client secret."))?;
                let gone = secrets.0.remove(at);
                let decision = format!("client secret {} deleted", gone.uuid);
                Ok(Success { status: 204, ..Success::new(Value::Null, decision) })
            }
        }
    }

    fn check_token(&self, action: Action, client: &Registered, call: &Call) -> Result<(), Refusal> {
        let bad =
            |cause: &'static str| refused(401, "401013", "Oauth token is not valid").because(cause);
        let token = call.form.get("token").ok_or_else(|| bad("there is no access token"))?;
        let token =
            self.issuer.read(token, call.now).ok_or_else(|| bad("it is not of this server"))?;
        if token.client_id() != client.account.client_id {
            return Err(bad("it is another client's"));
        }
        if token.expiry() <= unix_seconds(call.now) {
            return Err(bad("it has expired"));
        }
        let needed = scope(action);
        if !token.scope().split([',', ' ']).any(|scope| scope == needed) {
            let cause = format!("the access token lacks the scope {needed}");
            return Err(refused(403, "403010", "Forbidden").because(cause));
        }
        Ok(())
    }
}

fn refused(status: u16, error: &'static str, description: &'static str) -> Refusal {
    Refusal::oauth(status, error, description)
}
