//! A JWT taken apart for reading; nothing is verified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A JWT's header and claims as JSON text, unverified.
#[derive(Debug)]
pub struct Decoded {
    /// The header, a JSON object.
    pub header: String,
    /// The claims, a JSON object, in the order and to the letter as they were signed.
    pub claims: String,
}

/// Decodes a JWT for reading; `None` where it is not one. Verifies nothing.
pub fn decode(jwt: &str) -> Option<Decoded> {
    let mut segments = jwt.split('.');
    let mut json = || String::from_utf8(URL_SAFE_NO_PAD.decode(segments.next()?).ok()?).ok();
    let decoded = Decoded { header: json()?, claims: json()? };
    (segments.count() == 1).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_returns_the_text_as_it_was_signed() {
        let decoded = decode("eyJ0eXAiOiJKV1QifQ.eyJpc3MiOiJ4In0.c2ln").unwrap();
        assert_eq!(
            (decoded.header.as_str(), decoded.claims.as_str()),
            (r#"{"typ":"JWT"}"#, r#"{"iss":"x"}"#)
        );
        for not_a_jwt in ["", "opaque", "a.b", "e30.e30", "e30.e30.c2ln.e30", "e30=.e30.c2ln"] {
            assert!(decode(not_a_jwt).is_none(), "{not_a_jwt}");
        }
    }
}
