//! INI, translated to JSON as Python's `RawConfigParser` reads it: every format is then read in the same
//! way.

use std::mem;

use zeroize::Zeroizing;

use super::setting::bad;
use crate::error::{Error, shown};

/// Returns whether the text has the section `name`.
pub(super) fn has_section(text: &str, name: &str) -> bool {
    text.lines().any(|line| section(line) == Some(name))
}

/// Translates a text. Each section becomes an object, and each value a string.
pub(super) fn to_json(text: &str) -> Result<Zeroizing<String>, Error> {
    let mut sections: Vec<(&str, Vec<Entry<'_>>)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let wrong = |problem| bad(format!("{problem}: see line {}", number + 1));
        if line.trim().is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if line.contains(|c: char| c.is_control() && c != '\t') {
            return Err(wrong("holds a control character"));
        }
        let is_indented = line.starts_with(char::is_whitespace);
        let entries = sections.last_mut().map(|(_, entries)| entries);
        if let Some(last) = entries.filter(|_| is_indented).and_then(|entries| entries.last_mut()) {
            last.lines.push(line.trim());
        } else if let Some(name) = section(line) {
            if sections.iter().any(|(known, _)| *known == name) {
                return Err(bad(format!("holds the section [{}] twice", shown(name))));
            }
            sections.push((name, Vec::new()));
        } else {
            let Some((_, entries)) = sections.last_mut() else {
                return Err(wrong("holds a setting before the first [section]"));
            };
            let Some((name, value)) = line.split_once(['=', ':']) else {
                return Err(wrong("is not INI"));
            };
            // Names are the same in upper and in lower case.
            let name = name.trim().to_ascii_lowercase();
            if entries.iter().any(|known| known.name == name) {
                return Err(bad(format!("holds the setting {} twice", shown(&name))));
            }
            entries.push(Entry { name, lines: vec![without_comment(value)] });
        }
    }
    // It has its final capacity from the beginning, so that it leaves no copy of a secret behind.
    let mut json = Zeroizing::new(Vec::with_capacity(MAX_GROWTH * text.len() + 2));
    json.push(b'{');
    for (position, (name, entries)) in sections.iter().enumerate() {
        push_name(&mut json, position, name);
        json.push(b'{');
        for (position, Entry { name, lines }) in entries.iter().enumerate() {
            push_name(&mut json, position, name);
            push(&mut json, &Zeroizing::new(lines.join("\n")));
        }
        json.push(b'}');
    }
    json.push(b'}');
    String::from_utf8(mem::take(&mut json))
        .map(Zeroizing::new)
        .map_err(|_| bad("is not UTF-8 text"))
}

/// The number of bytes that a byte of INI becomes at most: `b=` and a line break are `"b":"",`.
const MAX_GROWTH: usize = 3;

struct Entry<'a> {
    name: String,
    lines: Vec<&'a str>,
}

fn section(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.trim_end().strip_suffix(']')
}

/// Returns the value before a comment, which begins with a semicolon after a blank.
fn without_comment(value: &str) -> &str {
    let comment = value.match_indices(';').map(|(at, _)| at);
    let mut comment = comment.filter(|at| value[..*at].ends_with(char::is_whitespace));
    value[..comment.next().unwrap_or(value.len())].trim()
}

fn push_name(json: &mut Vec<u8>, position: usize, name: &str) {
    json.extend((position > 0).then_some(b','));
    push(json, name);
    json.push(b':');
}

fn push(json: &mut Vec<u8>, text: &str) {
    // Writing to memory cannot fail.
    let _ = serde_json::to_writer(json, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ini_text_is_read_as_python_reads_it() {
        for (text, json) in [
            ("[a]\nB = c\n", r#"{"a":{"b":"c"}}"#),
            ("; x\n[a]\nb: c:d=e\r\n\n# y\n[e]\n", r#"{"a":{"b":"c:d=e"},"e":{}}"#),
            ("[a]\nkey = one\n  two\n\tthree\nb=\n", r#"{"a":{"key":"one\ntwo\nthree","b":""}}"#),
            (
                "[a]\nb = c ; d\ne = f;g\nh = \"i\\\"\n",
                r#"{"a":{"b":"c","e":"f;g","h":"\"i\\\""}}"#,
            ),
        ] {
            assert_eq!(*to_json(text).unwrap(), json, "{text}");
        }
    }

    #[test]
    fn what_is_no_ini_is_refused_with_its_place() {
        for (text, problem) in [
            ("[a]\nb\n", "is not INI: see line 2"),
            ("b = c\n[a]\n", "holds a setting before the first [section]: see line 1"),
            ("[a]\n[a]\n", "holds the section [a] twice"),
            ("[a]\nb = c\nB = d\n", "holds the setting b twice"),
        ] {
            let found = to_json(text).unwrap_err().to_string();
            assert!(found.contains(problem), "{text}: {found}");
        }
    }
}
