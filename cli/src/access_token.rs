//! The token that a command is about: from a file or standard input.

use std::path::Path;

use serde_json::Value;

use super::input;
use ims::{Decoded, Error, ImsHost, Secret, decode_jwt};

/// A JWT or an access token, trimmed.
pub(super) struct Text<'a>(pub &'a str);

/// Reads `file`, which `option` names, or else standard input.
pub(super) fn read(option: &str, file: Option<&Path>) -> Result<Secret, Error> {
    input::text(option, file.unwrap_or(Path::new("-")))
}

/// Removes the text around a token: `Bearer`, a header's name, spaces and quotes.
pub(super) fn from_text(text: &Secret) -> Text<'_> {
    let text = text.expose().trim();
    // The fields of a token server's answer, found without a copy that would not be wiped.
    let text = ["\"access_token\"", "\"jwt_token\""]
        .iter()
        .find_map(|name| text.split_once(name))
        .and_then(|(_, rest)| rest.split('"').nth(1))
        .unwrap_or(text);
    let text = strip(text, "authorization:");
    Text(strip(text, "bearer "))
}

fn strip<'a>(text: &'a str, prefix: &str) -> &'a str {
    match text.split_at_checked(prefix.len()) {
        Some((begin, rest)) if begin.eq_ignore_ascii_case(prefix) => rest.trim(),
        _ => text,
    }
}

impl Text<'_> {
    /// # Errors
    /// [`Status::Argument`](ims::Status::Argument), without a word of the text.
    pub fn decoded(&self) -> Result<Decoded, Error> {
        decode_jwt(self.0).ok_or_else(not_a_jwt)
    }

    /// Returns the client and the host that issued an access token of IMS, read from the token.
    /// Those that are given replace them.
    ///
    /// # Errors
    /// [`Status::Argument`](ims::Status::Argument) if neither names them: a token is never sent to a
    /// guessed host.
    pub fn client_and_host(
        &self,
        client_id: Option<&str>,
        host: Option<&ImsHost>,
    ) -> Result<(String, ImsHost), Error> {
        let claims =
            decode_jwt(self.0).and_then(|jwt| serde_json::from_str::<Value>(&jwt.claims).ok());
        let text = |name| Some(claims.as_ref()?.get(name)?.as_str()?.to_owned());
        // Always one of Adobe's hosts, because the token is not verified yet.
        let is_letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let name = text("as").filter(|name| !name.is_empty() && name.bytes().all(is_letter));
        let issuer = name.and_then(|name| format!("{name}.adobelogin.com").parse().ok());
        let missing = |option, what| {
            Error::argument(option, format!("is missing: the token does not say {what}"))
        };
        let client_id = client_id.map(str::to_owned).or_else(|| text("client_id"));
        Ok((
            client_id.ok_or_else(|| missing("--client-id", "whose it is"))?,
            host.cloned().or(issuer).ok_or_else(|| missing("--ims", "which host issued it"))?,
        ))
    }
}

pub(super) fn not_a_jwt() -> Error {
    Error::argument("the text", "is no JWT").with_hint(
        "a JWT is three parts of base64url with dots between, the first two of them JSON; it may be \
         cut off, or be a token of another kind, which only its server can read",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_in_what_stands_around_it() {
        for text in [
            "a.b.c",
            " a.b.c\r\n",
            "Bearer a.b.c\n",
            "Authorization: Bearer a.b.c",
            r#"{"token_type":"bearer","access_token" : "a.b.c","expires_in":86399}"#,
        ] {
            assert_eq!(from_text(&Secret::from(text)).0, "a.b.c", "{text}");
        }
    }
}
