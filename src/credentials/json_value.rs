//! The values of JSON: texts, lists of texts, and settings that may be either.

use std::borrow::Cow;
use std::{fmt, io, mem};

use serde::Serialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::setting::{MAX_TRIED, Setting, bad, bad_setting};
use crate::error::Error;

pub(super) const LIST_LOOK: &str = "a string or a list of strings";

/// Values that are one text in some formats, and may be a JSON array in it.
impl Setting {
    /// Joins a list that may be written as a JSON array.
    pub fn json_list(self, separator: &str) -> Result<Self, Error> {
        let Some(array) = self.array() else { return Ok(self) };
        let joined = join(array, separator, self.name()).map_err(|_| self.no_array())?;
        Ok(Self::owned(self.name().to_owned(), joined))
    }

    /// Returns the texts of a JSON array, each called by its place, or the value alone.
    pub fn json_entries(self) -> Result<Vec<Self>, Error> {
        let Some(array) = self.array() else { return Ok(vec![self]) };
        let mut entries = Vec::new();
        let read = each(array, |value| {
            if entries.len() > MAX_TRIED {
                return Err(self.too_many());
            }
            let place = format!("{}[{}]", self.name(), entries.len());
            entries.push(Self::owned(place, text_in(value, self.name())?));
            Ok(())
        });
        match read {
            Err(_) if entries.len() > MAX_TRIED => Err(self.too_many()),
            Err(_) => Err(self.no_array()),
            Ok(()) => Ok(entries),
        }
    }

    /// Returns the client secret, and those that are tried after it, of a value that may be the text
    /// of a JSON array.
    pub fn json_secrets(self) -> Result<(Self, Vec<Self>), Error> {
        let name = self.name().to_owned();
        let mut entries = self.json_entries()?;
        if let [one] = &mut *entries {
            *one = one.clone().called(name.clone());
        }
        first_of(entries, name.into())
    }

    /// Returns the value if it is meant as an array: also with quotes around it that do not match, which make it none.
    fn array(&self) -> Option<&str> {
        let is_array = |value: &&str| value.trim_start_matches(['\'', '"']).starts_with('[');
        self.value().map(str::trim).filter(is_array)
    }

    fn too_many(&self) -> Error {
        self.error(format!("holds over {MAX_TRIED}"))
    }

    fn no_array(&self) -> Error {
        self.error("is not a JSON array of strings")
            .with_hint("write it as [\"a\",\"b\"], or as a,b")
    }
}

/// Makes the error of a document that is no JSON object. serde_json's own text may quote the input, which
/// holds secrets.
pub(super) fn syntax(text: &str, error: &serde_json::Error) -> Error {
    if error.is_data() {
        return bad("is not a JSON object");
    }
    if error.is_eof() {
        return bad("ends before its JSON object does").with_hint(
            "is the file cut off? Otherwise the quote or brace that ends something is missing",
        );
    }
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let (before, after) = line.as_bytes().split_at_checked(error.column()).unwrap_or_default();
    let hint = match before {
        _ if after.first().is_some_and(u8::is_ascii_control) => {
            "there is a control character in a text: remove it"
        }
        [.., b'\\', _] => {
            "a backslash in a text is written twice there, such as C:\\\\keys\\\\private.key"
        }
        _ => {
            "JSON has double quotes around names and texts, a colon after each name, and a comma \
             between members"
        }
    };
    bad(format!("is not JSON: see {}", place(error))).with_hint(hint)
}

pub(super) fn place(error: &serde_json::Error) -> String {
    format!("line {} column {}", error.line(), error.column())
}

/// Reads a value that is a text, or a list of texts that `separator` joins. `look` is for the error.
pub(super) fn text_or_list(
    value: Option<&str>,
    name: Cow<'static, str>,
    look: &str,
    separator: &str,
) -> Result<Setting, Error> {
    match value {
        None | Some("null") => Ok(Setting::new(name, None)),
        Some(value) if value.starts_with('"') => {
            let value = text(value, &name)?;
            Ok(Setting::owned(name, value))
        }
        Some(value) if value.starts_with('[') => {
            let joined = join(value, separator, &name)?;
            Ok(Setting::owned(name, joined))
        }
        Some(_) => Err(bad_setting(name, format!("must be {look}"))),
    }
}

/// Reads each text of a list, or a text alone. A blank one is left out.
pub(super) fn texts(value: Option<&str>, name: Cow<'static, str>) -> Result<Vec<Setting>, Error> {
    let mut texts = Vec::new();
    match value {
        Some(list) if list.starts_with('[') => each(list, |value| {
            texts.push(Setting::owned(name.clone(), text_in(value, &name)?));
            Ok(())
        })?,
        _ => texts.push(text_or_list(value, name, LIST_LOOK, "")?),
    }
    texts.retain(|text| text.value().is_some());
    Ok(texts)
}

/// Joins the texts of the JSON array `list`, which the user calls `name`.
pub(super) fn join(list: &str, separator: &str, name: &str) -> Result<Zeroizing<String>, Error> {
    // The result is never longer than the list, so it does not grow and leaves no copy behind.
    let mut joined = Zeroizing::new(String::with_capacity(list.len()));
    let mut is_first = true;
    each(list, |value| {
        if !is_first {
            joined.push_str(separator);
        }
        is_first = false;
        joined.push_str(&text_in(value, name)?);
        Ok(())
    })?;
    Ok(joined)
}

/// Returns the first of the secrets, and each other one once. One that is not given is called `name`.
pub(super) fn first_of(
    secrets: Vec<Setting>,
    name: Cow<'static, str>,
) -> Result<(Setting, Vec<Setting>), Error> {
    let mut once: Vec<Setting> = Vec::new();
    for secret in secrets {
        let is_known = once.iter().any(|known| known.value() == secret.value());
        if secret.value().is_some() && !is_known {
            once.push(secret);
        }
    }
    if once.len() > MAX_TRIED {
        return Err(bad_setting(name, format!("holds over {MAX_TRIED}")));
    }
    let mut once = once.into_iter();
    Ok((once.next().unwrap_or_else(|| Setting::absent(name)), once.collect()))
}

pub(super) fn text_in(value: &str, name: &str) -> Result<Zeroizing<String>, Error> {
    match value.starts_with('"') {
        true => text(value, name),
        false => Err(bad_setting(name.to_owned(), "must be a list of strings")),
    }
}

/// Reads a JSON string.
pub(super) fn text(value: &str, name: &str) -> Result<Zeroizing<String>, Error> {
    // The syntax was checked with the document, but an escape may still be half of a character.
    serde_json::from_str(value)
        .map(Zeroizing::new)
        .map_err(|_| bad_setting(name.to_owned(), "holds an escape that stands for no character"))
}

/// Writes a document that holds secrets as JSON; `None` where that is impossible.
pub(super) fn written(document: &impl Serialize) -> Option<Zeroizing<String>> {
    // Written twice, so that it does not grow and leaves no copy behind.
    let mut length = Length(0);
    serde_json::to_writer(&mut length, document).ok()?;
    let mut json = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *json, document).ok()?;
    String::from_utf8(mem::take(&mut *json)).ok().map(Zeroizing::new)
}

/// Counts what is written.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        self.0 += written.len();
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Visits the values of a JSON array.
pub(super) fn each<'a>(
    list: &'a str,
    visit: impl FnMut(&'a str) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut outcome = Ok(());
    let mut json = serde_json::Deserializer::from_str(list);
    let values = Values { visit, outcome: &mut outcome };
    let is_list = json.deserialize_seq(values).and_then(|()| json.end());
    outcome.and(is_list.map_err(|error| syntax(list, &error)))
}

/// Hands each value of an array on, until one is refused.
struct Values<'a, V> {
    visit: V,
    outcome: &'a mut Result<(), Error>,
}

impl<'de, V: FnMut(&'de str) -> Result<(), Error>> Visitor<'de> for Values<'_, V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut values: A) -> Result<(), A::Error> {
        while let Some(value) = values.next_element::<&RawValue>()? {
            if self.outcome.is_ok() {
                *self.outcome = (self.visit)(value.get());
            }
        }
        Ok(())
    }
}
