//! The numbers of keys as texts, in base64 or base64url.

use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, decoded_len_estimate};
use zeroize::Zeroizing;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Returns a number of base64url (RFC 7518 section 2), which some programs write in base64 with padding.
pub(super) fn number(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let engine = if text.contains(['+', '/']) { &BASE64 } else { &BASE64URL };
    let mut number = Zeroizing::new(vec![0; decoded_len_estimate(text.len())]);
    let len = engine.decode_slice(text, &mut number).ok()?;
    number.truncate(len);
    Some(number)
}
