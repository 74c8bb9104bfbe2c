//! PEM as it is met in the wild: on one line, indented, wrapped anywhere, with literal `\n`, among
//! other text. Errors are what is wrong, to continue a sentence.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

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

    /// Whether it is encrypted in the way of RFC 1421, with headers.
    pub fn is_encrypted_by_header(&self) -> bool {
        self.body.contains("4,ENCRYPTED")
    }

    pub fn der(&self) -> Result<Zeroizing<Vec<u8>>, &'static str> {
        base64(self.body).ok_or("is damaged: what stands between BEGIN and END is not base64")
    }

    /// The block as OpenSSL's own parser wants it: headers, a blank line, lines of 64 digits.
    pub fn tidy(&self) -> Zeroizing<String> {
        let Self { label, body } = self;
        let mut pem = Zeroizing::new(String::with_capacity(2 * (label.len() + body.len()) + 64));
        pem.extend([BEGIN, label, "-----\n"]);
        let lines = body.lines().map(str::trim);
        for header in lines.clone().filter(|line| line.contains(':')) {
            pem.extend([header, "\n"]);
        }
        let digits = lines.filter(|line| !line.contains(':')).flat_map(str::chars);
        for (position, digit) in digits.enumerate() {
            if position % 64 == 0 {
                pem.push('\n');
            }
            pem.push(digit);
        }
        pem.extend(["\n-----END ", label, "-----\n"]);
        pem
    }
}

/// The blocks of `text`, in order.
pub(super) fn blocks(text: &str) -> Result<Vec<Block<'_>>, &'static str> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, begun)) = rest.split_once(BEGIN) {
        let cut = "is cut off: its -----END line is missing";
        let (label, begun) = begun.split_once("-----").ok_or(cut)?;
        let (body, after) = begun.split_once(&format!("-----END {label}-----")).ok_or(cut)?;
        blocks.push(Block { label, body });
        rest = after;
    }
    Ok(blocks)
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

/// Decodes base64 with any line breaks, with or without padding.
pub(super) fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let mut digits = Zeroizing::new(String::with_capacity(text.len()));
    digits.extend(text.split_ascii_whitespace());
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(digits.len())]);
    let len = LENIENT.decode_slice(digits.as_bytes(), &mut bytes).ok()?;
    bytes.truncate(len);
    Some(bytes)
}
