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
            let (begin, value) = line.split_once('=').unwrap_or((line, ""));
            let from_value = rest.get(begin.len() + 1..).unwrap_or_default();
            rest = after;
            let name = begin.trim();
            let name = name.strip_prefix("export ").unwrap_or(name).trim_start();
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
            if !line.contains('=') || name.is_empty() || !name.bytes().all(is_letter) {
                continue;
            }
            // A quoted value may go on over several lines.
            if let Some((value, after)) = quoted(from_value.trim_start_matches([' ', '\t'])) {
                rest = after;
                return Some((name, value));
            }
            return Some((name, Zeroizing::new(unquoted(value).to_owned())));
        }
        None
    })
}

/// A value in quotes, and the text after its line; `None` where quotes do not enclose all of it.
fn quoted(text: &str) -> Option<(Zeroizing<String>, &str)> {
    let quote = text.chars().next().filter(|first| ['"', '\'', '`'].contains(first))?;
    let escapes = quote == '"';
    let mut letters = text.char_indices().skip(1);
    let end = loop {
        match letters.next()? {
            (_, '\\') if escapes => drop(letters.next()?),
            (at, letter) if letter == quote => break at,
            _ => {}
        }
    };
    let (rest, after) = text[end + 1..].split_once('\n').unwrap_or((&text[end + 1..], ""));
    let rest = rest.trim();
    let encloses = rest.is_empty() || rest.starts_with('#');
    let inner = &text[1..end];
    encloses.then(|| (if escapes { unescaped(inner) } else { inner.to_owned().into() }, after))
}

fn unescaped(text: &str) -> Zeroizing<String> {
    // Never longer, so no copy is left behind by growing.
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some(other @ ('"' | '\\')) => value.push(other),
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
        ] {
            let (name, read) = parse(text).next().unwrap();
            assert_eq!((name, read.as_str()), ("A", value), "{text}");
        }
        assert_eq!(parse("A=\"b\nc\"\nD=e").nth(1).unwrap().1.as_str(), "e");
        assert!(parse("no assignment\n=b\na b=c\n").next().is_none());
    }
}
