//! A URL of the platform that responds with a JWT: a metadata server, or the token service of a CI system.

use std::time::Instant;

use zeroize::Zeroizing;

use crate::error::{Error, Status, redact};
use crate::http::Http;
use crate::secret::Secret;
use crate::token_url::TokenUrl;

/// A URL and what is sent to it.
#[derive(Clone, Debug)]
pub(crate) struct Url {
    pub url: TokenUrl,
    /// The name and value of each header.
    pub headers: Vec<(String, Secret)>,
}

impl Url {
    /// Returns the body of the response to a GET, which is never redirected.
    ///
    /// # Errors
    /// Those of [`Http::get`]; [`Status::Unavailable`] and [`Status::RateLimited`], which a later attempt may
    /// fix, and [`Status::Credentials`] for any other status than 2xx.
    pub fn body(&self, http: &Http, deadline: Instant) -> Result<Zeroizing<Vec<u8>>, Error> {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.expose().as_str()))
            .collect();
        let mut response = http.get(&self.url, &headers, deadline)?;
        let status = response.status;
        if (200..300).contains(&status) {
            return Ok(Zeroizing::new(std::mem::take(&mut response.body)));
        }
        if (300..400).contains(&status) {
            let problem =
                format!("responds with a redirect (HTTP {status}), which is never followed");
            return Err(
                Error::new(Status::Credentials, problem).with_hint("give the URL that it leads to")
            );
        }
        let secrets: Vec<&str> = headers.iter().map(|(_, value)| *value).collect();
        let said = redact(&String::from_utf8_lossy(&response.body), &secrets);
        let said: String = said.chars().take(MAX_SAID).collect();
        let colon = if said.is_empty() { "" } else { ": " };
        let kind = match status {
            429 => Status::RateLimited,
            408 | 500..=599 => Status::Unavailable,
            _ => Status::Credentials,
        };
        Err(Error::new(kind, format!("responds with HTTP {status}{colon}{said}"))
            .with_hint("see what the platform's documentation says of this URL and its headers"))
    }
}

/// The length of what is shown of a refusal, in characters.
const MAX_SAID: usize = 200;
