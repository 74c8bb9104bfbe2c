//! Secrets that a text repeats, however it encodes them.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;
use zeroize::Zeroizing;

use super::visible::is_printable;
use crate::hex::hex;

/// The length in bytes from which a secret is found inside of words. A shorter one occurs in
/// ordinary words by chance, and is found only as a whole word.
const MIN_INSIDE_WORDS: usize = 8;
/// The length in bytes from which a secret is found in base64 and hexadecimal digits. A shorter one
/// occurs in any digits by chance.
const MIN_DIGITS: usize = 4;
/// The length in bytes from which a part of a secret is found, such as a JWT's signature or a line
/// of a key. A shorter part reveals nothing.
const MIN_PART: usize = 16;
/// The number of nested encodings that are decoded, such as HTML around two layers of
/// percent-encoding.
const MAX_DEPTH: usize = 3;

/// Finds each place where `text` repeats one of `secrets`. The byte ranges are sorted and do not
/// touch each other.
///
/// A secret is recognized with percent-encoding, as a form, with HTML entities, and with escapes of
/// JSON and JavaScript, also nested in each other; in base64 and base64url of a text that holds it
/// at any place; as hexadecimal digits; and in upper and lower case of ASCII. Terminal escape codes,
/// line breaks and invisible characters are ignored.
pub(super) fn find(text: &str, secrets: &[&str]) -> Vec<Range<usize>> {
    let needles: Vec<Needle> = secrets.iter().flat_map(|secret| needles(secret)).collect();
    let mut found = Vec::new();
    if !needles.is_empty() {
        Reading::of(text).search(&needles, MAX_DEPTH, &mut found);
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

struct Needle {
    bytes: Zeroizing<Vec<u8>>,
    kind: Match,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    /// Matches a whole word.
    Word,
    /// Matches anywhere, in upper or lower case. The needle is in lower case.
    AnyCase,
    /// Matches base64; the whole run of digits reveals the secret.
    Base64,
}

fn needles(secret: &str) -> Vec<Needle> {
    let mut needles = Vec::new();
    for part in parts(secret) {
        // At its full size, because growing leaves copies behind.
        let mut form = Zeroizing::new(String::with_capacity(3 * part.len()));
        form.extend(form_urlencoded::byte_serialize(part.as_bytes()));
        let kind = if part.len() < MIN_INSIDE_WORDS { Match::Word } else { Match::AnyCase };
        // The space of a form may be left as it is sent: a `+`.
        let with_plus = part.contains(' ').then(|| part.replace(' ', "+"));
        needles.extend([part.to_owned()].into_iter().chain(with_plus).map(|mut text| {
            if kind == Match::AnyCase {
                text.make_ascii_lowercase();
            }
            Needle { bytes: text.into_bytes().into(), kind }
        }));
        if part.len() < MIN_DIGITS {
            continue;
        }
        // In an Authorization header, a secret is form-encoded and then encoded in base64.
        let mut encoded = vec![part, &form];
        encoded.dedup();
        for text in encoded {
            needles.extend(base64(text.as_bytes()));
            let digits = hex(text.as_bytes());
            needles.push(Needle { bytes: digits.into_bytes().into(), kind: Match::AnyCase });
        }
    }
    needles
}

/// The secret and, of a JWT or a key's text, its parts.
fn parts(secret: &str) -> Vec<&str> {
    let mut parts = vec![secret];
    let is_jwt = secret.starts_with("eyJ");
    let long = secret.split(|c| c == '\n' || is_jwt && c == '.').map(str::trim);
    parts.extend(long.filter(|part| part.len() >= MIN_PART && *part != secret));
    parts.retain(|part| !part.is_empty());
    parts
}

/// Returns the digits that the base64 of every text with `bytes` in it has in common. They are
/// three different runs, because `bytes` can begin at each of three places in a group of digits.
fn base64(bytes: &[u8]) -> impl Iterator<Item = Needle> {
    (0..3).flat_map(move |before| {
        let text = Zeroizing::new([&[0; 2][..before], bytes].concat());
        // Digits at the edges also hold bits of the text around `bytes`, and are left out.
        let first = (before * 8).div_ceil(6);
        let end = text.len() * 8 / 6;
        [STANDARD_NO_PAD.encode(&*text), URL_SAFE_NO_PAD.encode(&*text)].map(|digits| {
            let digits = Zeroizing::new(digits);
            Needle { bytes: digits.as_bytes()[first..end].to_vec().into(), kind: Match::Base64 }
        })
    })
}

/// A text as it is or with some encoding undone. It may hold a secret.
struct Reading {
    bytes: Zeroizing<Vec<u8>>,
    /// The offset in the original text where each byte begins, and then the length of that text.
    begins: Vec<usize>,
}

/// Adds the character that a text begins with, encoded, to the bytes, and returns the length of that
/// code; 0 where nothing is encoded there.
type Decode = fn(&[u8], &mut Vec<u8>) -> usize;

impl Reading {
    fn of(text: &str) -> Self {
        Self { bytes: text.as_bytes().to_vec().into(), begins: (0..=text.len()).collect() }
    }

    /// Searches this reading, and those with `depth` more encodings undone.
    fn search(&self, needles: &[Needle], depth: usize, found: &mut Vec<Range<usize>>) {
        let lower_case = Zeroizing::new(self.bytes.to_ascii_lowercase());
        for Needle { bytes, kind } in needles {
            let text = if *kind == Match::AnyCase { &lower_case } else { &self.bytes };
            let mut searched = 0;
            while let Some(start) = memmem::find(&text[searched..], bytes) {
                let start = searched + start;
                let range = start..start + bytes.len();
                // The next match may begin inside of this one, but not inside of its base64.
                searched = start + 1;
                let range = match kind {
                    Match::Word if !self.is_word(&range) => continue,
                    Match::Base64 => {
                        let run = self.run_around(&range);
                        searched = run.end;
                        run
                    }
                    _ => range,
                };
                found.push(self.begins[range.start]..self.begins[range.end]);
            }
        }
        if depth > 0 {
            const ALL: [Decode; 5] = [percent, entity, escape, terminal_code, unseen];
            let undone = ALL.into_iter().filter_map(|decode| self.decoded(decode));
            undone.for_each(|reading| reading.search(needles, depth - 1, found));
        }
    }

    fn is_word(&self, range: &Range<usize>) -> bool {
        let is_letter = |at: usize| self.bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
        !is_letter(range.start.wrapping_sub(1)) && !is_letter(range.end)
    }

    /// Returns the whole run of base64 digits around `range`.
    fn run_around(&self, range: &Range<usize>) -> Range<usize> {
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
        let before = self.bytes[..range.start].iter().rev().take_while(|byte| is_digit(byte));
        let behind = &self.bytes[range.end..];
        let digits = behind.iter().take_while(|byte| is_digit(byte)).count();
        let padding = behind[digits..].iter().take_while(|byte| **byte == b'=').count();
        range.start - before.count()..range.end + digits + padding
    }

    /// Decodes the text. Returns `None` if it contains nothing in this encoding.
    fn decoded(&self, decode: Decode) -> Option<Self> {
        // No code is shorter than what it stands for.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.bytes.len()));
        let mut begins = Vec::new();
        let mut at = 0;
        while at < self.bytes.len() {
            let length = match decode(&self.bytes[at..], &mut bytes) {
                0 => {
                    bytes.push(self.bytes[at]);
                    1
                }
                length => length,
            };
            begins.resize(bytes.len(), self.begins[at]);
            at += length;
        }
        begins.push(self.begins[at]);
        (bytes != self.bytes).then_some(Self { bytes, begins })
    }
}

/// `%26`.
fn percent(text: &[u8], decoded: &mut Vec<u8>) -> usize {
    match text {
        [b'%', digits @ ..] => hexadecimal(digits, 2).map_or(0, |byte| {
            decoded.extend(u8::try_from(byte));
            3
        }),
        _ => 0,
    }
}

/// HTML's `&amp;`, `&#38;` and `&#x26;`; the semicolon of a number may be missing.
fn entity(text: &[u8], decoded: &mut Vec<u8>) -> usize {
    /// The names of printable ASCII characters.
    const NAMES: [(&[u8], u8); 34] = [
        (b"amp", b'&'),
        (b"lt", b'<'),
        (b"gt", b'>'),
        (b"quot", b'"'),
        (b"apos", b'\''),
        (b"AMP", b'&'),
        (b"LT", b'<'),
        (b"GT", b'>'),
        (b"QUOT", b'"'),
        (b"excl", b'!'),
        (b"num", b'#'),
        (b"dollar", b'$'),
        (b"percnt", b'%'),
        (b"lpar", b'('),
        (b"rpar", b')'),
        (b"ast", b'*'),
        (b"plus", b'+'),
        (b"comma", b','),
        (b"period", b'.'),
        (b"sol", b'/'),
        (b"colon", b':'),
        (b"semi", b';'),
        (b"equals", b'='),
        (b"quest", b'?'),
        (b"commat", b'@'),
        (b"lbrack", b'['),
        (b"bsol", b'\\'),
        (b"rbrack", b']'),
        (b"Hat", b'^'),
        (b"lowbar", b'_'),
        (b"grave", b'`'),
        (b"lbrace", b'{'),
        (b"vert", b'|'),
        (b"rbrace", b'}'),
    ];
    let [b'&', code @ ..] = text else { return 0 };
    let (number, radix, before) = match code {
        [b'#', b'x' | b'X', digits @ ..] => (digits, 16, 3),
        [b'#', digits @ ..] => (digits, 10, 2),
        _ => {
            let end = code.iter().take(8).position(|byte| *byte == b';');
            let name = end.map_or(&b""[..], |end| &code[..end]);
            let Some((_, byte)) = NAMES.iter().find(|(known, _)| *known == name) else { return 0 };
            decoded.push(*byte);
            return name.len() + 2;
        }
    };
    let digits = number.iter().take(8).take_while(|byte| (**byte as char).is_digit(radix)).count();
    let value = str::from_utf8(&number[..digits]).ok().map(|text| u32::from_str_radix(text, radix));
    let Some(c) = value.and_then(Result::ok).and_then(char::from_u32) else { return 0 };
    push(c, decoded);
    before + digits + usize::from(number.get(digits) == Some(&b';'))
}

/// `\u0026`, `\x26`, `\/` and `\n`, as JSON and JavaScript have them.
fn escape(text: &[u8], decoded: &mut Vec<u8>) -> usize {
    let (c, length) = match text {
        [b'\\', b'u', digits @ ..] => {
            let Some(first) = hexadecimal(digits, 4) else { return 0 };
            // A character beyond U+FFFF is written as two escapes.
            let second = match &digits[4..] {
                [b'\\', b'u', digits @ ..] => hexadecimal(digits, 4),
                _ => None,
            };
            let pair = (first, second.unwrap_or_default());
            match pair {
                (0xd800..0xdc00, 0xdc00..0xe000) => {
                    let low = (pair.0 - 0xd800) << 10 | (pair.1 - 0xdc00);
                    (char::from_u32(0x10000 + low), 12)
                }
                _ => (char::from_u32(first), 6),
            }
        }
        [b'\\', b'x', digits @ ..] => (hexadecimal(digits, 2).and_then(char::from_u32), 4),
        [b'\\', b'n', ..] => (Some('\n'), 2),
        [b'\\', b'r', ..] => (Some('\r'), 2),
        [b'\\', b't', ..] => (Some('\t'), 2),
        [b'\\', c @ (b'/' | b'\\' | b'"' | b'\''), ..] => (Some(char::from(*c)), 2),
        _ => return 0,
    };
    let Some(c) = c else { return 0 };
    push(c, decoded);
    length
}

/// Skips a terminal escape code, such as `ESC [31m` for a colour. It is not a part of the text.
fn terminal_code(text: &[u8], _: &mut Vec<u8>) -> usize {
    match text {
        [0x1b, b'[', code @ ..] => {
            code.iter().position(u8::is_ascii_alphabetic).map_or(0, |end| end + 3)
        }
        _ => 0,
    }
}

/// Skips a line break with the indentation after it, and a character that no one sees.
fn unseen(text: &[u8], _: &mut Vec<u8>) -> usize {
    if let [b'\r' | b'\n', rest @ ..] = text {
        return 1 + rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
    }
    // Only a character beyond ASCII is invisible. The longest has 4 bytes.
    let is_first = text.first().is_some_and(|byte| *byte >= 0xc0);
    let begin = &text[..text.len().min(4)];
    let begin = match str::from_utf8(begin) {
        Ok(text) => text,
        Err(error) => str::from_utf8(&begin[..error.valid_up_to()]).unwrap_or_default(),
    };
    let c = begin.chars().next().filter(|c| is_first && !is_printable(*c));
    c.map_or(0, char::len_utf8)
}

fn push(c: char, decoded: &mut Vec<u8>) {
    decoded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The value of the first `count` digits.
fn hexadecimal(text: &[u8], count: usize) -> Option<u32> {
    text.get(..count)?.iter().try_fold(0, |value, byte| {
        let digit = char::from(*byte).to_digit(16)?;
        Some(value << 4 | digit)
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::super::{redact, remove};
    use super::*;

    #[test]
    fn a_secret_is_found_across_line_breaks_and_invisible_characters() {
        let secret = "s3cret-of-the-client";
        let jwt = format!("eyJhbGciOiJSUzI1NiJ9.e30.{}", "c2lnbmF0dXJl".repeat(9));
        let signature = jwt.rsplit('.').next().unwrap();
        let lines: Vec<&str> = (0..signature.len())
            .step_by(20)
            .map(|at| &signature[at..signature.len().min(at + 20)])
            .collect();
        for (text, secret) in [
            ("s3cret-of\r\n  -the-client".to_owned(), secret),
            ("s3cret\u{200b}-of-the-\u{ad}client".to_owned(), secret),
            (lines.join("\n"), jwt.as_str()),
            (lines.join("\\n"), jwt.as_str()),
        ] {
            assert_eq!(remove(&format!("bad {text}, no"), &[secret]), "bad [redacted], no");
        }
        assert_eq!(remove("s3cret\nof the client", &[secret]), "s3cret\nof the client");
    }

    /// Numbers that are the same in each run (xorshift).
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 33).unwrap() % end
        }

        fn secret(&mut self, length: usize) -> String {
            const LETTERS: &str = "abcXYZ019-_.~+/=&<>\"'\\ %;:@#?!$(){}é€😀";
            let letters: Vec<char> = LETTERS.chars().collect();
            let secret: String = (0..length).map(|_| letters[self.below(letters.len())]).collect();
            // Spaces at its ends would be removed with those of the line.
            format!("k{}k", secret)
        }
    }

    fn percent(text: &str) -> String {
        let code = |byte: u8| match byte {
            b'-' | b'.' | b'_' | b'~' => char::from(byte).into(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).into(),
            byte => format!("%{byte:02X}"),
        };
        text.bytes().map(code).collect()
    }

    /// Percent-encodes a text with lower-case hexadecimal digits.
    fn percent_lower(text: &str) -> String {
        let percent = percent(text);
        let mut parts = percent.split('%');
        let first = parts.next().unwrap().to_owned();
        first
            + &parts
                .map(|part| format!("%{}{}", part[..2].to_lowercase(), &part[2..]))
                .collect::<String>()
    }

    fn by_char(text: &str, code: impl Fn(char) -> Option<String>) -> String {
        text.chars().map(|c| code(c).unwrap_or_else(|| c.into())).collect()
    }

    fn html(text: &str) -> String {
        by_char(text, |c| {
            let name = match c {
                '&' => "amp",
                '<' => "lt",
                '>' => "gt",
                '"' => "quot",
                '\'' => "#39",
                '/' => "#x2F",
                '+' => "#43",
                _ => return None,
            };
            Some(format!("&{name};"))
        })
    }

    fn json(text: &str) -> String {
        let quoted = serde_json::to_string(text).unwrap();
        by_char(&quoted[1..quoted.len() - 1], |c| match c {
            '/' => Some("\\/".to_owned()),
            '&' | '<' | '>' | '\'' | '+' => Some(format!("\\u{:04x}", u32::from(c))),
            c if !c.is_ascii() => {
                Some(c.encode_utf16(&mut [0; 2]).iter().fold(String::new(), |mut all, unit| {
                    write!(all, "\\u{unit:04X}").unwrap();
                    all
                }))
            }
            _ => None,
        })
    }

    fn in_characters(text: &str) -> Vec<String> {
        let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let every: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let percent = percent(text);
        vec![
            text.to_owned(),
            percent_lower(text),
            percent.clone(),
            self::percent(&percent),
            self::percent(&form),
            html(&form),
            html(&percent),
            html(&json(text)),
            json(&html(text)),
            json(&json(text)),
            form,
            every,
            html(text),
            html(&html(text)),
            by_char(text, |c| Some(format!("&#{};", u32::from(c)))),
            by_char(text, |c| Some(format!("&#X{:X};", u32::from(c)))),
            json(text),
        ]
    }

    fn in_digits(text: &str, before: &str, behind: &str) -> Vec<String> {
        let whole = [before, text, behind].concat();
        let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let hex = hex(text.as_bytes());
        let standard = STANDARD.encode(&whole);
        vec![
            hex.to_uppercase(),
            hex,
            percent(&standard),
            json(&standard),
            standard,
            STANDARD_NO_PAD.encode(&whole),
            URL_SAFE.encode(&whole),
            URL_SAFE_NO_PAD.encode(&whole),
            STANDARD.encode([before, &form, behind].concat()),
        ]
    }

    #[test]
    fn no_encoding_of_a_secret_is_repeated() {
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
        for round in 0..400 {
            let length = chance.below(40);
            let secret = chance.secret(length);
            let mut echoes = in_characters(&secret);
            if secret.len() >= MIN_INSIDE_WORDS {
                echoes.extend([secret.to_ascii_uppercase(), percent(&secret).to_ascii_uppercase()]);
            }
            if secret.len() >= MIN_DIGITS {
                let around = ["", "a", "id", "key", "a:b/"];
                let (before, behind) = (around[chance.below(5)], around[chance.below(5)]);
                echoes.extend(in_digits(&secret, before, behind));
            }
            for echo in echoes {
                for (before, behind) in [("", ""), ("bad ", " sent"), ("x=", "&y=z"), ("\"", "\"")]
                {
                    let left = remove(&format!("{before}{echo}{behind}"), &[&secret]);
                    let is_gone = left.starts_with(&format!("{before}[redacted]"));
                    assert!(is_gone, "round {round}: {secret:?} as {echo:?} came to {left:?}");
                    let rest = left.replace("[redacted]", "");
                    assert!(rest.len() <= before.len() + behind.len(), "{echo:?}: {left:?}");
                }
            }
        }
    }

    #[test]
    fn words_that_hold_a_short_secret_by_chance_stay() {
        let text = "invalid client_secret parameter, error 61 at /a/b?c=YQ";
        for secret in ["s", "1", "cli", "-", "_s", "6", "valid", "Error"] {
            assert_eq!(redact(text, &[secret]), text, "{secret}");
        }
        assert_eq!(redact("client_secret=s&x", &["s"]), "client_secret=[redacted]&x");
        assert_eq!(redact("the secret 's' is wrong", &["s"]), "the secret '[redacted]' is wrong");
        assert_eq!(redact("“s3cr%45t” is wrong", &["s3crEt"]), "“[redacted]” is wrong");
    }

    #[test]
    fn ordinary_texts_stay_whatever_encodings_they_hold() {
        let text =
            "100% of &amp; a\\/b \\u0041 at 50%25, eyes, deadbeef, Zm9vYmFy &#65 &#x110000; %";
        assert_eq!(remove(text, &["a secret of some length", "s3cr3t", ""]), text);
    }

    #[test]
    fn parts_of_a_jwt_and_lines_of_a_key_are_secrets_too() {
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMifQ.c2lnbmF0dXJlLW9mLWl0";
        for part in jwt.split('.') {
            assert_eq!(remove(&format!("bad {part}, sorry"), &[jwt]), "bad [redacted], sorry");
        }
        let key = "-----BEGIN PRIVATE KEY-----\r\nMIIEvAIBADANBgkq/kiG9w0BAQEFAASC\r\nabcdefgh/+abcdefghijkl==\n";
        for line in key.lines().skip(1) {
            assert_eq!(remove(&format!("in {}", json(line)), &[key]), "in [redacted]");
        }
    }

    #[test]
    fn a_basic_header_tells_no_secret() {
        for (id, secret) in [("client", "s3cr3t"), ("c", "a secret: 100% & more"), ("é", "kkkk")] {
            let encode = |text: &str| -> String {
                form_urlencoded::byte_serialize(text.as_bytes()).collect()
            };
            let basic = STANDARD.encode(format!("{}:{}", encode(id), encode(secret)));
            let left = remove(&format!("bad Authorization: Basic {basic}"), &[secret]);
            assert_eq!(left, "bad Authorization: Basic [redacted]");
        }
    }

    #[test]
    fn a_long_text_that_encodes_itself_again_and_again_stays() {
        let text = "%25&amp;\\\\".repeat(6000);
        assert_eq!(remove(&text, &["a secret of some length"]), text);
    }

    #[test]
    fn a_secret_that_is_repeated_thousands_of_times_is_removed_in_one_pass() {
        let secret = "a secret of some length";
        let encoded = STANDARD.encode(secret.repeat(1900));
        let text = format!("{encoded} %25%25%25 &amp;&amp;&amp;");
        assert_eq!(remove(&text, &[secret]), "[redacted] %25%25%25 &amp;&amp;&amp;");
    }
}
