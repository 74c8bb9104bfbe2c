//! YAML, translated to JSON: every format is then read in the same way.

use std::io;
use std::mem;
use std::ops::Range;

use granit_parser::{Event, Marker, Parser, ScalarStyle};
use zeroize::Zeroizing;

use super::setting::bad;
use crate::error::Error;

/// More scalars, lists and mappings than a file of credentials has.
const MAX_EVENTS: usize = 500;
const MAX_DEPTH: usize = 32;
const TOO_LONG: &str = "is too long with its aliases and escapes written out";

/// Translates one document. Scalars become strings, except for null: what a plain `123` or `yes`
/// is, is for the format to say. Aliases are replaced by what they stand for. YAML allows no tabs in its
/// indentation; they are read where all of it is tabs.
pub(super) fn to_json(text: &str) -> Result<Zeroizing<String>, Error> {
    translate(text).or_else(|error| match text.lines().position(is_indented_by_a_tab) {
        None => Err(error),
        Some(_) if !text.lines().any(|line| line.starts_with(' ')) => translate(&with_blanks(text)),
        Some(line) => Err(bad(format!("has a tab in its indentation: see line {}", line + 1))
            .with_hint("replace the tabs by blanks: YAML allows no tabs there")),
    })
}

/// Returns a plain scalar without the quotes of a word processor, which are no part of any value.
fn unquoted(value: &str) -> &str {
    let inner = value.strip_prefix(['\u{201c}', '\u{201d}', '\u{201e}']);
    inner.and_then(|inner| inner.strip_suffix(['\u{201c}', '\u{201d}'])).unwrap_or(value)
}

fn is_indented_by_a_tab(line: &str) -> bool {
    let text = line.trim_ascii_start();
    !text.is_empty() && line[..line.len() - text.len()].contains('\t')
}

/// Returns the text with a blank for each tab of its indentation.
fn with_blanks(text: &str) -> Zeroizing<String> {
    let mut blanks = Zeroizing::new(String::with_capacity(text.len()));
    let mut is_indentation = true;
    for letter in text.chars() {
        is_indentation = letter == '\n' || is_indentation && letter == '\t';
        blanks.push(if is_indentation && letter == '\t' { ' ' } else { letter });
    }
    blanks
}

fn translate(text: &str) -> Result<Zeroizing<String>, Error> {
    let options = granit_parser::options! {
        block_nesting_limit: MAX_DEPTH,
        flow_nesting_limit: MAX_DEPTH,
    };
    let mut json = Json::new(text.len());
    let mut documents = 0;
    for (count, next) in Parser::new_from_str_with_options(text, options).enumerate() {
        // The parser's own text may quote the input, which holds secrets.
        let (event, span) = next.map_err(|error| wrong(error.marker(), "is not YAML"))?;
        documents += usize::from(matches!(event, Event::DocumentStart(..)));
        let written = match (count < MAX_EVENTS, documents < 2) {
            (true, true) => json.add(event),
            (false, _) => Err("holds too much for credentials"),
            (_, false) => Err("holds a second YAML document"),
        };
        written.map_err(|problem| wrong(&span.start, problem))?;
    }
    String::from_utf8(mem::take(&mut json.text))
        .map(Zeroizing::new)
        .map_err(|_| bad("is not UTF-8 text"))
}

/// Returns whether the text begins like a mapping: `NAME:`, where variables have `NAME=`.
pub(super) fn is_mapping(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_end);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#') && *line != "---");
    let name = first
        .and_then(|line| line.split_once(':'))
        .filter(|(_, value)| value.is_empty() || value.starts_with([' ', '\t']));
    name.is_some_and(|(name, _)| !name.is_empty() && !name.contains([' ', '=']))
}

fn wrong(place: &Marker, problem: &str) -> Error {
    bad(format!("{problem}: see line {} column {}", place.line(), place.col() + 1))
}

/// The JSON so far. Its text has its final capacity from the beginning, so that it leaves no copy
/// of a secret behind and aliases cannot multiply it.
struct Json {
    text: Zeroizing<Vec<u8>>,
    open: Vec<Collection>,
    /// What an alias may stand for: the number of the anchor, and the place in `text`.
    anchors: Vec<(usize, Range<usize>)>,
}

struct Collection {
    /// The number of its anchor; 0 for none.
    anchor: usize,
    start: usize,
    is_mapping: bool,
    /// The number of scalars and collections in it, names of a mapping included.
    len: usize,
}

impl Json {
    fn new(yaml: usize) -> Self {
        let text = Zeroizing::new(Vec::with_capacity(yaml + yaml / 8 + 8 * MAX_EVENTS));
        Self { text, open: Vec::new(), anchors: Vec::new() }
    }

    fn add(&mut self, event: Event<'_>) -> Result<(), &'static str> {
        if event.tag().is_some_and(|tag| !tag.is_yaml_core_schema()) {
            return Err("has a tag (!NAME), which is not supported");
        }
        match event {
            Event::MappingStart(_, anchor, _) => self.begin(anchor, true),
            Event::SequenceStart(_, anchor, _) => self.begin(anchor, false),
            Event::MappingEnd | Event::SequenceEnd => self.end(),
            Event::Scalar(value, style, anchor, _) => {
                let is_name = self.next()?;
                let start = self.text.len();
                if is_name && value == "<<" {
                    return Err("merges another mapping, which is not supported");
                }
                let is_null = style == ScalarStyle::Plain
                    && matches!(&*value, "" | "~" | "null" | "Null" | "NULL");
                match is_null && !is_name {
                    true => self.push(b"null")?,
                    false => {
                        let value =
                            if style == ScalarStyle::Plain { unquoted(&value) } else { &value };
                        serde_json::to_writer(&mut *self, value).map_err(|_| TOO_LONG)?;
                    }
                }
                self.remember(anchor, start);
                Ok(())
            }
            Event::Alias(anchor) => {
                if self.next()? {
                    return Err("has an alias for a name");
                }
                let known = self.anchors.iter().rev().find(|(number, _)| *number == anchor);
                let (_, range) = known.ok_or("has an alias that holds itself")?;
                let value = Zeroizing::new(self.text[range.clone()].to_vec());
                self.push(&value)
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, anchor: usize, is_mapping: bool) -> Result<(), &'static str> {
        if self.next()? {
            return Err("has a list or a mapping for a name");
        }
        self.open.push(Collection { anchor, start: self.text.len(), is_mapping, len: 0 });
        self.push(if is_mapping { b"{" } else { b"[" })
    }

    fn end(&mut self) -> Result<(), &'static str> {
        let Some(ended) = self.open.pop() else { return Ok(()) };
        self.push(if ended.is_mapping { b"}" } else { b"]" })?;
        self.remember(ended.anchor, ended.start);
        Ok(())
    }

    /// Writes what separates the next scalar or collection from the one before. Returns true where
    /// the next is a name of a mapping.
    fn next(&mut self) -> Result<bool, &'static str> {
        let Some(collection) = self.open.last_mut() else { return Ok(false) };
        let (len, is_mapping) = (collection.len, collection.is_mapping);
        collection.len += 1;
        let is_name = is_mapping && len % 2 == 0;
        match (len, is_mapping && !is_name) {
            (0, _) => {}
            (_, true) => self.push(b":")?,
            (_, false) => self.push(b",")?,
        }
        Ok(is_name)
    }

    fn push(&mut self, json: &[u8]) -> Result<(), &'static str> {
        if json.len() > self.text.capacity() - self.text.len() {
            return Err(TOO_LONG);
        }
        self.text.extend_from_slice(json);
        Ok(())
    }

    fn remember(&mut self, anchor: usize, start: usize) {
        if anchor != 0 {
            self.anchors.push((anchor, start..self.text.len()));
        }
    }
}

impl io::Write for Json {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        self.push(json).map(|()| json.len()).map_err(io::Error::other)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(yaml: &str) -> String {
        to_json(yaml).unwrap().to_string()
    }

    fn problem(yaml: &str) -> String {
        to_json(yaml).unwrap_err().to_string()
    }

    #[test]
    fn yaml_and_its_json_say_the_same() {
        for (yaml, expected) in [
            ("a: 1\nb: 'x: y'\nc: \"d\\n\"", r#"{"a":"1","b":"x: y","c":"d\n"}"#),
            ("a:\n  - b\n  - {c: d, e: }\nf: ~\n", r#"{"a":["b",{"c":"d","e":null}],"f":null}"#),
            ("key: |\n  one\n  two\n", r#"{"key":"one\ntwo\n"}"#),
            ("null: \"null\"\n", r#"{"null":"null"}"#),
            ("# only a name\n---\n[]\n", "[]"),
            (
                "a: &a [x, y]\nb: *a\nc: &c z\nd: [*c, *a]\n",
                r#"{"a":["x","y"],"b":["x","y"],"c":"z","d":["z",["x","y"]]}"#,
            ),
        ] {
            assert_eq!(json(yaml), expected, "{yaml}");
        }
    }

    #[test]
    fn what_is_no_yaml_or_has_no_json_is_refused_with_its_place() {
        for (yaml, expected) in [
            ("a: \"b", "is not YAML: see line 1"),
            ("a: b\n]\n", "is not YAML: see line 2"),
            ("a: b\n---\nc: d\n", "holds a second YAML document: see line 2"),
            ("[a]: b\n", "has a list or a mapping for a name: see line 1 column 1"),
            ("a: &a b\n*a : c\n", "has an alias for a name: see line 2"),
            ("a: &a [*a]\n", "has an alias that holds itself: see line 1"),
            (
                "a: &a {b: c}\nd:\n  <<: *a\n",
                "merges another mapping, which is not supported: see line 3 column 3",
            ),
        ] {
            let found = problem(yaml);
            assert!(found.contains(expected), "{yaml}: {found}");
        }
        let long = (0..MAX_EVENTS).map(|line| format!("a{line}: b\n")).collect::<String>();
        assert!(problem(&long).contains("holds too much for credentials"));
        let deep = "[".repeat(MAX_DEPTH + 1);
        assert!(problem(&deep).contains("is not YAML"));
    }

    #[test]
    fn aliases_do_not_multiply_a_document() {
        let mut bomb = format!("a0: &a0 {}\n", "x".repeat(1000));
        for level in 1..30 {
            let aliases = vec![format!("*a{}", level - 1); 5].join(", ");
            bomb += &format!("a{level}: &a{level} [{aliases}]\n");
        }
        assert!(problem(&bomb).contains(TOO_LONG));
    }
}
