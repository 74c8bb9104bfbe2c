//! The text of a document, in the encodings that editors, shells and CI systems write.

use std::str;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::foreign;
use super::relaxed;
use super::setting::bad;
use super::source::MAX_LEN;
use crate::error::Error;
use crate::secret::SecretText;

/// The number of encodings around a document, such as base64 of base64.
const MAX_LAYERS: usize = 3;
/// The length of the shortest text that is decoded from base64. What is shorter may be a word.
const MIN_LEN: usize = 16;

/// Decodes a document. Plain UTF-8 is not copied.
///
/// Takes UTF-8 and UTF-16, each with or without byte order mark, and what is within base64 or a JSON string.
///
/// # Errors
/// The problem names what the bytes are.
pub(super) fn read(bytes: &[u8]) -> Result<SecretText<'_>, Error> {
    if bytes.len() > MAX_LEN {
        return Err(bad("is over 256 KiB"));
    }
    if let Some(error) = foreign::named(bytes) {
        return Err(error);
    }
    let mut text = decode(bytes)?;
    for _ in 0..MAX_LAYERS {
        let Some(inner) = inner(text.trim()) else { break };
        text = SecretText::Copied(inner);
    }
    if text.trim().is_empty() {
        return Err(bad("is empty"));
    }
    Ok(with_line_feeds(&text).map_or(text, SecretText::Copied))
}

fn decode(bytes: &[u8]) -> Result<SecretText<'_>, Error> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(utf32("UTF-32")),
        [1..=0x7f, 0, 0, 0, ..] => Err(utf32("UTF-32LE")),
        [0, 0, 0, 1..=0x7f, ..] => Err(utf32("UTF-32BE")),
        [0xff, 0xfe, units @ ..] => utf16(units, u16::from_le_bytes),
        [0xfe, 0xff, units @ ..] => utf16(units, u16::from_be_bytes),
        // Each text that is read begins with a character of ASCII.
        [1..=0x7f, 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, 1..=0x7f, ..] => utf16(bytes, u16::from_be_bytes),
        _ => match str::from_utf8(bytes) {
            // Some tools write the whole block of a disk.
            Ok(text) => {
                Ok(SecretText::Borrowed(text.trim_start_matches('\u{feff}').trim_end_matches('\0')))
            }
            Err(error) => Err(binary(bytes, error.valid_up_to())),
        },
    }
}

fn utf32(encoding: &str) -> Error {
    bad("is UTF-32 text")
        .with_hint(format!("save it as UTF-8: iconv -f {encoding} -t UTF-8 FILE > NEW_FILE"))
}

fn utf16(units: &[u8], unit: fn([u8; 2]) -> u16) -> Result<SecretText<'static>, Error> {
    let damaged = || {
        bad("is UTF-16 text with a damaged character").with_hint(
            "was UTF-8 added to a UTF-16 file, or is the end missing? write the whole file again",
        )
    };
    let (pairs, rest) = units.as_chunks();
    if !rest.is_empty() {
        return Err(damaged());
    }
    let characters = || char::decode_utf16(pairs.iter().copied().map(unit));
    let len = characters().map(|character| character.map_or(0, char::len_utf8)).sum();
    // Long enough, so that it does not grow and leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(len));
    for character in characters() {
        text.push(character.map_err(|_| damaged())?);
    }
    Ok(SecretText::Copied(text))
}

/// Returns a text without line feeds with those that it stands for: the line breaks of old Macs, or `\n`. JSON needs none.
fn with_line_feeds(text: &str) -> Option<Zeroizing<String>> {
    if text.contains('\n') || text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let line_break = ["\r", "\\n"].into_iter().find(|line_break| text.contains(line_break))?;
    // One line break more than there are, so that it does not grow and leaves no copy behind.
    let mut lines = Zeroizing::new(String::with_capacity(text.len() + 1));
    for line in text.split(line_break) {
        lines.push_str(line);
        lines.push('\n');
    }
    Some(lines)
}

/// Makes the error of bytes that are no text; `at` is the first that no UTF-8 has.
fn binary(bytes: &[u8], at: usize) -> Error {
    match bytes {
        [0x30, 0x80..=0x84, ..] => {
            bad("is a key, a key store or a certificate in DER, not credentials")
                .with_hint("give the credentials file, and name the key in it")
        }
        [b'P', b'K', 3, 4, ..] => bad("is a ZIP archive").with_hint("give the file that is in it"),
        [0x1f, 0x8b, ..] => bad("is compressed with gzip").with_hint("decompress it: gunzip FILE"),
        _ => {
            let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            bad(format!("is not UTF-8 text: see line {line}"))
                .with_hint("if it is Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW_FILE")
        }
    }
}

/// Returns the text within a JSON string or base64.
fn inner(text: &str) -> Option<Zeroizing<String>> {
    match text.as_bytes() {
        [b'"', ..] => relaxed::unescaped(text.strip_prefix('"')?.strip_suffix('"')?),
        // The content of a string whose own quotes are missing.
        [b'{', ..] if relaxed::begins_with_escaped_quote(&text[1..]) => relaxed::unescaped(text),
        [b'{', ..] => None,
        _ => {
            let bytes = base64(text)?;
            let text = decode(&bytes).ok()?;
            let is_text = |letter: char| !letter.is_control() || letter.is_ascii_whitespace();
            let is_text = text.chars().all(is_text);
            is_text.then(|| Zeroizing::new(text.to_owned()))
        }
    }
}

/// Decodes base64 in either alphabet, with any line breaks, with or without padding.
fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    if !text.bytes().all(|byte| is_digit(byte) || byte.is_ascii_whitespace()) {
        return None;
    }
    let mut digits =
        text.bytes().filter(|byte| !byte.is_ascii_whitespace()).map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            _ => byte,
        });
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let mut len = 0;
    let mut chunk = Zeroizing::new([0; 1024]);
    loop {
        // In chunks, so that there is no second copy of all digits.
        let mut filled = 0;
        for (place, digit) in chunk.iter_mut().zip(digits.by_ref()) {
            *place = digit;
            filled += 1;
        }
        len += LENIENT.decode_slice(&chunk[..filled], &mut bytes[len..]).ok()?;
        if filled < chunk.len() {
            break;
        }
    }
    bytes.truncate(len);
    (len >= MIN_LEN).then_some(bytes)
}
