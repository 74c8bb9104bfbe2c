//! One setting of credentials, with the name that the user's file calls it.

use std::mem;
use std::rc::Rc;

use zeroize::Zeroizing;

use crate::error::{Error, Field, Status, text_problem};

/// The number of secrets, of keys, and of pairs of them that are tried one after the other.
pub(super) const MAX_TRIED: usize = 8;

/// A value, if it is given, and its field: what the user calls it is empty where a format has no
/// such setting.
#[derive(Clone, Default)]
pub(super) struct Setting {
    pub field: Field,
    value: Option<Rc<Zeroizing<String>>>,
}

impl Setting {
    /// Takes a copy of a value, under the name that the user calls it. An empty value counts as not
    /// given.
    pub fn new(name: impl Into<String>, value: Option<&str>) -> Self {
        let value = value.map(|value| Zeroizing::new(value.to_owned()));
        Self::owned(name, value.unwrap_or_default())
    }

    /// Takes a value over.
    pub fn owned(name: impl Into<String>, value: Zeroizing<String>) -> Self {
        let value = Some(value).filter(|value| !value.trim().is_empty());
        Self { field: Field::called(name), value: value.map(Rc::new) }
    }

    /// Makes a setting that is not given.
    pub fn absent(name: &str) -> Self {
        Self::new(name, None)
    }

    /// Sets what the user calls it.
    pub fn called(self, name: &str) -> Self {
        Self { field: self.field.renamed(name), ..self }
    }

    /// Sets what the core calls it.
    pub fn named(self, name: &'static str) -> Self {
        Self { field: self.field.named(name), ..self }
    }

    /// Sets what the core calls it.
    pub fn set_name(&mut self, name: &'static str) {
        self.field = mem::take(&mut self.field).named(name);
    }

    /// Returns what the user calls it.
    pub fn name(&self) -> &str {
        self.field.as_str()
    }

    /// Returns the value as it is written.
    pub fn value(&self) -> Option<&str> {
        self.value.as_ref().map(|value| value.as_str())
    }

    /// Returns the value, checked.
    pub fn optional(&self) -> Result<Option<String>, Error> {
        let Some(value) = self.value() else { return Ok(None) };
        let value = value.trim();
        match text_problem(value) {
            Some(problem) => Err(self.error(problem)),
            None => Ok(Some(value.to_owned())),
        }
    }

    /// Makes the error of this setting; `problem` continues a sentence that begins with its name.
    pub fn error(&self, problem: impl Into<String>) -> Error {
        bad(problem).with_field(self.field.clone())
    }
}

/// Makes the error of bad credentials.
pub(super) fn bad(problem: impl Into<String>) -> Error {
    Error::new(Status::Credentials, problem)
}

/// Makes the error of a setting that the user calls `name`.
pub(super) fn bad_setting(name: impl Into<String>, problem: impl Into<String>) -> Error {
    bad(problem).with_field(Field::called(name))
}

/// Makes the error of two settings for the same that say different things.
pub(super) fn both_given(one: &str, other: &str) -> Error {
    bad_setting(one, format!("and {other} are both given, and differ"))
        .with_hint("give one of them")
}
