//! PEM that a program or a person has changed on its way: dashes of a word processor, another number of
//! them, labels in lower case, quotes, commas, or the escapes of a URL. It is read where it can mean one
//! key alone; else the error names the line that is wrong.

use zeroize::Zeroizing;

use super::pem;
use super::problem::{bad, damaged};
use crate::error::Error;

/// Returns the one private key in `text` as a block of PEM in its usual form; `None` where nothing looks
/// like one.
pub(super) fn repaired(text: &str) -> Option<Result<Zeroizing<String>, Error>> {
    // Without these words no line is one of a key, however it is written.
    contains_ignoring_case(text, "PRIVATE").then_some(())?;
    let is_typographic = text.contains(is_typographic);
    let text = cleaned(&unescaped(text));
    let begins: Vec<Marker<'_>> = markers(&text, "BEGIN");
    let ends: Vec<Marker<'_>> = markers(&text, "END");
    match (&begins[..], &ends[..]) {
        ([], []) => None,
        ([], [..]) => Some(Err(damaged("is cut off: its -----BEGIN line is missing"))),
        ([begin], _) => Some(block(&text, begin, &ends, is_typographic)),
        _ => Some(Err(bad(pem::SEVERAL).with_hint("keep one key in one file"))),
    }
}

/// More than the longest label has, `ENCRYPTED PRIVATE KEY`, with any blanks, in bytes.
const MAX_LABEL: usize = 64;

/// A line that begins or ends a key.
struct Marker<'a> {
    start: usize,
    end: usize,
    label: &'a str,
    /// The dashes before and after its words.
    dashes: (usize, usize),
}

/// Returns whether a character is a dash of a word processor, which makes one of several.
fn is_typographic(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

fn block(
    text: &str,
    begin: &Marker<'_>,
    ends: &[Marker<'_>],
    is_typographic: bool,
) -> Result<Zeroizing<String>, Error> {
    let Some(end) = ends.iter().find(|end| end.start >= begin.end) else {
        let rest = &text[begin.end..];
        return Err(match rest.find("--") {
            Some(place) => damaged(format!(
                "is cut off in line {}, its -----END line",
                line_of(text, begin.end + place)
            )),
            None => damaged("is cut off: its -----END line is missing"),
        });
    };
    // The end of a text that was cut there.
    if !is_typographic && end.dashes.1 < end.dashes.0 {
        let line = line_of(text, end.start);
        return Err(damaged(format!("is cut off in line {line}, its -----END line")));
    }
    let first_line = line_of(text, begin.end);
    let body = &text[begin.end..end.start];
    let mut block = Zeroizing::new(String::with_capacity(text.len() + 4 * begin.label.len() + 64));
    let label = begin.label.to_ascii_uppercase();
    let label = label.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    block.extend(["-----BEGIN ", &label, "-----\n"]);
    let digits = headers(body, &mut block);
    let before = body.len() - digits.len();
    let first_line = first_line + body[..before].matches('\n').count();
    for (number, line) in digits.split('\n').enumerate() {
        let line = without_quotes(line);
        let is_digit = |c: char| c.is_ascii_alphanumeric() || "+/= ".contains(c);
        if !line.chars().all(is_digit) {
            let number = first_line + number;
            return Err(damaged(format!("is damaged: line {number} is not base64")));
        }
        block.extend([line, "\n"]);
    }
    block.extend(["-----END ", &label, "-----\n"]);
    Ok(block)
}

/// Writes the headers of RFC 1421 that `body` begins with, and returns what follows them.
fn headers<'a>(body: &'a str, block: &mut String) -> &'a str {
    const DEK_INFO: &str = "DEK-Info:";
    let Some((before, value)) = body.split_once(DEK_INFO) else { return body };
    if !before.contains("4,ENCRYPTED") {
        return body;
    }
    let value = value.trim_start_matches(' ');
    let len = value
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != ',')
        .unwrap_or(value.len());
    let (value, digits) = value.split_at(len);
    block.extend(["Proc-Type: 4,ENCRYPTED\nDEK-Info: ", value, "\n\n"]);
    digits
}

/// Returns a line without what source code, lists and mails put around it. The sign that joins texts is no digit
/// next to a quote.
fn without_quotes(line: &str) -> &str {
    let is_quote = |c: char| "\"'`".contains(c);
    let line = line.trim_matches(char::is_whitespace);
    let joined = line.strip_suffix('+').map(str::trim_end).filter(|line| line.ends_with(is_quote));
    let line = joined.unwrap_or(line);
    let joined =
        line.strip_prefix('+').map(str::trim_start).filter(|line| line.starts_with(is_quote));
    let line = joined.unwrap_or(line);
    line.trim_matches(|c: char| c.is_whitespace() || is_quote(c) || ",;>|.()[]{}".contains(c))
}

/// Returns the markers of `word` whose label is that of a private key.
fn markers<'a>(text: &'a str, word: &str) -> Vec<Marker<'a>> {
    const MAX: usize = 4;
    let mut markers = Vec::new();
    let mut from = 0;
    while let Some(place) = find_ignoring_case(&text[from..], word).map(|place| from + place) {
        from = place + word.len();
        if let Some(marker) = marker(text, place, from) {
            from = marker.end;
            markers.push(marker);
            if markers.len() == MAX {
                break;
            }
        }
    }
    markers
}

/// Reads the marker whose word is `text[place..label]`.
fn marker(text: &str, place: usize, label: usize) -> Option<Marker<'_>> {
    let is_dash = |c: char| c == '-' || c == ' ';
    let before = &text[..place];
    let start = before.trim_end_matches(is_dash).len();
    let rest = text[label..].strip_prefix(' ')?;
    let rest_start = label + 1;
    // Not further than a label goes, so that many words cost no more than their number.
    let is_label = |(_, byte): &(usize, u8)| byte.is_ascii_alphanumeric() || *byte == b' ';
    let len = rest.bytes().take(MAX_LABEL).enumerate().take_while(is_label).count();
    let (words, after) = rest.split_at(len);
    let label = words.trim();
    let is_key = label.len() >= "PRIVATE KEY".len() && {
        let last = label.split(' ').rev().filter(|word| !word.is_empty()).take(2);
        last.zip(["KEY", "PRIVATE"]).filter(|(a, b)| a.eq_ignore_ascii_case(b)).count() == 2
    };
    let after_dashes = after.trim_start_matches(is_dash);
    let count = |part: &str| part.matches('-').count();
    let dashes = (count(&before[start..]), count(&after[..after.len() - after_dashes.len()]));
    // Words in the middle of a text are no marker.
    let is_own_line = before[..start].trim_end_matches(['"', '\'', '`', '>', ' ']).is_empty()
        || before[..start].trim_end_matches(['"', '\'', '`', '>', ' ']).ends_with('\n');
    let has_dashes = dashes.0 > 1 || dashes.1 > 1;
    (is_key && (has_dashes || is_own_line)).then(|| Marker {
        start,
        end: rest_start + len + (after.len() - after_dashes.len()),
        label,
        dashes,
    })
}

fn line_of(text: &str, place: usize) -> usize {
    text[..place].matches('\n').count() + 1
}

fn contains_ignoring_case(text: &str, word: &str) -> bool {
    find_ignoring_case(text, word).is_some()
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    let word = word.as_bytes();
    text.as_bytes().windows(word.len()).position(|part| part.eq_ignore_ascii_case(word))
}

/// Returns the text without the escapes of a URL or a form, if it has any. Base64 has no `%`.
fn unescaped(text: &str) -> Zeroizing<String> {
    let mut unescaped = Zeroizing::new(String::with_capacity(text.len()));
    let is_form = contains_ignoring_case(text, "BEGIN+");
    let mut rest = text;
    while let Some(place) = rest.find(['%', '+']) {
        let (before, escape) = rest.split_at(place);
        unescaped.push_str(before);
        let code = escape.strip_prefix('%').and_then(|_| escape.get(1..3));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(u8::is_ascii) {
            Some(byte) => {
                unescaped.push(byte.into());
                rest = &escape[3..];
            }
            None => {
                let is_blank = is_form && escape.starts_with('+');
                unescaped.push_str(if is_blank { " " } else { &escape[..1] });
                rest = &escape[1..];
            }
        }
    }
    unescaped.push_str(rest);
    unescaped
}

/// Returns the text with plain dashes, blanks and line breaks, and without invisible characters.
fn cleaned(text: &str) -> Zeroizing<String> {
    // No character becomes longer.
    let mut cleaned = Zeroizing::new(String::with_capacity(text.len()));
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => cleaned.push('\n'),
            // Word processors write a long dash for two.
            '\u{2014}' | '\u{2015}' => cleaned.push_str("--"),
            c if is_typographic(c) => cleaned.push('-'),
            '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => cleaned.push('"'),
            '\u{2018}'..='\u{201b}' => cleaned.push('\''),
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'
            | '\u{feff}' => {}
            '\n' => cleaned.push('\n'),
            c if c.is_whitespace() => cleaned.push(' '),
            c => cleaned.push(c),
        }
    }
    cleaned
}
