//! The validation and invalidation of an access token at IMS.

use std::time::{Duration, Instant, SystemTime};

use serde_json::{Map, Value};

use crate::error::{ADOBE, Error, Sent, check_text, redact};
use crate::grant::BodyFormat;
use crate::http::{Http, Transport};
use crate::ims_host::ImsHost;
use crate::response::{Response, TOKEN_SERVER};
use crate::retry::Call;
use crate::secret::Secret;
use crate::token::{check_access_token, ims_times};
use crate::token_url::TokenUrl;

/// IMS's statement about an access token. Every text is printable, and none holds the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Validation {
    /// True if the token may be used.
    pub is_valid: bool,
    /// The reason why the token is not valid, if the server gives one; at most 1,000 characters.
    pub reason: Option<String>,
    /// The expiry of the token, if the server sent it.
    pub expires_at: Option<SystemTime>,
    /// The client that it was issued to, if the server sent it.
    pub client_id: Option<String>,
    /// The technical account or user that it was issued for, if the server sent it.
    pub user_id: Option<String>,
    /// The scopes of the token, if the server sent them.
    pub scope: Option<String>,
}

/// Asks `ims`, as the client `client_id`, whether `access_token` is valid. All attempts end within
/// `transport.timeout`, and follow the rules of [`exchange`](crate::exchange()).
///
/// An invalid token is not an error: see [`Validation::is_valid`].
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument) naming the parameter, or any status of the
/// network and the server.
pub fn validate_token(
    ims: &ImsHost,
    client_id: &str,
    access_token: &str,
    transport: &Transport,
) -> Result<Validation, Error> {
    let request = TokenRequest {
        url: ims.url("/ims/validate_token/v1"),
        client_id,
        access_token,
        fields: &[("type", "access_token"), ("client_id", client_id), ("token", access_token)],
        secrets: &[access_token],
        expected: "a validation",
    };
    request.send(transport, |response| {
        let body = response.object()?;
        validation(&body, response.secrets)
            .ok_or_else(|| response.unusable("its valid is not a boolean"))
    })
}

/// Invalidates `access_token` at `ims` before its expiry. All attempts end within
/// `transport.timeout`, and follow the rules of [`exchange`](crate::exchange()).
///
/// # Errors
/// Those of [`validate_token`].
pub fn invalidate_token(
    ims: &ImsHost,
    client_id: &str,
    client_secret: &Secret,
    access_token: &str,
    transport: &Transport,
) -> Result<(), Error> {
    let client_secret = client_secret.expose();
    check_text("client_secret", client_secret)?;
    let request = TokenRequest {
        url: ims.url("/ims/invalidate_token/v2"),
        client_id,
        access_token,
        fields: &[
            ("token_type", "access_token"),
            ("token", access_token),
            ("client_id", client_id),
            ("client_secret", client_secret),
        ],
        secrets: &[access_token, client_secret],
        expected: "an invalidation",
    };
    request.send(transport, |response| {
        let is_done = matches!(response.http_response.status, 200 | 204)
            && response.http_response.body.trim_ascii().is_empty();
        if is_done { Ok(()) } else { response.object().map(drop) }
    })
}

/// A request about one access token, and the response that it expects.
struct TokenRequest<'a> {
    url: TokenUrl,
    client_id: &'a str,
    access_token: &'a str,
    fields: &'a [(&'static str, &'a str)],
    secrets: &'a [&'a str],
    expected: &'static str,
}

impl TokenRequest<'_> {
    fn send<T>(
        &self,
        transport: &Transport,
        read: impl Fn(&Response) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let deadline = Instant::now() + transport.checked_timeout()?;
        check_text("client_id", self.client_id)?;
        if let Some(problem) = check_access_token(self.access_token) {
            return Err(Error::argument("access_token", problem));
        }
        let http = Http::new(transport)?;
        let mut form = form_urlencoded::Serializer::new(String::new());
        let form = Secret::from(form.extend_pairs(self.fields).finish());
        let headers = [("X-IMS-ClientId", self.client_id)];
        let call = Call { http: &http, max_attempts: transport.max_attempts, deadline };
        call.retry(|| {
            let sent_at = SystemTime::now();
            let body = (BodyFormat::Form.media_type(), &form);
            let http_response = http.post(&self.url, &headers, body, deadline)?;
            let Self { expected, secrets, .. } = *self;
            let server = Some(ADOBE);
            read(&Response {
                http_response: &http_response,
                sender: TOKEN_SERVER,
                expected,
                server,
                sent: [Some(Sent::AccessToken), None],
                sent_at,
                secrets,
            })
        })
    }
}

/// `{"valid":true,"token":{...}}` or `{"valid":false,"reason":"..."}`; `None` where it is neither.
fn validation(body: &Map<String, Value>, secrets: &[&str]) -> Option<Validation> {
    let Value::Bool(is_valid) = *body.get("valid")? else { return None };
    let token = body.get("token").and_then(Value::as_object);
    let text = |fields: Option<&Map<String, Value>>, name| {
        let text = redact(fields?.get(name)?.as_str()?, secrets);
        (!text.is_empty()).then_some(text)
    };
    let times = token.and_then(ims_times);
    Some(Validation {
        is_valid,
        reason: text(Some(body), "reason"),
        expires_at: times.and_then(|(created_at, lifetime)| {
            let seconds = u64::try_from(created_at.checked_add(lifetime)?).ok()?;
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
        }),
        client_id: text(token, "client_id"),
        user_id: text(token, "user_id"),
        scope: text(token, "scope"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: Value) -> Option<Validation> {
        validation(body.as_object().unwrap(), &["t0ken"])
    }

    #[test]
    fn a_valid_token_comes_with_what_it_is() {
        let validation = read(json!({"valid": true, "token": {
            "client_id": "c", "user_id": "u@techacct.adobe.com", "scope": "openid,AdobeID",
            "created_at": "1800000000000", "expires_in": "86400000",
        }}));
        let expected = Validation {
            is_valid: true,
            reason: None,
            expires_at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_086_400)),
            client_id: Some("c".into()),
            user_id: Some("u@techacct.adobe.com".into()),
            scope: Some("openid,AdobeID".into()),
        };
        assert_eq!(validation, Some(expected));
    }

    #[test]
    fn a_reason_is_printable_and_shows_no_token() {
        let body = json!({"valid": false, "reason": "\u{1b}[31mt0ken is old", "token": "t0ken"});
        let validation = read(body).unwrap();
        assert!(!validation.is_valid);
        assert_eq!(validation.reason.unwrap(), "[31m[redacted] is old");
    }

    #[test]
    fn what_does_not_say_whether_it_is_valid_is_no_validation() {
        for body in [json!({}), json!({"valid": "true"}), json!({"valid": null})] {
            assert_eq!(read(body.clone()), None, "{body}");
        }
    }
}
