//! The types of tokens that are exchanged (RFC 8693 section 3).

use crate::error::{Error, check_text};

/// The short name of each type, and its URI.
const TOKEN_TYPES: [(&str, &str); 6] = [
    ("jwt", "urn:ietf:params:oauth:token-type:jwt"),
    ("id_token", "urn:ietf:params:oauth:token-type:id_token"),
    ("access_token", "urn:ietf:params:oauth:token-type:access_token"),
    ("refresh_token", "urn:ietf:params:oauth:token-type:refresh_token"),
    ("saml1", "urn:ietf:params:oauth:token-type:saml1"),
    ("saml2", "urn:ietf:params:oauth:token-type:saml2"),
];

/// Returns the URI of a token type that is given by its short name or as a URI. `name` is the
/// setting's.
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument), naming the setting.
pub(super) fn token_type_uri<'a>(name: &str, text: &'a str) -> Result<&'a str, Error> {
    check_text(name, text)?;
    if let Some((_, uri)) = TOKEN_TYPES.iter().find(|(short, _)| *short == text) {
        return Ok(uri);
    }
    if text.contains(':') && !text.contains(char::is_whitespace) {
        return Ok(text);
    }
    let names = TOKEN_TYPES.map(|(short, _)| short).join(", ");
    Err(Error::argument(name, format!("must be {names}, or a URI")))
}
