//! A token server that looks at what arrives, and refuses by what is wrong with it.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;

use serde_json::{Map, Value, json};
use support::hostile::Connection;
use support::keys;
use support::signatures::is_signed;

use super::vendor::{Refusal, Vendor, refusal};
use super::workloads;
use crate::exchanges::json as response;

pub const TOKEN: &str = "token-of-the-recipe";

/// Serves one request as the vendor does.
pub fn serve(
    connection: &mut Connection,
    vendor: &Vendor,
    seen: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let request = connection.read_request()?;
    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if let ("GET", Some(issuer)) = (method, vendor.issuer) {
        let metadata = json!({ "issuer": issuer, "token_endpoint": vendor.token_url });
        return connection.send(response("200 OK", metadata.to_string()));
    }
    if let ("GET", Some(_)) = (method, vendor.platform) {
        return connection.send(workloads::platform_response(&request, vendor));
    }
    seen.lock().unwrap().push(request.clone());
    let form = request.split_once("\r\n\r\n").map_or("", |(_, form)| form);
    connection.send(match problem(path, form, vendor) {
        None => response(
            "200 OK",
            json!({ "access_token": TOKEN, "token_type": "Bearer", "expires_in": 60 }).to_string(),
        ),
        Some(at) => {
            let Refusal { http_status, body, .. } = refusal_of(&at, vendor);
            response(&format!("{http_status} Refused"), body.to_string())
        }
    })
}

/// Returns the place of the first mistake in a request. The client is looked for first, then its
/// key, then the rest.
fn problem(path: &str, form: &str, vendor: &Vendor) -> Option<String> {
    let mut fields: BTreeMap<String, String> = match form.starts_with('{') {
        true => serde_json::from_str(form).unwrap(),
        false => form_urlencoded::parse(form.as_bytes()).into_owned().collect(),
    };
    if path != vendor.path() {
        return Some("path".into());
    }
    let names = ["assertion", "client_assertion", "subject_token"];
    let Some(jwt) = names.into_iter().find_map(|name| fields.remove(name)) else {
        return Some("no JWT".into());
    };
    let decoded = ims::decode_jwt(&jwt).unwrap();
    let header: Map<String, Value> = serde_json::from_str(&decoded.header).unwrap();
    let mut claims: Map<String, Value> = serde_json::from_str(&decoded.claims).unwrap();
    let mut time = |name: &str| claims.remove(name).unwrap().as_i64().unwrap();
    let lifetime = time("exp") - time("iat");
    let is_signed = || is_signed(&jwt, keys::rsa(), header["alg"].as_str().unwrap());
    let form = json!(fields);
    None.or_else(|| (claims.get("iss") != vendor.claims.get("iss")).then(|| "claims.iss".into()))
        .or_else(|| difference("header", &header, &vendor.header))
        .or_else(|| (!is_signed()).then(|| "signature".into()))
        .or_else(|| difference("claims", &claims, &vendor.claims))
        .or_else(|| (lifetime > vendor.max_lifetime).then(|| "lifetime".into()))
        .or_else(|| difference("form", form.as_object().unwrap(), &vendor.form))
}

/// Returns the place of the first member that is missing, not expected or different.
fn difference(of: &str, is: &Map<String, Value>, expected: &Value) -> Option<String> {
    let expected = expected.as_object().unwrap();
    let fits = |name: &String| match (is.get(name), expected.get(name)) {
        (Some(Value::String(text)), Some(any)) if any == "*" => !text.is_empty(),
        (is, expected) => is == expected,
    };
    let name = is.keys().chain(expected.keys()).find(|name| !fits(name))?;
    Some(format!("{of}.{name}"))
}

/// Returns the vendor's own refusal of a mistake, or else RFC 6749's and RFC 8707's.
fn refusal_of(at: &str, vendor: &Vendor) -> Refusal {
    if let Some(own) = vendor.refusals.iter().find(|refusal| refusal.at == at) {
        return own.clone();
    }
    let is_client = vendor.form.get("client_assertion_type").is_some();
    let (http_status, error) = match at {
        "form.scope" | "claims.scope" => (400, "invalid_scope"),
        "form.resource" => (400, "invalid_target"),
        _ if is_client => (401, "invalid_client"),
        _ => (400, "invalid_grant"),
    };
    Refusal { body: json!({ "error": error }), ..refusal("", http_status, error, "") }
}
