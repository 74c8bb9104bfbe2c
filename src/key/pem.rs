//! PEM in the forms that people have: on one line, indented, wrapped anywhere, with literal `\n`,
//! or among other text. Errors are texts that continue a sentence.

use std::iter;

use zeroize::Zeroizing;

pub(super) use crate::error::base64;

const BEGIN: &str = "-----BEGIN ";

/// One `-----BEGIN label-----` to `-----END label-----`.
pub(super) struct Block<'a> {
    pub label: &'a str,
    body: &'a str,
}

impl Block<'_> {
    pub fn is_private_key(&self) -> bool {
        self.label.ends_with("PRIVATE KEY")
    }

    pub fn is_certificate(&self) -> bool {
        self.label.ends_with("CERTIFICATE")
    }

    /// Returns true if it is encrypted with the headers of RFC 1421.
    pub fn is_encrypted_by_header(&self) -> bool {
        self.body.contains("4,ENCRYPTED")
    }

    /// The value of an RFC 1421 header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let values = self.body.lines().filter_map(|line| line.split_once(':'));
        values.clone().find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim())
    }

    pub fn der(&self) -> Result<Zeroizing<Vec<u8>>, &'static str> {
        let decoded = if self.is_encrypted_by_header() {
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
    Some((Block { label, body }, after))
}

/// The text in `bytes`: what is not UTF-8 is left out, and so are the backslashes of text that was
/// copied from JSON or a variable, where `\n` stands for a line break.
pub(super) fn text(bytes: &[u8]) -> Zeroizing<String> {
    // Never longer than `bytes`, so no copy is left behind by growing.
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
