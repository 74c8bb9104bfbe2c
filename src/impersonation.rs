//! A service account of Google that another identity acts for: its token is asked for with the identity's own.

use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::error::{Error, Field};
use crate::grant::{BodyFormat, GrantType};
use crate::retry::Call;
use crate::secret::Secret;
use crate::server::server_at;
use crate::token::{DEFAULT_LIFETIME, Requested, Token};
use crate::token_url::TokenUrl;

/// The scope of all of Google Cloud; what an account may do there is set by its roles.
pub(crate) const CLOUD_PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";

/// The method `generateAccessToken` of Google's IAM Service Account Credentials API.
#[derive(Clone, Debug)]
pub(crate) struct Impersonation {
    /// The URL of the method, which names the service account.
    pub url: TokenUrl,
    /// The scopes of the token, with blanks between.
    pub scope: String,
    /// The lifetime that is asked for.
    pub lifetime: Duration,
    /// The setting of the URL.
    pub field: Field,
}

impl Impersonation {
    /// The lifetime that Google's libraries ask for where the settings name none.
    pub const LIFETIME: Duration = Duration::from_secs(3600);

    /// Returns what tells it from others.
    pub fn identity(&self) -> String {
        format!("{} {} {:?}", self.url, self.scope, self.lifetime)
    }

    /// Returns the service account's token, which is believed no longer than `own`, the token of the identity that
    /// asks.
    ///
    /// # Errors
    /// Any status of the network and the server; the hint names the setting.
    pub fn token(&self, call: Call<'_>, own: &Token) -> Result<Token, Error> {
        let token = call.retry(|| self.attempt(call, own));
        let token = token.map_err(|error| {
            let hint = format!("the response is that of {}", self.field.as_str());
            error.with_more_hint(&*hint)
        })?;
        Ok(token.until(own.expires_at()))
    }

    fn attempt(&self, call: Call<'_>, own: &Token) -> Result<Token, Error> {
        let scope: Vec<&str> = self.scope.split_whitespace().collect();
        let lifetime = format!("{}s", self.lifetime.as_secs());
        let body = Secret::from(json!({ "scope": scope, "lifetime": lifetime }).to_string());
        let bearer = Secret::from(format!("Bearer {}", own.access_token()));
        let headers = [("Authorization", bearer.expose().as_str())];
        let sent_at = SystemTime::now();
        let media_type = BodyFormat::Json.media_type();
        let response = call.http.post(&self.url, &headers, (media_type, &body), call.deadline)?;
        let requested = Requested {
            grant_type: GrantType::TokenExchange,
            server: server_at(&self.url),
            sent: [None, None],
            scope: None,
            id_token: false,
            default_lifetime: DEFAULT_LIFETIME,
        };
        Token::from_response(&response, &requested, sent_at, &[own.access_token()])
    }
}
