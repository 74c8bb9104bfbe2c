//! JSON objects that borrow from the document: only the values that are asked for are copied, so
//! that a document costs no more memory than its own text.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem;
use std::rc::Rc;

use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::json_value::{
    LIST_LOOK, each, first_of, place, syntax, text, text_in, text_or_list, texts,
};
use super::known::{Findings, Known, Unknown, shown_path};
use super::relaxed;
use super::setting::{MAX_TRIED, Setting, bad, bad_setting, both_given};
use crate::error::Error;

/// More names than any object of credentials has.
const MAX_NAMES: usize = 256;

/// An entry of a list.
pub(super) enum Entry<'a> {
    Text(Setting),
    Object(Object<'a>),
}

/// An object and its path in the document. It notes which of its settings are read; when it is dropped,
/// the others become findings of the document.
pub(super) struct Object<'a> {
    path: Cow<'static, str>,
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
    /// The names that were asked for, whether they are given or not.
    asked: RefCell<Vec<&'static str>>,
    findings: Rc<Findings>,
    is_ignored: Cell<bool>,
}

impl<'a> Object<'a> {
    /// Reads a document: an object, or a list of one.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        let mut objects = Vec::new();
        if text.trim_ascii_start().starts_with('[') {
            each(text, |object| {
                // Two are too many, and more need no memory.
                objects.truncate(1);
                objects.push(object);
                Ok(())
            })?;
            if objects.len() > 1 {
                return Err(bad("holds a list of several accounts")
                    .with_hint("give each a file of its own"));
            }
        }
        let text = objects.pop().unwrap_or(text);
        Self::read(text, Cow::default(), &Rc::new(Findings::new(Known::NONE)))
    }

    /// Sets the table of the format, once that is recognized.
    pub fn set_known(&self, known: &'static Known) {
        self.findings.set_known(known);
    }

    /// Returns the unknown settings of a document, once all that matters has been read.
    ///
    /// # Errors
    /// Names the first setting that matters, but is not followed.
    pub fn finish(self) -> Result<Unknown, Error> {
        let findings = Rc::clone(&self.findings);
        drop(self);
        findings.finish()
    }

    fn read(
        text: &'a str,
        path: Cow<'static, str>,
        findings: &Rc<Findings>,
    ) -> Result<Self, Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let fields = json.deserialize_map(Fields).map_err(|error| syntax(text, &error))?;
        if let Err(error) = json.end() {
            return Err(bad(format!("goes on after its JSON object: see {}", place(&error)))
                .with_hint("leave one object in the file, from { to }, and nothing after it"));
        }
        if fields.len() > MAX_NAMES {
            let problem = format!("holds over {MAX_NAMES} names in one JSON object");
            return Err(if path.is_empty() { bad(problem) } else { bad_setting(path, problem) });
        }
        let findings = Rc::clone(findings);
        let (asked, is_ignored) = (RefCell::default(), Cell::new(false));
        let object = Self { path, fields, asked, findings, is_ignored };
        match object.repeated() {
            // Readers differ in which of the two counts.
            Some(name) => {
                let problem = format!("holds the setting {} twice", shown_path(&object.path, name));
                object.ignore();
                Err(bad(problem).with_hint("give it once"))
            }
            None => Ok(object),
        }
    }

    fn name(&self, key: impl Into<Cow<'static, str>>) -> Cow<'static, str> {
        let key = key.into();
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path).into() }
    }

    /// Returns what the user calls the object; empty for the document.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_ref())
    }

    /// Returns a name that stands twice, but for comments.
    fn repeated(&self) -> Option<&str> {
        let is_among = |name: &str, before: &[(Cow<'a, str>, _)]| {
            before.iter().any(|(known, _)| known == name)
        };
        let mut names = self.names().enumerate();
        let found =
            names.find(|(at, name)| !is_comment(name) && is_among(name, &self.fields[..*at]));
        found.map(|(_, name)| name)
    }

    /// Returns whether there is an inner object `key`. This does not count as reading it.
    pub fn has_object(&self, key: &str) -> bool {
        self.peek(key).is_some_and(|value| value.starts_with('{'))
    }

    /// Returns whether `key` is given. This does not count as reading it.
    pub fn has(&self, key: &str) -> bool {
        self.peek(key).is_some()
    }

    /// Returns the value of `key` as it is written, without counting it as read.
    pub fn peek(&self, key: &str) -> Option<&'a str> {
        self.fields.iter().find(|(name, _)| name == key).map(|(_, value)| value.get())
    }

    /// Returns the value of `key` as it is written.
    pub fn value(&self, key: &'static str) -> Option<&'a str> {
        self.asked.borrow_mut().push(key);
        self.peek(key)
    }

    /// The inner object `key`.
    pub fn object(&self, key: &'static str) -> Result<Object<'a>, Error> {
        let path = self.name(key);
        match self.value(key) {
            Some(value) if value.starts_with('{') => Self::read(value, path, &self.findings),
            Some(_) => Err(bad_setting(path, "must be an object")),
            None => Err(bad_setting(path, "is missing")),
        }
    }

    /// Visits the inner objects of the list `key`, one after the other.
    pub fn each_object(
        &self,
        key: &'static str,
        mut visit: impl FnMut(Object<'a>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let path = self.name(key);
        let wrong = || bad_setting(path.clone(), "must be a list of objects");
        let list = self.value(key).filter(|value| value.starts_with('[')).ok_or_else(wrong)?;
        let mut position = 0;
        each(list, |value| {
            if !value.starts_with('{') {
                return Err(wrong());
            }
            let object = Self::read(value, format!("{path}[{position}]").into(), &self.findings)?;
            position += 1;
            visit(object)
        })
    }

    /// Renames the object to a shorter path.
    pub fn called(mut self, path: &'static str) -> Self {
        self.path = path.into();
        self
    }

    pub fn text(&self, key: &'static str) -> Result<Setting, Error> {
        match self.value(key) {
            Some(list) if list.starts_with('[') => {
                Err(bad_setting(self.name(key), "must be a string"))
            }
            value => text_or_list(value, self.name(key), "a string", ""),
        }
    }

    /// A text, or a list of texts that `separator` joins.
    pub fn list(&self, key: &'static str, separator: &str) -> Result<Setting, Error> {
        text_or_list(self.value(key), self.name(key), LIST_LOOK, separator)
    }

    /// A private key: a text, a list of its lines, or a JWK as it is written.
    pub fn private_key(&self, key: &'static str) -> Result<Setting, Error> {
        match self.value(key) {
            Some(jwk) if jwk.starts_with('{') => Ok(Setting::new(self.name(key), Some(jwk))),
            value => {
                let look = "a string, a list of strings or a JWK";
                text_or_list(value, self.name(key), look, "\n")
            }
        }
    }

    /// Each text of a list, or a text alone. A blank one is left out.
    pub fn texts(&self, key: &'static str) -> Result<Vec<Setting>, Error> {
        texts(self.value(key), self.name(key))
    }

    /// Each text of a list, blank ones too.
    pub fn all_texts(&self, key: &'static str) -> Result<Vec<Setting>, Error> {
        let name = self.name(key);
        let mut texts = Vec::new();
        each(self.value(key).unwrap_or("[]"), |value| {
            texts.push(Setting::owned(name.clone(), text_in(value, &name)?));
            Ok(())
        })?;
        Ok(texts)
    }

    /// Returns the texts of each name: see [`Object::texts`].
    pub fn into_texts(mut self) -> Result<Vec<(String, Vec<Setting>)>, Error> {
        let fields = mem::take(&mut self.fields).into_iter();
        let texts = fields.map(|(name, value)| {
            let texts = texts(Some(value.get()), self.name(name.to_string()))?;
            Ok((name.into_owned(), texts))
        });
        texts.collect()
    }

    /// Returns the names of the values that `is` is true of, which are read by that.
    pub fn take_names(&mut self, is: impl Fn(&str, &str) -> bool) -> Vec<String> {
        let (found, others) = mem::take(&mut self.fields)
            .into_iter()
            .partition(|(name, value)| is(name, value.get()));
        self.fields = others;
        let found: Vec<(Cow<'a, str>, &'a RawValue)> = found;
        found.into_iter().map(|(name, _)| name.into_owned()).collect()
    }

    /// Leaves the settings that were not read out of the findings: they are of something else.
    pub fn ignore(&self) {
        self.is_ignored.set(true);
    }

    /// Returns each inner object with its name. Other values stay, and may still be read.
    pub fn take_objects(&mut self) -> Result<Vec<(String, Self)>, Error> {
        let (objects, others) = mem::take(&mut self.fields)
            .into_iter()
            .partition(|(_, value)| value.get().starts_with('{'));
        self.fields = others;
        let objects: Vec<(Cow<'a, str>, &'a RawValue)> = objects;
        let read = objects.into_iter().map(|(name, value)| {
            let object = Self::read(value.get(), self.name(name.to_string()), &self.findings)?;
            Ok((name.into_owned(), object))
        });
        read.collect()
    }

    /// The entries of the list `key`, each called by its place, or a text alone. `look` is the list's,
    /// for the error.
    pub fn entries(&self, key: &'static str, look: &str) -> Result<Vec<Entry<'a>>, Error> {
        let name = self.name(key);
        let mut entries = Vec::new();
        match self.value(key) {
            Some(list) if list.starts_with('[') => each(list, |value| {
                if entries.len() > MAX_TRIED {
                    return Err(bad_setting(name.clone(), format!("holds over {MAX_TRIED}")));
                }
                let place = format!("{name}[{}]", entries.len());
                entries.push(match value.as_bytes().first() {
                    Some(b'"') => {
                        let text = text(value, &place)?;
                        Entry::Text(Setting::owned(place, text))
                    }
                    Some(b'{') => Entry::Object(Self::read(value, place.into(), &self.findings)?),
                    _ => return Err(bad_setting(name.clone(), format!("must be {look}"))),
                });
                Ok(())
            })?,
            _ => {
                let one = self.text(key)?;
                entries.extend(one.value().is_some().then_some(Entry::Text(one)));
            }
        }
        Ok(entries)
    }

    /// The value of `key` as `T`, whose look the error says; `None` where it is null or not given.
    pub fn typed<T: DeserializeOwned>(
        &self,
        key: &'static str,
        look: &str,
    ) -> Result<Option<T>, Error> {
        match self.value(key) {
            None | Some("null") => Ok(None),
            Some(value) => serde_json::from_str(value)
                .map(Some)
                .map_err(|_| bad_setting(self.name(key), format!("must be {look}"))),
        }
    }

    /// The inner object `key` as it is written.
    pub fn object_text(&self, key: &'static str) -> Result<Setting, Error> {
        let name = self.name(key);
        match self.value(key) {
            None | Some("null") => Ok(Setting::absent(name)),
            Some(object) if object.starts_with('{') => Ok(Setting::new(name, Some(object))),
            Some(_) => Err(bad_setting(name, "must be an object")),
        }
    }

    /// Returns the client secret, and those that are tried after it: the texts of `keys`, each of
    /// which may be a list or the text of a JSON array, in their order and each once.
    pub fn secrets(&self, keys: &[&'static str]) -> Result<(Setting, Vec<Setting>), Error> {
        let mut secrets: Vec<Setting> = Vec::new();
        for key in keys {
            let mut entries = Vec::new();
            for entry in self.entries(key, LIST_LOOK)? {
                let Entry::Text(text) = entry else {
                    return Err(bad_setting(self.name(*key), format!("must be {LIST_LOOK}")));
                };
                match text.clone().json_entries() {
                    Ok(texts) => entries.extend(texts),
                    Err(_) => entries.push(text),
                }
            }
            if let [one] = &mut *entries {
                *one = one.clone().called(self.name(*key));
            }
            secrets.extend(entries);
        }
        first_of(secrets, self.name(keys[0]))
    }

    /// The one of several keys that is given; the first of all where none is.
    ///
    /// # Errors
    /// Names two that say different things: one of them would be ignored.
    pub fn any(
        &self,
        keys: &[&'static str],
        read: impl Fn(&Self, &'static str) -> Result<Setting, Error>,
    ) -> Result<Setting, Error> {
        self.asked.borrow_mut().extend(keys);
        let mut given = keys.iter().filter(|key| self.peek(key).is_some_and(is_given));
        let Some(one) = given.next() else { return read(self, keys[0]) };
        match given.find(|key| self.peek(key) != self.peek(one)) {
            Some(other) => Err(both_given(&self.name(*one), &self.name(*other))),
            None => read(self, one),
        }
    }
}

impl Drop for Object<'_> {
    fn drop(&mut self) {
        if self.is_ignored.get() {
            return;
        }
        let asked = self.asked.borrow();
        for (name, value) in &self.fields {
            if !asked.contains(&name.as_ref()) && !is_comment(name) {
                self.findings.add(&self.path, name, value.get(), &asked);
            }
        }
    }
}

/// Returns whether a document is JSON by its beginning. A section of an INI file begins with a bracket, too.
pub(super) fn is_object_or_list(text: &str) -> bool {
    let text = relaxed::trim_start(text);
    let in_list = text.strip_prefix('[').map(relaxed::trim_start);
    in_list.unwrap_or(text).starts_with('{')
}

/// Returns whether a name is a comment's, as in npm's package.json.
pub(super) fn is_comment(name: &str) -> bool {
    name.starts_with("//")
}

/// Returns whether it is neither null nor an empty text or list.
fn is_given(value: &str) -> bool {
    let is_empty_list = |list: &str| list.trim_ascii().is_empty();
    let inner = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
    !matches!(value, "null" | "\"\"") && !inner.is_some_and(is_empty_list)
}

/// Reads names and values, and counts on where there are too many.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        #[derive(serde::Deserialize)]
        struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

        let mut fields = Vec::new();
        while fields.len() <= MAX_NAMES {
            let Some((Name(name), value)) = map.next_entry()? else { return Ok(fields) };
            fields.push((name, value));
        }
        // Skips the rest. The caller sees that there is one field too many.
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(fields)
    }
}
