//! PEM in the forms that people have: on one line, indented, wrapped anywhere, with literal `\n`,
//! or among other text. Errors are texts that continue a sentence.

use std::iter;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

pub(super) use crate::error::base64;
use crate::secret::SecretText;

const BEGIN: &str = "-----BEGIN ";
/// The line length (RFC 7468 section 2).
const LINE: usize = 64;

/// The problem of a text with two keys.
pub(super) const SEVERAL: &str = "holds more than one private key";

/// One `-----BEGIN label-----` to `-----END label-----`.
pub(super) struct Block<'a> {
    pub label: &'a str,
    body: &'a str,
    /// True if it is encrypted with the headers of RFC 1421.
    pub is_encrypted_by_header: bool,
}

impl Block<'_> {
    pub fn is_private_key(&self) -> bool {
        self.label.ends_with("PRIVATE KEY")
    }

    /// Returns true if the headers of RFC 1421 lost their line breaks.
    pub fn has_headers_in_one_line(&self) -> bool {
        const DEK_INFO: &str = "DEK-Info";
        self.is_encrypted_by_header
            && self.body.contains(DEK_INFO)
            && self.header(DEK_INFO).is_none()
    }

    pub fn is_certificate(&self) -> bool {
        self.label.ends_with("CERTIFICATE")
    }

    /// The value of an RFC 1421 header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let values = self.body.lines().filter_map(|line| line.split_once(':'));
        values.clone().find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim())
    }

    pub fn der(&self) -> Result<Zeroizing<Vec<u8>>, &'static str> {
        let decoded = if self.is_encrypted_by_header {
            base64(self.body.lines().filter(|line| !line.contains(':')))
        } else {
            base64([self.body])
        };
        decoded.ok_or("is damaged: what stands between BEGIN and END is not base64")
    }
}

/// The blocks of `text`, in order, up to the first that is cut off.
pub(super) fn blocks(text: &str) -> impl Iterator<Item = Result<Block<'_>, &'static str>> {
    let mut rest = text;
    iter::from_fn(move || {
        let (_, begun) = rest.split_once(BEGIN)?;
        let block = block(begun);
        rest = block.as_ref().map_or("", |(_, after)| after);
        Some(block.map(|(block, _)| block).ok_or("is cut off: its -----END line is missing"))
    })
}

/// The block whose label `begun` starts with, and what follows it.
fn block(begun: &str) -> Option<(Block<'_>, &str)> {
    let (label, begun) = begun.split_once("-----")?;
    let (body, after) = begun.split_once(&format!("-----END {label}-----"))?;
    let is_encrypted_by_header = body.contains("4,ENCRYPTED");
    Some((Block { label, body, is_encrypted_by_header }, after))
}

/// Returns DER that is not secret as PEM.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        pem.extend([line, "\n"]);
        rest = after;
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

/// Returns the text in `bytes`, without anything that is not UTF-8, and without the backslashes of
/// text that was copied from JSON or a variable, in which `\n` is a line break.
pub(super) fn text(bytes: &[u8]) -> SecretText<'_> {
    match str::from_utf8(bytes) {
        Ok(text) if !text.contains('\\') && !text.starts_with('\u{feff}') => {
            SecretText::Borrowed(text)
        }
        _ => SecretText::Copied(cleaned(bytes)),
    }
}

fn cleaned(bytes: &[u8]) -> Zeroizing<String> {
    // The text is never longer than `bytes`, so it does not grow and leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len()));
    for chunk in bytes.utf8_chunks() {
        let mut parts = chunk.valid().trim_start_matches('\u{feff}').split('\\');
        text.extend(parts.next());
        for part in parts {
            match part.strip_prefix(['n', 'r']) {
                Some(rest) => text.extend(["\n", rest]),
                None => text.push_str(part),
            }
        }
    }
    text
}
