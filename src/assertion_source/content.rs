//! The assertion in what a platform hands out: a text alone, or a member of a JSON object.

use std::time::SystemTime;

use serde_json::{Map, Value};
use zeroize::Zeroize;

use crate::error::{Error, Status, printable, redact};
use crate::jwt;
use crate::secret::Secret;
use crate::unix_time::{from_unix_seconds, unix_seconds};

/// The limit of what is read, in bytes.
pub(super) const MAX_LEN: usize = 64 * 1024;

/// The members that platforms name their token, where the settings name none: GitHub Actions, OpenID Connect,
/// the metadata servers of clouds, and Kubernetes.
const MEMBERS: [&str; 4] = ["value", "id_token", "access_token", "token"];

/// What an assertion must look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// The member of the JSON object that holds it; `None` for a text alone, or for the member that platforms
    /// usually have.
    pub member: Option<String>,
    /// True where it may be another token than a JWT: one that is exchanged.
    pub may_be_opaque: bool,
}

impl Content {
    /// Returns the assertion in `bytes`.
    ///
    /// # Errors
    /// [`Status::Credentials`]; the problem continues a sentence that begins with where they come from.
    pub fn assertion(&self, bytes: &[u8], now: SystemTime) -> Result<Secret, Error> {
        let text = std::str::from_utf8(bytes).map_err(|_| bad("is not UTF-8 text"))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        let assertion = match text.as_bytes().first() {
            None => return Err(bad("is empty")),
            Some(b'{') => self.in_object(text, now)?,
            Some(_) if self.member.is_some() => {
                return Err(bad("is not a JSON object").with_hint("leave assertion_member out"));
            }
            Some(_) => Secret::from(text),
        };
        self.check(assertion.expose(), now)?;
        Ok(assertion)
    }

    fn in_object(&self, text: &str, now: SystemTime) -> Result<Secret, Error> {
        let object: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| bad("is not a whole JSON object"))?;
        let object = Object(object);
        if object.0.contains_key("success") && self.member.is_none() {
            return executable_response(&object, now);
        }
        let names = self.member.as_deref().map_or(&MEMBERS[..], |_| &[]);
        let names = self.member.as_deref().into_iter().chain(names.iter().copied());
        let names: Vec<&str> = names.collect();
        match names.iter().find_map(|name| object.text(name)) {
            Some(assertion) => Ok(Secret::from(assertion)),
            None => Err(bad(format!("holds no text {}", names.join(", ")))
                .with_hint("name the member that holds it: assertion_member")),
        }
    }

    fn check(&self, assertion: &str, now: SystemTime) -> Result<(), Error> {
        if assertion.chars().any(|c| !c.is_ascii_graphic()) {
            return Err(bad("holds blanks, line breaks or other characters that no token has"));
        }
        let Some(decoded) = jwt::decode(assertion) else {
            return match self.may_be_opaque {
                true => Ok(()),
                false => Err(bad("is not a whole JWT")),
            };
        };
        let claims: Value = serde_json::from_str(&decoded.claims).unwrap_or_default();
        match claims.get("exp").and_then(Value::as_f64) {
            Some(exp) if exp <= unix_seconds(now) as f64 => Err(expired(exp as i64)),
            _ => Ok(()),
        }
    }
}

/// Reads the response of a program by the convention of Google's external accounts (AIP-4117,
/// executable-sourced credentials).
fn executable_response(object: &Object, now: SystemTime) -> Result<Secret, Error> {
    if object.0.get("version").and_then(Value::as_i64) != Some(1) {
        return Err(bad("is a response of another version than 1"));
    }
    if object.0.get("success") != Some(&Value::Bool(true)) {
        let said = |name| object.text(name).map(|text| printable(&redact(text, &[]), &[]));
        let said: Vec<String> = [said("code"), said("message")].into_iter().flatten().collect();
        return Err(match said.join(" ") {
            said if said.is_empty() => bad("reports a failure without a reason"),
            said => bad(format!("reports a failure: {said}")),
        });
    }
    if let Some(end) = object.0.get("expiration_time").and_then(Value::as_i64)
        && end <= unix_seconds(now)
    {
        return Err(expired(end));
    }
    let member = match object.text("token_type") {
        Some("urn:ietf:params:oauth:token-type:saml2") => "saml_response",
        _ => "id_token",
    };
    object.text(member).map(Secret::from).ok_or_else(|| bad(format!("holds no text {member}")))
}

fn expired(exp: i64) -> Error {
    // HTTP writes no date before 1970.
    let ended = httpdate::fmt_http_date(from_unix_seconds(exp.max(0)));
    bad(format!("expired at {ended}"))
        .with_hint("see why the platform does not renew it; and check this machine's clock")
}

fn bad(problem: impl Into<String>) -> Error {
    Error::new(Status::Credentials, problem)
}

/// An object whose texts may be secret.
struct Object(Map<String, Value>);

impl Object {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        for value in self.0.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn jwt(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    fn read(content: &Content, text: impl AsRef<[u8]>) -> Result<String, String> {
        let assertion = content.assertion(text.as_ref(), from_unix_seconds(NOW));
        assertion.map(|found| found.expose().clone()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_jwt_stands_alone_or_in_a_member_of_an_object() {
        let (any, good) = (Content::default(), jwt(r#"{"exp":1700000001}"#));
        assert_eq!(read(&any, format!("{good}\n")), Ok(good.clone()));
        assert_eq!(read(&any, format!("\u{feff}{good}")), Ok(good.clone()));
        assert_eq!(read(&any, format!(r#"{{"count":1,"value":"{good}"}}"#)), Ok(good.clone()));
        let named = Content { member: Some("jwt".into()), ..Content::default() };
        assert_eq!(read(&named, format!(r#"{{"value":"x","jwt":"{good}"}}"#)), Ok(good.clone()));
        assert_eq!(
            read(
                &any,
                format!(
                    r#"{{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt","id_token":"{good}","expiration_time":1700000100}}"#
                )
            ),
            Ok(good)
        );
    }

    #[test]
    fn what_is_no_good_assertion_is_told_before_it_is_sent() {
        let any = Content::default();
        let (good, old) = (jwt(r#"{"exp":1700000001}"#), jwt(r#"{"exp":1700000000}"#));
        let opaque = Content { may_be_opaque: true, ..Content::default() };
        assert_eq!(read(&opaque, "an-opaque-token"), Ok("an-opaque-token".into()));
        for (text, problem) in [
            ("", "is empty"),
            (" \n", "is empty"),
            ("an-opaque-token", "is not a whole JWT"),
            (&good[..good.len() - 8], "is not a whole JWT"),
            (&old, "expired at Tue, 14 Nov 2023 22:13:20 GMT"),
            (&jwt(r#"{"exp":-1}"#), "expired at Thu, 01 Jan 1970 00:00:00 GMT"),
            (&jwt(r#"{"exp":-1e300}"#), "expired at Thu, 01 Jan 1970 00:00:00 GMT"),
            (
                r#"{"version":1,"success":true,"id_token":"x","expiration_time":-9223372036854775808}"#,
                "expired at Thu, 01 Jan 1970 00:00:00 GMT",
            ),
            (r#"{"value":"#, "is not a whole JSON object"),
            (r#"{"other":1}"#, "holds no text value, id_token, access_token, token"),
            (
                r#"{"version":1,"success":false,"code":"401","message":"no\nway"}"#,
                "reports a failure: 401 no way",
            ),
            ("two words", "holds blanks, line breaks or other characters that no token has"),
        ] {
            assert_eq!(read(&any, text), Err(problem.to_owned()), "{text}");
        }
        assert_eq!(read(&any, b"\xff\xfe"), Err("is not UTF-8 text".into()));
    }
}
