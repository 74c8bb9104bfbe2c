//! The token server, and what it knows of its tokens.

use std::time::Duration;

use simulated_ims::simulated::Posted;

/// A token that was issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The number of tokens that were issued before.
    pub number: usize,
    pub at: Duration,
    pub lifetime: Duration,
    /// The process that asked for it.
    pub process: usize,
    pub is_ended: bool,
    /// When the response came; `None` where it did not, or too late.
    pub delivered_at: Option<Duration>,
}

/// The state of the token server.
pub struct TokenServer {
    pub lifetime: u64,
    /// In the order of their numbers.
    pub issued: Vec<Issued>,
    /// The client secrets that it accepts.
    pub secrets: Vec<&'static str>,
    pub requests: u64,
}

impl TokenServer {
    pub fn new(lifetime: u64, secrets: &[&'static str]) -> Self {
        Self { lifetime, issued: Vec::new(), secrets: secrets.to_vec(), requests: 0 }
    }

    /// Responds to the `form` of a request; `refusal` is that of a server in trouble.
    pub fn respond(
        &mut self,
        now: Duration,
        process: usize,
        form: &str,
        refusal: Option<(u16, Option<u64>)>,
    ) -> Posted {
        self.requests += 1;
        let response = |status, body: String| {
            let headers = vec![("content-type", "application/json".to_owned())];
            Posted { status, headers, body }
        };
        if let Some((status, retry_after)) = refusal {
            let mut refused = response(status, String::new());
            refused.headers.extend(retry_after.map(|wait| ("retry-after", wait.to_string())));
            return refused;
        }
        let secret = form.split('&').find_map(|field| field.strip_prefix("client_secret="));
        if !secret.is_some_and(|secret| self.secrets.contains(&secret)) {
            return response(401, r#"{"error":"invalid_client"}"#.to_owned());
        }
        let number = self.issued.len();
        let body = format!(r#"{{"access_token":"token-{number}","expires_in":{}}}"#, self.lifetime);
        let lifetime = Duration::from_secs(self.lifetime);
        self.issued.push(Issued {
            number,
            at: now,
            lifetime,
            process,
            is_ended: false,
            delivered_at: None,
        });
        response(200, body)
    }

    /// Returns what is known of this token; `None` where it was never issued.
    pub fn find(&self, token: &str) -> Option<&Issued> {
        self.issued.get(number(token)?)
    }

    /// Notes that the client has this response.
    pub fn delivered(&mut self, body: &str, now: Duration) {
        let number = body.split('"').nth(3).and_then(number);
        if let Some(issued) = number.and_then(|number| self.issued.get_mut(number)) {
            issued.delivered_at = Some(now);
        }
    }

    /// Ends all tokens.
    pub fn end_all(&mut self) {
        self.issued.iter_mut().for_each(|token| token.is_ended = true);
    }
}

fn number(token: &str) -> Option<usize> {
    token.strip_prefix("token-")?.parse().ok()
}
