//! The text of a `.env` file, as the dotenv packages of Node and Python read it: nothing is
//! substituted, and quotes count where they enclose the whole value.

use std::iter;

use zeroize::Zeroizing;

/// Returns the names and values in their order. Lines without an assignment are ignored.
pub(super) fn parse(text: &str) -> impl Iterator<Item = (&str, Zeroizing<String>)> {
    let mut rest = text;
    iter::from_fn(move || {
        while !rest.is_empty() {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            let Some(at) = separator(line) else {
                rest = after;
                continue;
            };
            let (name, value, from_value) = (line[..at].trim(), &line[at + 1..], &rest[at + 1..]);
            rest = after;
            let name = name.strip_prefix("export ").unwrap_or(name).trim_start();
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
            if name.is_empty() || !name.bytes().all(is_letter) {
                continue;
            }
            // A quoted value may have several lines.
            if let Some((value, after)) = quoted(from_value.trim_start_matches([' ', '\t'])) {
                rest = after;
                return Some((name, value));
            }
            if let Some(len) = pem_len(from_value) {
                rest = &from_value[len..];
                return Some((name, Zeroizing::new(from_value[..len].trim().to_owned())));
            }
            return Some((name, Zeroizing::new(unquoted(value).to_owned())));
        }
        None
    })
}

/// Returns the place of the `=`, or of the colon that dotenv reads like one, between name and value.
fn separator(line: &str) -> Option<usize> {
    let at = line.find(['=', ':'])?;
    let is_one = line[at..].starts_with('=') || line[at + 1..].starts_with([' ', '\t']);
    is_one.then_some(at)
}

/// Returns the length of a key in PEM that begins a value and stands in several lines, without quotes.
fn pem_len(text: &str) -> Option<usize> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().filter(|line| line.trim_start().starts_with("-----BEGIN "))?;
    if first.contains("-----END ") {
        return None;
    }
    let mut len = first.len();
    for line in lines.take_while(|line| !line.contains("-----BEGIN ")) {
        len += line.len();
        if line.contains("-----END ") {
            return Some(len);
        }
    }
    None
}

/// A value in quotes, and the text after its line; `None` where quotes do not enclose all of it.
fn quoted(text: &str) -> Option<(Zeroizing<String>, &str)> {
    let quote = text.chars().next()?;
    // A word processor's quotes are no part of any value.
    let ends = match quote {
        '"' | '\'' | '`' => [quote, quote],
        '\u{201c}' | '\u{201d}' | '\u{201e}' => ['\u{201c}', '\u{201d}'],
        _ => return None,
    };
    let escapes = !matches!(quote, '\'' | '`');
    let mut letters = text.char_indices().skip(1);
    let (end, last) = loop {
        match letters.next()? {
            (_, '\\') if escapes => drop(letters.next()?),
            (at, letter) if ends.contains(&letter) => break (at, letter),
            _ => {}
        }
    };
    let behind = &text[end + last.len_utf8()..];
    let (rest, after) = behind.split_once('\n').unwrap_or((behind, ""));
    let rest = rest.trim();
    let encloses = rest.is_empty() || rest.starts_with('#');
    let inner = &text[quote.len_utf8()..end];
    encloses.then(|| (if escapes { unescaped(inner) } else { inner.to_owned().into() }, after))
}

fn unescaped(text: &str) -> Zeroizing<String> {
    // The value is never longer than the text, so it does not grow and leaves no copy behind.
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some(other @ ('"' | '\\')) => value.push(other),
                // A line that goes on, as in a shell.
                Some('\n' | '\r') => {}
                other => value.extend(iter::once('\\').chain(other)),
            },
            _ => value.push(letter),
        }
    }
    value
}

/// Returns the value before a comment, which begins after a space.
fn unquoted(line: &str) -> &str {
    let comment = line
        .match_indices('#')
        .find(|(at, _)| line[..*at].is_empty() || line[..*at].ends_with([' ', '\t']));
    line[..comment.map_or(line.len(), |(at, _)| at)].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_node_and_python_read() {
        for (text, value) in [
            ("A=b", "b"),
            ("export A = b \r\n", "b"),
            ("# A=c\nA=b # c", "b"),
            ("A=b#c", "b#c"),
            ("A=$B${C}", "$B${C}"),
            ("A='b\\n$c'", "b\\n$c"),
            ("A=\"b\\nc\" # d", "b\nc"),
            ("A=\"b\nc\"\nD=e", "b\nc"),
            ("A=\"b\\\"c\"", "b\"c"),
            ("A=[\"b\",\"c\"]", "[\"b\",\"c\"]"),
            ("A=\"b\" c \"d\"", "\"b\" c \"d\""),
            ("A=\"b", "\"b"),
            ("A=b=c==", "b=c=="),
            ("A=", ""),
            ("A: b", "b"),
            ("A:b\nA=c", "c"),
            ("A=\u{201c}b\u{201d}", "b"),
            ("A=\"b\\n\\\nc\"", "b\nc"),
            (
                "A=-----BEGIN KEY-----\nb==\n-----END KEY-----\nC=d",
                "-----BEGIN KEY-----\nb==\n-----END KEY-----",
            ),
        ] {
            let (name, read) = parse(text).next().unwrap();
            assert_eq!((name, read.as_str()), ("A", value), "{text}");
        }
        assert_eq!(parse("A=\"b\nc\"\nD=e").nth(1).unwrap().1.as_str(), "e");
        assert!(parse("no assignment\n=b\na b=c\n").next().is_none());
    }
}
