//! JSON documents whose texts are wiped, and their values by the names that the user sees.

use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::bad;
use super::settings::Setting;
use crate::error::Error;

/// A parsed document; its texts are wiped on drop.
pub(super) struct Document(Value);

impl Document {
    pub fn parse(text: &str) -> Result<Self, Error> {
        // serde_json's own text may quote the input, which holds secrets.
        serde_json::from_str(text).map(Self).map_err(|error| {
            bad(format!("is not JSON: see line {} column {}", error.line(), error.column()))
                .with_hint("look there for a comma, quote or brace that is missing or too many")
        })
    }

    pub fn object(&self) -> Result<Object<'_>, Error> {
        let map = self.0.as_object().ok_or_else(|| bad("is not a JSON object"))?;
        Ok(Object { path: String::new(), map })
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(map) => map.values_mut().for_each(wipe),
        _ => {}
    }
}

/// An object and where it stands in its document.
pub(super) struct Object<'a> {
    path: String,
    pub map: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    pub fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// The inner object `key`.
    pub fn object(&self, key: &str) -> Result<Object<'a>, Error> {
        match self.map.get(key) {
            Some(Value::Object(map)) => Ok(Object { path: self.name(key), map }),
            Some(_) => Err(bad(format!("{} must be an object", self.name(key)))),
            None => Err(bad(format!("{} is missing", self.name(key)))),
        }
    }

    /// The inner objects of the list `key`.
    pub fn objects(&self, key: &str) -> Result<Vec<Object<'a>>, Error> {
        let wrong = || bad(format!("{} must be a list of objects", self.name(key)));
        let list = self.map.get(key).and_then(Value::as_array).ok_or_else(wrong)?;
        let object = |(position, value): (usize, &'a Value)| {
            let path = format!("{}[{position}]", self.name(key));
            value.as_object().map(|map| Object { path, map }).ok_or_else(wrong)
        };
        list.iter().enumerate().map(object).collect()
    }

    /// The same object under a shorter name.
    pub fn called(mut self, path: &str) -> Self {
        self.path = path.to_owned();
        self
    }

    pub fn text(&self, key: &str) -> Result<Setting, Error> {
        self.joined(key, None)
    }

    /// A text, or a list of texts that `separator` joins.
    pub fn list(&self, key: &str, separator: &str) -> Result<Setting, Error> {
        self.joined(key, Some(separator))
    }

    /// The first text of a list, or a text.
    pub fn first(&self, key: &str) -> Result<Setting, Error> {
        match self.map.get(key) {
            Some(Value::Array(list)) => match list.first() {
                Some(Value::String(text)) => Ok(Setting::new(self.name(key), Some(text))),
                Some(_) => Err(bad(format!("{} must be a list of strings", self.name(key)))),
                None => Ok(Setting::new(self.name(key), None)),
            },
            _ => self.text(key),
        }
    }

    /// The first of several keys that is given; the first of all where none is.
    pub fn any(
        &self,
        keys: &[&str],
        read: impl Fn(&Self, &str) -> Result<Setting, Error>,
    ) -> Result<Setting, Error> {
        let given = keys.iter().find(|key| self.map.get(**key).is_some_and(is_given));
        read(self, given.unwrap_or(&keys[0]))
    }

    fn joined(&self, key: &str, separator: Option<&str>) -> Result<Setting, Error> {
        let name = self.name(key);
        match (self.map.get(key), separator) {
            (None | Some(Value::Null), _) => Ok(Setting::new(name, None)),
            (Some(Value::String(text)), _) => Ok(Setting::new(name, Some(text))),
            (Some(Value::Array(list)), Some(separator)) => {
                let mut text = Zeroizing::new(String::new());
                for (position, part) in list.iter().enumerate() {
                    let Value::String(part) = part else {
                        return Err(bad(format!("{name} must be a list of strings")));
                    };
                    if position > 0 {
                        text.push_str(separator);
                    }
                    text.push_str(part);
                }
                Ok(Setting::new(name, Some(&text)))
            }
            (Some(_), None) => Err(bad(format!("{name} must be a string"))),
            (Some(_), Some(_)) => Err(bad(format!("{name} must be a string or a list of strings"))),
        }
    }
}

/// Neither null nor an empty text or list.
fn is_given(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    }
}
