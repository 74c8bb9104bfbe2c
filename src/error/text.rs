//! Text that may be shown: one line, cut, printable, and without secrets.

use std::io;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use der::asn1::AnyRef;
use der::{Decode, Reader};
use zeroize::Zeroizing;

use super::echo;
use super::visible::is_printable;
use crate::secret::REDACTED;

/// The length of a server's description that is repeated, in characters: Entra's are up to 500 long,
/// and end with the ids that its support asks for.
const MAX_DESCRIPTION: usize = 1000;
/// The length of a server's other texts that are repeated, in characters.
const MAX_REPEATED: usize = 200;

/// The length from which a run of base64 is taken for a token or a key.
const MIN_TOKEN: usize = 40;

/// Makes a server's text fit to repeat: one line of at most 1,000 characters, without the
/// `secrets` that it was sent, and without anything that looks like a
/// token or key.
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let text = remove(text, secrets);
    let mut redacted = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !is_token_char(c)) {
        let token = word.trim_end_matches(|c| !is_token_char(c));
        let may_be_host = redacted.ends_with("://") || token.len() == text.len();
        match looks_like_token(token) && !(may_be_host && is_host(token)) {
            true => redacted.push_str(&word.replace(token, REDACTED)),
            false => redacted.push_str(word),
        }
    }
    cut(redacted, MAX_DESCRIPTION)
}

/// Makes a server's text printable: one line, at most 200 characters, without the `secrets` that it
/// was sent.
pub(crate) fn printable(text: &str, secrets: &[&str]) -> String {
    cut(remove(text, secrets), MAX_REPEATED)
}

fn cut(text: String, length: usize) -> String {
    let cut: String = one_line(text).chars().take(length).collect();
    cut.trim().to_owned()
}

/// Removes `secrets`, whether they stand in the text as they are or encoded.
///
/// A secret of fewer than 8 bytes is removed where it is a word of its own: in the middle of words
/// it is there by chance, and what is missing from them would tell it.
pub(crate) fn remove(text: &str, secrets: &[&str]) -> String {
    let mut left = Vec::with_capacity(text.len());
    let mut end = 0;
    for secret in echo::find(text, secrets) {
        left.extend_from_slice(&text.as_bytes()[end..secret.start]);
        left.extend_from_slice(REDACTED.as_bytes());
        end = secret.end;
    }
    left.extend_from_slice(&text.as_bytes()[end..]);
    String::from_utf8_lossy(&left).into_owned()
}

/// Returns whether it is as long as a token, or begins as every JWT does: with `{"`.
fn looks_like_token(token: &str) -> bool {
    token.len() >= MIN_TOKEN && !is_name(token) || token.starts_with("eyJ")
}

/// Returns whether it is the name of a setting or of an error: words of letters that are all small or all capital, which
/// base64 of this length never is.
fn is_name(text: &str) -> bool {
    text.split(['_', '-', '.']).all(|word| {
        word.bytes().all(|c| c.is_ascii_lowercase()) || word.bytes().all(|c| c.is_ascii_uppercase())
    }) && text.split(['_', '-', '.']).count() > 2
}

/// Returns whether it is the name of a host: labels of small letters, digits and hyphens (RFC 1123 section 2.1), the last
/// of letters alone. Base64 of this length has capital letters, too.
fn is_host(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.chars().all(is_letter);
    let top = name.rsplit_once('.').map(|(_, top)| top);
    name.len() <= 253
        && name.split('.').all(is_label)
        && top.is_some_and(|top| top.len() > 1 && top.bytes().all(|c| c.is_ascii_lowercase()))
}

/// The letters of base64, base64url and a JWT, but for `/`, which would take in every long URL.
fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '=')
}

/// Returns the system's reason for an error of a file or a network, without the number that Rust
/// adds: `No such file or directory`.
pub fn io_reason(error: &io::Error) -> String {
    let text = error.to_string();
    let number = error.raw_os_error().map(|code| format!(" (os error {code})"));
    match number.and_then(|number| text.strip_suffix(&number)) {
        Some(reason) => reason.to_owned(),
        None => text,
    }
}

/// Returns the text with a blank where a terminal would do something else than show a character.
pub fn one_line(text: impl Into<String>) -> String {
    let text = text.into();
    if text.chars().all(is_printable) { text } else { text.replace(|c| !is_printable(c), " ") }
}

/// Returns JSON that is safe on a terminal: characters that a terminal would obey or not show are
/// escaped, which does not change the meaning.
///
/// A control character inside a text is escaped, too, though it makes the JSON invalid as it is.
pub fn printable_json(json: &str) -> String {
    let mut printable = String::with_capacity(json.len());
    let (mut is_in_text, mut is_escaped) = (false, false);
    for c in json.chars() {
        if is_printable(c) || !is_in_text && c.is_ascii_whitespace() {
            printable.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                printable.push_str(&format!("\\u{unit:04x}"));
            }
        }
        is_in_text ^= c == '"' && !is_escaped;
        is_escaped = is_in_text && c == '\\' && !is_escaped;
    }
    printable
}

/// The length in bytes from which a text cannot be a path. The shortest key's text is longer than a
/// path.
const MAX_PATH: usize = 1024;
/// The length in bytes from which base64 digits alone cannot be a path: a path has a dot, a dash or
/// the like.
const MAX_BASE64_PATH: usize = 100;

/// Returns whether a text that may be a key, a certificate or the path of one is a path.
///
/// What looks like a key is one, and is never shown as the name of a file.
pub(crate) fn is_path(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii();
    let is_key = match str::from_utf8(bytes) {
        Ok(text) => looks_like_key(text),
        // The system allows any bytes in a path.
        Err(_) => bytes.len() > MAX_PATH || is_der_sequence(bytes),
    };
    !is_key && !bytes.contains(&b'\n')
}

/// The length of a user's value that is shown, in characters.
const MAX_SHOWN: usize = 80;

/// Returns a user's value that may be shown: cut, printable, and not where it looks like a token or
/// key.
pub(crate) fn shown(value: &str) -> String {
    if looks_like_key(value) {
        return "(not shown, it looks like a key)".to_owned();
    }
    redact(value, &[]).chars().take(MAX_SHOWN).collect()
}

/// Returns whether a text may be a key, whole or cut off.
fn looks_like_key(text: &str) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/= \r\n".contains(c);
    text.len() > MAX_PATH
        || text.contains("-----")
        // The base64 of every RSA key begins like this.
        || text.trim_start().starts_with("MII")
        || is_key_of_other_form(text.trim_start())
        || text.len() > MAX_BASE64_PATH && text.chars().all(is_base64)
        || base64([text]).is_some_and(|bytes| is_der_sequence(&bytes))
}

/// Returns whether a text is a JWK, XML or a key of age, or has the words of PEM, whatever its dashes.
fn is_key_of_other_form(text: &str) -> bool {
    const AGE: &str = "AGE-SECRET-KEY-";
    let has = |words: &str| {
        let mut parts = text.as_bytes().windows(words.len());
        parts.any(|part| part.eq_ignore_ascii_case(words.as_bytes()))
    };
    text.starts_with('{') && text.contains('"')
        || text.starts_with('<') && !is_placeholder(text)
        || text.get(..AGE.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(AGE))
        || has("BEGIN ") && has("PRIVATE KEY")
}

/// Returns whether a text stands for a value that was never filled in, such as `<YOUR_SECRET>`, instead of XML.
fn is_placeholder(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|text| text.trim_end().strip_suffix('>'));
    inner.is_some_and(|inner| !inner.contains(['<', '>']) && !inner.ends_with("KeyValue"))
}

/// Returns whether the bytes are one DER sequence, as every key and certificate is.
fn is_der_sequence(bytes: &[u8]) -> bool {
    let parts = AnyRef::from_der(bytes).and_then(|all| {
        all.sequence(|reader| {
            while !reader.is_finished() {
                AnyRef::decode(reader)?;
            }
            Ok(())
        })
    });
    parts.is_ok()
}

/// Decodes base64 with any line breaks, with or without padding.
pub(crate) fn base64<'a>(
    parts: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<Zeroizing<Vec<u8>>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let len = parts.clone().into_iter().map(str::len).sum();
    let mut digits = Zeroizing::new(String::with_capacity(len));
    for word in parts.into_iter().flat_map(str::split_ascii_whitespace) {
        digits.push_str(word);
    }
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(digits.len())]);
    let len = LENIENT.decode_slice(digits.as_bytes(), &mut bytes).ok()?;
    bytes.truncate(len);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_of_the_system_comes_without_its_number() {
        let missing = io::Error::from_raw_os_error(libc::ENOENT);
        assert_eq!(io_reason(&missing), "No such file or directory");
        assert_eq!(io_reason(&io::Error::other("over 16 MiB")), "over 16 MiB");
    }

    #[test]
    fn long_names_are_shown_and_what_has_their_length_alone_is_not() {
        for (text, is_shown) in [
            ("AIO_COMMERCE_AUTH_IMS_TECHNICAL_ACCOUNT_EMAIL", true),
            ("invalid_client_assertion_signature_algorithm", true),
            ("service_principal_credentials.base_uri_of_ims", true),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
            ("service-principal-credentials-0-base-uri-of-ims", false),
            ("QmFzZTY0VGV4dFRoYXRIYXNObM_ZZaWdpdHNBdGFsbA-Zz", false),
        ] {
            assert_eq!(shown(text) == text, is_shown, "{text}");
        }
    }

    #[test]
    fn a_path_is_told_from_a_key_in_any_form() {
        let der = b"\x30\x06\x02\x01\x00\x02\x01\xff";
        for path in [
            &b"<path/to/your/private.key>"[..],
            b"key.pem",
            b"/etc/ims/private.key",
            b"../MY KEY",
            b"b\xe9.key",
            b"a",
        ] {
            assert!(is_path(path), "{path:?}");
        }
        for key in [
            &b"-----BEGIN PRIVATE KEY-----"[..],
            b"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBK",
            b"MAYCAQACAf8=",
            br#"{"kty":"OKP"}"#,
            b"<RSAKeyValue>",
            b"AGE-SECRET-KEY-1QQQ",
            b"----begin private key---- MIGH",
            b"two\nlines",
            b"two\xe9\nlines",
            der,
            &[b'a'; 2000],
        ] {
            assert!(!is_path(key), "{key:?}");
        }
    }

    #[test]
    fn what_is_longer_than_a_path_is_a_key_and_a_path_may_have_the_signs_of_one() {
        let long = |length: usize| "/a.b".repeat(length).into_bytes();
        assert!(is_path(&long(MAX_PATH)[..MAX_PATH]));
        assert!(!is_path(&long(MAX_PATH)[..=MAX_PATH]));
        assert!(is_path(&[0xff; MAX_PATH]) && !is_path(&[0xff; MAX_PATH + 1]));
        assert!(is_path(&[b'a'; MAX_BASE64_PATH]) && !is_path(&[b'a'; MAX_BASE64_PATH + 1]));
        for path in ["{folder}/key", "the \"new\" key", "/keys/PRIVATE KEY", "/BEGIN here"] {
            assert!(is_path(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn a_line_break_in_a_text_of_json_is_escaped_and_one_between_texts_stays() {
        let json = "{\"a\\\"\nb\\\\\"\n:1}";
        assert_eq!(printable_json(json), "{\"a\\\"\\u000ab\\\\\"\n:1}");
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
    fn a_long_name_of_a_host_is_no_token() {
        let host = "subdomain-of-mine.authentication.eu10.hana.ondemand.com";
        let url = format!("https://{host}/oauth/token");
        assert_eq!(redact(&url, &[]), url);
        assert_eq!(redact(host, &[]), host);
        let jwt = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", "e30".repeat(20));
        for secret in [&jwt, &"Zm9v.YmFy.".repeat(6), &"0a1b2c3d".repeat(5), &format!("{host}_")] {
            assert_eq!(redact(&format!("https://{secret}/"), &[]), "https://[redacted]/");
            assert_eq!(redact(secret, &[]), "[redacted]");
        }
        assert_eq!(redact(&format!("token {host}"), &[]), "token [redacted]");
    }

    #[test]
    fn no_invisible_or_reordering_mark_reaches_a_terminal() {
        for c in "\u{ad}\u{61c}\u{180e}\u{200b}\u{202e}\u{2066}\u{feff}\u{fe0f}\u{fff9}\u{fffb}\u{e0041}\u{e0100}\u{9b}\u{7f}".chars() {
            assert_eq!(one_line(format!("a{c}b")), "a b", "{c:?}");
        }
        let ordinary = "Grüße, 日本語 ไทย हिन्दी עברית 👍 \u{a0}—“”";
        assert_eq!(one_line(ordinary), ordinary);
    }

    #[test]
    fn json_for_a_terminal_is_valid_and_says_the_same() {
        let value = serde_json::json!({"a\u{1b}\"\u{202e}": "\\\u{e0041}\u{9b}31m é\n\\"});
        let json = printable_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(json.chars().all(|c| c == '\n' || is_printable(c)), "{json:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
        assert_eq!(printable_json("{\"a\":\"\x1b[31m\"}\n"), "{\"a\":\"\\u001b[31m\"}\n");
    }

    #[test]
    fn terminal_codes_and_line_breaks_become_blanks_and_length_is_cut() {
        assert_eq!(redact("a\x1b[31mb\r\nc\u{202e}d", &[]), "a [31mb  c d");
        assert_eq!(redact(&"long ".repeat(1000), &[]).chars().count(), 999);
        assert_eq!(printable(&"long ".repeat(1000), &[]).chars().count(), 199);
    }
}
