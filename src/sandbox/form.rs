//! A request's form, however it is encoded.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::refusal::Refusal;

/// The fields of a form; the client's id and secret may come as a Basic header.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// Reads the body; its size is bounded by the server's `DefaultBodyLimit`.
    pub async fn read(request: Request) -> Result<Self, Refusal> {
        let mut fields = basic_client(request.headers())?;
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        match kind.map(|kind| kind.split(';').next().unwrap_or_default().trim()) {
            Some(kind) if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") => {
                let body = Bytes::from_request(request, &()).await.map_err(unreadable)?;
                fields.extend(
                    form_urlencoded::parse(&body)
                        .map(|(name, value)| (name.into_owned(), value.into_owned())),
                );
            }
            Some(kind) if kind.eq_ignore_ascii_case("multipart/form-data") => {
                let mut parts = Multipart::from_request(request, &()).await.map_err(unreadable)?;
                while let Some(part) = parts.next_field().await.map_err(unreadable)? {
                    let name = part.name().unwrap_or_default().to_owned();
                    fields.push((name, part.text().await.map_err(unreadable)?));
                }
            }
            _ => return Err(Refusal::NOT_A_FORM),
        }
        // RFC 6749 section 3.2: no parameter may come twice.
        let given = fields.len();
        let fields: HashMap<_, _> = fields.into_iter().collect();
        if fields.len() == given { Ok(Self(fields)) } else { Err(Refusal::NOT_A_FORM) }
    }

    /// The field `name`; RFC 6749 section 3.2 takes an empty one as not given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// RFC 6749 section 2.3.1: id and secret are form-encoded, joined, then base64.
fn basic_client(headers: &HeaderMap) -> Result<Vec<(String, String)>, Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else { return Ok(Vec::new()) };
    let pair = header
        .to_str()
        .ok()
        .and_then(|header| header.strip_prefix("Basic "))
        .and_then(|pair| STANDARD.decode(pair.trim()).ok())
        .and_then(|pair| String::from_utf8(pair).ok())
        .filter(|pair| pair.contains(':'))
        .ok_or_else(|| Refusal::wrong("Authorization"))?;
    let (id, secret) = pair.split_once(':').unwrap_or_default();
    Ok(vec![
        ("client_id".to_owned(), form_decoded(id)),
        ("client_secret".to_owned(), form_decoded(secret)),
    ])
}

fn form_decoded(text: &str) -> String {
    let field = format!("={text}");
    form_urlencoded::parse(field.as_bytes()).map(|(_, value)| value).collect()
}

/// axum says with 413 that the body is too large, with 400 that it is broken.
fn unreadable(rejection: impl IntoResponse) -> Refusal {
    Refusal {
        status: rejection.into_response().status().as_u16(),
        description: Cow::Borrowed("The body cannot be read, or is over 256 KiB."),
        ..Refusal::NOT_A_FORM
    }
}
