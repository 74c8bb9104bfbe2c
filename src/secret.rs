//! Values that wipe themselves and never show.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// A secret, JWT or token: wiped when dropped, printed as `[redacted]`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T: Zeroize = String>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes `value` over; copies of it that were made before are not wiped.
    pub fn new(value: impl Into<T>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself, for the one place that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

const REDACTED: &str = "[redacted]";

/// Longest text of a server that is repeated, in characters.
const LONGEST_REPEATED: usize = 200;

/// A run of base64 this long is taken for a token or a key, whoever's it is.
const SHORTEST_TOKEN: usize = 40;

/// Makes a server's text fit to repeat: as [`printable`], and without anything that looks like a
/// token or key, whoever's it is.
pub(crate) fn redact(text: &str, secrets: &[&str]) -> String {
    let text: String = remove(text, secrets)
        .split_inclusive(|c: char| !is_token_char(c))
        .map(|word| match word.trim_end_matches(|c| !is_token_char(c)) {
            token if looks_secret(token) => word.replace(token, REDACTED),
            _ => word.to_owned(),
        })
        .collect();
    printable(&text, &[])
}

/// Makes a server's text printable: one line, at most 200 characters, without the `secrets` that it
/// was sent.
pub(crate) fn printable(text: &str, secrets: &[&str]) -> String {
    let printable: String = remove(text, secrets)
        .chars()
        .map(|c| if is_printable(c) { c } else { ' ' })
        .take(LONGEST_REPEATED)
        .collect();
    printable.trim().to_owned()
}

/// Removes `secrets`, as they are and as they were sent, percent-encoded. A text that encodes one
/// in another way goes as a whole.
pub(crate) fn remove(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        text = text.replace(*secret, REDACTED);
        if encoded != *secret {
            text = text.replace(&encoded, REDACTED);
        }
    }
    // Decoded as one name, whatever stands in it.
    let name = text.replace('&', "%26").replace('=', "%3D");
    let shows = form_urlencoded::parse(name.as_bytes()).any(|(decoded, _)| {
        secrets.iter().any(|secret| !secret.is_empty() && decoded.contains(secret))
    });
    if shows { REDACTED.into() } else { text }
}

/// Long as a token, or begins as every JWT does: with `{"`.
fn looks_secret(token: &str) -> bool {
    token.len() >= SHORTEST_TOKEN || token.starts_with("eyJ")
}

/// The letters of base64, base64url and a JWT, but for `/`, which would take in every long URL.
fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '=')
}

/// Whether a terminal shows it, and does nothing else.
pub(crate) fn is_printable(c: char) -> bool {
    // Beside control characters: marks that reorder or hide text on a terminal.
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows() {
        assert_eq!(format!("{:?}", Secret::from("s3cret")), "[redacted]");
    }

    #[test]
    fn a_text_that_echoes_the_request_loses_its_secrets() {
        let text = redact("bad client_secret=a%26b or a&b in request", &["a&b"]);
        assert_eq!(text, "bad client_secret=[redacted] or [redacted] in request");
    }

    #[test]
    fn a_secret_that_is_encoded_in_another_way_is_removed_too() {
        for echo in ["a%26b%20c", "a%26b+c", "a&b%20%63", "client_secret=%61%26b+c&x=y"] {
            let text = redact(&format!("bad {echo}"), &["a&b c"]);
            assert!(text.contains(REDACTED) && !text.contains("26b"), "{text}");
        }
        assert_eq!(redact("100%25 of a+b, 5% off", &["a&b c", ""]), "100%25 of a+b, 5% off");
    }

    #[test]
    fn a_token_that_we_never_sent_is_removed_too() {
        let jwt = format!("token eyJhbGciOiJSUzI1NiJ9.{}.c2ln, sorry", "e30".repeat(20));
        assert_eq!(redact(&jwt, &[]), "token [redacted], sorry");
        let opaque = format!("token={}; {} is none", "Zm9v".repeat(10), "Zm9v".repeat(9));
        let expected = format!("[redacted]; {} is none", "Zm9v".repeat(9));
        assert_eq!(redact(&opaque, &[]), expected);
    }

    #[test]
    fn terminal_codes_and_line_breaks_become_blanks_and_length_is_cut() {
        assert_eq!(redact("a\x1b[31mb\r\nc\u{202e}d", &[]), "a [31mb  c d");
        assert_eq!(redact(&"long ".repeat(1000), &[]).chars().count(), 199);
    }
}
