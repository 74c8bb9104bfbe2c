//! The outcome of a request, and the HTTP response for it.

use std::io;

use axum::body::{Body, Bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderValue, Response, StatusCode};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::access_token::random_hex;
use super::fault::{BadResponse, Fault, MetadataFault};
use super::recent::SeenJwt;
use super::refusal::Refusal;

const JSON: &str = "application/json";
const CHALLENGE: &str = "Basic realm=\"ims sandbox\", charset=\"UTF-8\"";
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
/// The page that a proxy sends when the server behind it is down.
const PAGE: &str = "<html><head><title>Error</title></head><body><h1>Error</h1></body></html>\n";

/// The outcome of a request, the client if it is known, and the fault that damages the answer.
pub(super) struct Outcome {
    pub client_id: Option<String>,
    pub result: Result<Success, Refusal>,
    pub fault: Option<Fault>,
    /// True if a client that authenticated by the `Authorization` header is told so (RFC 6749 section
    /// 5.2).
    pub challenges: bool,
    /// The JWTs that the request had, for the page.
    pub jwts: Vec<SeenJwt>,
}

/// A successful request.
pub(super) struct Success {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body; null for an empty one, a string for plain text.
    pub body: Value,
    /// The log's text, with details that IMS does not send.
    pub decision: String,
    pub cause: &'static str,
}

impl Success {
    pub fn new(body: Value, decision: impl Into<String>) -> Self {
        Self { status: 200, body, decision: decision.into(), cause: "" }
    }
}

impl Outcome {
    /// Makes the outcome of a request without a client, which no fault concerns.
    pub fn without_account(result: Result<Success, Refusal>) -> Self {
        Self { client_id: None, result, fault: None, challenges: false, jwts: Vec::new() }
    }

    pub fn status(&self) -> u16 {
        match &self.result {
            Ok(_) if self.redirects() => 302,
            Ok(success) => success.status,
            Err(refusal) => refusal.status,
        }
    }

    fn redirects(&self) -> bool {
        self.fault.as_ref().and_then(|fault| fault.metadata) == Some(MetadataFault::Redirect)
    }

    /// Returns the decision and its reason, for the log.
    pub fn decision(&self) -> (String, &str) {
        match &self.result {
            Ok(Success { decision, cause, .. }) => (decision.clone(), cause),
            Err(Refusal { error, description, cause, .. }) => {
                (format!("{error} \"{description}\""), cause)
            }
        }
    }

    pub fn into_response(self) -> Response<Body> {
        let spoiled = self.fault.as_ref().and_then(|fault| fault.answer);
        let (content_type, body) = self.content(spoiled);
        let (length, redirects) = (body.len(), self.redirects());
        let body = match spoiled {
            Some(BadResponse::Lost) => lost(),
            Some(BadResponse::Cut) => cut(Bytes::from(body)),
            _ => Body::from(body),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status()).unwrap_or_default();
        let headers = response.headers_mut();
        // Adobe's support asks for this header.
        if let Ok(id) = HeaderValue::try_from(random_hex()) {
            headers.insert("x-debug-id", id);
        }
        if redirects {
            let there = "/.well-known/openid-configuration";
            headers.insert(LOCATION, HeaderValue::from_static(there));
        }
        // RFC 6749 section 5.1.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // RFC 9110 section 8.6: a response 204 has none.
        if response.status() != StatusCode::NO_CONTENT {
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        let headers = response.headers_mut();
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if self.challenges {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
        }
        if let Some(seconds) = self.fault.and_then(|fault| fault.retry_after) {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }

    fn content(&self, spoiled: Option<BadResponse>) -> (Option<&'static str>, String) {
        match (spoiled, &self.result) {
            (Some(BadResponse::Html), _) => (Some(HTML), PAGE.to_owned()),
            (Some(BadResponse::Empty), _) | (_, Ok(Success { body: Value::Null, .. })) => {
                (None, String::new())
            }
            (_, Ok(Success { body: Value::String(text), .. })) => (Some(TEXT), text.clone()),
            (_, Ok(Success { body, .. })) => (Some(JSON), body.to_string()),
            (_, Err(Refusal { error, description, .. })) => {
                let body = json!({ "error": error, "error_description": description });
                (Some(JSON), body.to_string())
            }
        }
    }
}

/// A body that fails before the headers are sent: the connection closes without an answer.
fn lost() -> Body {
    Body::from_stream(stream::iter([Err::<Bytes, _>(closed())]))
}

/// A body whose connection closes after its first half.
fn cut(whole: Bytes) -> Body {
    let half = whole.slice(..whole.len() / 2);
    let close = async {
        // Lets the first half be sent.
        tokio::task::yield_now().await;
        Err(closed())
    };
    Body::from_stream(stream::iter([Ok(half)]).chain(stream::once(close)))
}

fn closed() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}
