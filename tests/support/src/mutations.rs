//! Files as they arrive: cut, copied by editors and shells of every kind, encoded again, and with flipped bits.

use openssl::base64;
use serde_json::json;

use crate::random::Random;

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Cut,
    LineBreaks,
    Quotes,
    Encoding,
    Escapes,
    /// Blanks, tabs, commas or text around or between what was there.
    Blanks,
    /// One byte is another.
    Flip,
}

/// A file that was mutated.
pub struct Mutation {
    pub kind: Kind,
    pub name: String,
    pub bytes: Vec<u8>,
}

const CUTS: usize = 8;
const FLIPS: usize = 16;

/// Mutates a file, the same way each time, whatever other files there are.
pub fn mutations(file: &[u8]) -> Vec<Mutation> {
    let mut all = Vec::new();
    let mut add = |kind, name: &str, bytes: Vec<u8>| {
        // What changes nothing is no mutation.
        if bytes != file {
            all.push(Mutation { kind, name: name.to_owned(), bytes });
        }
    };
    for part in 0..CUTS {
        let at = file.len() * part / CUTS;
        add(Kind::Cut, &format!("cut at {at}"), file[..at].to_vec());
    }
    let mut random = Random::seeded(file.iter().copied().map(u64::from).sum());
    for _ in 0..FLIPS.min(file.len()) {
        let (at, bit) = (random.below(file.len() as u64) as usize, random.below(8));
        let mut flipped = file.to_vec();
        flipped[at] ^= 1 << bit;
        add(Kind::Flip, &format!("bit {bit} of byte {at} flipped"), flipped);
    }
    let Ok(text) = std::str::from_utf8(file) else { return all };
    if text.is_empty() {
        return all;
    }
    let replaced = |from: &str, to: &str| text.replace(from, to).into_bytes();
    add(Kind::LineBreaks, "CR LF", text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes());
    add(Kind::LineBreaks, "CR", text.replace("\r\n", "\n").replace('\n', "\r").into_bytes());
    add(Kind::LineBreaks, "no line breaks", text.replace(['\r', '\n'], "").into_bytes());
    add(Kind::LineBreaks, "raw line breaks", replaced("\\n", "\n"));
    add(Kind::LineBreaks, "raw CR LF", replaced("\\n", "\r\n"));
    add(Kind::LineBreaks, "escaped line breaks", replaced("\n", "\\n"));
    add(Kind::Quotes, "single quotes", replaced("\"", "'"));
    add(Kind::Quotes, "typographic quotes", replaced("\"", "\u{201c}"));
    add(Kind::Quotes, "no quotes", replaced("\"", ""));
    let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    for at in quotes.iter().step_by((quotes.len() / 6).max(1)) {
        let without = [&text[..*at], &text[at + 1..]].concat();
        add(Kind::Quotes, &format!("no quote at {at}"), without.into_bytes());
    }
    add(Kind::Escapes, "doubled escapes", replaced("\\", "\\\\"));
    add(Kind::Escapes, "halved escapes", replaced("\\\\", "\\"));
    add(Kind::Escapes, "no escapes", replaced("\\", ""));
    add(Kind::Escapes, "%0A for line breaks", replaced("\\n", "%0A"));
    add(Kind::Blanks, "tabs for indentation", replaced("  ", "\t"));
    add(Kind::Blanks, "no-break spaces", replaced(" ", "\u{a0}"));
    add(Kind::Blanks, "line breaks around", format!("\n\n{text}\n\n").into_bytes());
    add(
        Kind::Blanks,
        "trailing commas",
        text.replace("\n}", ",\n}").replace("\n]", ",\n]").into_bytes(),
    );
    add(Kind::Blanks, "text behind", format!("{text}\nEOF\n").into_bytes());
    add(Kind::Blanks, "a comma behind", format!("{},\n", text.trim_end()).into_bytes());
    add(Kind::Blanks, "a list of one", format!("[{text}]").into_bytes());
    let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
    add(Kind::Encoding, "UTF-16LE with BOM", [&[0xff, 0xfe], &*little].concat());
    add(Kind::Encoding, "UTF-16BE with BOM", [&[0xfe, 0xff], &*big].concat());
    add(Kind::Encoding, "UTF-16LE", little);
    add(Kind::Encoding, "UTF-16BE", big);
    add(Kind::Encoding, "BOM", format!("\u{feff}{text}").into_bytes());
    add(Kind::Encoding, "two BOMs", format!("\u{feff}\u{feff}{text}").into_bytes());
    let digits = base64::encode_block(file);
    let lines: Vec<&str> =
        digits.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    add(Kind::Encoding, "base64 in lines", lines.join("\n").into_bytes());
    let url = digits.replace('+', "-").replace('/', "_").replace('=', "");
    add(Kind::Encoding, "base64url", url.into_bytes());
    add(Kind::Encoding, "base64 of base64", base64::encode_block(digits.as_bytes()).into_bytes());
    add(Kind::Encoding, "base64", digits.into_bytes());
    add(Kind::Encoding, "a JSON string", json!(text).to_string().into_bytes());
    all
}
