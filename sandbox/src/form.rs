//! A request's form, however it is encoded.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use ims::error::redact;

/// The fields of a form. IMS takes them from the query, too, and some of them from headers.
pub(super) struct Form {
    fields: HashMap<String, Vec<String>>,
    is_basic: bool,
}

/// The fields that may come several times (RFC 8707 section 2, RFC 8693 section 2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

impl Form {
    /// Reads query, headers and body; its size is bounded by the server's `DefaultBodyLimit`. A body of
    /// JSON is read where the endpoint `takes_json`.
    pub async fn read(request: Request, takes_json: bool) -> Result<Self, Refusal> {
        let headers = request.headers();
        let mut fields = authorized(headers)?;
        let is_basic = fields.iter().any(|(name, _)| name == "client_secret");
        fields.extend(decoded(request.uri().query().unwrap_or_default().as_bytes()));
        let named_client =
            header(headers, "x-ims-clientid").or_else(|| header(headers, "x-api-key"));
        let named_client = named_client.map(str::to_owned);
        let kind = header(headers, CONTENT_TYPE.as_str());
        match kind.map(|kind| kind.split(';').next().unwrap_or_default().trim()) {
            Some(kind) if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") => {
                let body = Bytes::from_request(request, &()).await.map_err(unreadable)?;
                fields.extend(decoded(&body));
            }
            Some(kind) if takes_json && kind.eq_ignore_ascii_case("application/json") => {
                let body = Bytes::from_request(request, &()).await.map_err(unreadable)?;
                fields.extend(members(&body)?);
            }
            Some(kind) if kind.eq_ignore_ascii_case("multipart/form-data") => {
                let mut parts = Multipart::from_request(request, &()).await.map_err(unreadable)?;
                while let Some(part) = parts.next_field().await.map_err(unreadable)? {
                    let name = part.name().unwrap_or_default().to_owned();
                    fields.push((name, part.text().await.map_err(unreadable)?));
                }
            }
            _ => {
                let body = Bytes::from_request(request, &()).await.map_err(unreadable)?;
                if !body.is_empty() {
                    return Err(Refusal::NOT_A_FORM.because("its content type is that of no form"));
                }
            }
        }
        // RFC 6749 section 3.2: a parameter must not be repeated, and an empty one counts as
        // missing.
        let mut by_name: HashMap<String, Vec<String>> = HashMap::new();
        for (name, value) in fields {
            let is_single = !REPEATABLE.contains(&name.as_str());
            let values = by_name.entry(name).or_default();
            if is_single && !values.is_empty() {
                return Err(Refusal::NOT_A_FORM.because("a field comes twice"));
            }
            values.push(value);
        }
        by_name.retain(|_, values| {
            values.retain(|value| !value.is_empty());
            !values.is_empty()
        });
        if let Some(client_id) = named_client {
            by_name.entry("client_id".to_owned()).or_insert_with(|| vec![client_id]);
        }
        Ok(Self { fields: by_name, is_basic })
    }

    /// Returns the values that no log may show.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        [
            "client_secret",
            "jwt_token",
            "assertion",
            "client_assertion",
            "subject_token",
            "actor_token",
            "token",
        ]
        .iter()
        .filter_map(|name| self.get(name))
    }

    /// Returns the field `name`, which is never empty; the first of several.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).first().map(String::as_str)
    }

    /// Returns all values of the field `name`.
    pub fn all(&self, name: &str) -> &[String] {
        self.fields.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns true if the client's secret is in the `Authorization` header.
    pub fn is_basic(&self) -> bool {
        self.is_basic
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn decoded(text: &[u8]) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned()))
}

/// Reads the members of a JSON object as fields: texts, and lists of texts as repeated ones.
fn members(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let object: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|_| Refusal::NOT_A_FORM.because("its JSON is not an object"))?;
    let mut fields = Vec::new();
    for (name, value) in object {
        match value {
            Value::String(text) => fields.push((name, text)),
            Value::Array(texts) if texts.iter().all(Value::is_string) => {
                let texts = texts.iter().filter_map(Value::as_str);
                fields.extend(texts.map(|text| (name.clone(), text.to_owned())));
            }
            _ => {
                let cause = format!("{} is neither a text nor a list of texts", redact(&name, &[]));
                return Err(Refusal::NOT_A_FORM.because(cause));
            }
        }
    }
    Ok(fields)
}

/// Reads the `Authorization` header: the client's id and secret, or the token to validate.
fn authorized(headers: &HeaderMap) -> Result<Vec<(String, String)>, Refusal> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(Vec::new()) };
    match value.to_str().unwrap_or_default().split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => {
            Ok(vec![("token".to_owned(), token.trim().to_owned())])
        }
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("Basic") => {
            basic_client(pair).ok_or_else(|| Refusal::wrong("Authorization"))
        }
        _ => Err(Refusal::wrong("Authorization")),
    }
}

/// RFC 6749 section 2.3.1: id and secret are form-encoded, joined, then base64.
fn basic_client(pair: &str) -> Option<Vec<(String, String)>> {
    let pair = String::from_utf8(STANDARD.decode(pair.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some(vec![
        ("client_id".to_owned(), form_decoded(id)),
        ("client_secret".to_owned(), form_decoded(secret)),
    ])
}

fn form_decoded(text: &str) -> String {
    decoded(format!("={text}").as_bytes()).map(|(_, value)| value).collect()
}

/// Returns the refusal of a body that axum cannot read. axum's status is 413 for a body that is too
/// large, and 400 for a broken one.
fn unreadable(rejection: impl IntoResponse) -> Refusal {
    Refusal {
        status: rejection.into_response().status().as_u16(),
        ..Refusal::bad_request("The body cannot be read, or is over 256 KiB.".to_owned())
    }
}
