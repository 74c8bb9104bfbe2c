//! The text of a `.env` file, as the dotenv packages of Node and Python read it: nothing is
//! substituted, and quotes count where they enclose the whole value.

use zeroize::Zeroizing;

/// Names and values in order. What is no assignment is passed over.
pub(super) fn parse(text: &str) -> Vec<(String, Zeroizing<String>)> {
    let mut variables = Vec::new();
    let mut rest = text;
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
        let value = match quoted(from_value.trim_start_matches([' ', '\t'])) {
            Some((value, after)) => {
                rest = after;
                value
            }
            None => Zeroizing::new(unquoted(value).to_owned()),
        };
        variables.push((name.to_owned(), value));
    }
    variables
}

/// A value in quotes, and the text after its line; `None` where quotes do not enclose all of it.
fn quoted(text: &str) -> Option<(Zeroizing<String>, &str)> {
    let quote = text.chars().next().filter(|first| ['"', '\'', '`'].contains(first))?;
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if quote == '"' => match letters.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                other @ ('"' | '\\') => value.push(other),
                other => value.extend(['\\', other]),
            },
            _ if letter == quote => {
                let (end, after) = text[at + 1..].split_once('\n').unwrap_or((&text[at + 1..], ""));
                let end = end.trim();
                return (end.is_empty() || end.starts_with('#')).then_some((value, after));
            }
            _ => value.push(letter),
        }
    }
    None
}

/// Up to a comment, which a blank precedes.
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
            let variables = parse(text);
            assert_eq!(variables[0].0, "A", "{text}");
            assert_eq!(variables[0].1.as_str(), value, "{text}");
        }
        assert_eq!(parse("A=\"b\nc\"\nD=e")[1].1.as_str(), "e");
        assert!(parse("no assignment\n=b\na b=c\n").is_empty());
    }
}
