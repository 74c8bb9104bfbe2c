//! JSON with the mistakes that editors, shells and other languages make, rewritten as strict JSON. What has two meanings is
//! left as it is, and is then no JSON.

use std::mem;
use std::str::Chars;

use zeroize::Zeroizing;

/// The length of the longest text that is rewritten, in bytes. Files that people have are far shorter, and longer ones would
/// cost too much memory.
const MAX_LEN: usize = 64 * 1024;
/// The number of bytes by which a short text may become longer.
const MAX_GROWTH: usize = 1024;

/// Returns the text as strict JSON may be, with the same members: line breaks in texts are escaped; `\n` between members,
/// comments and blanks that JSON has not are blanks; commas before a closing brace and at the end are left out; single and typographic
/// quotes around texts and names without quotes get double ones; Python's `True`, `False` and `None` are JSON's. Returns `None` where a
/// text has no end, and for what is no file of credentials by its length or its number of line breaks.
pub(super) fn strict(text: &str) -> Option<Zeroizing<String>> {
    if text.len() > MAX_LEN {
        return None;
    }
    // Written twice, so that it does not grow and leaves no copy behind.
    let mut len = 0;
    rewrite(text, &mut |part| len += part.len())?;
    if len > text.len() + text.len() / 8 + MAX_GROWTH {
        return None;
    }
    let mut strict = Zeroizing::new(String::with_capacity(len));
    rewrite(text, &mut |part| strict.push_str(part))?;
    Some(strict)
}

fn rewrite(text: &str, write: &mut impl FnMut(&str)) -> Option<()> {
    let mut rest = text;
    let mut comma = false;
    while let Some(first) = rest.chars().next() {
        let len = blank_len(rest)?;
        if len > 0 {
            write(" ");
            rest = &rest[len..];
            continue;
        }
        // A comma is written before what it separates, and so not before a closing brace.
        if mem::take(&mut comma) && !matches!(first, '}' | ']') {
            write(",");
        }
        let after = &rest[first.len_utf8()..];
        rest = match first {
            ',' => {
                comma = true;
                after
            }
            '"' => quoted(after, &['"'], write)?,
            '\'' => quoted(after, &['\''], write)?,
            '\u{201c}' | '\u{201d}' | '\u{201e}' => {
                quoted(after, &['\u{201c}', '\u{201d}'], write)?
            }
            '\u{2018}' | '\u{2019}' | '\u{201a}' => {
                quoted(after, &['\u{2018}', '\u{2019}'], write)?
            }
            'a'..='z' | 'A'..='Z' | '_' | '$' => word(rest, write),
            _ => {
                write(&rest[..first.len_utf8()]);
                after
            }
        };
    }
    // Nothing follows a last comma.
    Some(())
}

/// Returns the length of the blanks, the comment or the escaped line break at the beginning, in bytes. Returns `None`
/// for a comment without an end, and for a backslash that is neither.
fn blank_len(text: &str) -> Option<usize> {
    if text.starts_with('#') || text.starts_with("//") {
        return Some(text.find(['\n', '\r']).unwrap_or(text.len()));
    }
    if let Some(comment) = text.strip_prefix("/*") {
        return comment.find("*/").map(|at| at + 4);
    }
    let backslashes = text.len() - text.trim_start_matches('\\').len();
    if backslashes > 0 {
        let is_break = text[backslashes..].starts_with(['n', 'r', 't', '\n', '\r']);
        return is_break.then_some(backslashes + 1);
    }
    Some(text.len() - text.trim_start_matches(is_blank).len())
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}

/// Writes a text, which begins after its first quote. Returns what follows its last quote.
fn quoted<'a>(text: &'a str, ends: &[char], write: &mut impl FnMut(&str)) -> Option<&'a str> {
    write("\"");
    let mut rest = text;
    loop {
        let at = rest.find(|letter: char| {
            letter < ' ' || letter == '"' || letter == '\\' || ends.contains(&letter)
        })?;
        write(&rest[..at]);
        let letter = rest[at..].chars().next()?;
        let after = &rest[at + letter.len_utf8()..];
        rest = match letter {
            _ if ends.contains(&letter) => {
                write("\"");
                return Some(after);
            }
            '\\' => {
                let escaped = after.chars().next()?;
                match escaped {
                    '\'' => write("'"),
                    // A line that goes on: JavaScript and shells leave the break out.
                    '\n' => {}
                    _ => {
                        write("\\");
                        write(&after[..escaped.len_utf8()]);
                    }
                }
                &after[escaped.len_utf8()..]
            }
            '\n' => {
                write("\\n");
                after
            }
            '\r' => {
                write("\\r");
                after
            }
            '\t' => {
                write("\\t");
                after
            }
            '"' => {
                write("\\\"");
                after
            }
            // No text has other control characters.
            _ => return None,
        };
    }
}

/// Writes a word without quotes: a name, or a value. Returns what follows.
fn word<'a>(text: &'a str, write: &mut impl FnMut(&str)) -> &'a str {
    let is_in_word =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$' | '-' | '.');
    let after = text.trim_start_matches(is_in_word);
    let word = &text[..text.len() - after.len()];
    let is_name = after.trim_start_matches(is_blank).starts_with(':');
    match word {
        _ if is_name => {
            write("\"");
            write(word);
            write("\"");
        }
        "True" => write("true"),
        "False" => write("false"),
        "None" => write("null"),
        _ => write(word),
    }
    after
}

/// Returns the text without the blanks and comments at its beginning.
pub(super) fn trim_start(text: &str) -> &str {
    let mut rest = text;
    while let Some(len @ 1..) = blank_len(rest) {
        rest = &rest[len..];
    }
    rest
}

/// Returns whether the content of an object begins with `\"`: the document was escaped.
pub(super) fn begins_with_escaped_quote(content: &str) -> bool {
    trim_start(content).starts_with("\\\"")
}

/// Returns the content of a JSON string, in which line breaks may also stand as they are. Returns `None` if it is none.
pub(super) fn unescaped(text: &str) -> Option<Zeroizing<String>> {
    // The content is never longer than the text, so it does not grow and leaves no copy behind.
    let mut content = Zeroizing::new(String::with_capacity(text.len()));
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '"' => return None,
            '\\' => match letters.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => character(&mut letters)?,
                other @ ('"' | '\\' | '/') => other,
                _ => return None,
            },
            letter => letter,
        };
        content.push(letter);
    }
    Some(content)
}

/// Reads the digits after `\u`, and the second half of a character that has two.
fn character(letters: &mut Chars<'_>) -> Option<char> {
    let first = half(letters)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first.into());
    }
    *letters = letters.as_str().strip_prefix("\\u")?.chars();
    char::decode_utf16([first, half(letters)?]).next()?.ok()
}

fn half(letters: &mut Chars<'_>) -> Option<u16> {
    let (digits, rest) = letters.as_str().split_at_checked(4)?;
    *letters = rest.chars();
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_one_meaning_is_rewritten_with_it() {
        for (text, json) in [
            ("{\"a\":\"b\nc\r\n\td\"}", r#"{"a":"b\nc\r\n\td"}"#),
            (r#"{\n "a": "b\nc",\n\t"d": 1\n}"#, r#"{ "a": "b\nc", "d": 1 }"#),
            (r#"{"a":[1,2,],"b":{"c":3,},}"#, r#"{"a":[1,2],"b":{"c":3}}"#),
            ("{ // c \"\n \"a\": /* , */ 1, # d\n}", r#"{  "a":   1   }"#),
            (
                r#"{'a': 'it"s', 'b': "it's", 'c': 'it\'s'}"#,
                r#"{"a": "it\"s", "b": "it's", "c": "it's"}"#,
            ),
            ("{\u{201c}a\u{201d}:\u{a0}\u{201c}b\u{201d}}", r#"{"a": "b"}"#),
            ("{a: True, b_c : None, $d: False}", r#"{"a": true, "b_c" : null, "$d": false}"#),
            ("{\"a\": \"b\\\nc\"}", r#"{"a": "bc"}"#),
            (r#"{"a":1e5,"b":-2,"c":true}"#, r#"{"a":1e5,"b":-2,"c":true}"#),
        ] {
            let strict = strict(text).unwrap();
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            assert_eq!(value(&strict), value(json), "{text}: {}", &*strict);
        }
        for text in ["{\"a", "{/* ", "{\\a", "{\"a\u{1}\"}"] {
            assert!(strict(text).is_none(), "{text}");
        }
        // Two commas, and none, have no meaning.
        assert_eq!(strict("[1,,2 3],").unwrap().as_str(), "[1,,2 3]");
    }

    #[test]
    fn the_content_of_a_string_is_what_a_json_parser_reads() {
        for text in [r#"a\"b\\c\/\n\r\t\b\f"#, r"\u0061\u00e9\ud83d\ude00", "\u{e9}"] {
            let read: String = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert_eq!(unescaped(text).unwrap().as_str(), read);
        }
        for text in ["\"", "\\", r"\x", r"\u12", r"\u+123", r"\ud83d", r"\ud83d\u0061"] {
            assert!(unescaped(text).is_none(), "{text}");
        }
    }
}
